import { createWriteStream, type WriteStream } from 'node:fs';
import { SingleBar } from 'cli-progress';
import { CommanderError } from 'commander';
import { systemClock } from '../src/host.js';
import { type ImportSummary, importRows } from './import/import-rows.js';
import { type Mapping, parseMapping } from './import/mapping/mapping.js';
import { mappingOf, requiredPlaces } from './import/mappings/index.js';
import { openTarget } from './import/open-target.js';
import { exitCodes, importCommand, type Options } from './import/options.js';
import { type Input, openInput } from './import/read/input.js';
import { detectFormat, readRows } from './import/read/read-rows.js';
import type { ReadRow } from './import/read/rows.js';
import { createLossCounter, lossText, type Rejected } from './import/report.js';
import { dryTarget } from './import/targets.js';
import { readJson } from './read-json.js';

const rejectedShown = 20;
const lossKindsShown = 20;

/** Nothing was saved. */
class Unusable extends Error {}

async function run(file: string, options: Options): Promise<void> {
  const input = await openInput(file, process.stdin).catch(unusable);
  const rejects = options.rejects ? createWriteStream(options.rejects) : null;
  const warnings = options.warnings ? createWriteStream(options.warnings) : null;
  try {
    await importFile(input, options, rejects, warnings);
  } finally {
    await ended(rejects);
    await ended(warnings);
    await input.close();
  }
}

async function importFile(
  input: Input,
  options: Options,
  rejects: WriteStream | null,
  warnings: WriteStream | null,
): Promise<void> {
  const mapping = await chosenMapping(input, options).catch(unusable);
  const required = options.from === undefined ? undefined : requiredPlaces;
  const { currency, imageBase } = options;
  const bar = new SingleBar({
    format: '{step} {bar} {percentage}% | {value} of {total} bytes | {eta_formatted} left',
    hideCursor: true,
    clearOnComplete: true,
  });
  let encodingShown = false;
  let step = 'checking';
  const read = (): AsyncIterable<ReadRow> => {
    bar.start(input.size, 0, { step });
    step = 'importing';
    return readRows(input, {
      encoding: options.encoding,
      list: mapping.list,
      element: mapping.element,
      onBytes: (bytes) => bar.increment(bytes),
      onEncoding: (encoding) => {
        if (!encodingShown)
          console.error(
            `${input.name} is read as ${encoding}, since it is not UTF-8; --encoding states another`,
          );
        encodingShown = true;
      },
    });
  };
  const all = { mapping, required, currency, imageBase };
  const startMs = systemClock.nowMs();
  try {
    if (options.maxRejected !== undefined) await checkRejected(read, options, all);
    const { target, close } = await openTarget(options).catch(unusable);
    const shown: Rejected[] = [];
    const losses = createLossCounter();
    let saving = false;
    try {
      const watched = {
        ...target,
        save(inputs: Parameters<typeof target.save>[0]) {
          saving = true;
          return target.save(inputs);
        },
      };
      const sum = await importRows(read, {
        ...all,
        target: watched,
        onRejected(rejected) {
          rejects?.write(`${JSON.stringify(rejected)}\n`);
          if (shown.length < rejectedShown) shown.push(rejected);
        },
        onLoss(loss) {
          losses.add(loss);
          warnings?.write(`${JSON.stringify(loss)}\n`);
        },
      });
      bar.stop();
      report(input, options, sum, shown, losses, (systemClock.nowMs() - startMs) / 1000);
    } catch (error) {
      if (!saving) return unusable(error);
      throw error;
    } finally {
      bar.stop();
      await close();
    }
  } finally {
    bar.stop();
  }
}

/** Goes through the whole file without saving. Rejects if it has more rows to reject than are allowed. */
async function checkRejected(
  read: () => AsyncIterable<ReadRow>,
  { maxRejected }: Options,
  all: { readonly mapping: Mapping },
): Promise<void> {
  const reasons: string[] = [];
  const { rejected, rows } = await importRows(read, {
    ...all,
    target: dryTarget,
    onRejected: ({ line, reason }) => void (reasons.length < 3 && reasons.push(`line ${line}: ${reason}`)),
  }).catch(unusable);
  if (!maxRejected?.isExceeded(rejected, rows)) return;
  throw new Unusable(
    `${rejected} of ${rows} rows would be rejected, more than --max-rejected ${maxRejected.text} allows; nothing was saved.\n  ${reasons.join('\n  ')}`,
  );
}

async function chosenMapping(input: Input, { from, map, encoding }: Options): Promise<Mapping> {
  if ((from === undefined) === (map === undefined))
    throw new Error(
      'state the system that wrote the file (--from shopify) or a mapping of your own (--map mapping.json), one of the two',
    );
  const format = await detectFormat(input, encoding);
  return from === undefined ? parseMapping(await readJson(map!)) : mappingOf(from, format);
}

function report(
  input: Input,
  options: Options,
  sum: ImportSummary,
  shown: readonly Rejected[],
  losses: ReturnType<typeof createLossCounter>,
  seconds: number,
): void {
  for (const { line, reason } of shown) console.error(`line ${line}: ${reason}`);
  if (sum.rejected > shown.length)
    console.error(`… and ${sum.rejected - shown.length} more; --rejects FILE keeps all of them`);
  const kinds = losses.kinds();
  for (const { count, first } of kinds.slice(0, lossKindsShown))
    console.error(`warning: ${lossText(first)}${count > 1 ? ` (and ${count - 1} more like it)` : ''}`);
  if (kinds.length > lossKindsShown)
    console.error(
      `… and ${kinds.length - lossKindsShown} more kinds of warnings; --warnings FILE keeps all of them`,
    );
  const peakMb = process.resourceUsage().maxRSS / 1024;
  const saved = options.dryRun ? 'would be saved' : 'saved';
  console.log(
    `${sum.rows} rows${sum.skipped > 0 ? ` (${sum.skipped} skipped)` : ''}: ${sum.saved} products ${saved}, ${sum.unchanged} unchanged, ` +
      `${sum.variants} variants, ${sum.repeated} repeated, ${sum.rejected} rejected, ${sum.losses} warnings ` +
      `in ${seconds.toFixed(1)} s (${Math.round(sum.rows / Math.max(seconds, 0.001))} rows a second), ` +
      `${Math.round(peakMb)} MB of memory at most`,
  );
  if (sum.rows === 0) throw new Unusable(`${input.name} has no rows; it has only a header`);
  const allowed = options.maxRejected
    ? !options.maxRejected.isExceeded(sum.rejected, sum.rows)
    : sum.rejected === 0;
  if (!allowed) process.exitCode = exitCodes.rejected;
}

function unusable(error: unknown): never {
  throw error instanceof Unusable
    ? error
    : new Unusable(error instanceof Error ? error.message : String(error), { cause: error });
}

async function ended(stream: WriteStream | null): Promise<void> {
  if (stream) await new Promise<void>((resolve) => stream.end(() => resolve()));
}

importCommand(run)
  .exitOverride()
  .parseAsync()
  .catch((error: unknown) => {
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode === 0 ? exitCodes.complete : exitCodes.nothingSaved;
      return;
    }
    console.error(
      error instanceof Unusable
        ? error.message
        : `The import stopped: ${error instanceof Error ? error.message : String(error)}`,
    );
    process.exitCode = error instanceof Unusable ? exitCodes.nothingSaved : exitCodes.stopped;
  });
