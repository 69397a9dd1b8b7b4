import { connect } from 'node:net';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Request } from '../../src/context.js';
import { RapportError } from '../../src/errors.js';
import { createDocuments } from '../../src/gateway/documents.js';
import { createExecute } from '../../src/gateway/execute.js';
import { buildGraph } from '../../src/gateway/graph.js';
import { createRequest } from '../../src/gateway/request-context.js';
import { createSteadiness } from '../../src/gateway/steady.js';
import { createSubscriptions } from '../../src/gateway/subscriptions.js';
import { definePlugin } from '../../src/plugin.js';
import { projectDirectory } from '../../src/project-directory.js';
import { openTestGateway, type TestGateway, testKeys } from '../support/gateway.js';

/** A source that the test feeds: what is pushed reaches every stream that is open. */
function createSource() {
  const streams = new Set<(event: unknown) => void>();
  let ended = 0;
  return {
    push(event: unknown) {
      for (const push of streams) push(event);
    },
    get ended() {
      return ended;
    },
    stream(): AsyncIterableIterator<unknown> {
      const ready: unknown[] = [];
      let waiting: ((result: IteratorResult<unknown>) => void) | null = null;
      const push = (event: unknown): void => {
        if (waiting) waiting({ done: false, value: event });
        else ready.push(event);
        waiting = null;
      };
      streams.add(push);
      return {
        next: () =>
          ready.length > 0
            ? Promise.resolve({ done: false, value: ready.shift() })
            : new Promise((resolve) => {
                waiting = resolve;
              }),
        async return() {
          ended++;
          streams.delete(push);
          return { done: true, value: undefined };
        },
        [Symbol.asyncIterator]() {
          return this;
        },
      };
    },
  };
}

describe('Subscriptions', () => {
  let gateway: TestGateway;
  let source: ReturnType<typeof createSource>;
  let seen: Request[] = [];

  const ticker = definePlugin({
    name: 'ticker',
    provides: null,
    needs: [],
    sdl: /* GraphQL */ `
      type Tick { number: Int! text: String late: String secret: String friendly: String many: [Int!] }
      extend type Subscription {
        ticks: Tick @allow(roles: [STOREFRONT, SERVER])
        closed: Tick @allow(roles: [SERVER])
        broken: Tick @allow(roles: [STOREFRONT])
        never: Tick @allow(roles: [STOREFRONT])
        numbers: Int @allow(roles: [STOREFRONT])
        texts: String @allow(roles: [STOREFRONT])
        lists: [Int!] @allow(roles: [STOREFRONT])
      }
    `,
    create: () => ({
      port: null,
      resolvers: {
        Subscription: {
          ticks: {
            subscribe: (_: unknown, __: unknown, request: Request) => {
              seen.push(request);
              return source.stream();
            },
            resolve: (number: number, _: unknown, request: Request) => {
              seen.push(request);
              if (number < 0) throw new Error('secret: negative');
              return { number };
            },
          },
          closed: { subscribe: () => source.stream() },
          broken: {
            subscribe: async function* () {
              yield { broken: { number: 1 } };
              throw new Error('secret: the source broke');
            },
          },
          never: { subscribe: () => new Promise<never>(() => undefined) },
          numbers: { subscribe: () => source.stream(), resolve: (event: unknown) => event },
          texts: { subscribe: async () => source.stream(), resolve: (event: unknown) => event },
          lists: { subscribe: () => source.stream(), resolve: (event: unknown) => event },
        },
        Tick: {
          text: () => 'a'.repeat(8_000_000),
          late: () => new Promise<never>(() => undefined),
          secret: () => {
            throw new Error('secret: of a field');
          },
          friendly: () => {
            throw new RapportError('missing', 'TICKER_EMPTY', 'No tick.');
          },
          many: () => Array.from({ length: 200_000 }, (_, i) => i),
        },
      },
    }),
  });

  before(async () => {
    gateway = await openTestGateway([ticker]);
  });
  after(() => gateway.close());
  beforeEach(() => {
    source = createSource();
    seen = [];
  });

  interface Event {
    readonly data?: Record<string, unknown> | null;
    readonly errors?: readonly { readonly message: string; readonly extensions: Record<string, unknown> }[];
    readonly extensions?: { readonly rapport: { readonly degraded: readonly string[] } };
  }

  /** Opens a stream of server-sent events; `next` resolves to null at its end. */
  async function open(query: string, headers: Record<string, string> = { 'x-api-key': testKeys.STOREFRONT }) {
    const abort = new AbortController();
    const response = await fetch(`${gateway.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'text/event-stream', ...headers },
      body: JSON.stringify({ query }),
      signal: abort.signal,
    });
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    async function next(): Promise<Event | null> {
      for (;;) {
        const found = /event: (next|complete)\ndata:(.*)\n\n/.exec(text);
        if (found) {
          text = text.slice(found.index + found[0].length);
          return found[1] === 'next' ? (JSON.parse(found[2]!) as Event) : null;
        }
        const { done, value } = await reader.read();
        if (done) return null;
        text += value;
      }
    }
    return { response, next, close: () => abort.abort() };
  }

  const code = (event: Event | null) => event?.errors?.[0]?.extensions.code;
  async function until(isSo: () => boolean): Promise<void> {
    while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 5));
  }

  it('send what the source says, each event with a request of its own', async () => {
    const stream = await open('subscription { ticks { number } }');
    expect(stream.response.headers.get('content-type')).to.contain('text/event-stream');
    for (const number of [1, 2]) {
      source.push(number);
      const event = await stream.next();
      expect(event?.data).to.deep.equal({ ticks: { number } });
      expect(event?.extensions?.rapport).to.include({ cacheScope: 'PRIVATE' });
    }
    expect(seen.map(({ caller }) => caller.role)).to.deep.equal(['STOREFRONT', 'STOREFRONT', 'STOREFRONT']);
    expect(new Set(seen).size).to.equal(3);
    stream.close();
  });

  for (const [field, event] of [
    ['numbers', 1],
    ['texts', 'one'],
    ['lists', [1, 2]],
  ] as const) {
    it(`send values of a standard scalar: ${field}`, async () => {
      const stream = await open(`subscription { ${field} }`);
      source.push(event);
      expect((await stream.next())?.data).to.deep.equal({ [field]: event });
      stream.close();
    });
  }

  it('end their source as soon as the client is gone', async () => {
    const stream = await open('subscription { ticks { number } }');
    source.push(1);
    await stream.next();
    stream.close();
    await until(() => source.ended === 1);
  });

  it('are refused without a key, with an unknown one, and to roles that may not', async () => {
    expect(code(await (await open('subscription { ticks { number } }', {})).next())).to.equal(
      'AUTHENTICATION_KEY_MISSING',
    );
    const unknown = await open('subscription { ticks { number } }', { 'x-api-key': 'no-such-key' });
    expect(unknown.response.status).to.equal(401);
    expect(code(await (await open('subscription { closed { number } }')).next())).to.equal(
      'AUTHENTICATION_ROLE',
    );
    expect(seen).to.deep.equal([]);
  });

  it('mask and log what is thrown, in fields, events and sources', async () => {
    const stream = await open('subscription { ticks { number secret friendly } }');
    source.push(1);
    const fields = await stream.next();
    expect(fields?.data).to.deep.equal({ ticks: { number: 1, secret: null, friendly: null } });
    expect(fields?.errors?.map(({ extensions }) => extensions.code).sort()).to.deep.equal([
      'INTERNAL',
      'TICKER_EMPTY',
    ]);
    source.push(-1);
    const event = await stream.next();
    expect(event?.data).to.deep.equal({ ticks: null });
    expect(code(event)).to.equal('INTERNAL');
    source.push(2);
    expect((await stream.next())?.data).to.deep.include({
      ticks: { number: 2, secret: null, friendly: null },
    });
    stream.close();
    const broken = await open('subscription { broken { number } }');
    expect((await broken.next())?.data).to.deep.equal({ broken: { number: 1 } });
    expect(code(await broken.next())).to.equal('INTERNAL');
    expect(await broken.next()).to.equal(null);
    const logged = JSON.stringify(gateway.system.log.lines);
    for (const secret of ['secret: of a field', 'secret: negative', 'secret: the source broke'])
      expect(logged).to.contain(secret);
    expect(JSON.stringify([fields, event])).not.to.contain('secret:');
  });

  it('have deadlines and a budget for every event, and a deadline to open', async () => {
    const stream = await open('subscription { ticks { number late } }');
    source.push(1);
    const late = stream.next();
    let isThere = false;
    void late.finally(() => {
      isThere = true;
    });
    while (!isThere) {
      await new Promise((resolve) => setTimeout(resolve, 5));
      gateway.system.clock.advance(1_000);
    }
    expect((await late)?.data).to.deep.equal({ ticks: { number: 1, late: null } });
    expect((await late)?.extensions?.rapport.degraded).to.deep.equal(['ticker']);
    stream.close();
    const large = await open('subscription { ticks { many } }');
    source.push(1);
    expect(code(await large.next())).to.equal('GRAPHQL_COST_LIMIT');
    large.close();
    const opening = open('subscription { never { number } }').then((opened) => opened.next());
    isThere = false;
    void opening.finally(() => {
      isThere = true;
    });
    while (!isThere) {
      await new Promise((resolve) => setTimeout(resolve, 5));
      gateway.system.clock.advance(1_000);
    }
    expect(code(await opening)).to.equal('GRAPHQL_FIELD_DEADLINE');
  });

  it('end when their client does not read', async () => {
    const body = JSON.stringify({ query: 'subscription { ticks { text } }' });
    const client = connect(Number(new URL(gateway.url).port), '127.0.0.1');
    client.on('error', () => undefined).pause();
    const head = [
      'POST /graphql HTTP/1.1',
      'host: a',
      'content-type: application/json',
      'accept: text/event-stream',
      `x-api-key: ${testKeys.STOREFRONT}`,
      `content-length: ${body.length}`,
    ];
    client.write(`${head.join('\r\n')}\r\n\r\n${body}`);
    await until(() => seen.length > 0);
    for (let i = 0; i < 5; i++) source.push(i);
    const beganMs = gateway.system.clock.nowMs();
    await until(() => {
      gateway.system.clock.advance(1_000);
      return source.ended === 1;
    });
    expect(gateway.system.clock.nowMs() - beganMs).to.be.below(300_000);
    client.destroy();
  });

  it('end after their lifetime, and when the gateway stops', async () => {
    const stream = await open('subscription { ticks { number } }');
    source.push(1);
    await stream.next();
    gateway.system.clock.advance(15 * 60_000);
    expect(code(await stream.next())).to.equal('GRAPHQL_SUBSCRIPTION_LIFETIME');
    expect(await stream.next()).to.equal(null);
    await until(() => source.ended === 1);
    const last = await open('subscription { ticks { number } }');
    source.push(1);
    await last.next();
    await gateway.close();
    expect(await last.next()).to.equal(null);
    gateway = await openTestGateway([ticker]);
  });

  it('are bounded in number, for one key and address and in all', async () => {
    const { host, documents, subscriptions } = parts();
    const prepared = documents.prepare('subscription { ticks { number } }', {
      isKnown: true,
      seesSchema: true,
    });
    const openFor = (key: string) =>
      subscriptions.subscribe(
        { prepared, variables: null, operationName: null },
        createRequest(
          { role: 'STOREFRONT', source: key, customerId: null, globalPrivacyControl: false },
          host,
          { locale: 'en', currency: 'EUR' },
        ),
      );
    const first = (await openFor('a')) as AsyncIterableIterator<unknown>;
    for (let i = 1; i < 500; i++) await openFor('a');
    expect(code((await openFor('a')) as Event)).to.equal('GRAPHQL_SUBSCRIPTIONS');
    for (let i = 500; i < 5_000; i++) expect(await openFor(`b${i % 10}`)).not.to.have.property('errors');
    expect(code((await openFor('c')) as Event)).to.equal('GRAPHQL_SUBSCRIPTIONS');
    await first.return?.();
    expect(await openFor('c')).not.to.have.property('errors');
    subscriptions.close();
    expect(source.ended).to.equal(5_001);
  });

  it('give others a turn between two events of a source that always has one ready', async () => {
    const { subscriptions, documents, host } = parts();
    const prepared = documents.prepare('subscription { ticks { number } }', {
      isKnown: true,
      seesSchema: true,
    });
    const stream = (await subscriptions.subscribe(
      { prepared, variables: null, operationName: null },
      createRequest({ role: 'SERVER', source: 'a', customerId: null, globalPrivacyControl: false }, host, {
        locale: 'en',
        currency: 'EUR',
      }),
    )) as AsyncIterableIterator<unknown>;
    for (let i = 0; i < 50; i++) source.push({ number: i });
    let turns = 0;
    let isOver = false;
    const count = () => {
      turns++;
      if (!isOver) setImmediate(count);
    };
    setImmediate(count);
    for (let i = 0; i < 50; i++) expect((await stream.next()).done).to.equal(false);
    isOver = true;
    subscriptions.close();
    expect(turns).to.be.at.least(40);
  });

  it('of which hundreds get an event at once leave turns to others, and the sender of few streams waits for none', async () => {
    const { subscriptions, documents, host } = parts();
    const prepared = documents.prepare('subscription { ticks { number } }', {
      isKnown: true,
      seesSchema: true,
    });
    const openFor = async (source: string) =>
      (await subscriptions.subscribe(
        { prepared, variables: null, operationName: null },
        createRequest({ role: 'SERVER', source, customerId: null, globalPrivacyControl: false }, host, {
          locale: 'en',
          currency: 'EUR',
        }),
      )) as AsyncIterableIterator<unknown>;
    const many: AsyncIterableIterator<unknown>[] = [];
    for (let i = 0; i < 300; i++) many.push(await openFor('many'));
    const few = await openFor('few');
    let answered = 0;
    const answers = many.map(async (stream) => {
      await stream.next();
      answered++;
    });
    const beforeFew = few.next().then(() => answered);
    source.push({ number: 1 });
    let most = 0;
    let before = 0;
    while (answered < many.length) {
      await new Promise((resolve) => setImmediate(resolve));
      most = Math.max(most, answered - before);
      before = answered;
    }
    await Promise.all(answers);
    subscriptions.close();
    expect(most).to.be.at.most(40);
    expect(await beforeFew).to.be.at.most(80);
  });

  function parts() {
    const { clock, log, plugins } = gateway.system;
    const host = { clock, log, ids: { next: () => 'request' } };
    const schema = buildGraph(join(projectDirectory(), 'schema'), plugins);
    const execute = createExecute(schema, createSteadiness(plugins, log), log);
    return {
      host,
      documents: createDocuments(schema),
      subscriptions: createSubscriptions({ schema, execute, log, clock }),
    };
  }
});
