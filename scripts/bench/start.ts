import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BenchResult, type BenchRow, median } from './measure.js';
import { startServer } from './servers.js';

const rounds = 5;
/** `START_PRODUCTS=100000 START_EVENTS=5000000` is the shop that the goal is about; it takes minutes to fill. */
const products = Number(process.env.START_PRODUCTS ?? 20_000);
const events = Number(process.env.START_EVENTS ?? 500_000);

/** How long a process takes from its beginning until it can answer, everything stored before; CPU time of the process. */
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
      const ours: Round[] = [];
      const theirs: Round[] = [];
      let size: unknown = null;
      let read: unknown = 0;
      for (let round = 0; round <= rounds; round++) {
        progress(round > 0 ? `round ${round} of ${rounds}` : 'warming the file cache');
        const a = await started('start-ours.js', environment, 'size');
        const b = await started('start-bare.js', environment, 'size');
        size = a.answer;
        read = b.answer;
        if (round === 0) continue;
        ours.push(a);
        theirs.push(b);
      }
      const { rss, products: known } = size as { readonly rss: number; readonly products: number };
      if (known !== products) throw new Error(`${known} of ${products} products are known after the start`);
      return {
        oursMicros: median(ours.map(({ cpuMicros }) => cpuMicros)),
        theirsMicros: median(theirs.map(({ cpuMicros }) => cpuMicros)),
        details: {
          'ready after ms': median(ours.map(({ elapsedMs }) => elapsedMs)),
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

/** Begins a process, waits until it is ready, and ends it. */
async function started(
  module: string,
  environment: Readonly<Record<string, string>>,
  question: string,
): Promise<Round> {
  const beganMs = performance.now();
  const server = await startServer(module, environment);
  const elapsedMs = performance.now() - beganMs;
  const cpuMicros = await server.cpuMicros();
  const answer = await server.call(question);
  await server.close();
  return { cpuMicros, elapsedMs, answer };
}
