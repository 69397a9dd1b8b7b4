import { Readable } from 'node:stream';
import { type Info, parse } from 'csv-parse';
import { type ReadRow, type Row, recordCharactersMax } from './rows.js';

const delimiters = [',', ';', '\t', '|'] as const;

/**
 * The records of CSV text with a header. The delimiter is the one stated by a first line `sep=;`, else the most frequent of comma,
 * semicolon, tab and vertical bar in the header. Column names are trimmed; a column that occurs twice has a list of its cells.
 * A record that is shorter than the header lacks its last cells; cells beyond the header are reported as lost.
 */
export async function* readCsv(head: string, text: AsyncIterable<string>): AsyncGenerator<ReadRow> {
  const { skip, delimiter } = preambleOf(head);
  const unreadable: ReadRow[] = [];
  const parser = parse({
    bom: true,
    info: true,
    delimiter,
    trim: true,
    relax_quotes: true,
    relax_column_count: true,
    skip_empty_lines: true,
    skip_records_with_error: true,
    max_record_size: recordCharactersMax,
    from_line: skip + 1,
    on_skip(error) {
      if (error) unreadable.push({ line: Number(error.lines ?? 0), error: error.message });
      return undefined;
    },
  });
  const source = Readable.from(text);
  source.on('error', (error) => parser.destroy(error));
  source.pipe(parser);
  let columns: readonly string[] | null = null;
  try {
    for await (const { record, info } of parser as AsyncIterable<{ record: string[]; info: Info }>) {
      yield* unreadable.splice(0);
      if (columns === null) {
        columns = record.map((name) => name.replace(/^\uFEFF/, '').trim());
        continue;
      }
      // A line of delimiters only is how spreadsheets save an empty row.
      if (record.every((cell) => cell === '')) continue;
      yield rowOf(columns, record, info.lines);
    }
    yield* unreadable;
  } finally {
    source.destroy();
  }
}

function rowOf(columns: readonly string[], record: readonly string[], line: number): ReadRow {
  const row: Record<string, unknown> = {};
  for (const [at, column] of columns.entries()) {
    if (column === '') continue;
    const cell = record[at];
    if (cell === undefined) break;
    if (!Object.hasOwn(row, column)) row[column] = cell;
    else row[column] = [row[column], cell].flat();
  }
  const beyond = record.slice(columns.length).filter((cell) => cell !== '');
  return { line, row: row as Row, columns, ...(beyond.length > 0 ? { lost: beyond } : {}) };
}

/** Lines before the header: `sep=;`, as Excel writes it, and the comments that Meta's and Google's templates begin with. */
function preambleOf(head: string): { readonly skip: number; readonly delimiter: string } {
  const lines = head.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/, 20);
  const stated = /^"?sep=(.)"?$/i.exec(lines[0] ?? '')?.[1];
  let skip = stated === undefined ? 0 : 1;
  while (/^"?#\s/.test(lines[skip] ?? '')) skip++;
  return { skip, delimiter: stated ?? delimiterOf(lines[skip] ?? '') };
}

function delimiterOf(line: string): string {
  const header = line.replaceAll(/"[^"]*"/g, '');
  const count = (delimiter: string) => header.split(delimiter).length;
  return delimiters.reduce((best: string, next) => (count(next) > count(best) ? next : best), ',');
}
