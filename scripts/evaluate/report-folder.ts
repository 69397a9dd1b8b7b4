import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Evaluation } from './evaluation.js';
import { plotsOf } from './plots.js';
import { goalsTable, toFullMarkdown } from './report.js';
import { toSvg } from './svg.js';

const order: readonly Evaluation['task'][] = [
  'sessions',
  'ablation',
  'sequences',
  'baskets',
  'orders',
  'search',
  'placements',
  'growth',
];

const preface = `# What Rapport's answers are worth

Judged on behaviour and judgments that were not learned from, over all items, equal scores counted against us. The code that is
evaluated is the code that serves. Rows marked *published* are as recalled from the papers; all others ran here. Everything below is also in
\`report.json\`; \`npm run evaluate -- draw\` draws it again. How each figure is made: \`scripts/evaluate/README.md\`.
`;

/**
 * Writes `report.md`, `report.json` and the plots into a folder. What the folder already tells of other data sets stays;
 * what it told of these is replaced. Returns the path of the report.
 */
export async function writeReport(folder: string, evaluations: readonly Evaluation[]): Promise<string> {
  mkdirSync(folder, { recursive: true });
  const before = readReport(folder);
  const results = merged(before.results, evaluations);
  const plots: string[] = [];
  const sections: string[] = [];
  for (const evaluation of results) {
    const files = new Map<string, string>();
    for (const { name, shows, spec } of plotsOf(evaluation)) {
      files.set(shows, `${name}.svg`);
      writeFileSync(join(folder, `${name}.svg`), await toSvg(spec));
    }
    plots.push(...files.values());
    sections.push(toFullMarkdown(evaluation, files));
  }
  for (const file of before.plots)
    if (!plots.includes(file)) rmSync(join(folder, basename(file)), { force: true });
  writeFileSync(join(folder, 'report.json'), `${JSON.stringify({ results, plots }, null, 2)}\n`);
  const path = join(folder, 'report.md');
  const goals = ['## Goals', '', goalsTable(results)];
  writeFileSync(path, [preface, ...goals, '## Measurements', '', ...sections].join('\n'));
  return path;
}

interface Held {
  readonly results: readonly Evaluation[];
  readonly plots: readonly string[];
}

/** What a report folder holds; nothing if there is none yet. */
function readReport(folder: string): Held {
  const path = join(folder, 'report.json');
  if (!existsSync(path)) return { results: [], plots: [] };
  const { results, plots = [] } = JSON.parse(readFileSync(path, 'utf8')) as Partial<Held>;
  if (!Array.isArray(results))
    throw new Error(`${path} is not a report: move it away, or name another folder`);
  return { results, plots };
}

function merged(before: readonly Evaluation[], now: readonly Evaluation[]): Evaluation[] {
  const byName = new Map<string, Evaluation>();
  for (const evaluation of [...before, ...now])
    byName.set(`${evaluation.task} ${evaluation.dataset}`, evaluation);
  return [...byName.values()].sort(
    (a, b) => order.indexOf(a.task) - order.indexOf(b.task) || a.dataset.localeCompare(b.dataset),
  );
}
