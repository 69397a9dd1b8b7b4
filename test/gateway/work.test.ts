import { expect } from 'chai';
import { plugins } from '../../plugins/index.js';
import type { Request } from '../../src/context.js';
import { createWork } from '../../src/gateway/work.js';
import { definePlugin } from '../../src/plugin.js';
import type { Shopper } from '../../src/ports/customers.js';
import { createTestClock } from '../support/boot.js';
import { openTestGateway, type TestGateway } from '../support/gateway.js';

/** Asked so often, an operation is planned; before, graphql-js executes it. */
const turns = 6;
const never = () => new Promise<never>(() => undefined);
/** What the field `backend` was called with. */
const signals: AbortSignal[] = [];

/** A third party's plugin that hangs, in every way that a field can. */
const slow = definePlugin({
  name: 'slow',
  provides: null,
  needs: [],
  sdl: /* GraphQL */ `
    type Weather { sky: String wind: [String] here: String }
    extend type Shopper { weather: Weather plain: String list: [String] quick: String backend: String }
    extend type Query { tide: String @public }
    extend type Mutation { rain: String @allow(roles: [STOREFRONT]) }
  `,
  create: () => ({
    port: null,
    resolvers: {
      Query: { tide: never },
      Mutation: { rain: never },
      Shopper: {
        weather: () => ({ sky: never(), wind: ['north', never()], here: 'berne' }),
        plain: never,
        list: () => new Set(['a', never()]),
        quick: async () => 'quick',
        backend({ context }: Shopper, _: unknown, { signal }: Request) {
          signals.push(signal, context.signal!);
          return never();
        },
      },
    },
  }),
});

describe('A plugin that does not answer', () => {
  let gateway: TestGateway;
  before(async () => {
    gateway = await openTestGateway([...plugins, slow]);
  });
  after(() => gateway.close());

  /** Lets time pass until the answer has come. */
  async function askLate(query: string, stepMs: number): ReturnType<TestGateway['ask']> {
    let isThere = false;
    const asked = gateway.ask(query).finally(() => {
      isThere = true;
    });
    while (!isThere) {
      await new Promise((resolve) => setTimeout(resolve, 5));
      gateway.system.clock.advance(stepMs);
    }
    return asked;
  }

  it('loses only its own field on a type of another, in both ways to execute', async () => {
    for (let turn = 0; turn < turns; turn++) {
      const query = `{ shopper(context: { channel: WEB, sessionId: "s" }) { known plain quick } }`;
      const { data, errors, extensions } = await askLate(query, 1_000);
      expect(data).to.deep.equal({ shopper: { known: false, plain: null, quick: 'quick' } });
      expect(errors?.map(({ path }) => path)).to.deep.equal([['shopper', 'plain']]);
      expect(errors?.[0]?.extensions).to.include({ code: 'GRAPHQL_FIELD_DEADLINE', kind: 'unavailable' });
      expect(errors?.[0]?.message).to.contain('slow').and.to.contain('Shopper.plain');
      expect(extensions.rapport.degraded).to.deep.equal(['slow']);
    }
    const lines = gateway.system.log.lines.filter(({ fields }) => fields.plugin === 'slow');
    expect(lines).to.have.lengthOf(turns);
    expect(lines[0]).to.deep.include({ level: 'warn', message: 'a plugin did not answer in time' });
    expect(lines[0]?.fields).to.include({ field: 'Shopper.plain' });
  });

  it('is told by a signal that nobody waits any more, on the request and on the context, in both ways to execute', async () => {
    for (let turn = 0; turn < turns; turn++) {
      signals.length = 0;
      const query = '{ shopper(context: { channel: WEB, sessionId: "s" }) { backend } }';
      const asked = askLate(query, 1_000);
      while (signals.length === 0) await new Promise((resolve) => setImmediate(resolve));
      const [signal] = signals;
      expect(signal!.aborted).to.equal(false);
      expect((await asked).data).to.deep.equal({ shopper: { backend: null } });
      expect(signal!.aborted).to.equal(true);
      expect(signals[1]).to.equal(signal);
    }
  });

  it('loses items of lists and plain values of objects that never come', async () => {
    for (let turn = 0; turn < turns; turn++) {
      const query = `{ shopper(context: { channel: WEB }) { list weather { sky wind here } } }`;
      const { data, errors } = await askLate(query, 1_000);
      expect(data).to.deep.equal({
        shopper: { list: ['a', null], weather: { sky: null, wind: ['north', null], here: 'berne' } },
      });
      expect(errors?.map(({ path }) => path?.join('.')).sort()).to.deep.equal([
        'shopper.list.1',
        'shopper.weather.sky',
        'shopper.weather.wind.1',
      ]);
    }
  });

  it('loses its root field, too', async () => {
    for (let turn = 0; turn < turns; turn++) {
      expect((await askLate('{ version tide }', 2_000)).data).to.deep.equal({ version: '0.1.0', tide: null });
    }
  });

  it('is waited for a minute with a mutation, which may have taken effect when it is given up', async () => {
    for (let turn = 0; turn < turns; turn++) {
      const beganMs = gateway.system.clock.nowMs();
      const { data, errors } = await askLate('mutation { rain }', 1_000);
      expect(gateway.system.clock.nowMs() - beganMs).to.be.within(60_000, 62_000);
      expect(data).to.deep.equal({ rain: null });
      expect(errors?.[0]?.message).to.contain('Mutation.rain').and.to.contain('may have been done');
      expect(errors?.[0]?.extensions).to.include({
        code: 'GRAPHQL_FIELD_DEADLINE',
        kind: 'unavailable',
        retryAfterSeconds: 5,
      });
    }
  });

  it('is not late because this process stood still', async () => {
    const asked = gateway.ask('{ shopper(context: { channel: WEB }) { plain } }');
    const { clock } = gateway.system;
    while (!clock.waits()) await new Promise((resolve) => setTimeout(resolve, 5));
    clock.stand(30_000);
    let isThere = false;
    void asked.finally(() => {
      isThere = true;
    });
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(isThere).to.equal(false);
    clock.advance(10_000);
    expect((await asked).errors).to.have.lengthOf(1);
  });
});

describe('The budget of an operation', () => {
  let gateway: TestGateway;
  before(async () => {
    gateway = await openTestGateway(plugins);
    const categories = [
      { id: 'root', name: 'Root' },
      ...Array.from({ length: 300 }, (_, i) => ({ id: `c${i}`, name: `Category ${i}`, parentId: 'root' })),
    ];
    const { errors } = await gateway.ask(
      'mutation ($categories: [CategoryInput!]!) { saveCategories(categories: $categories) { userErrors { message } } }',
      { role: 'SERVER', variables: { categories } },
    );
    expect(errors).to.equal(undefined);
  });
  after(() => gateway.close());

  it('ends what turns out larger than it was estimated, whole, in both ways to execute', async () => {
    const query = '{ categories { parent { children { parent { children { id } } } } } version }';
    for (let turn = 0; turn < turns; turn++) {
      const before = process.cpuUsage();
      const { data, errors } = await gateway.ask(query);
      const { user, system } = process.cpuUsage(before);
      expect(data ?? null).to.equal(null);
      expect(errors).to.have.lengthOf(1);
      expect(errors?.[0]?.extensions).to.include({
        code: 'GRAPHQL_COST_LIMIT',
        limit: 'cost',
        kind: 'invalid',
      });
      expect(user + system, 'CPU').to.be.below(500_000);
    }
  });

  it('counts what it takes to locate errors in a document of many lines', () => {
    const failing = (lines: number) => {
      const work = createWork(createTestClock());
      work.begin(10_000, null, lines);
      let errors = 0;
      try {
        for (;;) {
          work.fail();
          errors++;
        }
      } catch {
        return errors;
      }
    };
    expect(failing(30)).to.equal(684);
    expect(failing(5_000)).to.equal(87);
  });

  it('holds a suggestion for as much work as a search, since it counts what each of its texts finds', async () => {
    const asking = (times: number) =>
      `{ shopper(context: { channel: WEB }) { ${Array.from({ length: times }, (_, i) => `a${i}: suggest(prefix: "a", first: 1) { text }`).join(' ')} } }`;
    expect((await gateway.ask(asking(45))).errors).to.equal(undefined);
    expect((await gateway.ask(asking(59))).errors?.[0]?.extensions.code).to.equal('GRAPHQL_COST_LIMIT');
  });

  it('is enough for the whole tree of categories', async () => {
    for (let turn = 0; turn < turns; turn++) {
      const { errors, at } = await gateway.ask(
        '{ categories { id name parent { id } children { id name } } }',
      );
      expect(errors).to.equal(undefined);
      expect(at('categories.300.parent.id')).to.equal('root');
    }
  });
});
