import { expect } from 'chai';
import fc from 'fast-check';
import { store as storePlugin } from '../../plugins/store/plugin.js';
import type { Plugin } from '../../src/plugin.js';
import type { Change, Collection, CollectionSpec, Document, Store } from '../../src/ports/store.js';
import { bootPlugins, type TestSystem } from '../support/boot.js';

interface Note extends Document {
  readonly kind?: string | null;
  readonly rank?: number | string | null;
  readonly tags?: readonly string[];
  readonly body?: unknown;
}

const runs = Date.now().toString(36);
let collections = 0;

function notes(): CollectionSpec<Note> {
  return {
    name: `notes-${runs}-${collections++}`,
    indexes: {
      byKind: { fields: ['kind', 'rank'] },
      byRank: { fields: ['rank'] },
      byTag: { fields: ['tags', 'rank'] },
    },
  };
}

/**
 * What every driver of the store promises; see the docstrings of `src/ports/store.ts`. `environment` holds the variables that choose the
 * driver, `further` are the plugins that contribute it.
 */
export function storeContract(
  environment: Readonly<Record<string, string>>,
  further: readonly Plugin[] = [],
): void {
  let system: TestSystem;
  let store: Store;
  let collection: Collection<Note>;

  before(async () => {
    system = await bootPlugins([storePlugin, ...further], { environment });
    store = system.port('store');
  });
  after(() => system?.close());
  beforeEach(async () => {
    collection = await store.collection(notes());
  });

  async function refused(code: string, promise: Promise<unknown>): Promise<void> {
    const error = await promise.then(
      () => null,
      (reason: unknown) => reason as { code: string },
    );
    expect(error?.code).to.equal(code);
  }
  async function all(query: Parameters<typeof collection.find>[0]): Promise<string[]> {
    const ids: string[] = [];
    let after: string | undefined;
    do {
      const page = await collection.find({ ...query, ...(after === undefined ? {} : { after }) });
      expect(page.items.length).to.be.at.most(query.limit);
      ids.push(...page.items.map(({ id }) => id));
      after = page.next ?? undefined;
    } while (after !== undefined);
    return ids;
  }

  it('reads back what was put, and null where nothing is', async () => {
    const body = {
      text: 'ä 漢 😀 \u0000 "',
      list: [1, -0.5, true, null, { deep: [] }],
      empty: {},
      big: 2 ** 53 - 1,
    };
    await collection.put([{ id: 'a', kind: 'x', body }]);
    expect(await collection.get('a')).to.deep.equal({ id: 'a', kind: 'x', body });
    expect(await collection.get('b')).to.equal(null);
    expect((await collection.getMany(['b', 'a', 'b', 'a'])).map((note) => note?.id)).to.deep.equal([
      undefined,
      'a',
      undefined,
      'a',
    ]);
    expect(await collection.getMany([])).to.deep.equal([]);
  });

  it('keeps fields of any name', async () => {
    const body = JSON.parse(
      '{"a.b":1,"$where":2,"constructor":{"prototype":3},"":4,"__proto__":{"polluted":true}}',
    );
    await collection.put([{ id: 'a', body }]);
    const read = (await collection.get('a'))!.body as object;
    expect(JSON.stringify(read)).to.equal(JSON.stringify(body));
    expect(({} as { polluted?: boolean }).polluted).to.equal(undefined);
  });

  it('replaces by id, and the last of equal ids wins', async () => {
    await collection.put([{ id: 'a', rank: 1 }]);
    await collection.put([
      { id: 'a', rank: 2 },
      { id: 'a', rank: 3 },
    ]);
    expect(await collection.get('a')).to.deep.equal({ id: 'a', rank: 3 });
    expect(await collection.count()).to.equal(1);
    expect(await all({ index: 'byRank', limit: 10 })).to.deep.equal(['a']);
  });

  it('inserts only what is not there, and the first of equal ids wins', async () => {
    const twice: Note = { id: 'c', rank: 1 };
    await collection.put([{ id: 'a', rank: 1 }]);
    expect(
      await collection.insert([
        { id: 'a', rank: 2 },
        { id: 'b', rank: 1 },
        { id: 'b', rank: 2 },
        twice,
        twice,
      ]),
    ).to.deep.equal([false, true, false, true, false]);
    expect((await collection.getMany(['a', 'b'])).map((note) => note!.rank)).to.deep.equal([1, 1]);
  });

  it('lets one of many concurrent inserts of an id succeed', async () => {
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, i) => collection.insert([{ id: 'same', rank: i }])),
    );
    expect(answers.flat().filter(Boolean)).to.have.length(1);
    expect((await collection.get('same'))!.rank).to.equal(answers.findIndex(([added]) => added));
  });

  it('removes, and says how many there were', async () => {
    await collection.put([{ id: 'a', kind: 'x' }, { id: 'b' }]);
    expect(await collection.remove(['a', 'a', 'c'])).to.equal(1);
    expect(await collection.get('a')).to.equal(null);
    expect(await all({ index: 'byKind', limit: 10 })).to.deep.equal(['b']);
    expect(await collection.remove([])).to.equal(0);
  });

  it('loses no concurrent update', async () => {
    const count = (note: Note | null): Note => ({ id: 'n', rank: Number(note?.rank ?? 0) + 1 });
    for (let round = 0; round < 5; round++) {
      await Promise.all(Array.from({ length: 10 }, () => collection.update('n', count)));
    }
    expect((await collection.get('n'))!.rank).to.equal(50);
  });

  it('updates, leaves or removes as the change decides', async () => {
    expect(await collection.update('a', () => undefined)).to.equal(null);
    expect(await collection.update('a', () => null)).to.equal(null);
    expect(await collection.update('a', () => ({ id: 'a', rank: 1 }))).to.deep.equal({ id: 'a', rank: 1 });
    expect(await collection.update('a', () => undefined)).to.deep.equal({ id: 'a', rank: 1 });
    expect(await collection.update('a', (note) => ({ ...note!, rank: 2 }))).to.deep.equal({
      id: 'a',
      rank: 2,
    });
    expect(await all({ index: 'byRank', equals: [1], limit: 10 })).to.deep.equal([]);
    expect(await collection.update('a', () => null)).to.equal(null);
    expect(await collection.get('a')).to.equal(null);
  });

  it('writes nothing when a change throws, and goes on', async () => {
    const failing = collection.update('a', () => {
      throw new Error('no');
    });
    const fine = collection.put([{ id: 'b' }]);
    expect(await failing.catch((error: Error) => error.message)).to.equal('no');
    await fine;
    expect(await collection.count()).to.equal(1);
  });

  it('finds by equal fields, bounds and direction, in order', async () => {
    await collection.put(
      Array.from({ length: 30 }, (_, i) => ({
        id: `n${String(i).padStart(2, '0')}`,
        kind: i % 2 ? 'odd' : 'even',
        rank: i - 10,
      })),
    );
    const find = (query: object) => all({ index: 'byKind', limit: 4, ...query });
    expect(await find({ equals: ['odd'], from: -5, to: 1 })).to.deep.equal(['n05', 'n07', 'n09', 'n11']);
    expect(await find({ equals: ['odd'], from: -5, to: 1, descending: true })).to.deep.equal([
      'n11',
      'n09',
      'n07',
      'n05',
    ]);
    expect(await find({ equals: ['odd', 3] })).to.deep.equal(['n13']);
    expect(await find({ equals: ['none'] })).to.deep.equal([]);
    expect(await find({ from: 'odd' })).to.have.length(15);
    expect(await find({})).to.have.length(30);
    expect(await find({ descending: true })).to.deep.equal([...(await find({}))].reverse());
    expect(await find({ equals: ['even'], from: 5, to: 4 })).to.deep.equal([]);
  });

  it('orders null, then numbers, then strings by code point, ties by id', async () => {
    const ranks = [
      null,
      -1e300,
      -2,
      -0.5,
      0,
      1e-9,
      7,
      1e300,
      '',
      '\u0000',
      '\u0001',
      'A',
      'a',
      'aa',
      'b',
      'ÿ',
      '\uffee',
      '😀',
    ];
    await collection.put(ranks.map((rank, i) => ({ id: String.fromCharCode(200 - i), rank })));
    await collection.put([
      { id: 'absent' },
      { id: '\uffee', rank: 7 },
      { id: '😀', rank: 7 },
      { id: 'B', rank: 7 },
    ]);
    const byRank = (query: object = {}) => all({ index: 'byRank', limit: 3, ...query });
    const at = (rank: unknown) => String.fromCharCode(200 - ranks.indexOf(rank as never));
    const expected = ranks.flatMap((rank) => {
      if (rank === null) return ['absent', at(null)];
      return rank === 7 ? ['B', at(7), '\uffee', '😀'] : [at(rank)];
    });
    expect(await byRank()).to.deep.equal(expected);
    expect(await byRank({ descending: true })).to.deep.equal([...expected].reverse());
    expect(await byRank({ equals: [null] })).to.deep.equal(['absent', at(null)]);
    expect(await byRank({ from: 1e300 })).to.deep.equal([at(1e300)]);
    expect(await byRank({ to: -2 })).to.deep.equal([at(-1e300), at(-2)]);
    expect(await byRank({ from: 'b' })).to.deep.equal(['b', 'ÿ', '\uffee', '😀'].map(at));
    expect(await byRank({ to: '\u0001' })).to.deep.equal(['', '\u0000', '\u0001'].map(at));
  });

  it('finds a document by each string of an array', async () => {
    await collection.put([
      { id: 'a', tags: ['red', 'blue', 'red'], rank: 2 },
      { id: 'b', tags: ['blue'], rank: 1 },
      { id: 'c', tags: [], rank: 0 },
    ]);
    const tagged = (tag: string) => all({ index: 'byTag', equals: [tag], limit: 10 });
    expect(await tagged('blue')).to.deep.equal(['b', 'a']);
    expect(await tagged('red')).to.deep.equal(['a']);
    await collection.put([{ id: 'a', tags: ['green'], rank: 2 }]);
    expect(await tagged('blue')).to.deep.equal(['b']);
    expect(await tagged('red')).to.deep.equal([]);
    expect(await tagged('green')).to.deep.equal(['a']);
    expect(await all({ index: 'byTag', equals: ['green'], from: 3, limit: 10 })).to.deep.equal([]);
    await refused('STORE_QUERY_INVALID', collection.find({ index: 'byTag', limit: 10 }));
  });

  it('goes on where a page ended while documents come and go', async () => {
    await collection.put(Array.from({ length: 6 }, (_, i) => ({ id: `n${i}`, rank: i })));
    const first = await collection.find({ index: 'byRank', limit: 2 });
    await collection.remove(['n1', 'n2']);
    await collection.put([{ id: 'n9', rank: -1 }]);
    const second = await collection.find({ index: 'byRank', limit: 2, after: first.next! });
    expect(second.items.map(({ id }) => id)).to.deep.equal(['n3', 'n4']);
    const third = await collection.find({ index: 'byRank', limit: 2, after: second.next! });
    expect(third.items.map(({ id }) => id)).to.deep.equal(['n5']);
    expect(third.next).to.equal(null);
    await refused('STORE_CURSOR_INVALID', collection.find({ index: 'byKind', limit: 2, after: first.next! }));
    await refused('STORE_CURSOR_INVALID', collection.find({ index: 'byRank', limit: 2, after: 'nonsense' }));
  });

  it('scans everything in the order of ids', async () => {
    const ids = ['!', 'A', 'Z', 'a', 'ab', 'b', 'é', '\uffee', '😀'];
    await collection.put([...ids].reverse().map((id) => ({ id })));
    const pages: string[][] = [];
    for await (const page of collection.scan({ pageSize: 4 })) pages.push(page.map(({ id }) => id));
    expect(pages).to.deep.equal([ids.slice(0, 4), ids.slice(4, 8), ids.slice(8)]);
    const rest: string[] = [];
    for await (const page of collection.scan({ after: 'b' })) rest.push(...page.map(({ id }) => id));
    expect(rest).to.deep.equal(ids.slice(6));
  });

  it('answers the same as a sorted list, whatever is written', async () => {
    const note = fc.record({
      id: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'),
      kind: fc.constantFrom('x', 'y', null),
      rank: fc.constantFrom(null, 0, 1, 2, 'p', 'q'),
    });
    const step = fc.oneof(
      fc.record({ put: fc.array(note, { maxLength: 4 }) }),
      fc.record({ insert: fc.array(note, { maxLength: 4 }) }),
      fc.record({ remove: fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'), { maxLength: 3 }) }),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 8 }),
        fc.boolean(),
        fc.integer({ min: 1, max: 4 }),
        async (steps, descending, limit) => {
          collection = await store.collection(notes());
          const model = new Map<string, Note>();
          for (const action of steps) {
            if ('put' in action) {
              await collection.put(action.put);
              for (const each of action.put) model.set(each.id, each);
            } else if ('insert' in action) {
              const added = action.insert.map(
                (each) => !model.has(each.id) && Boolean(model.set(each.id, each)),
              );
              expect(await collection.insert(action.insert)).to.deep.equal(added);
            } else {
              const removed = new Set(action.remove.filter((id) => model.has(id)));
              expect(await collection.remove(action.remove)).to.equal(removed.size);
              for (const id of removed) model.delete(id);
            }
          }
          for (const kind of ['x', 'y', null]) {
            const expected = [...model.values()].filter((each) => each.kind === kind).sort(byRankThenId);
            if (descending) expected.reverse();
            expect(await all({ index: 'byKind', equals: [kind], descending, limit })).to.deep.equal(
              expected.map(({ id }) => id),
            );
          }
          expect(await collection.count()).to.equal(model.size);
        },
      ),
      { numRuns: 25, seed: 7 },
    );
  });

  it('tells watchers of every change before the write is acknowledged', async () => {
    const seen: Change<Note>[] = [];
    // A driver may decode a document when it is read.
    const stop = collection.watch((changes) =>
      seen.push(...changes.map(({ id, document }) => ({ id, document }))),
    );
    await collection.put([{ id: 'a', rank: 1 }]);
    expect(seen).to.deep.equal([{ id: 'a', document: { id: 'a', rank: 1 } }]);
    await collection.insert([
      { id: 'a', rank: 2 },
      { id: 'b', rank: 1 },
    ]);
    expect(seen.slice(1)).to.deep.equal([{ id: 'b', document: { id: 'b', rank: 1 } }]);
    await collection.update('b', () => ({ id: 'b', rank: 5 }));
    await collection.remove(['a', 'zzz']);
    expect(seen.slice(2)).to.deep.equal([
      { id: 'b', document: { id: 'b', rank: 5 } },
      { id: 'a', document: null },
    ]);
    stop();
    await collection.put([{ id: 'c' }]);
    expect(seen).to.have.length(4);
  });

  it('shows a watcher the new state when it looks', async () => {
    let looked: Promise<Note | null> | undefined;
    collection.watch(() => {
      looked = collection.get('a');
    });
    await collection.put([{ id: 'a', rank: 1 }]);
    expect(await looked).to.deep.equal({ id: 'a', rank: 1 });
  });

  it('refuses what is out of bounds, naming what is allowed', async () => {
    const many = Array.from({ length: 1001 }, (_, i) => ({ id: `n${i}` }));
    await collection.put(many.slice(1));
    await refused('STORE_BATCH_TOO_LARGE', collection.put(many));
    await refused('STORE_BATCH_TOO_LARGE', collection.getMany(many.map(({ id }) => id)));
    await refused('STORE_ID_INVALID', collection.get(''));
    await refused('STORE_ID_INVALID', collection.put([{ id: 'x'.repeat(513) }]));
    await refused('STORE_ID_INVALID', collection.insert([{ id: '\ud800' }]));
    await refused('STORE_FIELD_INVALID', collection.put([{ id: 'a', rank: Number.NaN }]));
    await refused('STORE_FIELD_INVALID', collection.put([{ id: 'a', rank: true as never }]));
    await refused(
      'STORE_FIELD_INVALID',
      collection.put([{ id: 'a', tags: Array.from({ length: 65 }, String) }]),
    );
    await refused('STORE_KEY_TOO_LONG', collection.put([{ id: 'a', kind: 'k'.repeat(1700) }]));
    await refused('STORE_DOCUMENT_TOO_LARGE', collection.put([{ id: 'a', body: 'b'.repeat(1024 * 1024) }]));
    await refused('STORE_LIMIT_INVALID', collection.find({ index: 'byRank', limit: 0 }));
    await refused('STORE_LIMIT_INVALID', collection.find({ index: 'byRank', limit: 10_001 }));
    await refused('STORE_INDEX_UNKNOWN', collection.find({ index: 'byNothing', limit: 1 }));
    await refused('STORE_QUERY_INVALID', collection.find({ index: 'byRank', equals: [1, 2], limit: 1 }));
    await refused(
      'STORE_FIELD_INVALID',
      collection.update('a', () => ({ id: 'a', rank: Number.POSITIVE_INFINITY })),
    );
    expect(await collection.get('a')).to.equal(null);
  });

  it('takes ids, keys and documents up to their bounds', async () => {
    const widest: Note[] = [
      { id: '漢'.repeat(512), kind: 'k'.repeat(100) },
      { id: '\u0001', kind: '\u0000'.repeat(840) },
      { id: 'large', body: 'b'.repeat(1024 * 1024 - 100) },
    ];
    await collection.put(widest);
    expect(await collection.getMany(widest.map(({ id }) => id))).to.deep.equal(widest);
    expect(await all({ index: 'byKind', equals: ['\u0000'.repeat(840)], limit: 1 })).to.deep.equal([
      '\u0001',
    ]);
  });

  it('opens a collection once', async () => {
    const spec = notes();
    await store.collection(spec);
    expect(await store.collection(spec).catch((error: Error) => error.message)).to.match(/already open/);
  });

  it('answers its check', () => store.check());
}

function byRankThenId(a: Note, b: Note): number {
  const place = (value: unknown) => (value == null ? 0 : typeof value === 'number' ? 1 : 2);
  const [left, right] = [a.rank ?? null, b.rank ?? null];
  if (place(left) !== place(right)) return place(left) - place(right);
  if (left !== right) return left! < right! ? -1 : 1;
  return a.id < b.id ? -1 : 1;
}
