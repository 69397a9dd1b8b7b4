import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BenchResult, type BenchRow, median } from './measure.js';
import { type BenchServer, startServer, untilQuiet } from './servers.js';

const rounds = 5;
/** `START_PRODUCTS=100000 START_EVENTS=5000000` is the shop that the goal is about; it takes minutes to fill. */
const products = Number(process.env.START_PRODUCTS ?? 20_000);
const events = Number(process.env.START_EVENTS ?? 500_000);

/**
 * How long a process takes from its beginning until it can answer, everything stored before; CPU time of the process. The process before
 * it was stopped in order, and for the detail `after a kill` it was killed, so that the store inspects its data file.
 */
export const startRow: BenchRow = {
  name: `start with ${products.toLocaleString('en')} products and ${events.toLocaleString('en')} events stored`,
  against: 'a process that reads the same bytes from LMDB',
  goal: 'ready ≤ 10 s with 100,000 and 5,000,000',
  async run(progress): Promise<BenchResult> {
    const directory = mkdtempSync(join(tmpdir(), 'rapport-bench-'));
    const environment = { BENCH_DIRECTORY: directory };
    try {
      progress('filling a shop');
      const filling = await startServer('start-ours.js', { ...environment, FILL: 'yes' });
      await filling.call({ products, events });
      await filling.call('stop');
      await filling.close();
      progress('waiting for what a first start stores');
      const first = await startServer('start-ours.js', environment);
      await untilQuiet(first);
      await stop(first);
      const ours: Round[] = [];
      const killed: Round[] = [];
      const theirs: Round[] = [];
      let size: unknown = null;
      let read: unknown = 0;
      for (let round = 0; round <= rounds; round++) {
        progress(round > 0 ? `round ${round} of ${rounds}` : 'warming the file cache');
        const a = await started('start-ours.js', environment, kill);
        const b = await started('start-bare.js', environment, kill);
        const c = await started('start-ours.js', environment, stop);
        size = a.answer;
        read = b.answer;
        if (round === 0) continue;
        ours.push(a);
        theirs.push(b);
        killed.push(c);
      }
      const { rss, products: known } = size as { readonly rss: number; readonly products: number };
      if (known !== products) throw new Error(`${known} of ${products} products are known after the start`);
      return {
        oursMicros: median(ours.map(({ cpuMicros }) => cpuMicros)),
        theirsMicros: median(theirs.map(({ cpuMicros }) => cpuMicros)),
        details: {
          'ready after ms': median(ours.map(({ elapsedMs }) => elapsedMs)),
          'after a kill, µs': median(killed.map(({ cpuMicros }) => cpuMicros)),
          'theirs ms': median(theirs.map(({ elapsedMs }) => elapsedMs)),
          'MB read by them': Number(read) / 1e6,
          'MB of memory': rss / 1e6,
        },
      };
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  },
};

interface Round {
  readonly cpuMicros: number;
  readonly elapsedMs: number;
  readonly answer: unknown;
}

async function stop(server: BenchServer): Promise<void> {
  await server.call('stop');
  await server.close();
}

const kill = (server: BenchServer): Promise<void> => server.close();

/** Begins a process, waits until it is ready, asks for its size, and ends it. */
async function started(
  module: string,
  environment: Readonly<Record<string, string>>,
  end: (server: BenchServer) => Promise<void>,
): Promise<Round> {
  const beganMs = performance.now();
  const server = await startServer(module, environment);
  const elapsedMs = performance.now() - beganMs;
  const cpuMicros = await server.cpuMicros();
  const answer = await server.call('size');
  await end(server);
  return { cpuMicros, elapsedMs, answer };
}
