import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serialize } from 'node:v8';
import { expect } from 'chai';
import fc from 'fast-check';
import { createStatistics, type Statistics } from '../../plugins/recommendations/learning/statistics.js';
import { chunkBytes, fromChunks, toChunks } from '../../plugins/recommendations/snapshots/chunks.js';
import type { Part } from '../../plugins/recommendations/snapshots/stored.js';
import { store as storePlugin } from '../../plugins/store/plugin.js';
import { fingerprint } from '../../src/kit/fingerprint.js';
import { createNumberSet } from '../../src/kit/number-set.js';
import { createRows } from '../../src/kit/rows.js';
import type { Shelf } from '../../src/ports/catalog.js';
import type { EventType, ShopEvent } from '../../src/ports/events.js';
import type { Collection, Document, Store } from '../../src/ports/store.js';
import { bootPlugins, createRandom } from '../support/boot.js';
import { decisionOf } from '../support/decision.js';
import { runs } from '../support/runs.js';
import { openShop, type Shop } from '../support/shop.js';

const dayMs = 86_400_000;

/** Products with brands and categories, numbered in the given order. */
function shelfOf(ids: readonly string[]): Shelf {
  const numbers = new Map(ids.map((id, number) => [id, number]));
  const categories = new Map(ids.map((id) => [id, [`category-${id.charCodeAt(1) % 5}`]]));
  return {
    size: ids.length,
    changes: 0,
    numberOf: (id) => numbers.get(id) ?? -1,
    idOf: (number) => ids[number]!,
    eligible: () => true,
    inStock: () => true,
    status: () => 'ACTIVE',
    inStore: () => true,
    knowsStore: () => true,
    isSoldIn: () => true,
    brand: (number) => `brand-${ids[number]!.charCodeAt(1) % 7}`,
    categories: (number) => categories.get(ids[number]!)!,
    createdAtMs: () => 0,
  };
}

const range = Array.from({ length: 60 }, (_, i) => `p${String.fromCharCode(97 + (i % 26))}${i}`);
const tieOf = (shelf: Shelf) => (a: number, b: number) =>
  a === b ? 0 : shelf.idOf(a) < shelf.idOf(b) ? -1 : 1;

function eventsOf(seed: number, count: number, products: readonly string[]): ShopEvent[] {
  const random = createRandom(seed);
  const types: EventType[] = [
    'PRODUCT_VIEWED',
    'PRODUCT_VIEWED',
    'PRODUCT_VIEWED',
    'PRODUCT_ADDED_TO_CART',
    'PRODUCT_REMOVED_FROM_CART',
    'RECOMMENDATION_SHOWN',
    'RECOMMENDATION_CLICKED',
    'ORDER_COMPLETED',
  ];
  const pick = () => products[Math.floor(products.length * random() ** 2)]!;
  return Array.from({ length: count }, (_, at): ShopEvent => {
    const type = types[Math.floor(types.length * random())]!;
    const session = Math.floor(at / 20) + Math.floor(8 * random());
    return {
      id: `shop:${seed}-${at}`,
      type,
      sessionId: `session-${session}`,
      customerId: session % 3 === 0 ? `customer-${session % 17}` : null,
      channel: 'WEB',
      storeId: random() < 0.3 ? `store-${Math.floor(3 * random())}` : null,
      productIds: type === 'ORDER_COMPLETED' ? [pick(), pick(), pick()] : [pick()],
      quantities: null,
      prices: null,
      orderId: null,
      value: null,
      currency: null,
      query: null,
      queryId: null,
      decisionId: type.startsWith('RECOMMENDATION') ? decisionOf('home', products) : null,
      position: null,
      properties: null,
      atMs: at * 600_000,
      receivedAtMs: at * 600_000,
      learn: true,
      permitted: true,
    };
  });
}

/** All that an answer could be made from, in products' ids. */
function said(statistics: Statistics, shelf: Shelf): unknown {
  const list = ({
    items,
    scores,
    length,
  }: {
    items: ArrayLike<number>;
    scores: ArrayLike<number>;
    length: number;
  }) =>
    Array.from({ length }, (_, at): [string, number] => [shelf.idOf(items[at]!), scores[at]!]).sort(
      (a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1),
    );
  const { popularity, trend, session, people, boughtTogether, replenishment, report } = statistics;
  const ids = Array.from({ length: shelf.size }, (_, at) => shelf.idOf(at)).sort();
  const numbers = ids.map((id) => shelf.numberOf(id));
  return {
    popular: list(popularity.overall(500)),
    inStores: [0, 1, 2].map((store) => list(popularity.inStore(`store-${store}`, 500))),
    inCategories: [0, 1, 2, 3, 4].map((category) => list(popularity.inCategory(`category-${category}`, 500))),
    ofBrands: [0, 1, 2, 3, 4, 5, 6].map((brand) => list(popularity.ofBrand(`brand-${brand}`, 500))),
    trending: list(trend.overall(500)),
    next: numbers.map((item) => list(session.predict([item], 60))),
    ofRunning: numbers.map((item) => list(session.predict([item], 60, 'session-40'))),
    bought: numbers.map((item) =>
      list(people.predict([{ items: [item], atMs: dayMs }], 9 * dayMs, 60, fingerprint('customer-3'))),
    ),
    held: [people.people, people.baskets, people.purchases],
    together: numbers.map((item) => list(boughtTogether.row(item))),
    // Sums of logarithms, added in another order.
    due: numbers.map((item) =>
      replenishment
        .due({ item, timesMs: [30 * dayMs] }, shelf.categories(item), 60 * dayMs)
        .intervalDays?.toPrecision(9),
    ),
    report: report.read(90, 60 * dayMs),
    sessions: session.sessions,
    interactions: session.interactions,
  };
}

function remap(from: Shelf, to: Shelf): Int32Array {
  return Int32Array.from({ length: from.size }, (_, at) => to.numberOf(from.idOf(at)));
}

describe('what is stored of the statistics', () => {
  const before = shelfOf(range);
  const after = shelfOf([...range].reverse());

  it('is as it was when storing began, however much is learned meanwhile, and goes on in products numbered anew', () => {
    fc.assert(
      fc.property(fc.nat(1_000), fc.nat(1_200), fc.nat(3), (seed, count, perPart) => {
        const first = eventsOf(seed, count, range);
        const second = eventsOf(seed + 1, 400, range).map((event) => ({
          ...event,
          atMs: event.atMs + count * 600_000,
        }));
        const learning = createStatistics(before, tieOf(before));
        learning.learn(first);
        const parts: Part[] = [];
        let learned = 0;
        for (const part of learning.save()) {
          parts.push(structuredClone(part));
          learning.learn(second.slice(learned, learned + perPart));
          learned += perPart;
        }
        learning.learn(second.slice(learned));
        const restored = createStatistics(after, tieOf(after));
        for (const part of parts) restored.restore(part, remap(before, after));
        const expected = createStatistics(after, tieOf(after));
        expected.learn(first);
        expect(said(restored, after)).to.deep.equal(said(expected, after));
        restored.learn(second);
        expected.learn(second);
        expect(said(restored, after)).to.deep.equal(said(expected, after));
        const undisturbed = createStatistics(before, tieOf(before));
        undisturbed.learn([...first, ...second]);
        expect(said(learning, before)).to.deep.equal(said(undisturbed, before));
      }),
      { numRuns: runs(10) },
    );
  });

  it('leaves out products that are no more', () => {
    const fewer = shelfOf(range.filter((_, at) => at % 4 !== 0));
    const events = eventsOf(5, 800, range);
    const learning = createStatistics(before, tieOf(before));
    learning.learn(events);
    const restored = createStatistics(fewer, tieOf(fewer));
    for (const part of learning.save()) restored.restore(part, remap(before, fewer));
    const { popular, next } = said(restored, fewer) as { popular: unknown[]; next: [string, number][][] };
    const expected = createStatistics(fewer, tieOf(fewer));
    expected.learn(events);
    expect(popular).to.deep.equal((said(expected, fewer) as { popular: unknown[] }).popular);
    for (const [id] of next.flat()) expect(fewer.numberOf(id)).to.be.greaterThan(-1);
    expect(restored.session.interactions).to.equal(expected.session.interactions);
  });

  it('names no session and no customer', () => {
    const learning = createStatistics(before, tieOf(before));
    learning.learn(eventsOf(9, 600, range));
    const text = [...learning.save()]
      .map((part) =>
        JSON.stringify(part, (_, value: unknown) =>
          ArrayBuffer.isView(value) ? Array.from(value as Int32Array) : value,
        ),
      )
      .join('\n');
    expect(text).to.contain('store-1');
    expect(text).not.to.contain('session-');
    expect(text).not.to.contain('customer-');
  });

  it('takes little of little: tables are stored as far as they are in use', () => {
    const learning = createStatistics(before, tieOf(before));
    learning.learn(eventsOf(9, 600, range));
    const bytes = [...learning.save()].reduce((sum, part) => sum + serialize(part).length, 0);
    expect(bytes).to.be.below(500_000);
  });

  it('tells people apart by fingerprints without two alike among 200,000', () => {
    const prints = new Set(Array.from({ length: 200_000 }, (_, i) => fingerprint(`session-${i}`)));
    expect(prints.size).to.equal(200_000);
    for (const print of prints) if (!Number.isSafeInteger(print)) expect.fail(`${print}`);
  });
});

describe('fingerprints of what was learned', () => {
  it('are a set, however many there are', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.nat(40), fc.maxSafeNat())), fc.nat(5_000), (prints, many) => {
        const set = createNumberSet();
        for (const print of prints) set.add(print);
        for (let n = 0; n < many; n++) set.add(fingerprint(`id-${n}`));
        const expected = new Set([
          ...prints,
          ...Array.from({ length: many }, (_, n) => fingerprint(`id-${n}`)),
        ]);
        expect(set.size).to.equal(expected.size);
        for (const print of expected) if (!set.has(print)) expect.fail(`${print}`);
        for (let n = 0; n < 100; n++) expect(set.has(n)).to.equal(expected.has(n));
      }),
    );
  });
});

describe('a start from a snapshot', () => {
  const week = Array.from({ length: 40 }, (_, i) => ({
    id: `p${i}`,
    brand: `b${i % 6}`,
    categoryIds: [`c${i % 4}`],
  }));
  const placements = ['home', 'product', 'cart', 'similar', 'bought-together', 'trending', 'post-purchase'];
  let dataDir: string;
  let shop: Shop;

  /** More events than are worth a snapshot when the process stops. */
  async function trade(from: number): Promise<void> {
    for (let call = from; call < from + 12; call++) {
      shop.clock.advance(20_000);
      const { userErrors } = await shop.port('events').record(
        shop.context({ sessionId: `visitor-${call % 7}` }, { role: 'SERVER' }),
        Array.from({ length: 100 }, (_, at) => ({
          messageId: `m-${call}-${at}`,
          type: at % 9 === 8 ? 'ORDER_COMPLETED' : at % 4 === 3 ? 'PRODUCT_ADDED_TO_CART' : 'PRODUCT_VIEWED',
          productIds: [`p${(call * 7 + at * at) % 40}`, `p${(call * 5 + at) % 40}`].slice(
            0,
            at % 9 === 8 ? 2 : 1,
          ),
        })),
      );
      expect(userErrors).to.deep.equal([]);
    }
  }

  const answers = (sessionId = 'ada') =>
    Promise.all(
      placements.map(async (placement) =>
        (await shop.recommend(sessionId, { placement, productId: 'p4' })).items.map(
          ({ product, source, score }) => [product.id, source, score],
        ),
      ),
    );

  async function reopen(): Promise<void> {
    const { clock } = shop;
    await shop.close();
    shop = await openShop({ dataDir, clock });
  }

  /** How the store's documents look, and a way to change them while nobody runs. */
  async function meddle(change: (store: Store) => Promise<void>): Promise<void> {
    const { clock } = shop;
    await shop.close();
    const system = await bootPlugins([storePlugin], { dataDir, clock });
    await change(system.port('store'));
    await system.close();
    shop = await openShop({ dataDir, clock });
  }

  const told = (message: string) => shop.log.lines.filter((line) => line.message.includes(message));

  beforeEach(async () => {
    dataDir = mkdtempSync(join(tmpdir(), 'rapport-'));
    shop = await openShop({ dataDir });
    await shop.save(week);
    await shop.consented('ada');
    await shop.did('ada', 'PRODUCT_VIEWED', ['p6']);
    await trade(0);
  });
  afterEach(async () => {
    await shop.close();
    rmSync(dataDir, { recursive: true, force: true });
  });

  it('answers as before, and reads only the log behind it', async () => {
    await trade(12);
    const before = await answers();
    await reopen();
    expect(await answers()).to.deep.equal(before);
    await trade(24);
    await shop.did('ada', 'PRODUCT_VIEWED', ['p9']);
    const later = await answers('nobody');
    let read = 0;
    await meddle(async (store) => {
      // What lies before the snapshot is no longer there to be read.
      const log = await store.collection<Document & { readonly receivedAtMs: number }>({
        name: 'events',
        indexes: { byReceipt: { fields: ['receivedAtMs'] } },
      });
      const found = await log.find({ index: 'byReceipt', limit: 1_000 });
      const old = found.items.slice(0, 10).map(({ id }) => id);
      read = await log.remove(old);
    });
    expect(read).to.equal(10);
    expect(await answers('nobody')).to.deep.equal(later);
  });

  it('uses a snapshot with parts of a model that does not exist any more', async () => {
    await reopen();
    const before = await answers();
    await meddle(async (store) => {
      const snapshots = await store.collection<Document & { readonly format: string }>({
        name: 'recommendation-snapshots',
        indexes: {},
      });
      await snapshots.update(await newestOf(snapshots), (found) =>
        found === null ? null : { ...found, format: `${found.format} gone` },
      );
    });
    expect(told('cannot be used')).to.deep.equal([]);
    expect(told('the statistics were read')).to.have.length(1);
    expect(await answers()).to.deep.equal(before);
  });

  it('takes the one before where the newest is damaged, and the whole log where no one is any good', async () => {
    await reopen();
    await trade(12);
    const before = await answers();
    await meddle(async (store) => {
      const chunks = await store.collection<Document & { readonly bytes: string }>({
        name: 'recommendation-chunks',
        indexes: {},
      });
      const snapshots = await store.collection({ name: 'recommendation-snapshots', indexes: {} });
      const newest = await newestOf(snapshots);
      await chunks.update(
        `${newest}/000000`,
        (chunk) => chunk && { ...chunk, bytes: `${chunk.bytes.slice(0, 99)}????${chunk.bytes.slice(103)}` },
      );
    });
    expect(told('cannot be used')).to.have.lengthOf(1);
    expect(await answers()).to.deep.equal(before);
    await meddle(async (store) => {
      const snapshots = await store.collection<Document & { readonly format: string }>({
        name: 'recommendation-snapshots',
        indexes: {},
      });
      const chunks = await store.collection({ name: 'recommendation-chunks', indexes: {} });
      for await (const page of snapshots.scan()) {
        for (const [at, snapshot] of page.entries()) {
          if (at % 2 === 0) await chunks.remove([`${snapshot.id}/000000`]);
          else await snapshots.put([{ ...snapshot, format: 'of old' }]);
        }
      }
    });
    expect(told('cannot be used')).to.have.lengthOf(2);
    expect(await answers()).to.deep.equal(before);
  });

  it('never takes one that was not written to its end', async () => {
    await meddle(async (store) => {
      const snapshots = await store.collection<Document & { readonly chunks: number | null }>({
        name: 'recommendation-snapshots',
        indexes: {},
      });
      for await (const page of snapshots.scan())
        await snapshots.put(page.map((each) => ({ ...each, chunks: null })));
    });
    expect(told('cannot be used')).to.deep.equal([]);
    expect((await answers()).flat().length).to.be.greaterThan(60);
  });

  it('answers with reasons when no snapshot is any good and the log is gone too', async () => {
    await meddle(async (store) => {
      const chunks = await store.collection<Document & { readonly bytes: string }>({
        name: 'recommendation-chunks',
        indexes: {},
      });
      for await (const page of chunks.scan()) {
        await chunks.put(page.map((chunk) => ({ ...chunk, bytes: 'no chunk at all' })));
      }
      await emptied(store);
    });
    expect(told('cannot be used').length).to.be.greaterThan(0);
    for (const placement of placements) {
      const { items } = await shop.recommend('nobody', { placement, productId: 'p4' });
      expect(items.length, placement).to.be.greaterThan(0);
      for (const { reasons } of items) expect(reasons[0]!.text).not.to.equal('');
    }
    await shop.did('nobody', 'PRODUCT_VIEWED', ['p9']);
    const { items } = await shop.recommend('blank', { placement: 'trending' });
    expect(items[0]!.product.id).to.equal('p9');
    expect(items[0]!.reasons[0]!.code).to.equal('POPULAR');
  });

  it('is built anew from the log after two weeks, so that what was erased from it is gone', async () => {
    await meddle(emptied);
    await shop.did('nobody', 'PRODUCT_VIEWED', ['p1']);
    const popular = async () =>
      new Set(
        (await shop.recommend('nobody', { placement: 'trending', first: 40 })).items
          .filter(({ source }) => source === 'POPULAR')
          .map(({ product }) => product.id),
      );
    expect((await popular()).size).to.equal(40);
    shop.clock.advance(15 * dayMs);
    for (let turns = 0; turns < 2_000 && (await popular()).size === 40; turns++)
      await new Promise(setImmediate);
    expect([...(await popular())]).to.deep.equal(['p1']);
    await shop.did('nobody', 'PRODUCT_VIEWED', ['p0']);
    expect([...(await popular())].sort()).to.deep.equal(['p0', 'p1']);
    await reopen();
    expect([...(await popular())].sort()).to.deep.equal(['p0', 'p1']);
  });

  it('keeps two, whatever happens', async () => {
    for (let n = 1; n < 4; n++) {
      await trade(12 * n);
      await reopen();
    }
    await meddle(async (store) => {
      const snapshots = await store.collection({ name: 'recommendation-snapshots', indexes: {} });
      const chunks = await store.collection({ name: 'recommendation-chunks', indexes: {} });
      const owners = new Set<string>();
      for await (const page of chunks.scan()) for (const { id } of page) owners.add(id.split('/')[0]!);
      // What was learned meanwhile lies beside them.
      const learned = await store.collection({ name: 'recommendation-models', indexes: {} });
      for await (const page of learned.scan()) {
        const named = JSON.stringify(page);
        for (const owner of owners) if (named.includes(owner)) owners.delete(owner);
      }
      expect(await snapshots.count()).to.equal(2);
      expect(owners.size).to.equal(2);
    });
  });
});

/** Removes every entry of the event log. */
async function emptied(store: Store): Promise<void> {
  const log = await store.collection<Document & { readonly receivedAtMs: number }>({
    name: 'events',
    indexes: { byReceipt: { fields: ['receivedAtMs'] } },
  });
  const { items } = await log.find({ index: 'byReceipt', limit: 10_000 });
  await log.remove(items.slice(0, 1_000).map(({ id }) => id));
}

async function newestOf(snapshots: Collection<Document>): Promise<string> {
  let newest = '';
  for await (const page of snapshots.scan()) newest = page.at(-1)?.id ?? newest;
  return newest;
}

describe('rows read out while they change', () => {
  it('are as they were', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(9), { maxLength: 60 }), fc.nat(10), (changes, count) => {
        const values: (number | undefined)[] = Array.from({ length: 10 }, () => undefined);
        const rows = createRows((row) => values[row]);
        const next = changes.values();
        const read: unknown[] = [];
        for (const value of rows.read(count)) {
          read.push(value);
          for (const change of [next.next().value, next.next().value]) {
            if (change === undefined) continue;
            rows.changing(change);
            values[change] = 1;
          }
        }
        expect(read).to.deep.equal(Array.from({ length: count }, () => undefined));
      }),
    );
  });
});

describe('chunks', () => {
  const parts = Array.from({ length: 9 }, (_, name) => ({
    name: `part ${name}`,
    numbers: Int32Array.from({ length: 60_000 }, (_, at) => at * name),
    rest: ['x', null, { y: 1.5 }],
  }));

  async function read(chunks: readonly string[]): Promise<Part[]> {
    const found: Part[] = [];
    for await (const part of fromChunks(
      (async function* () {
        yield* chunks;
      })(),
    ))
      found.push(part);
    return found;
  }

  it('give back what was put in, and never half of it', async () => {
    const chunks: string[] = [];
    for await (const chunk of toChunks(parts)) chunks.push(chunk);
    expect(chunks.length).to.equal(Math.ceil((9 * 240_000) / chunkBytes));
    expect(await read(chunks)).to.deep.equal(parts);
    const damaged = [...chunks];
    const middle = Math.floor(damaged[1]!.length / 2);
    damaged[1] = `${damaged[1]!.slice(0, middle)}AAAA${damaged[1]!.slice(middle + 4)}`;
    for (const wrong of [
      chunks.slice(0, -1),
      chunks.slice(1),
      damaged,
      [chunks[0]!, chunks[2]!, chunks[1]!],
    ]) {
      const failed = await read(wrong).then(
        () => false,
        () => true,
      );
      expect(failed).to.equal(true);
    }
  });

  it('that are changed anywhere, or end anywhere, are the same or refused', async () => {
    const small = [{ name: 'a', numbers: Int32Array.from({ length: 40 }, (_, at) => at) }, { name: 'b' }];
    const chunks: string[] = [];
    for await (const chunk of toChunks(small)) chunks.push(chunk);
    const [whole] = chunks;
    const refusedOrSame = async (changed: string) => {
      const found = await read([changed]).catch(() => null);
      if (found !== null) expect(found).to.deep.equal(small);
    };
    for (let at = 0; at < whole!.length; at++) {
      for (const character of ['A', 'x', '_', '\u0000'])
        await refusedOrSame(`${whole!.slice(0, at)}${character}${whole!.slice(at + 1)}`);
      await refusedOrSame(whole!.slice(0, at));
    }
    expect(await read([]).catch(() => 'refused')).to.equal('refused');
  });
});
