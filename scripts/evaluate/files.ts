import {
  closeSync,
  createReadStream,
  existsSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { createGunzip, gunzipSync } from 'node:zlib';

/** Where `name` or `name.gz` lies. Throws an error that says what was looked for and what is there. */
function existing(directory: string, name: string): string {
  const found = [join(directory, name), join(directory, `${name}.gz`)].find((path) => existsSync(path));
  if (found !== undefined) return found;
  if (!existsSync(directory)) throw new Error(`there is no folder ${directory}`);
  const there = readdirSync(directory).slice(0, 20).join(', ');
  throw new Error(`${directory} has neither ${name} nor ${name}.gz; in it: ${there || 'nothing'}`);
}

/** By what it begins with, not by its name. */
function isPacked(path: string): boolean {
  const file = openSync(path, 'r');
  const start = Buffer.alloc(2);
  readSync(file, start, 0, 2, 0);
  closeSync(file);
  return start[0] === 0x1f && start[1] === 0x8b;
}

/** Reads `name` or `name.gz` whole: for what must be parsed as one. */
export function readText(directory: string, name: string): string {
  const path = existing(directory, name);
  const bytes = readFileSync(path);
  return (isPacked(path) ? gunzipSync(bytes) : bytes).toString('utf8').replace(/^\uFEFF/, '');
}

export function readLines(directory: string, name: string): string[] {
  return readText(directory, name)
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

/** The lines of `name` or `name.gz` that are not empty, without blanks at the end, however large the file. */
export async function* streamLines(directory: string, name: string): AsyncGenerator<string> {
  const path = existing(directory, name);
  let rest = '';
  let first = true;
  for await (const chunk of readable(path)) {
    const lines = (rest + (first ? chunk.replace(/^\uFEFF/, '') : chunk)).split('\n');
    first = false;
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const text = line.trimEnd();
      if (text !== '') yield text;
    }
  }
  if (rest.trimEnd() !== '') yield rest.trimEnd();
}

async function* readable(path: string): AsyncGenerator<string> {
  const file = createReadStream(path, { highWaterMark: 2 ** 20 });
  const text: Readable = isPacked(path) ? file.pipe(createGunzip({ chunkSize: 2 ** 20 })) : file;
  file.on('error', (error) => text.destroy(error));
  text.setEncoding('utf8');
  try {
    for await (const chunk of text) yield String(chunk);
  } catch (error) {
    throw new Error(`${path} cannot be read to its end: ${error instanceof Error ? error.message : error}`);
  }
}

export function hasFile(directory: string, name: string): boolean {
  return existsSync(join(directory, name)) || existsSync(join(directory, `${name}.gz`));
}

/** Throws an error that says what the task needs and what is there. */
export function requireFiles(directory: string, task: string, names: readonly string[]): void {
  if (!existsSync(directory)) throw new Error(`there is no folder ${directory}`);
  const missing = names.filter((name) => !hasFile(directory, name));
  if (missing.length === 0) return;
  const there = readdirSync(directory).slice(0, 20).join(', ');
  throw new Error(
    `${task} needs ${names.join(' and ')} (plain or .gz) in ${directory}; missing: ${missing.join(', ')}; there is: ${there || 'nothing'}`,
  );
}

/** Dense numbers for items of any name, in the order of appearance. */
export function createNumbering() {
  const numbers = new Map<string, number>();
  return {
    number(name: string): number {
      const known = numbers.get(name);
      if (known !== undefined) return known;
      numbers.set(name, numbers.size);
      return numbers.size - 1;
    },
    /** Names divided by blanks; none for an empty text. */
    list(names: string): number[] {
      const trimmed = names.trim();
      return trimmed === '' ? [] : trimmed.split(/\s+/).map((name) => this.number(name));
    },
    get size() {
      return numbers.size;
    },
    /** In the order of their numbers. */
    names: () => numbers.keys(),
  };
}
