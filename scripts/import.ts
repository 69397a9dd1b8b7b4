import { createWriteStream, type WriteStream } from 'node:fs';
import { SingleBar } from 'cli-progress';
import { Command } from 'commander';
import { catalog } from '../plugins/catalog/plugin.js';
import { queue } from '../plugins/queue/plugin.js';
import { store } from '../plugins/store/plugin.js';
import { boot } from '../src/boot.js';
import { createIds, systemClock, systemRandom } from '../src/host.js';
import { coreSettings, variableName } from '../src/settings.js';
import { checkColumns, createFieldWatch } from './import/columns.js';
import { importRows, type Rejected, type Target } from './import/import-rows.js';
import { parseMapping } from './import/mapping.js';
import { openInput } from './import/read/input.js';
import { readRows } from './import/read/read-rows.js';
import type { ReadRow, Row } from './import/read/rows.js';
import { catalogTarget, gatewayTarget } from './import/targets.js';
import { readJson } from './read-json.js';

const rejectedShown = 20;

interface Options {
  readonly map: string;
  readonly rejects?: string;
  readonly url?: string;
  readonly key?: string;
  readonly encoding?: string;
}

const program = new Command('import')
  .description(
    'Imports products from CSV, JSON lines, one JSON document or XML, plain or gzip, into the catalog. Exit codes: 0 no row was rejected, 1 some were (the others are saved), the file has no rows, or the import stopped.',
  )
  .argument('<file>', 'the products; - reads standard input')
  .requiredOption('--map <mapping.json>', 'which field is what; see scripts/import/icecat.json')
  .option(
    '--encoding <name>',
    'the encoding of the file, for example windows-1252; if omitted, it is detected',
  )
  .option('--rejects <file>', 'where the rows that were refused go, as JSON lines with their reasons')
  .option('--url <url>', 'import through the gateway running there instead of the data directory')
  .option('--key <key>', 'a SERVER key of that gateway')
  .action((file: string, options: Options) => run(file, options));

async function run(file: string, options: Options): Promise<void> {
  const mapping = parseMapping(await readJson(options.map));
  const input = await openInput(file, process.stdin);
  const { target, close } = await openTarget(options);
  const rejects = options.rejects ? createWriteStream(options.rejects) : null;
  const bar = new SingleBar({
    format: 'importing {bar} {percentage}% | {value} of {total} bytes | {eta_formatted} left',
    hideCursor: true,
    clearOnComplete: true,
  });
  const startMs = systemClock.nowMs();
  const shown: Rejected[] = [];
  try {
    bar.start(input.size, 0);
    const rows = readRows(input, {
      onBytes: (bytes) => bar.increment(bytes),
      onColumns: (columns) => checkColumns(mapping, columns),
      onEncoding: (encoding) =>
        console.error(
          `${input.name} is read as ${encoding}, since it is not UTF-8; --encoding states another`,
        ),
      encoding: options.encoding,
    });
    const fields = createFieldWatch(mapping);
    const sum = await importRows(watched(rows, fields.look), mapping, target, (rejected) => {
      rejects?.write(`${JSON.stringify(rejected)}\n`);
      if (shown.length < rejectedShown) shown.push(rejected);
    });
    bar.stop();
    for (const { line, reason } of shown) console.error(`line ${line}: ${reason}`);
    if (sum.rejected > shown.length) {
      console.error(`… and ${sum.rejected - shown.length} more; --rejects FILE keeps all of them`);
    }
    const seconds = (systemClock.nowMs() - startMs) / 1000;
    const peakMb = process.resourceUsage().maxRSS / 1024;
    console.log(
      `${sum.rows} rows: ${sum.saved} saved, ${sum.unchanged} unchanged, ${sum.repeated} repeated, ${sum.rejected} rejected ` +
        `in ${seconds.toFixed(1)} s (${Math.round((sum.rows - sum.rejected) / Math.max(seconds, 0.001))} a second), ` +
        `${Math.round(peakMb)} MB of memory at most`,
    );
    const fault = sum.rows === 0 ? null : fields.fault();
    if (fault !== null) console.error(`The mapping may need correcting:\n  ${fault}`);
    if (sum.rows === 0) console.error(`${file} has no rows: it is empty or has only a header`);
    if (sum.rows === 0 || sum.rejected > 0) process.exitCode = 1;
  } finally {
    bar.stop();
    await ended(rejects);
    await input.close();
    await close();
  }
}

async function* watched(rows: AsyncIterable<ReadRow>, look: (row: Row) => void): AsyncGenerator<ReadRow> {
  for await (const read of rows) {
    if ('row' in read) look(read.row);
    yield read;
  }
}

async function openTarget(options: Options): Promise<{ readonly target: Target; close(): Promise<void> }> {
  if (options.url) {
    if (!options.key) throw new Error('--url needs --key with a SERVER key of that gateway');
    return { target: gatewayTarget(options.url, options.key), close: async () => undefined };
  }
  const log = { error: console.error, warn: console.error, info: () => undefined, debug: () => undefined };
  try {
    const system = await boot({
      plugins: [store, queue, catalog],
      environment: ownSettings(),
      host: ({ dataDir }) => ({
        clock: systemClock,
        ids: createIds(systemClock),
        random: systemRandom,
        log,
        dataDir,
      }),
    });
    return { target: catalogTarget(system.port('catalog')), close: system.close };
  } catch (error) {
    throw new Error(
      `${error instanceof Error ? error.message : String(error)}\n` +
        'If a gateway is running on this data directory, import through it: --url http://localhost:4000 --key <a SERVER key>.',
      { cause: error },
    );
  }
}

/** The settings of the plugins that an import runs; those of the others are none of its business. */
function ownSettings(): Record<string, string | undefined> {
  const core = new Set(Object.keys(coreSettings.shape).map((key) => variableName('', key)));
  return Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => core.has(name) || /^RAPPORT_(STORE|QUEUE|CATALOG)_/.test(name),
    ),
  );
}

async function ended(stream: WriteStream | null): Promise<void> {
  if (stream) await new Promise<void>((resolve) => stream.end(() => resolve()));
}

program.parseAsync().catch((error: unknown) => {
  console.error(`The import stopped: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
});
