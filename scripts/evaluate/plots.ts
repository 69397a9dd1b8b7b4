import type { TopLevelSpec } from 'vega-lite';
import type { Curve, Evaluation, Interval, Measured, Slices } from './evaluation.js';
import { publishedRows } from './published.js';

export interface Plot {
  /** Of the file, without ending. */
  readonly name: string;
  readonly spec: TopLevelSpec;
}

const colours = { ours: '#c2410c', measured: '#475569', published: '#b6c2d1' };
const sources = ['published', 'measured here', 'Rapport'];
const barStep = 22;
const panelWidth = 300;

/** What is worth seeing of an evaluation; no plot for what it does not tell. */
export function plotsOf(evaluation: Evaluation): Plot[] {
  const { task, dataset, slices = [], curves = [], ablation = [] } = evaluation;
  const base = fileName(`${task}-${dataset}`);
  return [
    ...(task === 'growth' || task === 'ablation'
      ? []
      : [{ name: `${base}-accuracy`, spec: methods(evaluation) }]),
    ...slices.map((slice) => ({ name: `${base}-by-${fileName(slice.by)}`, spec: sliced(slice, evaluation) })),
    ...curves.map((curve) => ({ name: `${base}-${fileName(curve.title)}`, spec: lines(curve) })),
    ...(ablation.length > 0 ? [{ name: `${base}-parts`, spec: parts(ablation, evaluation) }] : []),
  ];
}

function fileName(text: string): string {
  return text
    .toLowerCase()
    .normalize('NFKD')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
    .slice(0, 60);
}

interface Bar {
  readonly label: string;
  readonly metric: string;
  readonly value: number;
  readonly kind: string;
  readonly low?: number;
  readonly high?: number;
}

/** All methods, the best last; a panel per metric. */
interface Row extends Pick<Measured, 'method' | 'metrics' | 'intervals'> {
  readonly kind: string;
}

function methods(evaluation: Evaluation): TopLevelSpec {
  const metrics = Object.keys(evaluation.metrics);
  const rows: Row[] = [
    ...publishedRows(evaluation.dataset, metrics).map((row) => ({ ...row, kind: 'published' })),
    ...(evaluation.baselines ?? []).map((row) => ({ ...row, kind: 'measured here' })),
    { ...evaluation, method: 'Rapport', kind: 'Rapport' },
  ];
  // A baseline that was measured here may go by the name of a published row.
  const labelled = rows.map((row) => ({
    ...row,
    label:
      row.kind === 'published' && rows.some((other) => other !== row && other.method === row.method)
        ? `${row.method} (published)`
        : row.method,
  }));
  const [first = ''] = metrics;
  const order = [...labelled]
    .sort((a, b) => (b.metrics[first] ?? 0) - (a.metrics[first] ?? 0))
    .map(({ label }) => label);
  const bars = labelled.flatMap((row) =>
    metrics
      .filter((metric) => row.metrics[metric] !== undefined)
      .map((metric) => bar(row.label, metric, row.kind, row.metrics[metric]!, row.intervals?.[metric])),
  );
  return barPanels({
    title: `${evaluation.task}: ${evaluation.dataset}`,
    subtitle: 'Published rows as recalled from the papers; lines are 95 % intervals of what ran here.',
    bars,
    order,
    metrics,
    kinds: true,
  });
}

function sliced({ by, rows }: Slices, { task, dataset, metrics }: Evaluation): TopLevelSpec {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row.metrics)))];
  const labelOf = (row: (typeof rows)[number]) => `${row.label}  (${row.queries})`;
  const bars = rows.flatMap((row) =>
    names
      .filter((metric) => row.metrics[metric] !== undefined)
      .map((metric) => bar(labelOf(row), metric, 'Rapport', row.metrics[metric]!, row.intervals?.[metric])),
  );
  const overall = Object.entries(metrics).filter(([name]) => names.includes(name));
  return barPanels({
    title: `${task}: ${dataset}, by ${by}`,
    subtitle: `In brackets the number of queries; lines are 95 % intervals. Over all: ${overall.map(([name, value]) => `${name} ${short(value)}`).join(', ')}.`,
    bars,
    order: rows.map(labelOf),
    metrics: names,
    kinds: false,
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
    metrics: names,
    kinds: false,
  });
}

interface Panels {
  readonly title: string;
  readonly subtitle: string;
  readonly bars: readonly Bar[];
  /** From top to bottom. */
  readonly order: readonly string[];
  readonly metrics: readonly string[];
  /** Whether colours tell where a row is from. */
  readonly kinds: boolean;
}

/** A panel per metric, side by side, each with its own axis from 0. */
function barPanels({ title, subtitle, bars, order, metrics, kinds }: Panels): TopLevelSpec {
  return {
    title: { text: title, subtitle },
    spacing: 24,
    hconcat: metrics.map((metric, panel) => {
      const y = {
        field: 'label',
        type: 'nominal' as const,
        sort: [...order],
        scale: { domain: [...order] },
        axis: panel === 0 ? { title: null, domain: false, ticks: false } : null,
      };
      return {
        width: panelWidth,
        height: { step: barStep },
        title: { text: metric, fontSize: 13, offset: 6 },
        data: { values: bars.filter((bar) => bar.metric === metric) },
        layer: [
          {
            mark: { type: 'bar', height: barStep - 6 },
            encoding: {
              y,
              x: { field: 'value', type: 'quantitative', title: null, scale: { zero: true } },
              color: kinds
                ? {
                    field: 'kind',
                    type: 'nominal',
                    scale: { domain: sources, range: [colours.published, colours.measured, colours.ours] },
                    legend: { orient: 'bottom' },
                  }
                : { value: colours.ours },
            },
          },
          {
            transform: [{ filter: 'isValid(datum.low)' }],
            mark: { type: 'rule', strokeWidth: 1.5, color: '#0f172a' },
            encoding: { y, x: { field: 'low', type: 'quantitative' }, x2: { field: 'high' } },
          },
          {
            mark: { type: 'text', align: 'left', dx: 5, fontSize: 11, color: '#0f172a' },
            encoding: {
              y,
              x: { field: 'end', type: 'quantitative' },
              text: { field: 'text', type: 'nominal' },
            },
          },
        ],
      };
    }),
  };
}

function bar(label: string, metric: string, kind: string, value: number, interval?: Interval) {
  return {
    label,
    metric,
    kind,
    value,
    end: Math.max(0, value, interval?.[1] ?? value),
    text: short(value),
    ...(interval ? { low: interval[0], high: interval[1] } : {}),
  };
}

function lines({ title, x, y, note, logX, lines }: Curve): TopLevelSpec {
  const values = lines.flatMap(({ name, points }) =>
    points.map((point) => ({
      name,
      x: point.x,
      y: point.y,
      label: point.label,
      ...(point.interval ? { low: point.interval[0], high: point.interval[1] } : {}),
    })),
  );
  const across = {
    field: 'x',
    type: 'quantitative' as const,
    title: x,
    scale: { zero: false, nice: true, ...(logX ? { type: 'log' as const } : {}) },
  };
  const up = { field: 'y', type: 'quantitative' as const, title: y, scale: { zero: false, nice: true } };
  const color = {
    field: 'name',
    type: 'nominal' as const,
    sort: null,
    scale: { range: [colours.ours, colours.measured, '#0e7490', '#a16207', '#6d28d9', colours.published] },
    legend: lines.length > 1 ? { orient: 'bottom' as const, columns: 3 } : null,
  };
  return {
    title: { text: title, ...(note ? { subtitle: note } : {}) },
    width: 520,
    height: 300,
    data: { values },
    layer: [
      {
        mark: { type: 'line', strokeWidth: 2 },
        encoding: { x: across, y: up, color, order: { field: 'x' } },
      },
      {
        transform: [{ filter: 'isValid(datum.low)' }],
        mark: { type: 'rule' },
        encoding: { x: across, y: { ...up, field: 'low' }, y2: { field: 'high' }, color },
      },
      { mark: { type: 'point', filled: true, size: 55 }, encoding: { x: across, y: up, color } },
      {
        transform: [{ filter: 'isValid(datum.label)' }],
        mark: { type: 'text', align: 'left', dx: 7, dy: -8, fontSize: 11 },
        encoding: { x: across, y: up, text: { field: 'label', type: 'nominal' } },
      },
    ],
  };
}

function short(value: number): string {
  return Math.abs(value) >= 100
    ? value.toFixed(0)
    : Math.abs(value) >= 1
      ? value.toFixed(2)
      : value.toFixed(4);
}
