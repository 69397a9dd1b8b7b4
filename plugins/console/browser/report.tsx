import { signal } from '@preact/signals';
import type { TargetedSubmitEvent } from 'preact';
import { useEffect } from 'preact/hooks';
import { send } from './gateway.js';
import type { ReportEntry } from './operations.js';
import * as operations from './operations.js';
import { Choice, Fault, Text, Title, valuesOf } from './parts.js';
import { Plot } from './plot.js';
import { go, hrefOf, route } from './route.js';
import { announce, createTask } from './task.js';

const filters = [
  ['ALL', 'All'],
  ['ZERO_RESULTS', 'Without results'],
  ['ABANDONED', 'Without a click'],
  ['RISING', 'Rising'],
] as const;

const load = createTask(async (days: number, filter: string, locale: string | null) => {
  const { searchReport } = await send(operations.report, { days, filter, locale });
  announce(`The report has ${searchReport?.length ?? 0} queries.`);
  return searchReport;
});

type Column = keyof ReportEntry;

const columns: readonly (readonly [Column, string, (entry: ReportEntry) => string])[] = [
  ['query', 'Query', ({ query }) => query],
  ['searches', 'Searches', ({ searches }) => String(searches)],
  ['zeroResults', 'Without results', ({ zeroResults }) => String(zeroResults)],
  ['clicked', 'Clicked', ({ clicked }) => String(clicked)],
  [
    'clickThroughRate',
    'Click-through rate',
    ({ clickThroughRate: rate }) => (rate === null ? '–' : `${(100 * rate).toFixed(1)} %`),
  ],
  [
    'averageClickPosition',
    'Click position',
    ({ averageClickPosition: position }) => (position === null ? '–' : position.toFixed(1)),
  ],
];

/** Null: in the order of the report. */
const order = signal<{ readonly column: Column; readonly descending: boolean } | null>(null);

/** Entries without a value come last in both directions. */
function sorted(entries: readonly ReportEntry[]): readonly ReportEntry[] {
  if (!order.value) return entries;
  const { column, descending } = order.value;
  const sign = descending ? -1 : 1;
  return [...entries].sort((a, b) => {
    const [x, y] = [a[column], b[column]];
    if (x === null || y === null) return Number(x === null) - Number(y === null);
    const compared = typeof x === 'string' ? x.localeCompare(String(y)) : x - Number(y);
    return sign * compared;
  });
}

export function ReportView() {
  const { parameters } = route.value;
  const { days = '7', filter = 'ALL', locale = '' } = Object.fromEntries(parameters);
  const text = parameters.toString();
  useEffect(() => void load.run(Number(days), filter, locale || null), [text]);
  function submit(event: TargetedSubmitEvent<HTMLFormElement>): void {
    event.preventDefault();
    go('report', valuesOf(event.currentTarget));
  }
  const entries = load.data.value;
  return (
    <>
      <Title>Search report</Title>
      <form class="row" onSubmit={submit} key={text}>
        <Choice label="Queries" name="filter" value={filter} options={filters} />
        <Text label="Days" name="days" type="number" min="1" max="90" value={days} required />
        <Text label="Language" name="locale" value={locale} placeholder="all" />
        <button id="submit" type="submit" class="strong" aria-busy={load.pending.value}>
          Show
        </button>
      </form>
      <Fault of={load} />
      {entries?.length === 0 ? (
        <p>No queries. A query is listed once enough different people have searched for it.</p>
      ) : null}
      {entries && entries.length > 0 ? (
        <>
          <Plot entries={entries} />
          <Entries entries={entries} locale={locale} />
        </>
      ) : null}
    </>
  );
}

function Entries(props: { readonly entries: readonly ReportEntry[]; readonly locale: string }) {
  const { entries, locale } = props;
  function sortBy(column: Column): void {
    const now = order.value;
    order.value = { column, descending: now?.column === column ? !now.descending : column !== 'query' };
  }
  function sortOf(column: Column): 'ascending' | 'descending' | 'none' {
    if (order.value?.column !== column) return 'none';
    return order.value.descending ? 'descending' : 'ascending';
  }
  return (
    <div class="scroll">
      <table>
        <caption>{entries.length} queries. A query opens its preview.</caption>
        <thead>
          <tr>
            {columns.map(([column, label]) => (
              <th
                key={column}
                scope="col"
                aria-sort={sortOf(column)}
                class={column === 'query' ? '' : 'number'}
              >
                <button type="button" class="sort" onClick={() => sortBy(column)}>
                  {label}
                </button>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {sorted(entries).map((entry) => (
            <tr key={entry.query}>
              <th scope="row">
                <a href={hrefOf('preview', { query: entry.query, ...(locale && { locale }) })}>
                  {entry.query}
                </a>
              </th>
              {columns.slice(1).map(([column, , shown]) => (
                <td key={column} class="number">
                  {shown(entry)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
