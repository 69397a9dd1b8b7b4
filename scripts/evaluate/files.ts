import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

/** Reads `name` or `name.gz`. Throws an error that names both if neither is there. */
export function readText(directory: string, name: string): string {
  const plain = join(directory, name);
  if (existsSync(plain)) return readFileSync(plain, 'utf8');
  const packed = `${plain}.gz`;
  if (existsSync(packed)) return gunzipSync(readFileSync(packed)).toString('utf8');
  throw new Error(`${directory} has neither ${name} nor ${name}.gz`);
}

export function readLines(directory: string, name: string): string[] {
  return readText(directory, name)
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

export function hasFile(directory: string, name: string): boolean {
  return existsSync(join(directory, name)) || existsSync(join(directory, `${name}.gz`));
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
    /** Names divided by blanks. */
    list(names: string): number[] {
      return names.split(/\s+/).map((name) => this.number(name));
    },
    get size() {
      return numbers.size;
    },
  };
}
