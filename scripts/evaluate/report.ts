import type { Curve, Evaluation, Interval, Measured, Metrics, Slices } from './evaluation.js';
import { type Verdict, verdicts } from './goals.js';
import { otherSplit, publishedRows } from './published.js';

/** One evaluation as Markdown for the terminal: the published rows, those measured beside ours, ours, and the details. */
export function toMarkdown(evaluation: Evaluation): string {
  return [heading(evaluation), ...methods(evaluation), ...ablation(evaluation), ...details(evaluation)].join(
    '\n',
  );
}

/** The same and all the rest, for the report; `plots` are file names by the part that they show. */
export function toFullMarkdown(evaluation: Evaluation, plots: ReadonlyMap<string, string>): string {
  const image = (part: string) => {
    const file = plots.get(part);
    return file === undefined ? [] : [`![${part}](${file})`, ''];
  };
  return [
    heading(evaluation),
    ...methods(evaluation),
    ...image('methods'),
    ...gains(evaluation),
    ...beyond(evaluation),
    ...(evaluation.slices ?? []).flatMap((slices) => [...sliced(slices, evaluation), ...image(slices.by)]),
    ...ablation(evaluation),
    ...image('ablation'),
    ...(evaluation.curves ?? []).flatMap((line) => [...curve(line), ...image(line.title)]),
    ...details(evaluation),
    ...(evaluation.notes ?? []).map((note) => `- ${note}`),
    ...measuredAt(evaluation),
    '',
  ].join('\n');
}

/** Every goal of all evaluations in one table. */
export function goalsTable(evaluations: readonly Evaluation[]): string {
  const rows = evaluations.flatMap((evaluation) =>
    verdicts(evaluation).map((verdict) => {
      const { figure } = verdict;
      const digits = figure in evaluation.metrics ? digitsOf(evaluation)(figure) : 1;
      return [
        `${evaluation.task}: ${evaluation.dataset}`,
        figure,
        withInterval(verdict.value, verdict.interval, digits),
        verdict.goal,
        verdict.why,
        outcome(verdict),
      ];
    }),
  );
  return table(['what', 'figure', 'Rapport (95 %)', 'goal', 'because', ''], 'llrrll', rows).join('\n');
}

function outcome({ met, close }: Verdict): string {
  if (met) return close ? 'met, within the noise' : '**met**';
  return close ? 'missed, within the noise' : '**missed**';
}

function heading({ task, dataset }: Evaluation): string {
  return `### ${task}: ${dataset}\n`;
}

function methods(evaluation: Evaluation): string[] {
  const names = Object.keys(evaluation.metrics);
  const digits = digitsOf(evaluation);
  const published = publishedRows(evaluation.dataset, names);
  const cells = (metrics: Metrics) => names.map((name) => number(metrics[name], digits(name)));
  const measured = (evaluation.baselines ?? []).map((row) => [
    row.method,
    ...names.map((name) => withInterval(row.metrics[name], row.intervals?.[name], digits(name))),
    number(row.microsecondsPerQuery, 0, ''),
    'measured here',
  ]);
  const rows = [
    ...published.map(({ method, metrics }) => [method, ...cells(metrics), '', 'published']),
    ...measured,
    [
      '**Rapport**',
      ...names.map((name) =>
        withInterval(evaluation.metrics[name], evaluation.intervals?.[name], digits(name), '**'),
      ),
      number(evaluation.microsecondsPerQuery, 0),
      '**measured here**',
    ],
  ];
  const lines = table(
    ['method', ...names, 'µs per query', 'from'],
    `l${'r'.repeat(names.length + 1)}l`,
    rows,
  );
  if (published.length > 0)
    lines.push(
      'Published rows as recalled from the papers; the others ran here, on the same queries. In brackets: 95 % intervals.',
      '',
    );
  const caveat = published.length > 0 ? otherSplit(evaluation) : null;
  if (caveat) lines.push(`**Caution:** ${caveat}.`, '');
  return lines;
}

function gains(evaluation: Evaluation): string[] {
  const rows = (evaluation.baselines ?? []).filter(({ gains }) => gains !== undefined);
  if (rows.length === 0) return [];
  const names = Object.keys(evaluation.metrics);
  return [
    '**What Rapport gains over what was measured beside it** (paired, on the same queries)',
    '',
    ...gainsTable('over', rows, names, digitsOf(evaluation)),
  ];
}

function gainsTable(
  first: string,
  rows: readonly Measured[],
  names: readonly string[],
  digits: Digits,
): string[] {
  return table(
    [first, ...names],
    `l${'r'.repeat(names.length)}`,
    rows.map(({ method, gains }) => [
      method,
      ...names.map((name) => {
        const found = gains?.[name];
        return found === undefined ? '–' : signed(found.gain, found.interval, digits(name));
      }),
    ]),
  );
}

function ablation({ ablation, metrics }: Evaluation): string[] {
  if (ablation === undefined || ablation.length === 0) return [];
  return [
    '**What each part is worth**: what is lost without it (paired, on the same queries)',
    '',
    ...gainsTable('without', ablation, Object.keys(metrics), digitsOf({ metrics })),
  ];
}

function beyond(evaluation: Evaluation): string[] {
  if (evaluation.beyond === undefined) return [];
  const names = Object.keys(evaluation.beyond);
  const rows = [
    ...(evaluation.baselines ?? []).filter(({ beyond }) => beyond !== undefined),
    { method: '**Rapport**', beyond: evaluation.beyond },
  ];
  return [
    '**Beyond accuracy**',
    '',
    ...table(
      ['method', ...names],
      `l${'r'.repeat(names.length)}`,
      rows.map(({ method, beyond }) => [
        method,
        ...names.map((name) => number(beyond?.[name], name === 'Gini' || name === 'diversity' ? 3 : 1)),
      ]),
    ),
  ];
}

function sliced({ by, note, beside, rows }: Slices, evaluation: Evaluation): string[] {
  const names = [...new Set(rows.flatMap(({ metrics }) => Object.keys(metrics)))];
  const digits = digitsOf(evaluation);
  return [
    `**By ${by}**${note ? ` (${note})` : ''}`,
    '',
    ...table(
      ['', 'queries', ...names, ...(beside ? names.map((name) => `${name} of ${beside}`) : [])],
      `lr${'r'.repeat((beside ? 2 : 1) * names.length)}`,
      rows.map((row) => [
        row.label,
        String(row.queries),
        ...names.map((name) => withInterval(row.metrics[name], row.intervals?.[name], digits(name))),
        ...(beside ? names.map((name) => number(row.beside?.[name], digits(name))) : []),
      ]),
    ),
  ];
}

function curve({ title, x, y, note, lines }: Curve): string[] {
  return [
    `**${title}**${note ? ` (${note})` : ''}`,
    '',
    ...table(
      ['', x, y],
      'lrr',
      lines.flatMap(({ name, points }) =>
        points.map((point) => [
          point.label === undefined ? name : `${name}: ${point.label}`,
          short(point.x),
          point.interval ? `${short(point.y)} [${point.interval.map(short).join('; ')}]` : short(point.y),
        ]),
      ),
    ),
  ];
}

function details({ details }: Evaluation): string[] {
  return table(
    ['detail', ''],
    'lr',
    Object.entries(details).map(([name, value]) => [name, typeof value === 'number' ? short(value) : value]),
  );
}

function measuredAt({ measured }: Evaluation): string[] {
  if (measured === undefined) return [];
  const { at, seconds, cpuSeconds, machine, load, peakMemoryMb } = measured;
  return [
    '',
    `Measured ${at.slice(0, 16).replace('T', ' ')} UTC in ${seconds.toFixed(0)} s (${cpuSeconds?.toFixed(0) ?? '?'} s of CPU) on ${machine}; load ${load.toFixed(1)}, peak memory of the run so far ${(peakMemoryMb / 1024).toFixed(1)} GB.`,
  ];
}

type Digits = (name: string) => number;

/** Percentages have two digits, fractions four, amounts one. */
function digitsOf({ metrics }: Pick<Evaluation, 'metrics'>): Digits {
  return (name) => (name.endsWith('@20') ? 2 : (metrics[name] ?? 0) >= 2 ? 1 : 4);
}

function number(value: number | undefined, digits: number, absent = '–'): string {
  return value === undefined ? absent : value.toFixed(digits);
}

function withInterval(
  value: number | undefined,
  interval: Interval | undefined,
  digits: number,
  mark = '',
): string {
  const text = `${mark}${number(value, digits)}${mark}`;
  return interval === undefined ? text : `${text} [${interval.map((end) => end.toFixed(digits)).join('; ')}]`;
}

function signed(value: number, interval: Interval, digits: number): string {
  const text = (end: number) => `${end >= 0 ? '+' : '−'}${Math.abs(end).toFixed(digits)}`;
  return `${text(value)} [${interval.map(text).join('; ')}]`;
}

function table(head: readonly string[], align: string, rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [
    line(head),
    line([...align].map((side) => (side === 'r' ? '---:' : '---'))),
    ...rows.map((row) => line(row.map((cell) => cell.replaceAll('|', '\\|')))),
    '',
  ];
}

function short(value: number): string {
  if (Number.isInteger(value)) return String(value);
  return Math.abs(value) >= 1000 ? value.toFixed(0) : value.toPrecision(4);
}
