import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { createChance } from './demo/chance.js';
import { type Area, areas } from './mutate/areas.js';
import { type Mutant, mutantsOf } from './mutate/mutants.js';
import { type Outcome, openWorkspace, type Workspace } from './mutate/workspace.js';

const root = join(import.meta.dirname, '..');
const names = areas.map(({ name }) => name).join(', ');

const options = new Command('mutate')
  .description(
    'Changes one place of the code at a time and runs the tests that should notice. Prints the share of mutants that tests killed, and each one that survived.',
  )
  .option('--area <name...>', `only these areas: ${names}`)
  .option('--only <text>', 'only files whose path contains this')
  .option('--sample <count>', 'mutants of each area', whole, 40)
  .option('--seed <number>', 'which mutants are chosen', whole, 1)
  .option('--jobs <count>', 'mutants tried at the same time', whole, 2)
  .option('--skip-baseline', 'do not run the tests on unchanged code first, to see that they pass')
  .option('--timeout <seconds>', 'a stage of tests that takes longer counts as failed', whole, 120)
  .parse()
  .opts<{
    area?: string[];
    only?: string;
    sample: number;
    seed: number;
    jobs: number;
    skipBaseline?: true;
    timeout: number;
  }>();

interface Trial {
  readonly area: Area;
  readonly mutant: Mutant;
  readonly outcome: Outcome;
}

const chosen = areas.filter(({ name }) => options.area?.includes(name) ?? true);
const unknown = options.area?.filter((name) => !areas.some((area) => area.name === name)) ?? [];
if (unknown.length > 0) throw new Error(`there is no area "${unknown.join('", "')}"; there are ${names}`);

const samples = chosen.map((area) => ({ area, mutants: sampleOf(area) }));
/** The areas in turn, so that a run that was cut short says something about each. */
const sampled = Array.from({ length: options.sample }).flatMap((_, at) =>
  samples.flatMap(({ area, mutants }) => (mutants[at] === undefined ? [] : [{ area, mutant: mutants[at] }])),
);
const trials: Trial[] = [];
const workspaces: Workspace[] = [];
process.once('SIGTERM', () => process.exit(1));
process.once('SIGINT', () => process.exit(1));
process.once('exit', () => {
  print();
  for (const workspace of workspaces) workspace.close();
});

for (let job = 0; job < options.jobs; job++) workspaces.push(openWorkspace(root));
await share(options.skipBaseline ? [] : chosen, async (workspace, { name, stages }) => {
  const took = await workspace.time(stages.flat());
  if (took === null) throw new Error(`the tests of ${name} fail without any mutant; make them pass first`);
  console.log(`${name}: its tests take ${(took / 1000).toFixed(0)} s`);
});
await share(sampled, async (workspace, { area, mutant }) => {
  const outcome = await workspace.try(mutant, area.stages, options.timeout * 1000);
  trials.push({ area, mutant, outcome });
  console.log(`${outcome.padEnd(9)} ${describe(mutant)}`);
});

/** Each workspace takes the next one as soon as it is free. */
async function share<T>(
  all: readonly T[],
  run: (workspace: Workspace, one: T) => Promise<void>,
): Promise<void> {
  const waiting = all.values();
  await Promise.all(
    workspaces.map(async (workspace) => {
      for (const one of waiting) await run(workspace, one);
    }),
  );
}

function whole(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1)
    throw new InvalidArgumentError(`"${text}" must be a whole number from 1 up.`);
  return value;
}

/** Chosen by the seed alone, so that two runs on the same code try the same mutants. */
function sampleOf({ code, without }: Area): Mutant[] {
  const paths = code
    .flatMap(filesIn)
    .filter((path) => !without?.test(path) && path.includes(options.only ?? ''));
  const mutants = paths.flatMap((path) => mutantsOf(path, readFileSync(join(root, path), 'utf8')));
  const chance = createChance(options.seed);
  return mutants
    .map((mutant) => ({ mutant, rank: chance.next() }))
    .sort((a, b) => a.rank - b.rank)
    .slice(0, options.sample)
    .map(({ mutant }) => mutant);
}

function filesIn(path: string): string[] {
  if (statSync(join(root, path)).isFile()) return [path];
  return readdirSync(join(root, path), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .sort()
    .map((name) => `${path}/${name}`);
}

function describe({ path, line, before, after }: Mutant): string {
  const short = (code: string) => code.replace(/\s+/g, ' ').slice(0, 60);
  return `${path}:${line}  ${short(before)} → ${after === '' ? 'left out' : short(after)}`;
}

function print(): void {
  console.log('\n| area | mutants | killed | timed out | survived | score |');
  console.log('| --- | ---: | ---: | ---: | ---: | ---: |');
  const row = (name: string, own: readonly Trial[]) => {
    const count = (outcome: Outcome) => own.filter((trial) => trial.outcome === outcome).length;
    const score = own.length === 0 ? 0 : 100 * (1 - count('survived') / own.length);
    console.log(
      `| ${name} | ${own.length} | ${count('killed')} | ${count('timed out')} | ${count('survived')} | ${score.toFixed(0)} % |`,
    );
  };
  for (const area of chosen)
    row(
      area.name,
      trials.filter((trial) => trial.area === area),
    );
  row('all', trials);
  const survivors = trials
    .filter(({ outcome }) => outcome === 'survived')
    .map(({ mutant }) => describe(mutant));
  if (survivors.length > 0) console.log(`\nSurvived:\n${survivors.sort().join('\n')}`);
}
