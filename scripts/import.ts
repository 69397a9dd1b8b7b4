import { SingleBar } from 'cli-progress';
import { CommanderError } from 'commander';
import { systemClock } from '../src/host.js';
import { counted } from './import/counted.js';
import { type ImportSummary, importRows } from './import/import-rows.js';
import { limit } from './import/limit.js';
import { type Listing, openListing } from './import/listing.js';
import { type Mapping, parseMapping } from './import/mapping/mapping.js';
import { mappingOf, requiredPlaces } from './import/mappings/index.js';
import { openTarget } from './import/open-target.js';
import { exitCodes, importCommand, type Options } from './import/options.js';
import { type Output, openOutput } from './import/output.js';
import { type Input, openInput } from './import/read/input.js';
import { detectFormat, readRows } from './import/read/read-rows.js';
import type { ReadRow } from './import/read/rows.js';
import { createLossCounter, lossText, type Rejected } from './import/report.js';
import type { Target } from './import/target.js';
import { dryTarget } from './import/targets.js';
import { readJson } from './read-json.js';

const rejectedShown = 20;
const lossKindsShown = 20;

/** Nothing was saved. */
class Unusable extends Error {}

async function run(file: string, options: Options): Promise<void> {
  const input = await openInput(file, process.stdin).catch(unusable);
  const outputs: Output[] = [];
  const opened = async (path: string | undefined) => {
    if (path === undefined) return null;
    const output = await openOutput(path).catch(unusable);
    outputs.push(output);
    return output;
  };
  try {
    await importFile(input, options, await opened(options.rejects), await opened(options.warnings));
  } finally {
    await input.close();
    for (const output of outputs) await output.close();
  }
}

async function importFile(
  input: Input,
  options: Options,
  rejects: Output | null,
  warnings: Output | null,
): Promise<void> {
  const mapping = await chosenMapping(input, options).catch(unusable);
  const bar = createBar(input);
  const { encoding } = options;
  const { list, element } = mapping;
  const { onBytes, onEncoding } = bar;
  const read = () => bar.start(readRows(input, { encoding, list, element, onBytes, onEncoding }));
  const all = {
    mapping,
    required: options.from === undefined ? undefined : requiredPlaces(options.update !== undefined),
    currency: options.currency,
    imageBase: options.imageBase,
    only: options.update,
    reactivate: options.prune === 'archive',
  };
  const startMs = systemClock.nowMs();
  if (options.maxRejected !== undefined) await checkRejected(read, options, all).finally(bar.stop);
  const listing = options.state === undefined ? null : await openListing(options.state).catch(unusable);
  const { target, close } = await openTarget(options).catch(async (error: unknown) => {
    await listing?.abandon();
    return unusable(error);
  });
  const shown: Rejected[] = [];
  const losses = createLossCounter();
  let isSaving = false;
  try {
    const sum = await importRows(read, {
      ...all,
      target: watched(target, () => {
        isSaving = true;
      }),
      onListed: listing?.add,
      onRejected(rejected) {
        rejects?.writeLine(JSON.stringify(rejected));
        if (shown.length < rejectedShown) shown.push(rejected);
      },
      onLoss(loss) {
        losses.add(loss);
        warnings?.writeLine(JSON.stringify(loss));
      },
    });
    bar.stop();
    if (sum.rows === 0) throw new Unusable(`${input.name} has no rows; it has only a header`);
    const isWithin = report(options, sum, shown, losses, (systemClock.nowMs() - startMs) / 1000);
    if (listing !== null && isWithin) await prune(listing, options, sum, target);
    else if (listing !== null) {
      await listing.abandon();
      console.error(notListedText(options, sum));
    }
  } catch (error) {
    await listing?.abandon();
    throw isSaving || error instanceof Unusable ? error : new Unusable(messageOf(error), { cause: error });
  } finally {
    bar.stop();
    await close();
  }
}

async function prune(listing: Listing, options: Options, sum: ImportSummary, target: Target): Promise<void> {
  const { pruneMax: max, dryRun = false } = options;
  const kind = options.prune ?? 'archive';
  const { left, pruned, refused } = await listing.finish({
    kind,
    // Without --prune, the listing is kept for a later import only.
    max: options.prune === undefined ? limit('0') : max,
    target,
    unidentified: sum.unidentified,
    dryRun,
  });
  if (options.prune === undefined || left === 0) return;
  if (refused === null) {
    console.log(
      dryRun
        ? `${counted(left, 'product')} would be pruned (${kind})`
        : `${counted(left, 'product')} left the source: ${pruned} pruned (${kind})`,
    );
    return;
  }
  console.error(`${counted(left, 'product')} left the source, and nothing was pruned: ${refused}`);
  process.exitCode = exitCodes.pruneRefused;
}

/** The reason that the state stays as it was, and the option that allows so many rejected rows. */
function notListedText({ prune, state, maxRejected }: Options, { rejected }: ImportSummary): string {
  const kept = `${state} stays as it was`;
  const allowed = maxRejected ? `more than --max-rejected ${maxRejected.text} allows` : 'and none may be';
  return (
    `${prune === undefined ? kept : `Nothing was pruned, and ${kept}`}: ${counted(rejected, 'row')} rejected, ${allowed}; ` +
    `--max-rejected ${rejected} allows as many`
  );
}

function watched(target: Target, onSave: () => void): Target {
  return {
    ...target,
    save(inputs) {
      onSave();
      return target.save(inputs);
    },
    update(patches) {
      onSave();
      return target.update(patches);
    },
  };
}

function createBar(input: Input) {
  const bar = new SingleBar({
    format: '{step} {bar} {percentage}% | {value} of {total} bytes | {eta_formatted} left',
    hideCursor: true,
    clearOnComplete: true,
  });
  let isEncodingShown = false;
  let step = 'checking';
  return {
    start(rows: AsyncIterable<ReadRow>): AsyncIterable<ReadRow> {
      bar.start(input.size, 0, { step });
      step = 'importing';
      return rows;
    },
    stop: () => bar.stop(),
    onBytes: (bytes: number) => bar.increment(bytes),
    onEncoding(encoding: string): void {
      if (!isEncodingShown)
        console.error(
          `${input.name} is read as ${encoding}, since it is not UTF-8; --encoding states another`,
        );
      isEncodingShown = true;
    },
  };
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

async function chosenMapping(input: Input, options: Options): Promise<Mapping> {
  const { from, map, encoding } = options;
  if (options.prune !== undefined && options.state === undefined)
    throw new Error(
      '--prune needs --state with a file that keeps the products of this source from import to import',
    );
  if (options.prune !== undefined && options.update !== undefined)
    throw new Error('--prune needs a file of all products; it cannot be used with --update');
  if ((from === undefined) === (map === undefined))
    throw new Error(
      'state the system that wrote the file (--from shopify) or a mapping of your own (--map mapping.json), one of the two',
    );
  const format = await detectFormat(input, encoding);
  const mapping = from === undefined ? parseMapping(await readJson(map!)) : mappingOf(from, format);
  if (mapping.title !== undefined || options.update !== undefined) return mapping;
  throw new Error(
    'the mapping names no title; new products need one, and --update FIELDS changes others without',
  );
}

/** Prints the summary. True if no more rows were rejected than are allowed. */
function report(
  options: Options,
  sum: ImportSummary,
  shown: readonly Rejected[],
  losses: ReturnType<typeof createLossCounter>,
  seconds: number,
): boolean {
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
    `${counted(sum.rows, 'row')}${sum.skipped > 0 ? ` (${sum.skipped} skipped)` : ''}: ` +
      `${counted(sum.saved, 'product')} ${saved}, ${sum.unchanged} unchanged, ${counted(sum.variants, 'variant')}, ` +
      `${sum.repeated} repeated, ${sum.rejected} rejected, ${counted(sum.losses, 'warning')} ` +
      `in ${seconds.toFixed(1)} s (${counted(Math.round(sum.rows / Math.max(seconds, 0.001)), 'row')} a second), ` +
      `${Math.round(peakMb)} MB of memory at most`,
  );
  const { maxRejected } = options;
  const isWithin = maxRejected ? !maxRejected.isExceeded(sum.rejected, sum.rows) : sum.rejected === 0;
  if (!isWithin) process.exitCode = exitCodes.rejected;
  return isWithin;
}

function unusable(error: unknown): never {
  throw error instanceof Unusable ? error : new Unusable(messageOf(error), { cause: error });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

importCommand(run)
  .exitOverride()
  .parseAsync()
  .catch((error: unknown) => {
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode === 0 ? exitCodes.complete : exitCodes.nothingSaved;
      return;
    }
    console.error(error instanceof Unusable ? error.message : `The import stopped: ${messageOf(error)}`);
    process.exitCode = error instanceof Unusable ? exitCodes.nothingSaved : exitCodes.stopped;
  });
