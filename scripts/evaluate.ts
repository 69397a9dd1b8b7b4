import { existsSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Command } from 'commander';
import { evaluateBaskets } from './evaluate/baskets.js';
import type { Evaluation } from './evaluate/evaluation.js';
import { hasFile } from './evaluate/files.js';
import { toMarkdown } from './evaluate/report.js';
import { evaluateSearch } from './evaluate/search.js';
import { evaluateSequences } from './evaluate/sequences.js';
import { evaluateSessions } from './evaluate/sessions.js';

interface Options {
  readonly json?: string;
  readonly map?: string;
}

const startedMs = performance.now();
/** Progress goes to standard error, one line each, so that the table alone can be kept. */
const progress = (line: string): void => {
  process.stderr.write(`  ${((performance.now() - startedMs) / 1000).toFixed(0)} s  ${line}\n`);
};

const program = new Command('evaluate')
  .description('Measures Rapport on behaviour and judgments it has not seen, beside published results.')
  .option('--json <file>', 'write the results as JSON')
  .action((options: Options) => report(everythingFound(), options));

const tasks = {
  sessions: (directory: string) => evaluateSessions(directory, progress),
  sequences: (directory: string) => evaluateSequences(directory, progress),
  baskets: (directory: string) => evaluateBaskets(directory, progress),
  search: (directory: string, map?: string) => evaluateSearch(directory, { map, progress }),
};
const needed = {
  sessions: 'test.tsv',
  sequences: 'sequences.txt',
  baskets: 'baskets.json',
  search: 'judgments.csv',
};

for (const task of ['sessions', 'sequences', 'baskets', 'search'] as const) {
  const command = program
    .command(`${task} <directory>`)
    .description(`the ${task} in a directory (${needed[task]}, plain or .gz, and what belongs to it)`)
    .option('--json <file>', 'write the result as JSON')
    .action((directory: string, options: Options) =>
      report([{ task, directory }], { ...program.opts(), ...options }),
    );
  if (task === 'search') command.option('--map <file>', 'how the products are to be read');
}
await program.parseAsync();

interface Job {
  readonly task: keyof typeof tasks;
  readonly directory: string;
}

/** What lies in `shared/data` beside the project, by the file that tells each task. */
function everythingFound(): Job[] {
  const data = ['../shared/data', '../../shared/data'].find((folder) => existsSync(folder));
  if (data === undefined)
    throw new Error('no ../shared/data here: say what to evaluate, e.g. evaluate sessions DIR');
  const folders = readdirSync(data)
    .flatMap((kind) => children(join(data, kind)))
    .sort();
  return (Object.keys(tasks) as Job['task'][]).flatMap((task) =>
    folders.filter((folder) => hasFile(folder, needed[task])).map((directory) => ({ task, directory })),
  );
}

function children(folder: string): string[] {
  if (!statSync(folder).isDirectory()) return [];
  return readdirSync(folder)
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isDirectory());
}

async function report(jobs: readonly Job[], options: Options): Promise<void> {
  const results: Evaluation[] = [];
  for (const { task, directory } of jobs) {
    progress(`${task} in ${directory}`);
    const result = await tasks[task](directory, options.map);
    results.push(result);
    console.log(toMarkdown(result));
  }
  if (options.json === undefined) return;
  if (!existsSync(dirname(options.json))) throw new Error(`there is no folder ${dirname(options.json)}`);
  writeFileSync(options.json, `${JSON.stringify(results.length === 1 ? results[0] : results, null, 2)}\n`);
}
