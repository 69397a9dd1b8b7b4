import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { type Parser, parse } from 'csv-parse';
import type { Row } from './row-values.js';

/** The longest line or CSV record that is read; longer ones are reported and skipped. */
const lineBytesMax = 4 * 1024 * 1024;
const sniffBytes = 64 * 1024;

export type ReadRow =
  | { readonly line: number; readonly row: Row }
  | { readonly line: number; readonly error: string };

export interface ReadOptions {
  /** Told how many bytes of the file, as it lies on the disk, have been read since the last call. */
  readonly onBytes?: (bytes: number) => void;
  /** Told the columns of a CSV file before its first row; what it throws ends the reading. */
  readonly onColumns?: (columns: readonly string[]) => void;
}

/**
 * The rows of a file of JSON lines or of CSV (comma, semicolon or tab, with a header), plain or gzip, recognised by
 * content. Streams: memory does not grow with the file, and reading waits for the consumer. Lines are numbered from 1,
 * blank ones are skipped, unreadable ones are answered as errors. Rejects when the file cannot be read at all.
 */
export async function* readRows(file: string, options: ReadOptions = {}): AsyncGenerator<ReadRow> {
  const gzip = await isGzip(file);
  const raw = createReadStream(file);
  const chunks = bytesOf(asUtf8(file, gzip ? gunzipped(raw, options) : counted(raw, options)));
  const head = await headOf(chunks);
  try {
    const text = head.bytes
      .toString('utf8')
      .replace(/^\uFEFF/, '')
      .trimStart();
    if (text === '') return;
    if (text.startsWith('[')) {
      throw new Error(`${file} is one JSON list; it must be JSON lines (one object a line) or CSV`);
    }
    yield* text.startsWith('{') ? jsonLines(head.all) : csv(head.all, delimiterOf(text), options);
  } finally {
    raw.destroy();
  }
}

async function isGzip(file: string): Promise<boolean> {
  const handle = await open(file);
  try {
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(2), 0, 2, 0);
    return bytesRead === 2 && buffer[0] === 0x1f && buffer[1] === 0x8b;
  } finally {
    await handle.close();
  }
}

async function* counted(raw: AsyncIterable<Buffer>, options: ReadOptions): AsyncGenerator<Buffer> {
  for await (const chunk of raw) {
    options.onBytes?.(chunk.length);
    yield chunk;
  }
}

function gunzipped(raw: AsyncIterable<Buffer>, options: ReadOptions): AsyncIterable<Buffer> {
  const gunzip = createGunzip();
  const source = Readable.from(counted(raw, options));
  source.on('error', (error) => gunzip.destroy(error));
  return source.pipe(gunzip);
}

/** Passes chunks on as long as they are UTF-8. Anything else would be saved as broken letters, so it ends the reading. */
async function* asUtf8(file: string, chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let bytes = 0;
  try {
    for await (const chunk of chunks) {
      decoder.decode(chunk, { stream: true });
      bytes += chunk.length;
      yield chunk;
    }
    decoder.decode();
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new Error(
      `${file} is not UTF-8 text after its first ${bytes} bytes; save it as UTF-8 and import it again`,
    );
  }
}

function bytesOf(chunks: AsyncIterable<Buffer>): AsyncIterator<Buffer> {
  return chunks[Symbol.asyncIterator]();
}

/** Reads enough to tell the format; `all` starts again from the first byte. */
async function headOf(
  chunks: AsyncIterator<Buffer>,
): Promise<{ readonly bytes: Buffer; readonly all: AsyncIterable<Buffer> }> {
  const parts: Buffer[] = [];
  let length = 0;
  while (length < sniffBytes) {
    const next = await chunks.next();
    if (next.done) break;
    parts.push(next.value);
    length += next.value.length;
  }
  const bytes = Buffer.concat(parts);
  async function* all(): AsyncGenerator<Buffer> {
    if (bytes.length > 0) yield bytes;
    for (;;) {
      const next = await chunks.next();
      if (next.done) return;
      yield next.value;
    }
  }
  return { bytes: bytes.subarray(0, sniffBytes), all: all() };
}

/** The separator that is most frequent in the header line, outside of quotes. */
function delimiterOf(text: string): string {
  const header = (text.split(/\r?\n/, 1)[0] ?? '').replaceAll(/"[^"]*"/g, '');
  const count = (delimiter: string) => header.split(delimiter).length;
  return [',', ';', '\t'].reduce((best, next) => (count(next) > count(best) ? next : best));
}

/** Lines end with a line feed only: a text may hold U+2028, which `readline` would cut at. */
async function* jsonLines(chunks: AsyncIterable<Buffer>): AsyncGenerator<ReadRow> {
  let line = 0;
  let parts: Buffer[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    let start = 0;
    for (;;) {
      const end = chunk.indexOf(0x0a, start);
      const part = chunk.subarray(start, end < 0 ? chunk.length : end);
      length += part.length;
      if (length <= lineBytesMax) parts.push(part);
      if (end < 0) break;
      yield* parsed(++line, parts, length);
      parts = [];
      length = 0;
      start = end + 1;
    }
  }
  yield* parsed(++line, parts, length);
}

function* parsed(line: number, parts: readonly Buffer[], length: number): Generator<ReadRow> {
  if (length > lineBytesMax) {
    yield { line, error: `the line is ${length} bytes long; at most ${lineBytesMax} are read` };
    return;
  }
  const text = Buffer.concat(parts)
    .toString('utf8')
    .replace(/^\uFEFF/, '')
    .trim();
  if (text === '') return;
  try {
    const row: unknown = JSON.parse(text);
    if (typeof row === 'object' && row !== null && !Array.isArray(row)) yield { line, row: row as Row };
    else yield { line, error: 'the line is no JSON object' };
  } catch (error) {
    yield { line, error: `the line is no JSON: ${error instanceof Error ? error.message : String(error)}` };
  }
}

async function* csv(
  chunks: AsyncIterable<Buffer>,
  delimiter: string,
  { onColumns }: ReadOptions,
): AsyncGenerator<ReadRow> {
  const unreadable: ReadRow[] = [];
  const parser: Parser = parse({
    columns(names: string[]) {
      onColumns?.(names);
      return names;
    },
    bom: true,
    info: true,
    delimiter,
    relax_quotes: true,
    skip_empty_lines: true,
    skip_records_with_error: true,
    max_record_size: lineBytesMax,
    on_skip(error) {
      if (error) unreadable.push({ line: Number(error.lines ?? 0), error: error.message });
      return undefined;
    },
  });
  const source = Readable.from(chunks);
  source.on('error', (error) => parser.destroy(error));
  source.pipe(parser);
  for await (const { record, info } of parser as AsyncIterable<{ record: Row; info: { lines: number } }>) {
    yield* unreadable.splice(0);
    yield { line: info.lines, row: record };
  }
  yield* unreadable;
}
