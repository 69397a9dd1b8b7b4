import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { open as openLmdb } from 'lmdb';
import { store as storePlugin } from '../../plugins/store/plugin.js';
import { boot } from '../../src/boot.js';
import { createIds, systemClock, systemRandom } from '../../src/host.js';
import type { Collection, CollectionSpec, Document } from '../../src/ports/store.js';
import { type BenchRow, interleave } from './measure.js';

const batch = 50;
const writers = 16;
const perRound = 20_000;
const sessions = 20_000;

interface Event extends Document {
  readonly sessionId: string;
  readonly customerId: string | null;
  readonly atMs: number;
  readonly receivedAtMs: number;
}

const spec: CollectionSpec<Event> = {
  name: 'bench-events',
  indexes: {
    bySession: { fields: ['sessionId', 'atMs'] },
    byCustomer: { fields: ['customerId', 'atMs'] },
    byReceipt: { fields: ['receivedAtMs'] },
  },
};

const silent = () => undefined;
const log = { error: console.error, warn: silent, info: silent, debug: silent };
let made = 0;

/** About 330 bytes, as an event of a shopper is; ids come in no order, as those of devices do. */
function eventOf(): Event {
  const n = made++;
  const event = {
    id: `web|${Math.floor(systemRandom() * 2 ** 48).toString(36)}-${n}`,
    type: 'PRODUCT_VIEWED',
    sessionId: `s${Math.floor(systemRandom() * sessions)}`,
    customerId: null,
    channel: 'WEB',
    storeId: null,
    productIds: [`p${n % 5_000}`],
    quantities: null,
    value: null,
    currency: null,
    query: null,
    queryId: null,
    decisionId: null,
    position: null,
    properties: null,
    atMs: 1.7e12 + n,
    receivedAtMs: 1.7e12 + n,
    learn: true,
  };
  return event;
}

/** Writers that each wait for their batch to be durable before they send the next one. */
async function writeAll(
  insert: (events: readonly Event[]) => Promise<unknown>,
  count = perRound,
): Promise<void> {
  let left = count / batch;
  await Promise.all(
    Array.from({ length: writers }, async () => {
      while (left-- > 0) await insert(Array.from({ length: batch }, eventOf));
    }),
  );
}

async function openStore(dataDir: string, url?: string) {
  const system = await boot({
    plugins: [storePlugin],
    environment: { RAPPORT_DATA_DIR: dataDir, ...(url ? { RAPPORT_STORE_URL: url } : {}) },
    host: () => ({ clock: systemClock, ids: createIds(systemClock), random: systemRandom, log, dataDir }),
  });
  return { events: await system.port('store').collection(spec), close: system.close };
}

/** The same documents and index entries put into LMDB as its documentation shows, durable before the answer. */
function openRaw(path: string) {
  const root = openLmdb<Event, string>({ path, maxDbs: 8 });
  const indexes = ['bySession', 'byCustomer', 'byReceipt'].map((name) =>
    root.openDB<string, (string | number)[]>({ name, dupSort: true, encoding: 'ordered-binary' }),
  );
  return {
    async insert(events: readonly Event[]): Promise<void> {
      await root.batch(() => {
        for (const event of events) {
          root.put(event.id, event);
          indexes[0]!.put([event.sessionId, event.atMs], event.id);
          indexes[1]!.put([event.customerId ?? '', event.atMs], event.id);
          indexes[2]!.put([event.receivedAtMs], event.id);
        }
      });
      await root.flushed;
    },
    close: () => root.close(),
  };
}

/** Operations a second, one after the other except for inserts. */
async function figures(driver: string, events: Collection<Event>, count: number) {
  async function rate(operations: number, run: () => Promise<unknown>): Promise<number> {
    const began = performance.now();
    await run();
    return Math.round((operations / (performance.now() - began)) * 1_000);
  }
  const ids = (
    await events.find({ index: 'byReceipt', descending: true, limit: Math.min(1_000, count / 5) })
  ).items.map(({ id }) => id);
  return {
    [`${driver}: durable inserts/s, batches of ${batch}`]: await rate(count, () =>
      writeAll(events.insert, count),
    ),
    [`${driver}: durable puts/s, one writer`]: await rate(count / 100, async () => {
      for (let i = 0; i < count / 100; i++) await events.put([eventOf()]);
    }),
    [`${driver}: gets/s`]: await rate(ids.length, async () => {
      for (const id of ids) await events.get(id);
    }),
    [`${driver}: finds of up to 20/s`]: await rate(count / 50, async () => {
      for (let i = 0; i < count / 50; i++) {
        await events.find({ index: 'bySession', equals: [`s${i}`], descending: true, limit: 20 });
      }
    }),
  };
}

export const storeRow: BenchRow = {
  name: `one event inserted durably, 3 indexes, batches of ${batch}, ${writers} writers`,
  against: 'LMDB alone: the same documents and entries, no check for duplicates',
  goal: '≤ 1 ×',
  async run(progress) {
    const directory = mkdtempSync(join(tmpdir(), 'rapport-bench-store-'));
    const raw = openRaw(join(directory, 'raw'));
    const ours = await openStore(directory);
    try {
      const measured = await interleave(
        { operations: perRound, run: () => writeAll(ours.events.insert) },
        { operations: perRound, run: () => writeAll(raw.insert) },
      );
      progress('inserts measured; now what the drivers answer');
      let details = await figures('embedded', ours.events, perRound);
      const url = process.env.MONGODB_URL;
      if (url) {
        const shared = await openStore(directory, url);
        try {
          await writeAll(shared.events.insert, 1_000);
          details = { ...details, ...(await figures('mongodb', shared.events, 1_000)) };
        } finally {
          await shared.close();
        }
      }
      return { ...measured, details };
    } finally {
      await ours.close();
      await raw.close();
      rmSync(directory, { recursive: true, force: true });
    }
  },
};
