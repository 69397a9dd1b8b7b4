import type { TopLevelSpec } from 'vega-lite';
import type { Curve } from './evaluation.js';

export const colours = { ours: '#c2410c', measured: '#475569', published: '#b6c2d1', beside: '#1d4ed8' };
const ink = '#0f172a';
const lineColours = [colours.ours, colours.measured, '#0e7490', '#a16207', '#6d28d9', '#15803d'];
const barStep = 22;
const panelWidth = 300;

export interface Bar {
  readonly label: string;
  readonly panel: string;
  readonly value: number;
  /** Tells the colour, where there are kinds. */
  readonly kind: string;
  readonly low?: number;
  readonly high?: number;
  /** Marked in the same row. */
  readonly beside?: number;
}

export interface BarPanels {
  readonly title: string;
  readonly subtitle: string | readonly string[];
  readonly bars: readonly Bar[];
  /** From top to bottom. */
  readonly order: readonly string[];
  readonly panels: readonly string[];
  /** Absent: as many as tell the largest in four figures. */
  readonly digits?: number;
  readonly kinds?: readonly (readonly [name: string, colour: string])[];
}

/** Panels side by side, each with its own axis from 0, their rows in common. */
export function barPanels({
  title,
  subtitle,
  bars,
  order,
  panels,
  kinds,
  digits: fixed,
}: BarPanels): TopLevelSpec {
  return {
    title: { text: title, subtitle: typeof subtitle === 'string' ? subtitle : [...subtitle] },
    spacing: 26,
    hconcat: panels.map((panel, at) => {
      const y = {
        field: 'label',
        type: 'nominal' as const,
        sort: [...order],
        scale: { domain: [...order] },
        axis: at === 0 ? { title: null, domain: false, ticks: false, labelPadding: 6, labelLimit: 0 } : null,
      };
      const own = bars.filter((bar) => bar.panel === panel);
      const digits = fixed ?? digitsFor(own.map(({ value }) => value));
      const values = own.map((bar) => ({
        ...bar,
        end: Math.max(0, bar.value, bar.high ?? bar.value, bar.beside ?? bar.value),
        text: bar.value.toFixed(digits),
      }));
      return {
        width: panelWidth,
        height: { step: barStep },
        title: { text: panel, fontSize: 13, offset: 6, frame: 'group' as const },
        data: { values },
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
                    scale: { domain: kinds.map(([name]) => name), range: kinds.map(([, colour]) => colour) },
                    legend: { orient: 'bottom' },
                  }
                : { value: colours.ours },
            },
          },
          {
            transform: [{ filter: 'isValid(datum.beside)' }],
            mark: { type: 'tick', thickness: 3, size: barStep - 4, color: colours.beside, opacity: 1 },
            encoding: { y, x: { field: 'beside', type: 'quantitative' } },
          },
          {
            transform: [{ filter: 'isValid(datum.low)' }],
            mark: { type: 'rule', strokeWidth: 1.5, color: ink },
            encoding: { y, x: { field: 'low', type: 'quantitative' }, x2: { field: 'high' } },
          },
          {
            mark: { type: 'text', align: 'left', dx: 5, fontSize: 11, color: ink },
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

/** As many as tell the largest in four figures. */
function digitsFor(values: readonly number[]): number {
  const largest = Math.max(...values.map(Math.abs));
  if (largest >= 1000) return 0;
  if (largest >= 100) return 1;
  return largest >= 1 ? 2 : 4;
}

export function linePlot({ title, x, y, note, logX, fromZero, lines }: Curve): TopLevelSpec {
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
    scale: logX ? { type: 'log' as const, nice: false } : { zero: false, nice: true },
  };
  const up = {
    field: 'y',
    type: 'quantitative' as const,
    title: y,
    scale: { zero: fromZero ?? false, nice: true },
  };
  const color = {
    field: 'name',
    type: 'nominal' as const,
    sort: null,
    scale: { range: lineColours },
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
