import { decoded, headBytes } from './decode.js';
import { type Format, formatOf } from './format.js';
import { type Input, openInput } from './input.js';
import { readCsv } from './read-csv.js';
import { readJson } from './read-json.js';
import { readJsonLines } from './read-json-lines.js';
import { readXml } from './read-xml.js';
import type { ReadRow } from './rows.js';

export interface ReadOptions {
  /** Receives the number of bytes of the file, as it lies on the disk, that were read since the last call. */
  readonly onBytes?: ((bytes: number) => void) | undefined;
  /** Receives the encoding if it is neither stated nor UTF-8. */
  readonly onEncoding?: ((encoding: string) => void) | undefined;
  readonly encoding?: string | undefined;
  /** The path of the list of products in a JSON document ("data.products"); if omitted, it is looked for. */
  readonly list?: string | undefined;
  /** The local name of the XML element that is one product; if omitted, the usual ones. */
  readonly element?: string | undefined;
}

/**
 * The rows of a file: CSV, JSON lines, one JSON document or XML, recognised by content. Memory does not grow with the file, and reading
 * waits for the consumer. Lines are numbered from 1, items of a JSON document too. A record that cannot be read is an error of its own;
 * the iteration rejects if the file as a whole cannot be read.
 */
export async function* readRows(input: Input, options: ReadOptions = {}): AsyncGenerator<ReadRow> {
  const { name } = input;
  const text = decoded(input.bytes(options.onBytes), {
    name,
    encoding: options.encoding,
    ...(options.onEncoding ? { onEncoding: options.onEncoding } : {}),
  });
  const { head, all } = await headOf(text);
  try {
    const detected = formatOf(name, head);
    const format: Format = detected === 'json-lines' && options.list !== undefined ? 'json' : detected;
    if (format === 'csv') yield* readCsv(head, all);
    else if (format === 'json-lines') yield* readJsonLines(all);
    else if (format === 'json') yield* readJson(name, head, all, options.list);
    else yield* readXml(name, all, options.element);
  } finally {
    await text.return(undefined);
  }
}

/** The format of a file, by its content. Rejects if it is none that products are read from. */
export async function detectFormat(input: Input, encoding?: string): Promise<Format> {
  const text = decoded(input.bytes(), { name: input.name, encoding });
  try {
    const { head } = await headOf(text);
    return formatOf(input.name, head);
  } finally {
    await text.return(undefined);
  }
}

/** The rows of a file by its path, plain or gzip. Rejects if there is no such file. */
export async function* readFileRows(path: string, options: ReadOptions = {}): AsyncGenerator<ReadRow> {
  const input = await openInput(path, process.stdin);
  try {
    yield* readRows(input, options);
  } finally {
    await input.close();
  }
}

/** Reads enough text to detect the format; `all` starts again from the first character. */
async function headOf(
  text: AsyncGenerator<string>,
): Promise<{ readonly head: string; readonly all: AsyncIterable<string> }> {
  const parts: string[] = [];
  let length = 0;
  while (length < headBytes) {
    const next = await text.next();
    if (next.done) break;
    parts.push(next.value);
    length += next.value.length;
  }
  const head = parts.join('').replace(/^\uFEFF/, '');
  async function* all(): AsyncGenerator<string> {
    if (head !== '') yield head;
    yield* text;
  }
  return { head: head.slice(0, headBytes), all: all() };
}
