import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { headers } from './answer.js';
import { type BenchResult, type BenchRow, median } from './measure.js';
import { type BenchServer, startServer, untilQuiet } from './servers.js';
import { csvOf, mappingOf, titleOf, variantsPerProduct } from './variants-products.js';
import type { ShopCall } from './variants-shop.js';

/** `VARIANT_PRODUCTS=100000` is the catalog that the goal is about; it takes some minutes to fill. */
const products = Number(process.env.VARIANT_PRODUCTS ?? 10_000);
const events = Number(process.env.VARIANT_EVENTS ?? 50_000);
const rounds = 5;
const requestsPerRound = 400;
const stockPerRound = 2_000;
const importedProducts = 5_000;
const savedPerRound = 1_000;

const environment = { SCHEMA_DIRECTORY: join(process.cwd(), 'schema') };
const against = 'the same catalog without variants';
const goal = '≤ 1.3 ×';
const sides = [true, false] as const;
type Progress = (line: string) => void;

interface Pair<Of> {
  readonly ours: Of;
  readonly theirs: Of;
}

async function pairOf<Of>(make: (withVariants: boolean) => Promise<Of>): Promise<Pair<Of>> {
  return { ours: await make(sides[0]), theirs: await make(sides[1]) };
}

const shopEnvironment = (directory: string, withVariants: boolean) => ({
  ...environment,
  BENCH_DIRECTORY: directory,
  VARIANTS: withVariants ? 'yes' : 'no',
});

const send = async (shop: BenchServer, call: ShopCall): Promise<number> => Number(await shop.call(call));

async function stop(shop: BenchServer): Promise<void> {
  await send(shop, 'stop');
  await shop.close();
}

let filled: Promise<Pair<string>> | null = null;

/** The two filled shops, made once for all rows and removed with the process. */
function filledShops(progress: Progress): Promise<Pair<string>> {
  filled ??= pairOf(async (withVariants) => {
    const directory = mkdtempSync(join(tmpdir(), 'rapport-bench-'));
    process.once('exit', () => rmSync(directory, { recursive: true, force: true }));
    progress(`filling the shop ${withVariants ? 'with' : 'without'} variants`);
    const filling = await startServer('variants-shop.js', shopEnvironment(directory, withVariants));
    await send(filling, { save: { from: 0, count: products } });
    await send(filling, { events: { count: events, products } });
    await stop(filling);
    const first = await startServer('variants-shop.js', shopEnvironment(directory, withVariants));
    await untilQuiet(first);
    await stop(first);
    return directory;
  });
  return filled;
}

/** Runs one measure on both sides, in turns; CPU microseconds. The first turn warms up. */
async function inTurns(
  { ours, theirs }: Pair<(round: number) => Promise<number>>,
  progress: Progress,
): Promise<Pair<number>> {
  const measured = { ours: [] as number[], theirs: [] as number[] };
  for (let round = 0; round <= rounds; round++) {
    progress(round > 0 ? `round ${round} of ${rounds}` : 'warming up');
    const [a, b] = [await ours(round), await theirs(round)];
    if (round === 0) continue;
    measured.ours.push(a);
    measured.theirs.push(b);
  }
  return { ours: median(measured.ours), theirs: median(measured.theirs) };
}

const resultOf = (cpu: Pair<number>, details: BenchResult['details'] = {}): BenchResult => ({
  oursMicros: cpu.ours,
  theirsMicros: cpu.theirs,
  details,
});

const name = (what: string) =>
  `${products.toLocaleString('en')} products with ${variantsPerProduct} variants: ${what}`;

const startRow: BenchRow = {
  name: name('start'),
  against,
  goal,
  async run(progress) {
    const directories = await filledShops(progress);
    const memory = { ours: 0, theirs: 0 };
    const start = (side: 'ours' | 'theirs') => async () => {
      const shop = await startServer('variants-shop.js', shopEnvironment(directories[side], side === 'ours'));
      const micros = await shop.cpuMicros();
      memory[side] = (await send(shop, 'memory')) / 1e6;
      await stop(shop);
      return micros;
    };
    const cpu = await inTurns({ ours: start('ours'), theirs: start('theirs') }, progress);
    return resultOf(cpu, {
      'MB of memory': memory.ours,
      'their MB': memory.theirs,
      'memory, ratio': memory.ours / memory.theirs,
    });
  },
};

/** A row that calls both running shops. */
function shopRow(what: string, measureOf: (shop: BenchServer) => (round: number) => Promise<number>) {
  return {
    name: name(what),
    against,
    goal,
    async run(progress: Progress) {
      const directories = await filledShops(progress);
      const shops = await pairOf((withVariants) =>
        startServer(
          'variants-shop.js',
          shopEnvironment(withVariants ? directories.ours : directories.theirs, withVariants),
        ),
      );
      try {
        await untilQuiet(shops.ours);
        await untilQuiet(shops.theirs);
        return resultOf(
          await inTurns({ ours: measureOf(shops.ours), theirs: measureOf(shops.theirs) }, progress),
        );
      } finally {
        await shops.ours.close();
        await shops.theirs.close();
      }
    },
  } satisfies BenchRow;
}

const productFields =
  'id title brand inStock price { amount currency } categories { id name } image { url alt }';
const searchQuery = `query ($session: ID!, $text: String!, $store: ID) {
  shopper(context: { channel: WEB, sessionId: $session, currency: "EUR", storeId: $store }) {
    search(query: $text, first: 20) { total products { edges { node { ${productFields} } } } }
  }
}`;
const listQuery = `query ($session: ID!, $placement: ID!, $product: ID) {
  shopper(context: { channel: WEB, sessionId: $session, currency: "EUR" }) {
    recommendations(placement: $placement, productId: $product, first: 20) {
      decisionId items { position reasons { code text } product { ${productFields} } }
    }
  }
}`;

/** Requests over HTTP, one after the other, of one session after the other; CPU of the shop for each. */
const requests = (query: string, variablesOf: (n: number) => object) => (shop: BenchServer) => async () => {
  const before = await shop.cpuMicros();
  for (let i = 0; i < requestsPerRound; i++) {
    const response = await fetch(`${shop.url}/graphql`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ query, variables: { session: `session-${i}`, ...variablesOf(i) } }),
    });
    const { errors } = (await response.json()) as { readonly errors?: unknown };
    if (errors) throw new Error(`the answer has errors: ${JSON.stringify(errors)}`);
  }
  return ((await shop.cpuMicros()) - before) / requestsPerRound;
};

/** One word of a title, or all three. */
function textOf(n: number): string {
  const words = titleOf((n * 7_919) % products).split(' ');
  return n % 2 === 0 ? words[n % 3]! : words.join(' ');
}

const productAt = (n: number) => `p${(n * 7_919) % products}`;

const saveRow = shopRow('save of a new product, per product', (shop) => async (round) => {
  const from = products + round * savedPerRound;
  return (await send(shop, { save: { from, count: savedPerRound } })) / savedPerRound;
});

const stockRow = shopRow(
  'setStock, per entry',
  (shop) => async (round) =>
    (await send(shop, { setStock: { entries: stockPerRound, products, round } })) / stockPerRound,
);

const importRow: BenchRow = {
  name: `${importedProducts.toLocaleString('en')} products with ${variantsPerProduct} variants: import of a row each, per product`,
  against: 'one row a product',
  goal,
  async run(progress) {
    const root = mkdtempSync(join(tmpdir(), 'rapport-bench-'));
    const memory = { ours: 0, theirs: 0 };
    const runImport = (side: 'ours' | 'theirs') => {
      const withVariants = side === 'ours';
      const file = join(root, `${side}.csv`);
      const mapping = join(root, `${side}.json`);
      writeFileSync(file, [...csvOf(importedProducts, withVariants)].join(''));
      writeFileSync(mapping, JSON.stringify(mappingOf(withVariants)));
      return async (round: number) => {
        const dataDir = join(root, `${side}-${round}`);
        const importing = await startServer('variants-import.js', {
          IMPORT_FILE: file,
          IMPORT_MAPPING: mapping,
          RAPPORT_DATA_DIR: dataDir,
        });
        const micros = await importing.cpuMicros();
        memory[side] = Number(await importing.call('memory')) / 1e6;
        await importing.close();
        rmSync(dataDir, { recursive: true, force: true });
        return micros / importedProducts;
      };
    };
    try {
      const cpu = await inTurns({ ours: runImport('ours'), theirs: runImport('theirs') }, progress);
      return resultOf(cpu, {
        'µs a row': cpu.ours / variantsPerProduct,
        'µs an additional row': (cpu.ours - cpu.theirs) / (variantsPerProduct - 1),
        'MB of memory at most': memory.ours,
        'their MB': memory.theirs,
      });
    } finally {
      rmSync(root, { recursive: true, force: true });
    }
  },
};

export const variantRows: readonly BenchRow[] = [
  importRow,
  startRow,
  shopRow(
    'search, 20 products over HTTP',
    requests(searchQuery, (n) => ({ text: textOf(n) })),
  ),
  shopRow(
    'search in a store, 20 products over HTTP',
    requests(searchQuery, (n) => ({ text: textOf(n), store: 'basel' })),
  ),
  shopRow(
    'recommendations of `home` over HTTP',
    requests(listQuery, () => ({ placement: 'home' })),
  ),
  shopRow(
    'recommendations of `product` over HTTP',
    requests(listQuery, (n) => ({ placement: 'product', product: productAt(n) })),
  ),
  stockRow,
  saveRow,
];
