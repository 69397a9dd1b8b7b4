import { expect } from 'chai';
import {
  choiceSpec,
  noChoice,
  versionSpec,
  versionsKept,
} from '../../plugins/recommendations/model-registry/documents.js';
import {
  createVersions,
  type Proposal,
  type Versions,
} from '../../plugins/recommendations/model-registry/versions.js';
import { partsOf, type Weights } from '../../plugins/recommendations/model-registry/weights.js';
import { defaultPeopleFusion } from '../../plugins/recommendations/next-basket/default-people-fusion.js';
import { defaultFusion } from '../../plugins/recommendations/session-knn/default-fusion.js';
import type { Learned } from '../../plugins/recommendations/session-knn/learn-sessions.js';
import { createSessionModel } from '../../plugins/recommendations/session-knn/session-model.js';
import { type Archive, openArchive } from '../../plugins/recommendations/snapshots/archive.js';
import { store as storePlugin } from '../../plugins/store/plugin.js';
import type { Shelf } from '../../src/ports/catalog.js';
import { bootPlugins, createRandom, type TestSystem } from '../support/boot.js';
import { openShop } from '../support/shop.js';

const dimensions = 4;

function shelfOf(ids: readonly string[]): Shelf {
  return {
    size: ids.length,
    numberOf: (id: string) => ids.indexOf(id),
    idOf: (number: number) => ids[number]!,
  } as unknown as Shelf;
}

/** Vectors that say of which product they are. */
function learnedOf(ids: readonly string[], salt: number, fusion = defaultFusion): Learned {
  const vectors = new Int8Array(ids.length * dimensions);
  for (const [item, id] of ids.entries())
    vectors.fill(Number(id.slice(1)) + salt, item * dimensions, (item + 1) * dimensions);
  return {
    fusion,
    vectors: {
      dimensions,
      items: ids.length,
      weights: Float32Array.from({ length: 20 }, (_, at) => at),
      vectors,
    },
  };
}

describe('learned models, by version', () => {
  const before = ['p1', 'p2', 'p3', 'p4'];
  /** Another process numbers them otherwise, has a new one, and one is gone. */
  const after = ['p9', 'p4', 'p1', 'p2'];
  let system: TestSystem;
  let archive: Archive;
  let processes: { readonly versions: Versions; readonly used: Weights[] }[];
  let parts: Omit<Parameters<typeof createVersions>[0], 'shelf' | 'use'>;

  async function open(ids: readonly string[]): Promise<(typeof processes)[number]> {
    const used: Weights[] = [];
    const versions = createVersions({ ...parts, shelf: shelfOf(ids), use: (weights) => used.push(weights) });
    await versions.start();
    const opened = { versions, used };
    processes.push(opened);
    return opened;
  }

  type Judged = Partial<Pick<Proposal, 'against' | 'gain' | 'error'>>;
  const measured = { sessions: 100, interactions: 500, metrics: { 'MRR@20': 0.2 }, gain: 0.01, error: 0.005 };
  const propose = (versions: Versions, more: Judged = {}) =>
    versions.propose({
      set: 'session',
      weights: learnedOf(before, 10),
      ...measured,
      against: versions.inUse('session'),
      ...more,
    });
  const peopleOf = (salt: number) => learnedOf(before, salt, defaultPeopleFusion);
  const proposePeople = (versions: Versions, salt: number, more: Judged = {}) =>
    versions.propose({
      set: 'people',
      weights: peopleOf(salt),
      ...measured,
      against: versions.inUse('people'),
      ...more,
    });
  /** By version, newest first: what it changed, and whether it is in use. */
  const listed = async (versions: Versions) =>
    (await versions.list()).map(({ version, set, current }) =>
      [version, set, ...(current ? ['current'] : [])].join(' '),
    );

  beforeEach(async () => {
    system = await bootPlugins([storePlugin]);
    const store = system.port('store');
    archive = await openArchive(store);
    let ids = 0;
    parts = {
      versions: await store.collection(versionSpec),
      choices: await store.collection(choiceSpec),
      archive,
      host: {
        clock: system.clock,
        log: system.log,
        ids: { next: () => `id-${String(++ids).padStart(4, '0')}` },
      },
    };
    processes = [];
  });
  afterEach(async () => {
    for (const { versions } of processes) versions.stop();
    await system.close();
  });

  it('are in use in every process once published, each product with its own vector whatever its number', async () => {
    const one = await open(before);
    const other = await open(after);
    expect(await propose(one.versions)).to.equal(true);
    for (let turn = 0; turn < 100_000 && other.used.length === 0; turn++) await new Promise(setImmediate);
    expect(one.versions.inUse('session')).to.equal(1);
    expect(other.used).to.have.lengthOf(1);
    const { session, people } = other.used[0]!;
    expect(people).to.equal(null);
    expect(session!.fusion).to.deep.equal(defaultFusion);
    const { vectors } = session!.vectors!;
    const firstOf = (item: number) => vectors[item * dimensions];
    expect([0, 1, 2, 3].map(firstOf)).to.deep.equal([0, 14, 11, 12]);
    const later = await open(after);
    expect(later.versions.inUse('session')).to.equal(1);
    expect(later.versions.learnedFrom('session')).to.equal(500);
    expect(later.versions.learnedFrom('people')).to.equal(0);
  });

  it('are stored but not used when they are worse, and a person can put them to use all the same', async () => {
    const { versions, used } = await open(before);
    expect(await propose(versions, { gain: -0.004, error: 0.005 })).to.equal(true);
    expect(await propose(versions, { gain: -0.006, error: 0.005 })).to.equal(false);
    expect(versions.inUse('session')).to.equal(1);
    expect((await versions.list()).map(({ version, current }) => [version, current])).to.deep.equal([
      [2, false],
      [1, true],
    ]);
    await versions.publish(2);
    expect(versions.inUse('session')).to.equal(2);
    expect(used).to.have.lengthOf(2);
  });

  it('stay where a person went back to, until one is better beyond doubt or a person decides again', async () => {
    const { versions } = await open(before);
    await propose(versions);
    await propose(versions);
    expect(await versions.rollback()).to.equal(1);
    expect(versions.inUse('session')).to.equal(1);
    expect(await propose(versions, { gain: 0.009, error: 0.005 })).to.equal(false);
    expect(await propose(versions, { gain: 0.011, error: 0.005 })).to.equal(true);
    expect(versions.inUse('session')).to.equal(4);
    expect(await propose(versions, { gain: 0, error: 0.005 })).to.equal(true);
    expect(await versions.rollback()).to.equal(4);
    expect(await versions.rollback()).to.equal(1);
    expect(await versions.rollback()).to.equal(0);
    expect(versions.current.session).to.equal(null);
    const failure = await versions.rollback().then(
      () => null,
      (error: { code: string }) => error.code,
    );
    expect(failure).to.equal('RECOMMENDATIONS_NO_OLDER_MODEL');
    await versions.publish(5);
    expect(await propose(versions, { gain: 0, error: 0.005 })).to.equal(true);
  });

  it('are not published when something else is in use than they were held against', async () => {
    const { versions } = await open(before);
    await propose(versions);
    await propose(versions, { against: 0 });
    expect(versions.inUse('session')).to.equal(1);
  });

  it('of one kind leave those of another as they are, however they come and go', async () => {
    const { versions, used } = await open(before);
    await propose(versions);
    await proposePeople(versions, 1);
    await proposePeople(versions, 2);
    expect(await listed(versions)).to.deep.equal(['3 people current', '2 people', '1 session current']);
    const { session } = versions.current;
    expect(session).to.not.equal(null);
    expect(used.at(-1)!.session).to.equal(session);

    expect(await versions.rollback('session')).to.equal(0);
    expect(versions.current).to.deep.equal({ session: null, people: peopleOf(2) });
    expect(await propose(versions, { gain: 0.009 })).to.equal(false);
    expect(await proposePeople(versions, 3, { gain: -0.001 })).to.equal(true);
    expect(versions.current).to.deep.equal({ session: null, people: peopleOf(3) });
    expect(await versions.rollback('people')).to.equal(3);
    expect(await versions.rollback('people')).to.equal(2);
    expect(versions.current.people).to.deep.equal(peopleOf(1));
    await versions.publish(1);
    expect(versions.current).to.deep.equal({ session, people: peopleOf(1) });
    const failure = await versions.publish(1, 'people').then(
      () => null,
      (error: { code: string }) => error.code,
    );
    expect(failure).to.equal('RECOMMENDATIONS_MODEL_OF_OTHER_SET');
    await versions.publish(0, 'people');
    expect(versions.current).to.deep.equal({ session, people: null });
    await versions.publish(0);
    expect(versions.current).to.deep.equal({ session: null, people: null });
    const later = await open(before);
    await versions.publish(3, 'people');
    expect(versions.current).to.deep.equal({ session: null, people: peopleOf(2) });
    for (let turn = 0; turn < 100_000 && later.versions.inUse('people') !== 3; turn++)
      await new Promise(setImmediate);
    expect(later.used.at(-1)!.people).to.deep.equal(peopleOf(2));
  });

  it('of what is learned no more are passed over, and removed when the next one is stored', async () => {
    const { versions: former } = await open(before);
    await propose(former);
    const [own] = await parts.versions.getMany([(await former.list())[0]!.id]);
    await parts.versions.put([{ ...own!, id: 'blend', version: 2, set: 'placements' as 'people' }]);
    await parts.choices.update(noChoice.id, (now) => ({
      ...now!,
      versions: { ...now!.versions, placements: 2 },
      last: 2,
    }));
    const { versions } = await open(before);
    expect(await listed(versions)).to.deep.equal(['1 session current']);
    expect(await propose(versions)).to.equal(true);
    expect(versions.inUse('session')).to.equal(3);
    expect(await parts.versions.get('blend')).to.equal(null);
  });

  it('are none of them lost when several processes learn different ones at once', async () => {
    const opened = [await open(before), await open(before), await open(before)].map(
      ({ versions }) => versions,
    );
    const [one, other, third] = opened as [Versions, Versions, Versions];
    const published = await Promise.all([propose(one), proposePeople(other, 1), proposePeople(third, 2)]);
    expect(published[0]).to.equal(true);
    expect(published.slice(1).filter(Boolean)).to.have.lengthOf(1);
    for (const versions of opened) {
      await versions.rollback('people').catch(() => undefined);
    }
    const later = await open(before);
    expect(later.versions.current.session).to.not.equal(null);
    expect(later.versions.current.people).to.equal(null);
    const numbers = (await one.list()).map(({ version }) => version);
    expect(new Set(numbers).size).to.equal(numbers.length);
  });

  it('that are learned often push out none of those that are learned rarely', async () => {
    const { versions } = await open(before);
    await propose(versions);
    await propose(versions, { gain: -1 });
    for (let salt = 1; salt < 2 * versionsKept; salt++) await proposePeople(versions, salt);
    const kept = await listed(versions);
    expect(kept.filter((line) => line.includes('people'))).to.have.lengthOf(versionsKept);
    expect(kept.slice(-2)).to.deep.equal(['2 session', '1 session current']);
    expect(await versions.rollback('session')).to.equal(0);
    expect(versions.current).to.deep.equal({ session: null, people: peopleOf(11) });
  });

  it('of which so many are kept, and what is in use always', async () => {
    const { versions } = await open(before);
    await propose(versions);
    for (let n = 0; n < versionsKept + 3; n++) await propose(versions, { gain: -1 });
    const kept = await versions.list();
    expect(kept).to.have.lengthOf(versionsKept + 1);
    expect(kept.at(-1)).to.deep.include({ version: 1, current: true });
    const failure = await versions.publish(3).then(
      () => null,
      (error: { code: string; message: string }) => error,
    );
    expect(failure!.code).to.equal('RECOMMENDATIONS_MODEL_UNKNOWN');
    expect(failure!.message).to.contain('there are 10, 9, 8, 7, 6, 5, 1, 0');
  });

  it('give way to the one before when they are damaged, and at last to what ships', async () => {
    const { versions } = await open(before);
    await propose(versions);
    await propose(versions);
    const [second, first] = await versions.list();
    await archive.remove(second!.id);
    expect((await open(before)).versions.inUse('session')).to.equal(1);
    await archive.remove(first!.id);
    const shipped = await open(before);
    expect(shipped.versions.inUse('session')).to.equal(0);
    expect(shipped.used).to.deep.equal([]);
    expect(system.log.lines.filter(({ level }) => level === 'warn')).to.have.lengthOf(3);
  });

  it('of an older format are passed over, and removed with their weights when the next one is stored', async () => {
    const weights = learnedOf(before, 10);
    const older = { ...weights, fusion: { ...weights.fusion, features: ['near', 'next', 'pair'] } };
    const { chunks, bytes } = await archive.write('old', partsOf(older, shelfOf(before)));
    await parts.versions.put([
      {
        id: 'v1',
        version: 1,
        format: 4,
        builtAtMs: 0,
        set: 'session',
        chunks,
        bytes,
        sessions: 100,
        interactions: 500,
        metrics: {},
        sets: { session: { id: 'old' }, people: null, placements: null },
      },
    ]);
    await parts.choices.put([{ ...noChoice, id: 'in-use-4', last: 1 }]);
    const { versions, used } = await open(before);
    expect(used).to.deep.equal([]);
    expect(versions.learnedFrom('session')).to.equal(0);
    await propose(versions);
    expect(used).to.have.lengthOf(1);
    expect(await parts.versions.get('v1')).to.equal(null);
    const read = async () => {
      for await (const _ of archive.read('old', chunks)) return 'a part';
      return 'nothing';
    };
    expect(await read().catch((error: Error) => error.message)).to.contain('missing');
  });

  it('are held against what is in use on sessions that neither has learned from', () => {
    const model = createSessionModel({ vectorEpochs: 1 });
    const random = createRandom(3);
    for (let session = 0; session < 600; session++) {
      const topic = Math.floor(20 * random());
      for (let click = 0; click < 5; click++)
        model.add(session, topic * 6 + Math.floor(6 * random()), session);
    }
    const run = <T>(steps: Generator<unknown, T>): T => {
      for (;;) {
        const step = steps.next();
        if (step.done) return step.value;
      }
    };
    const learned = run(model.learn({ vectors: false, before: 500 }));
    const compared = run(model.evaluate(learned, 500));
    expect(compared.questions).to.equal(400);
    expect(compared.gain).to.be.closeTo(compared.now - compared.before, 1e-9);
    expect(compared.now).to.be.greaterThan(0.2);
    model.use(learned);
    const again = run(model.evaluate(learned, 500));
    expect(again.gain).to.equal(0);
    expect(again.before).to.equal(compared.now);
  });

  it('are left out, and learned again, where they belong to inputs of another version of the product', async () => {
    const former = await open(before);
    await proposePeople(former.versions, 1);
    const inputs = {
      ...defaultFusion,
      features: [...defaultFusion.features.slice(1), 'of a former version'],
    };
    await former.versions.propose({
      set: 'session',
      weights: learnedOf(before, 10, inputs),
      ...measured,
      against: 0,
    });
    const { versions } = await open(before);
    expect(versions.inUse('session')).to.equal(0);
    expect(versions.current.session).to.equal(null);
    expect(versions.learnedFrom('session')).to.equal(0);
    expect(versions.current.people).to.deep.equal(peopleOf(1));
    expect(await propose(versions)).to.equal(true);
    expect(versions.current.session).not.to.equal(null);
  });

  it('are listed, published and rolled back by merchandisers', async () => {
    const shop = await openShop();
    try {
      const merchandiser = { role: 'MERCHANDISER' } as const;
      const listed = await shop.ask(
        '{ recommendationModels { version builtAt changed sessions interactions metrics current } }',
        merchandiser,
      );
      expect(listed.at('recommendationModels')).to.deep.equal([]);
      const unknown = await shop.ask(
        'mutation { publishModel(version: 7) { version userErrors { code path } } }',
        merchandiser,
      );
      expect(unknown.at('publishModel')).to.deep.equal({
        version: null,
        userErrors: [{ code: 'RECOMMENDATIONS_MODEL_UNKNOWN', path: ['version'] }],
      });
      const none = await shop.ask(
        'mutation { rollbackModel(only: PEOPLE) { version userErrors { code } } }',
        merchandiser,
      );
      expect(none.at('rollbackModel.userErrors.0.code')).to.equal('RECOMMENDATIONS_NO_OLDER_MODEL');
      const shipped = await shop.ask('mutation { publishModel(version: 0) { version } }', merchandiser);
      expect(shipped.at('publishModel.version')).to.equal(0);
      const refused = await shop.ask('mutation { rollbackModel { version } }', { role: 'STOREFRONT' });
      expect(refused.at('rollbackModel')).to.equal(null);
      expect(refused.codes).to.have.lengthOf(1);
    } finally {
      await shop.close();
    }
  });
});
