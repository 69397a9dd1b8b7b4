import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'chai';
import { choiceSpec, versionSpec } from '../../plugins/recommendations/model-registry/documents.js';
import { createVersions, type Versions } from '../../plugins/recommendations/model-registry/versions.js';
import { defaultFusion } from '../../plugins/recommendations/session-knn/default-fusion.js';
import { openArchive } from '../../plugins/recommendations/snapshots/archive.js';
import { store as storePlugin } from '../../plugins/store/plugin.js';
import type { Shelf } from '../../src/ports/catalog.js';
import { describeDrivers } from '../contracts/drivers.js';
import { everything, openShop, shopperContext } from '../journeys/shop.js';
import { bootPlugins, type TestSystem } from '../support/boot.js';
import { backendsOf } from './backends.js';
import { openProcess, type RunningProcess, untilSo } from './processes.js';

/** `TRIALS=100` publishes so often and prints how long it took. */
const trials = Number(process.env.TRIALS ?? 3);

/** Two gateways and a worker on MongoDB (`MONGODB_URL`) and Redis (`REDIS_URL`). */
describeDrivers('models of several processes', ['bull'], () => {
  let one: RunningProcess;
  let other: RunningProcess;
  let worker: RunningProcess;
  let learner: TestSystem;
  let versions: Versions;
  const backends = backendsOf('models');

  before(async function () {
    this.timeout(180_000);
    one = await openProcess('gateway', backends);
    [other, worker] = await Promise.all([openProcess('gateway', backends), openProcess('worker', backends)]);
    await openShop(one);
    // Learning takes a shop with many sessions: here somebody hands in what was learned.
    learner = await bootPlugins([storePlugin], { environment: { RAPPORT_STORE_URL: backends.store } });
    const store = learner.port('store');
    versions = createVersions({
      versions: await store.collection(versionSpec),
      choices: await store.collection(choiceSpec),
      archive: await openArchive(store),
      shelf: { size: 0 } as unknown as Shelf,
      host: { clock: learner.clock, log: learner.log, ids: { next: () => `model-${Math.random()}` } },
      use: () => undefined,
    });
    await versions.start();
  });
  after(async function () {
    this.timeout(60_000);
    versions?.stop();
    await learner?.close();
    await Promise.all([one, other, worker].map((each) => each?.stop()));
  });

  const uses = (process: RunningProcess, version: number) => () =>
    Promise.resolve(
      process.lines.some(
        (line) => line.includes('a learned model is in use') && line.includes(`"version":${version}`),
      ),
    );

  it('a model that is published is in use in every process within a second', async function () {
    this.timeout(60_000);
    const took: number[] = [];
    for (let trial = 1; trial <= trials; trial++) {
      const proposed = await versions.propose({
        set: 'session',
        weights: { fusion: defaultFusion, vectors: null },
        sessions: 1,
        interactions: trial,
        metrics: {},
        against: versions.inUse('session'),
        gain: 1,
        error: 0,
      });
      expect(proposed).to.equal(true);
      const waits = [one, other, worker].map((process) => untilSo('a model in use', uses(process, trial)));
      took.push(Math.max(...(await Promise.all(waits))));
    }
    took.sort((a, b) => a - b);
    console.log(
      `      a model: p50 ${Math.round(took[took.length >> 1]!)} ms, at most ${Math.round(took.at(-1)!)} ms (${trials} trials)`,
    );
    const back = await one.ask('mutation { rollbackModel { version userErrors { message } } }', {
      role: 'MERCHANDISER',
    });
    expect(back.at('rollbackModel.version')).to.equal(trials - 1);
  });

  it('what the worker stored is where the next process begins', async function () {
    this.timeout(90_000);
    const context = shopperContext('many');
    for (let call = 0; call < 6; call++) {
      const events = Array.from({ length: 250 }, (_, at) => ({
        messageId: `many-${call}-${at}`,
        type: 'PRODUCT_VIEWED',
        productIds: [everything[(call + at * at) % everything.length]!],
      }));
      const answer = await one.ask(
        'mutation ($context: ShopperContext!, $events: [EventInput!]!) { recordEvents(context: $context, events: $events) { accepted } }',
        { role: 'SERVER', variables: { context, events } },
      );
      expect(answer.at('recordEvents.accepted')).to.equal(250);
    }
    // Within a second the worker is told of them.
    await pause(1_500);
    await worker.stop();
    expect(worker.lines.some((line) => line.includes('the statistics were stored'))).to.equal(true);
    const third = await openProcess('gateway', backends);
    try {
      expect(third.lines.some((line) => line.includes('the statistics were read'))).to.equal(true);
      const list = (process: RunningProcess) =>
        process.ask(
          'query ($context: ShopperContext!) { shopper(context: $context) { recommendations(placement: "trending", first: 5) { items { product { id } } } } }',
          { variables: { context: shopperContext('blank') } },
        );
      expect((await list(third)).at('shopper.recommendations')).to.deep.equal(
        (await list(one)).at('shopper.recommendations'),
      );
    } finally {
      await third.stop();
    }
  });
});
