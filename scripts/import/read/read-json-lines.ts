import { isRow, type ReadRow, recordCharactersMax } from './rows.js';

/**
 * One JSON object a line. A line ends with a line feed only, since a text may hold U+2028. Blank lines are skipped; a line that is no
 * object, or is too long, is an error of its own.
 */
export async function* readJsonLines(text: AsyncIterable<string>): AsyncGenerator<ReadRow> {
  let line = 0;
  let parts: string[] = [];
  let length = 0;
  for await (const chunk of text) {
    let start = 0;
    for (;;) {
      const end = chunk.indexOf('\n', start);
      const part = chunk.slice(start, end < 0 ? chunk.length : end);
      length += part.length;
      if (length <= recordCharactersMax) parts.push(part);
      if (end < 0) break;
      yield* parsed(++line, parts, length);
      parts = [];
      length = 0;
      start = end + 1;
    }
  }
  yield* parsed(++line, parts, length);
}

function* parsed(line: number, parts: readonly string[], length: number): Generator<ReadRow> {
  if (length > recordCharactersMax) {
    yield { line, error: `the line is ${length} characters long; at most ${recordCharactersMax} are read` };
    return;
  }
  const text = parts
    .join('')
    .replace(/^\uFEFF/, '')
    .trim();
  if (text === '') return;
  try {
    const row: unknown = JSON.parse(text);
    yield isRow(row) ? { line, row } : { line, error: 'the line is no JSON object' };
  } catch (error) {
    yield { line, error: `the line is no JSON: ${error instanceof Error ? error.message : String(error)}` };
  }
}
