import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { open as openLmdb } from 'lmdb';
import { store as storePlugin } from '../../plugins/store/plugin.js';
import { boot } from '../../src/boot.js';
import { createIds, systemClock, systemRandom } from '../../src/host.js';
import type { Collection, CollectionSpec, Document } from '../../src/ports/store.js';
import { type BenchRow, interleave, interleaveCalls } from './measure.js';

const batch = 50;
const writers = 16;
const perRound = 20_000;
const sessions = 500;

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

export const storeRow: BenchRow = {
  name: `one event inserted durably, 3 indexes, batches of ${batch}, ${writers} writers`,
  against: 'LMDB alone: the same documents and entries, no check for duplicates',
  goal: '≤ 1 ×',
  async run() {
    const directory = mkdtempSync(join(tmpdir(), 'rapport-bench-store-'));
    const raw = openRaw(join(directory, 'raw'));
    const ours = await openStore(directory);
    try {
      const measured = await interleave(
        { operations: perRound, run: () => writeAll(ours.events.insert) },
        { operations: perRound, run: () => writeAll(raw.insert) },
      );
      return { ...measured, details: {} };
    } finally {
      await ours.close();
      await raw.close();
      rmSync(directory, { recursive: true, force: true });
    }
  },
};

const operationsPerRound = 40;
const found = 20;

/** What each call costs on MongoDB beside the embedded driver: CPU of this process, and how long it took with the server's. */
function driverRow(
  what: string,
  goal: string,
  call: (events: Collection<Event>, ids: readonly string[]) => Promise<unknown>,
): BenchRow {
  return {
    name: `store on MongoDB: ${what}`,
    against: 'the same on the embedded driver',
    goal,
    servers: ['MONGODB_URL'],
    async run(progress) {
      const directory = mkdtempSync(join(tmpdir(), 'rapport-bench-store-'));
      const database = new URL(process.env.MONGODB_URL!);
      database.pathname = `/bench-store-${process.pid}`;
      const theirs = await openStore(directory);
      const ours = await openStore(directory, database.href);
      try {
        progress('filling both');
        const ids: string[] = [];
        for (let i = 0; i < 2_000; i += batch) {
          const events = Array.from({ length: batch }, eventOf);
          ids.push(...events.map(({ id }) => id));
          await Promise.all([ours.events.insert(events), theirs.events.insert(events)]);
        }
        const measured = await interleaveCalls(
          () => call(ours.events, ids),
          () => call(theirs.events, ids),
          { perRound: operationsPerRound },
        );
        return {
          oursMicros: measured.ours.cpuMicros,
          theirsMicros: measured.theirs.cpuMicros,
          details: {
            'p50 µs': measured.ours.p50Micros,
            'p99 µs': measured.ours.p99Micros,
            'embedded p50 µs': measured.theirs.p50Micros,
            'embedded p99 µs': measured.theirs.p99Micros,
          },
        };
      } finally {
        await ours.close();
        await theirs.close();
        rmSync(directory, { recursive: true, force: true });
      }
    },
  };
}

const anyOf = (ids: readonly string[]) => ids[Math.floor(systemRandom() * ids.length)]!;

export const storeDriverRows: readonly BenchRow[] = [
  driverRow('get', 'said, not promised', (events, ids) => events.get(anyOf(ids))),
  driverRow('put, durable', 'said, not promised', (events) => events.put([eventOf()])),
  driverRow(`find of up to ${found}`, 'said, not promised', (events) =>
    events.find({
      index: 'bySession',
      equals: [`s${Math.floor(systemRandom() * sessions)}`],
      descending: true,
      limit: found,
    }),
  ),
];
