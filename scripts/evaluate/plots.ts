import type { TopLevelSpec } from 'vega-lite';
import { type Bar, barPanels, colours, linePlot } from './charts.js';
import { type Evaluation, type Interval, lessIsBetter, type Measured, type Slices } from './evaluation.js';
import { publishedRows } from './published.js';

export interface Plot {
  /** Of the file, without ending. */
  readonly name: string;
  /** The part of the evaluation: `methods`, `ablation`, or the name of slices or of a curve. */
  readonly shows: string;
  readonly spec: TopLevelSpec;
}

/** What is worth seeing of an evaluation; no plot for what it does not tell. */
export function plotsOf(evaluation: Evaluation): Plot[] {
  const { task, dataset, slices = [], curves = [], ablation = [] } = evaluation;
  const base = fileName(`${task}-${dataset}`);
  const plot = (shows: string, name: string, spec: TopLevelSpec): Plot => ({
    name: `${base}-${fileName(name)}`,
    shows,
    spec,
  });
  return [
    ...(task === 'ablation' ? [] : [plot('methods', 'accuracy', methods(evaluation))]),
    ...slices.map((slice) => plot(slice.by, `by ${slice.by}`, sliced(slice, evaluation))),
    ...curves.map((curve) => plot(curve.title, curve.title, linePlot(curve))),
    ...(ablation.length > 0 ? [plot('ablation', 'parts', parts(ablation, evaluation))] : []),
  ];
}

function fileName(text: string): string {
  return text
    .toLowerCase()
    .normalize('NFKD')
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 60)
    .replace(/^-|-$/g, '');
}

const kinds = [
  ['published', colours.published],
  ['measured here', colours.measured],
  ['Rapport', colours.ours],
] as const;

interface Row extends Pick<Measured, 'method' | 'metrics' | 'intervals'> {
  readonly kind: string;
}

/** All methods, the best first; a panel per metric. */
function methods(evaluation: Evaluation): TopLevelSpec {
  const metrics = Object.keys(evaluation.metrics).filter((metric) => !metric.endsWith('loss'));
  const rows: Row[] = [
    ...publishedRows(evaluation.dataset, metrics).map((row) => ({ ...row, kind: 'published' })),
    ...(evaluation.baselines ?? []).map((row) => ({ ...row, kind: 'measured here' })),
    { ...evaluation, method: 'Rapport', kind: 'Rapport' },
  ];
  // What was measured here may go by the name of a published row.
  const labelled = rows.map((row) => ({
    ...row,
    label:
      row.kind === 'published' && rows.some((other) => other !== row && other.method === row.method)
        ? `${row.method} (published)`
        : row.method,
  }));
  const [first = ''] = metrics;
  const sign = lessIsBetter(first) ? -1 : 1;
  const order = [...labelled]
    .sort((a, b) => sign * ((b.metrics[first] ?? 0) - (a.metrics[first] ?? 0)))
    .map(({ label }) => label);
  const bars = labelled.flatMap((row) =>
    metrics
      .filter((metric) => row.metrics[metric] !== undefined)
      .map((metric) => bar(row.label, metric, row.kind, row.metrics[metric]!, row.intervals?.[metric])),
  );
  return barPanels({
    title: `${evaluation.task}: ${evaluation.dataset}`,
    subtitle: [
      ...(rows.some(({ kind }) => kind === 'published')
        ? ['Published rows as recalled from the papers.']
        : []),
      ...(evaluation.intervals ? ['Lines are 95 % intervals of what ran here.'] : []),
    ].join(' '),
    bars,
    order,
    panels: metrics,
    kinds: kinds.filter(([name]) => rows.some(({ kind }) => kind === name)),
  });
}

function sliced({ by, rows, beside }: Slices, { task, dataset, metrics }: Evaluation): TopLevelSpec {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row.metrics)))];
  const labelOf = (row: (typeof rows)[number]) => `${row.label}  (${row.queries})`;
  const bars = rows.flatMap((row) =>
    names
      .filter((metric) => row.metrics[metric] !== undefined)
      .map((metric) => ({
        ...bar(labelOf(row), metric, 'Rapport', row.metrics[metric]!, row.intervals?.[metric]),
        ...(row.beside?.[metric] === undefined ? {} : { beside: row.beside[metric] }),
      })),
  );
  const overall = Object.entries(metrics)
    .filter(([name]) => names.includes(name))
    .map(([name, value]) => `${name} ${short(value)}`);
  return barPanels({
    title: `${task}: ${dataset}, by ${by}`,
    subtitle: [
      `In brackets the number of queries; lines are 95 % intervals${beside ? `; the blue mark is ${beside}` : ''}.`,
      ...(overall.length > 0 ? [`Over all: ${overall.join(', ')}.`] : []),
    ],
    bars,
    order: rows.map(labelOf),
    panels: names,
  });
}

function parts(ablation: readonly Measured[], { dataset, metrics }: Evaluation): TopLevelSpec {
  const names = Object.keys(metrics);
  const [first = ''] = names;
  const bars = ablation.flatMap(({ method, gains = {} }) =>
    names
      .filter((metric) => gains[metric] !== undefined)
      .map((metric) => bar(method, metric, 'Rapport', gains[metric]!.gain, gains[metric]!.interval)),
  );
  const order = [...ablation]
    .sort((a, b) => (b.gains?.[first]?.gain ?? 0) - (a.gains?.[first]?.gain ?? 0))
    .map(({ method }) => method);
  return barPanels({
    title: `What each part is worth: ${dataset}`,
    subtitle: 'What is lost without it, on the same queries; lines are 95 % intervals.',
    bars,
    order,
    panels: names,
    ...(first.endsWith('@20') ? { digits: 2 } : {}),
  });
}

function bar(label: string, panel: string, kind: string, value: number, interval?: Interval): Bar {
  return { label, panel, kind, value, ...(interval ? { low: interval[0], high: interval[1] } : {}) };
}

function short(value: number): string {
  return Math.abs(value) >= 1 ? value.toFixed(2) : value.toFixed(4);
}
