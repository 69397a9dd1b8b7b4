import { existsSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { Command } from 'commander';
import { evaluateBaskets } from './evaluate/baskets.js';
import { beginMeasuring } from './evaluate/circumstances.js';
import type { Evaluation } from './evaluate/evaluation.js';
import { evaluateTrials } from './evaluate/exploration-report.js';
import { hasFile, requireFiles } from './evaluate/files.js';
import { measureGrowth } from './evaluate/growth.js';
import { evaluateOrders } from './evaluate/orders.js';
import { orderFiles } from './evaluate/orders-file.js';
import { evaluatePlacementsOf } from './evaluate/placement-report.js';
import { toMarkdown } from './evaluate/report.js';
import { writeReport } from './evaluate/report-folder.js';
import { evaluateSearch } from './evaluate/search.js';
import { evaluateSequences } from './evaluate/sequences.js';
import { evaluateServed } from './evaluate/served.js';
import { sessionAblations } from './evaluate/session-ablations.js';
import { evaluateSessions } from './evaluate/sessions.js';
import { demoLog, retailLog } from './evaluate/shop-log.js';

/** The demo shop is made as of a day that never changes, so that its figures do not either. */
const demoShopMs = Date.UTC(2026, 5, 1);

interface Options {
  readonly json?: string;
  readonly map?: string;
  readonly report: string;
  readonly ablation?: boolean;
}

interface Job {
  readonly name: string;
  run(): Promise<Evaluation | readonly Evaluation[]>;
}

const startedMs = performance.now();
/** Progress goes to standard error, one line each, so that the table alone can be kept. */
const progress = (line: string): void => {
  process.stderr.write(`  ${((performance.now() - startedMs) / 1000).toFixed(0)} s  ${line}\n`);
};

/** What there is to evaluate in a directory, and the files that tell it; the first tells which task it is. */
const tasks = {
  sessions: {
    files: ['test.tsv', 'train.txt'],
    run: (directory: string) => evaluateSessions(directory, progress),
  },
  sequences: {
    files: ['sequences.txt'],
    run: (directory: string) => evaluateSequences(directory, progress),
  },
  baskets: {
    files: ['baskets.json'],
    run: (directory: string) => evaluateBaskets(directory, progress),
  },
  orders: {
    files: [],
    run: (directory: string) => evaluateOrders(directory, progress),
  },
  search: {
    files: ['judgments.csv', 'products.jsonl'],
    run: (directory: string, { map }: Options) => evaluateSearch(directory, { map, progress }),
  },
} as const;
type Task = keyof typeof tasks;
const formats = {
  sessions: 'test.tsv and train.txt',
  sequences: 'sequences.txt',
  baskets: 'baskets.json',
  orders: '*.csv of order lines',
  search: 'judgments.csv and products.jsonl',
};
const names = Object.keys(tasks) as Task[];

const program = new Command('evaluate')
  .description(
    'Measures Rapport on behaviour and judgments it has not seen, beside published results. Without a command: all that lies in ../shared/data.',
  )
  .option('--json <file>', 'write the results as JSON')
  .option('--report <folder>', 'where report.md, report.json and the plots go', 'report')
  .option('--ablation', 'with sessions, also what each part of the ranking is worth: minutes more')
  .allowExcessArguments()
  .action((options: Options, { args }: Command) => {
    if (args.length > 0)
      throw new Error(
        `there is no task ${args[0]}; there are ${program.commands.map((one) => one.name()).join(', ')}, and everything found without a task`,
      );
    return report(everythingFound(options), options);
  });

for (const task of names) {
  const command = program
    .command(`${task} <directory>`)
    .description(`the ${task} in a directory: ${formats[task]}, plain or .gz`);
  if (task === 'search') command.option('--map <file>', 'how the products are to be read');
  command.action((directory: string, _: unknown, command: Command) => {
    const options = command.optsWithGlobals<Options>();
    requireFiles(directory, task, tasks[task].files);
    return report(jobsOf(task, directory, options), options);
  });
}
program
  .command('ablation <directory>')
  .description(
    'what each part of the ranking of sessions is worth: learned again without it; test.tsv and train.txt',
  )
  .action((directory: string, _: unknown, command: Command) => {
    requireFiles(directory, 'ablation', tasks.sessions.files);
    return report([ablationOf(directory)], command.optsWithGlobals<Options>());
  });
program
  .command('placements [directory]')
  .description(
    'whole placements as they serve, on test.tsv and train.txt or order lines; without a directory the demo shop',
  )
  .action((directory: string | undefined, _: unknown, command: Command) =>
    report(
      directory === undefined ? [placementsOf(directory), trials()] : [placementsOf(directory)],
      command.optsWithGlobals<Options>(),
    ),
  );
program
  .command('growth')
  .description('time and memory on a synthetic log, and how they grow; takes about ten minutes')
  .option('--sessions <count>', 'five clicks each', '1000000')
  .option('--products <count>', 'a tenth of them must be 50 or more', '100000')
  .action((_: unknown, command: Command) => {
    const options = command.optsWithGlobals<Options & { sessions: string; products: string }>();
    const sessions = wholeNumber('--sessions', options.sessions, 10_000);
    const products = wholeNumber('--products', options.products, 500);
    return report([{ name: 'growth', run: () => measureGrowth({ sessions, products }, progress) }], options);
  });
program
  .command('draw')
  .description('writes the report and its plots again from its report.json')
  .action((_: unknown, command: Command) => report([], command.optsWithGlobals<Options>()));

try {
  await program.parseAsync();
} catch (error) {
  process.stderr.write(`evaluate: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}

function jobsOf(task: Task, directory: string, options: Options): Job[] {
  const job = { name: `${task} in ${directory}`, run: () => tasks[task].run(directory, options) };
  return task === 'sessions' && options.ablation ? [job, ablationOf(directory)] : [job];
}

function ablationOf(directory: string): Job {
  return { name: `ablation in ${directory}`, run: () => sessionAblations(directory, progress) };
}

function trials(): Job {
  return { name: 'trials, simulated', run: evaluateTrials };
}

function placementsOf(directory: string | undefined): Job {
  if (directory === undefined)
    return {
      name: 'placements of the demo shop',
      run: () => evaluatePlacementsOf(demoLog(demoShopMs), 'demo shop', progress),
    };
  return {
    name: `placements in ${directory}`,
    run: () => {
      if (orderFiles(directory).length === 0) return evaluateServed(directory, progress);
      return evaluatePlacementsOf(retailLog(directory), basename(resolve(directory)), progress);
    },
  };
}

function holds(task: Task, folder: string): boolean {
  if (task === 'orders') return orderFiles(folder).length > 0 && !hasFile(folder, tasks.search.files[0]);
  return hasFile(folder, tasks[task].files[0]);
}

function wholeNumber(option: string, text: string, least: number): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < least)
    throw new Error(`${option} must be a whole number from ${least}, not ${text}`);
  return value;
}

/** What lies in `shared/data` beside the project, by the file that tells each task; and the demo shop. */
function everythingFound(options: Options): Job[] {
  const data = ['../shared/data', '../../shared/data'].find((folder) => existsSync(folder));
  if (data === undefined) {
    progress(
      'no ../shared/data here: only the demo shop; say what else to evaluate, e.g. evaluate sessions DIR',
    );
    return [placementsOf(undefined), trials()];
  }
  const folders = readdirSync(data)
    .flatMap((kind) => children(join(data, kind)))
    .sort();
  const found = names.flatMap((task) =>
    folders.filter((folder) => holds(task, folder)).flatMap((directory) => jobsOf(task, directory, options)),
  );
  const served = folders.filter((folder) => holds('sessions', folder) || holds('orders', folder));
  return [...found, ...served.map(placementsOf), placementsOf(undefined), trials()];
}

function children(folder: string): string[] {
  if (!statSync(folder).isDirectory()) return [];
  return readdirSync(folder)
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isDirectory());
}

/** One after the other; the report holds what is done so far. Of several, one that fails does not keep the others from being measured. */
async function report(jobs: readonly Job[], options: Options): Promise<void> {
  if (options.json !== undefined && !existsSync(dirname(options.json)))
    throw new Error(`there is no folder ${dirname(options.json)}`);
  const results: Evaluation[] = [];
  for (const job of jobs) {
    progress(job.name);
    try {
      const ended = beginMeasuring();
      const found = [await job.run()].flat();
      const measured = ended();
      results.push(...found.map((result) => ({ ...result, measured })));
      for (const result of found) console.log(toMarkdown(result));
    } catch (error) {
      if (jobs.length === 1) throw error;
      process.stderr.write(`evaluate: ${job.name}: ${error instanceof Error ? error.message : error}\n`);
      process.exitCode = 1;
      continue;
    }
    await writeReport(options.report, results);
  }
  if (options.json !== undefined)
    writeFileSync(options.json, `${JSON.stringify(results.length === 1 ? results[0] : results, null, 2)}\n`);
  const path = await writeReport(options.report, results);
  progress(`done; the report with its plots: ${path}`);
}
