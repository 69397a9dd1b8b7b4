import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect } from 'chai';
import { plugins } from '../../plugins/index.js';
import { bytesOfDocumentNode, createDocuments, type Documents } from '../../src/gateway/documents.js';
import { bytesOfField, createExecute } from '../../src/gateway/execute.js';
import { buildGraph } from '../../src/gateway/graph.js';
import { operationOf, planOf } from '../../src/gateway/plan.js';
import { createPreparation } from '../../src/gateway/preparation.js';
import { createRequest, type TrackedRequest } from '../../src/gateway/request-context.js';
import { createSteadiness, type Steadiness } from '../../src/gateway/steady.js';
import { visitor } from '../../src/gateway/warm-up.js';
import { projectDirectory } from '../../src/project-directory.js';
import { bootPlugins, createTestClock, type TestSystem } from '../support/boot.js';

const repeat = (count: number, each: (i: number) => string) =>
  Array.from({ length: count }, (_, i) => each(i)).join(' ');
const large = (n: number) =>
  `{ q${n}: version ${repeat(55, (i) => `a${i}: products(first: 1) { nodes { ${card} } }`)} }`;
const card =
  'id sku status title description brand price { amount currency } image { url alt } categories { id name }';

describe('Preparing documents', () => {
  let system: TestSystem;
  let documents: Documents;
  before(async () => {
    system = await bootPlugins(plugins);
  });
  after(() => system.close());
  beforeEach(() => {
    documents = createDocuments(schema());
  });
  const schema = () => buildGraph(join(projectDirectory(), 'schema'), system.plugins);

  function parts() {
    const tasks: (() => void)[] = [];
    const charged: number[] = [];
    const entered: number[] = [];
    const prepare = createPreparation(documents, {
      charge: (units) => void charged.push(units),
      enter(units) {
        if (units < 10_000) return null;
        entered.push(units);
        return new Promise((resolve) =>
          tasks.push(() => resolve({ isLarge: true, end: () => void entered.pop() })),
        );
      },
      turns: { run: (task) => void tasks.push(task) },
    });
    return { prepare, tasks, charged, entered };
  }
  const request = (): TrackedRequest =>
    createRequest(
      visitor,
      { clock: createTestClock(), ids: { next: () => 'request' } },
      { locale: 'en', currency: 'EUR' },
    );
  const settle = () => new Promise((resolve) => setImmediate(resolve));

  it('waits with the expensive operations if one is large and new, and takes a turn for each step', async () => {
    const { prepare, tasks, charged, entered } = parts();
    const prepared = prepare(large(1), request());
    await settle();
    expect(documents.known(large(1))).to.equal(undefined);
    let steps = 0;
    while (tasks.length > 0) {
      tasks.shift()!();
      steps++;
      await settle();
    }
    expect((await prepared).errors).to.deep.equal([]);
    expect(steps).to.equal(4);
    expect(charged[0]).to.be.within(10_000, 60_000);
    expect(entered).to.deep.equal([]);
    // Then it is known, and free.
    await prepare(large(1), request());
    await prepare('{ version }', request());
    expect(tasks).to.have.lengthOf(0);
    expect(charged[1]).to.equal(0);
    expect(charged[2]).to.be.above(0);
  });

  it('is done once for all who bring the same document at the same time', async () => {
    const { prepare, tasks, charged } = parts();
    const all = Array.from({ length: 20 }, () => prepare(large(2), request()));
    for (await settle(); tasks.length > 0; await settle()) tasks.shift()!();
    expect(new Set(await Promise.all(all)).size).to.equal(1);
    expect(charged).to.have.lengthOf(1);
  });

  it('keeps documents and plans by no fewer bytes than they take', () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const used = () => {
      collect();
      return process.memoryUsage().heapUsed;
    };
    const steadiness = createSteadiness(system.plugins, system.log);
    const graph = schema();
    const shapes: Readonly<Record<string, (n: number) => string>> = {
      cards: (n) => `{ q${n}: version products(first: 2) { nodes { ${card} } edges { node { ${card} } } } }`,
      names: (n) => `{ q${n}: version ${repeat(400, () => 'version')} }`,
      directives: (n) =>
        `{ q${n}: version ${repeat(59, (i) => `... @include(if: true) { v${i}: version }`)} }`,
    };
    for (const [name, shape] of Object.entries(shapes)) {
      documents.prepare(shape(1_000), { isKnown: true, seesSchema: false });
      const before = used();
      const kept = Array.from({ length: 30 }, (_, n) =>
        documents.prepare(shape(n), { isKnown: true, seesSchema: false }),
      );
      const between = used();
      const plans = kept.map(({ document }) =>
        planOf(graph, document!, operationOf(document!, null)!, () => true, steadiness),
      );
      const after = used();
      const estimated = kept.reduce((sum, { document }) => sum + bytesOfDocumentNode(document!), 0);
      expect(between - before, `documents: ${name}`).to.be.below(estimated);
      const fields = plans.reduce((sum, plan) => sum + (plan?.fields ?? 0), 0);
      expect(after - between, `plans: ${name}`).to.be.below(fields * bytesOfField + kept.length * 4_096);
    }
  });

  it('keeps plans up to their bytes, also those made later for other variables of a document', async () => {
    const steadiness = createSteadiness(system.plugins, system.log);
    let planned = 0;
    const counting: Steadiness = {
      ...steadiness,
      kept(type, fields, write) {
        planned++;
        return steadiness.kept(type, fields, write);
      },
    };
    const execute = createExecute(schema(), counting, system.log, null, { planAfterUses: 0 });
    const conditions = ['a', 'b', 'c'];
    const text = (n: number) =>
      `query ($a: Boolean!, $b: Boolean!, $c: Boolean!) {
        ${conditions.map((name) => `${name}${n}: version @include(if: $${name})`).join(' ')}
        ${repeat(55, (i) => `p${i}: product(id: "none") { ${card} }`)}
      }`;
    async function run(n: number, combination: number): Promise<number> {
      const before = planned;
      const prepared = documents.prepare(text(n), { isKnown: true, seesSchema: false });
      const variables = Object.fromEntries(
        conditions.map((name, bit) => [name, ((combination >> bit) & 1) === 1]),
      );
      await execute({ prepared, variables, operationName: null }, request());
      return planned - before;
    }
    expect(await run(0, 0)).to.be.greaterThan(0);
    expect(await run(0, 0), 'planned once').to.equal(0);
    // Each takes 15 MB with its eight plans.
    for (let n = 1; n < 7; n++)
      for (let combination = 0; combination < 8; combination++) await run(n, combination);
    expect(await run(0, 0), 'made room for others').to.be.greaterThan(0);
  });

  it('estimates events that are recorded, also if nothing of them is requested: many are measured and wait, few do not', () => {
    const costOf = (events: number) =>
      documents
        .prepare(
          'mutation ($events: [EventInput!]!) { recordEvents(context: { channel: WEB }, events: $events) { accepted } }',
          { isKnown: true, seesSchema: false },
        )
        .costOf(null, { events: Array.from({ length: events }, () => ({})) });
    // A write that waits for the disk would be measured with the time that others take meanwhile.
    expect(costOf(20)).to.be.below(100);
    expect(costOf(2_500)).to.be.within(5_000, 10_000);
  });
});
