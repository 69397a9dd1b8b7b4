import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { choiceSpec, noChoice, versionSpec } from '../../plugins/recommendations/model-registry/documents.js';
import { createVersions } from '../../plugins/recommendations/model-registry/versions.js';
import type { Weights } from '../../plugins/recommendations/model-registry/weights.js';
import { defaultPeopleFusion } from '../../plugins/recommendations/next-basket/default-people-fusion.js';
import { openArchive } from '../../plugins/recommendations/snapshots/archive.js';
import { createLeasing, leaseSpec } from '../../plugins/recommendations/snapshots/lease.js';
import { createQueryLog } from '../../plugins/search/query-log/query-log.js';
import { store as storePlugin } from '../../plugins/store/plugin.js';
import { createIds } from '../../src/host.js';
import type { Host } from '../../src/plugin.js';
import type { Shelf } from '../../src/ports/catalog.js';
import type { Document, Store } from '../../src/ports/store.js';
import { bootPlugins } from '../support/boot.js';
import { openShop, type Shop } from '../support/shop.js';
import { type StoreFiles, storeFiles } from '../support/store-files.js';

const hourMs = 3_600_000;

/** Flips a bit behind every place where the data file holds a text: pages that are no longer in use may hold it, too. */
function damage(files: StoreFiles, text: string): void {
  const bytes = files.read('data.mdb');
  let found = 0;
  for (let at = bytes.indexOf(text); at >= 0; at = bytes.indexOf(text, at + 1)) {
    bytes[at + text.length + 1]! ^= 1;
    found++;
  }
  expect(found, text).to.be.greaterThan(0);
  files.write('data.mdb', bytes);
}

/** Resolves when the checkpoint has taken what is damaged out of the data file, and the health check says so. */
async function whole({ clock, port }: Pick<Shop, 'clock' | 'port'>): Promise<void> {
  clock.advance(1_000);
  const check = () =>
    port('store')
      .check()
      .then(
        () => null,
        (error: Error) => error.message,
      );
  for (let turn = 0; turn < 100_000 && (await check()) !== null; turn++) await new Promise(setImmediate);
  expect(await check()).to.equal(null);
}

const namedIn = (lines: readonly { readonly message: string; readonly fields?: unknown }[]) =>
  lines.flatMap(({ message, fields }) =>
    message.includes('document is damaged') ? [(fields as { collection: string }).collection] : [],
  );

describe('a damaged document of what was learned', () => {
  let files: StoreFiles;
  let shop: Shop;
  const placements = ['home', 'similar', 'bought-together', 'trending'];

  /** More events than are worth a snapshot when the process stops. */
  async function trade(from: number): Promise<void> {
    for (let call = from; call < from + 12; call++) {
      shop.clock.advance(20_000);
      await shop.port('events').record(
        shop.context({ sessionId: `visitor-${call % 7}` }, { role: 'SERVER' }),
        Array.from({ length: 100 }, (_, at) => ({
          messageId: `m-${call}-${at}`,
          type: at % 9 === 8 ? 'ORDER_COMPLETED' : 'PRODUCT_VIEWED',
          productIds: [`p${(call * 7 + at * at) % 40}`],
        })),
      );
    }
  }
  const answers = () =>
    Promise.all(
      placements.map(async (placement) =>
        (await shop.recommend('ada', { placement, productId: 'p4' })).items.map(({ product }) => product.id),
      ),
    );
  /** The ids of what is stored, in the order of their ids. */
  async function idsOf(store: Store, name: string): Promise<string[]> {
    const ids: string[] = [];
    const collection = await store.collection<Document>({ name, indexes: {} });
    for await (const page of collection.scan()) ids.push(...page.map(({ id }) => id));
    return ids;
  }
  async function closedIds(name: string): Promise<string[]> {
    const system = await bootPlugins([storePlugin], { dataDir: files.dataDir, clock: shop.clock });
    const ids = await idsOf(system.port('store'), name);
    await system.close();
    return ids;
  }
  const open = async (clock = shop.clock) => {
    shop = await openShop({ dataDir: files.dataDir, clock });
  };

  beforeEach(async () => {
    files = storeFiles(mkdtempSync(join(tmpdir(), 'rapport-')));
    shop = await openShop({ dataDir: files.dataDir });
    await shop.save(Array.from({ length: 40 }, (_, i) => ({ id: `p${i}`, categoryIds: [`c${i % 4}`] })));
    await trade(0);
  });
  afterEach(async () => {
    await shop.close();
    files.remove();
  });

  for (const [part, collection, textOf] of [
    ['a chunk', 'recommendation-chunks', (id: string) => `"id":"${id}/000000","bytes":"`],
    ['the header', 'recommendation-snapshots', (id: string) => `"id":"${id}","format":"`],
  ] as const) {
    it(`${part} of a snapshot is named, discarded and made anew from the log`, async () => {
      const before = await answers();
      await shop.close();
      const [id] = await closedIds('recommendation-snapshots');
      damage(files, textOf(id!));
      await open();
      expect(await answers()).to.deep.equal(before);
      expect(namedIn(shop.log.lines)).to.deep.equal([collection]);
      await whole(shop);
      await trade(12);
      shop.clock.advance(hourMs);
      const later = await answers();
      await shop.close();
      const kept = await closedIds('recommendation-snapshots');
      expect(kept).to.have.lengthOf(1).and.not.to.include(id);
      const chunks = await closedIds('recommendation-chunks');
      expect([...new Set(chunks.map((each) => each.split('/')[0]))]).to.deep.equal(kept);
      await open();
      expect(await answers()).to.deep.equal(later);
      expect(namedIn(shop.log.lines)).to.deep.equal([]);
      await whole(shop);
    });
  }
});

describe('a damaged document of a small kind', () => {
  let files: StoreFiles;
  const shelf = { size: 0, numberOf: () => -1, idOf: () => '' } as unknown as Shelf;
  const weights = { fusion: defaultPeopleFusion, vectors: null };
  const boot = () => bootPlugins([storePlugin], { dataDir: files.dataDir });
  type System = Awaited<ReturnType<typeof boot>>;

  async function versionsIn(system: System) {
    const store = system.port('store');
    const used: Weights[] = [];
    const versions = createVersions({
      versions: await store.collection(versionSpec),
      choices: await store.collection(choiceSpec),
      archive: await openArchive(store),
      shelf,
      host: { clock: system.clock, log: system.log, ids: createIds(system.clock) },
      use: (weights) => used.push(weights),
    });
    await versions.start();
    const propose = () =>
      versions.propose({
        set: 'people',
        weights,
        sessions: 1,
        interactions: 1,
        metrics: {},
        gain: 1,
        error: 0.1,
        against: versions.inUse('people'),
      });
    return { versions, used, propose };
  }

  beforeEach(() => {
    files = storeFiles(mkdtempSync(join(tmpdir(), 'rapport-')));
  });
  afterEach(() => files.remove());

  for (const [part, text, left] of [
    ['the choice of a version', `"id":"${noChoice.id}","versions":`, [3, 2, 1]],
    ['the header of a version', '"version":2,"format":', [2, 1]],
    ['a chunk of weights', '/000000","bytes":"', [1]],
  ] as const) {
    it(`${part} is discarded: older weights or what ships are in use, and new ones are published`, async () => {
      let system = await boot();
      const first = await versionsIn(system);
      for (const _ of [1, 2]) expect(await first.propose()).to.equal(true);
      first.versions.stop();
      await system.close();
      damage(files, text);
      system = await boot();
      const { versions, propose } = await versionsIn(system);
      expect(versions.inUse('people')).to.be.lessThan(2);
      await whole(system);
      expect(namedIn(system.log.lines)).to.not.deep.equal([]);
      expect(await propose()).to.equal(true);
      const listed = (await versions.list()).map(({ version }) => version);
      expect(new Set(listed).size, 'numbers are given once').to.equal(listed.length);
      expect(listed).to.have.lengthOf(left.length);
      expect(versions.inUse('people')).to.equal(listed[0]);
      versions.stop();
      system.clock.advance(hourMs);
      await system.close();
      system = await boot();
      expect((await versionsIn(system)).versions.inUse('people')).to.equal(listed[0]);
      await whole(system);
      expect(namedIn(system.log.lines)).to.deep.equal([]);
      await system.close();
    });
  }

  it('a lease is taken anew', async () => {
    let system = await boot();
    const leases = await system.port('store').collection(leaseSpec);
    await leases.put([{ id: 'building', holder: 'somebody else', untilMs: 0 }]);
    await system.close();
    damage(files, '"id":"building","holder":"');
    system = await boot();
    const host = { clock: system.clock, log: system.log, ids: createIds(system.clock) };
    const lease = createLeasing(await system.port('store').collection(leaseSpec), 'building', host);
    expect(await lease.take()).to.equal(true);
    await whole(system);
    await system.close();
  });

  it('a logged search holds up no other one', async () => {
    let system = await boot();
    const noted = (id: string) => ({
      id,
      text: 'tea',
      total: 1,
      locale: 'en',
      person: { sessionId: `s-${id}`, customerId: null },
    });
    const hostOf = (from: System) => ({ clock: from.clock, log: from.log }) as unknown as Host;
    let queries = createQueryLog(system.port('store'), hostOf(system), 1);
    await queries.start(async () => true);
    for (const id of ['q1', 'q2']) queries.note(noted(id), Promise.resolve(true));
    await queries.close();
    await system.close();
    damage(files, '"id":"q1","query":"');
    system = await boot();
    queries = createQueryLog(system.port('store'), hostOf(system), 1);
    await queries.start(async () => true);
    const clicked = ['q1', 'q2'].map((queryId) => ({
      productIds: ['tea'],
      position: 1,
      type: 'SEARCH_RESULT_CLICKED',
      queryId,
      learn: true,
      sessionId: 's',
    }));
    queries.follow(clicked as never);
    await queries.close();
    expect(system.log.lines.filter(({ message }) => message.includes('could not be logged'))).to.deep.equal(
      [],
    );
    await system.close();
  });
});
