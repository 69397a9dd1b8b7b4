import { expect } from 'chai';
import type { Request } from '../../src/context.js';
import { RapportError } from '../../src/errors.js';
import { definePlugin } from '../../src/plugin.js';
import { openTestGateway, type TestGateway, testKeys } from '../support/gateway.js';

interface Part {
  readonly data?: Readonly<Record<string, unknown>> | null;
  readonly errors?: readonly { readonly message: string; readonly extensions: Record<string, unknown> }[];
  readonly incremental?: readonly (Omit<Part, 'hasNext' | 'incremental'> & {
    readonly path: readonly (string | number)[];
    readonly items?: readonly unknown[] | null;
    readonly label?: string;
  })[];
  readonly hasNext: boolean;
  readonly extensions?: { readonly rapport: { readonly cacheScope: string; readonly degraded: string[] } };
}

/** Opened by a test; `Box.far` waits for it. */
let gate: { open(): void; readonly opened: Promise<void> };
const signals: AbortSignal[] = [];
const begun: string[] = [];

const attic = definePlugin({
  name: 'attic',
  provides: null,
  needs: [],
  sdl: /* GraphQL */ `
    type Box { id: ID! far: String never: String defect: String empty: String! private: String crowd: [Box!]! box: Box boxes(count: Int = 3): [Box!]! tags: [String!]! }
    extend type Query {
      box: Box @public
      owned: Box @allow(roles: [SERVER])
      heavy(name: String!): String @public @cost(weight: 600)
    }
    extend type Mutation { pack: Box @allow(roles: [STOREFRONT]) }
    extend type Subscription { packed: Box @allow(roles: [STOREFRONT]) }
  `,
  create: () => ({
    port: null,
    resolvers: {
      Query: {
        box: () => ({ id: '0' }),
        owned: () => ({ id: '1' }),
        heavy: (_: unknown, { name }: { name: string }) => {
          begun.push(name);
          return name;
        },
      },
      Mutation: { pack: () => ({ id: '9' }) },
      Subscription: { packed: { subscribe: async function* () {} } },
      Box: {
        far: () => gate.opened.then(() => 'far'),
        never: (_: unknown, __: unknown, { signal }: Request) => {
          signals.push(signal);
          return new Promise(() => undefined);
        },
        defect: () => gate.opened.then(() => Promise.reject(new Error('secret: a beam broke'))),
        empty: () =>
          gate.opened.then(() => Promise.reject(new RapportError('missing', 'ATTIC_EMPTY', 'Empty.'))),
        private: (_: unknown, __: unknown, { allow }: Request) => {
          allow('SERVER');
          return 'private';
        },
        box: () => ({ id: '2' }),
        boxes: (_: unknown, { count }: { count: number }) =>
          Array.from({ length: count }, (_each, n) => ({ id: String(n) })),
        crowd: () => gate.opened.then(() => Array.from({ length: 300 }, () => ({ id: '3' }))),
        tags: () => ['a', 'b', 'c', 'd'],
      },
    },
  }),
});

describe('@defer and @stream', () => {
  let gateway: TestGateway;
  before(async () => {
    gateway = await openTestGateway([attic]);
  });
  after(() => gateway.close());
  beforeEach(() => {
    let open = (): void => undefined;
    const opened = new Promise<void>((resolve) => {
      open = resolve;
    });
    gate = { open, opened };
  });

  async function send(query: string, accept = 'multipart/mixed', signal?: AbortSignal): Promise<Response> {
    return fetch(`${gateway.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept, 'x-api-key': testKeys.STOREFRONT },
      body: JSON.stringify({ query }),
      ...(signal ? { signal } : {}),
    });
  }

  /** The parts as they arrive. */
  async function* partsOf(response: Response): AsyncGenerator<Part> {
    expect(response.headers.get('content-type')).to.equal('multipart/mixed; boundary="-"');
    let text = '';
    for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
      text += chunk;
      const pieces = text.split('\r\n---');
      text = pieces.pop()!;
      for (const piece of pieces) {
        const json = piece.split('\r\n\r\n')[1];
        if (json) yield JSON.parse(json) as Part;
      }
    }
    expect(text).to.equal('--\r\n');
  }

  async function allOf(query: string): Promise<Part[]> {
    const parts: Part[] = [];
    for await (const part of partsOf(await send(query))) parts.push(part);
    return parts;
  }

  const later = (parts: readonly Part[]) => parts.flatMap(({ incremental = [] }) => incremental);
  /** Lets time pass until a stream has ended. */
  async function late<T>(promised: Promise<T>): Promise<T> {
    let isThere = false;
    const settled = promised.finally(() => {
      isThere = true;
    });
    while (!isThere) {
      await new Promise((resolve) => setTimeout(resolve, 5));
      gateway.system.clock.advance(1_000);
    }
    return settled;
  }

  it('sends what is ready at once, and what is put off when it is there', async () => {
    const response = await send('{ box { id ... @defer(label: "later") { far } } }');
    expect(response.headers.get('cache-control')).to.equal('private, no-store');
    const parts = partsOf(response);
    const { value: first } = (await parts.next()) as { value: Part };
    expect(first).to.deep.include({ data: { box: { id: '0' } }, hasNext: true });
    gate.open();
    const rest: Part[] = [];
    for await (const part of parts) rest.push(part);
    expect(later(rest)).to.deep.equal([{ data: { far: 'far' }, path: ['box'], label: 'later' }]);
    const last = rest.at(-1)!;
    expect(last.hasNext).to.equal(false);
    expect(last.extensions!.rapport.cacheScope).to.equal('PRIVATE');
  });

  it('streams the items of a list after the first ones', async () => {
    gate.open();
    const parts = await allOf('{ box { tags @stream(initialCount: 1) boxes @stream { id far } } }');
    expect(parts[0]!.data).to.deep.equal({ box: { tags: ['a'], boxes: [] } });
    const items = later(parts).map(({ items, path }) => [path.join('.'), items]);
    expect(items).to.deep.include.members([
      ['box.tags.1', ['b']],
      ['box.tags.3', ['d']],
      ['box.boxes.2', [{ id: '2', far: 'far' }]],
    ]);
    expect(items.length).to.equal(6);
  });

  it('sends the same bytes as without the directives to clients that take one response', async () => {
    gate.open();
    const plain = '{ box { id ... on Box { far } tags } }';
    const deferred = '{ box { id ... on Box @defer { far } tags @stream } }';
    // More than enough for a plan.
    for (const accept of ['application/json', 'application/graphql-response+json, application/json', '*/*'])
      for (let turn = 0; turn < 6; turn++) {
        const [a, b] = await Promise.all([send(plain, accept), send(deferred, accept)]);
        expect(b.headers.get('content-type')).to.equal(a.headers.get('content-type'));
        expect(await b.text()).to.equal(await a.text());
      }
  });

  it('sends server-sent events to clients that take only those, and one response if nothing is put off', async () => {
    gate.open();
    const events = await (await send('{ box { id ... @defer { far } } }', 'text/event-stream')).text();
    expect(events).to.match(/event: next\ndata: .*"hasNext":true.*\n\nevent: next\ndata: .*"far"/s);
    const accept = 'application/graphql-response+json, application/json, text/event-stream, multipart/mixed';
    const off = await send('{ box { id ... @defer(if: false) { far } } }', accept);
    const { data, hasNext } = JSON.parse((await off.text()).match(/\{.*\}/s)![0]) as Part;
    expect(data).to.deep.equal({ box: { id: '0', far: 'far' } });
    expect(hasNext).to.equal(undefined);
  });

  it('holds to roles and masks defects in later parts', async () => {
    gate.open();
    const parts = await allOf(
      '{ box { id ... @defer { private defect } ... @defer { box { empty } } } ... @defer { owned { id } } }',
    );
    const found = later(parts);
    expect(JSON.stringify(parts)).not.to.contain('secret').and.not.to.contain('beam');
    expect(
      found.flatMap(({ errors = [] }) => errors.map(({ extensions }) => extensions.code)),
    ).to.have.members(['AUTHENTICATION_ROLE', 'INTERNAL', 'ATTIC_EMPTY', 'AUTHENTICATION_ROLE']);
    expect(found).to.deep.include({
      data: { box: null },
      path: ['box'],
      errors: found.find(({ data }) => data && 'box' in data)!.errors,
    });
  });

  it('begins heavy fields that are put off after the others', async () => {
    begun.length = 0;
    await allOf('{ ... @defer { late: heavy(name: "late") } soon: heavy(name: "soon") }');
    expect(begun).to.deep.equal(['soon', 'late']);
  });

  it('ends as a whole when later parts use up the budget', async () => {
    // Estimated at 10 lists of 300 boxes, and found to be 300.
    const response = await send('{ box { id ... @defer { crowd { boxes(count: 300) { id } } } } }');
    const parts: Part[] = [];
    for await (const part of partsOf(response)) {
      gate.open();
      parts.push(part);
    }
    expect(parts[0]!.data).to.deep.equal({ box: { id: '0' } });
    expect(later(parts).map(({ errors, ...rest }) => [errors?.[0]?.extensions.code, rest])).to.deep.equal([
      ['GRAPHQL_COST_LIMIT', { path: [] }],
    ]);
    expect(parts.at(-1)!.hasNext).to.equal(false);
  });

  it('counts each part before the operation runs', async () => {
    const levels = Array.from(
      { length: 28 },
      (_, n) => `fragment F${n} on Box { ...F${n + 1} @defer ...F${n + 1} @defer }`,
    );
    const query = `{ box { ...F0 } } ${levels.join(' ')} fragment F28 on Box { id }`;
    const [first] = await allOf(query);
    expect(first!.errors!.map(({ extensions }) => extensions.code)).to.deep.equal(['GRAPHQL_COST_LIMIT']);
  });

  it('gives up fields that are put off after the deadline of their kind', async () => {
    const parts = await late(allOf('{ box { id ... @defer { never } } }'));
    const [part] = later(parts);
    expect(part).to.deep.include({ data: { never: null } });
    expect(part!.errors![0]!.extensions).to.deep.include({
      code: 'GRAPHQL_FIELD_DEADLINE',
      kind: 'unavailable',
    });
    expect(parts.at(-1)!.extensions!.rapport.degraded).to.deep.equal(['attic']);
  });

  it('aborts what is still running when its client leaves', async () => {
    signals.length = 0;
    const leaving = new AbortController();
    const response = await send('{ box { id ... @defer { never } } }', 'multipart/mixed', leaving.signal);
    await partsOf(response).next();
    expect(signals.map(({ aborted }) => aborted)).to.deep.equal([false]);
    const aborted = new Promise((resolve) => signals[0]!.addEventListener('abort', resolve));
    leaving.abort();
    await aborted;
  });

  const faults: readonly (readonly [query: string, message: RegExp])[] = [
    ['{ box { id @stream } }', /@stream: id is no list/],
    ['{ box { tags @stream(initialCount: -1) } }', /initialCount must be a whole number of 0 or more/],
    ['query ($n: Int!) { box { tags @stream(initialCount: $n) } }', /initialCount must be a whole number/],
    ['{ box { ... @defer(label: "a") { id } tags @stream(label: "a") } }', /the label "a" is used twice/],
    ['query ($l: String) { box { ... @defer(label: $l) { id } } }', /label must be a string in the document/],
    ['mutation { ... @defer { pack { id } } }', /fields of Mutation run one after the other/],
    [
      'subscription { packed { ...F } } fragment F on Box { ... @defer { id } }',
      /an event of a subscription/,
    ],
  ];
  for (const [query, message] of faults)
    it(`refuses ${query}`, async () => {
      const response = await send(query);
      const text = await response.text();
      const { errors } = JSON.parse(text.match(/\{.*\}/s)![0]) as Part;
      expect(errors![0]!.message).to.match(message);
      expect(errors![0]!.extensions.code).to.equal('GRAPHQL_VALIDATION_FAILED');
    });
});
