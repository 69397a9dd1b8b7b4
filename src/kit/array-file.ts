import { createHash } from 'node:crypto';
import { chmod, mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { crc32 } from 'node:zlib';

/** Values that such a file holds: numbers, texts, lists of texts, typed arrays, and lists and records of these. */
export type Stored =
  | number
  | string
  | readonly string[]
  | Uint8Array
  | Uint16Array
  | Uint32Array
  | Float64Array
  | readonly Stored[]
  | { readonly [name: string]: Stored };

const arrays = { u8: Uint8Array, u16: Uint16Array, u32: Uint32Array, f64: Float64Array };
type ArrayName = keyof typeof arrays;
/** Names the format; the number grows with every change of it. */
const magic = 'array-file-1\n';
const chunkBytes = 1 << 20;
const textsPerChunk = 5_000;
/** Lengths of sections are multiples of it, as the largest numbers need. */
const alignment = 8;

/** Stands in the header for a value that is in a section: its kind and length. */
interface Section {
  readonly $: ArrayName | 'texts';
  readonly bytes: number;
}

/**
 * Writes a file that is whole or not there: a header as JSON, then typed arrays as they are and texts as JSON, and a checksum. The value must
 * not change meanwhile. Returns the number of bytes.
 */
export async function writeArrayFile(path: string, temporary: string, stored: Stored): Promise<number> {
  const sections: Uint8Array[] = [];
  const describe = (bytes: Uint8Array, kind: Section['$']): Section => {
    sections.push(bytes);
    return { $: kind, bytes: bytes.byteLength };
  };
  const shape = (value: Stored): unknown => {
    for (const [name, type] of Object.entries(arrays)) {
      if (value instanceof type)
        return describe(new Uint8Array(value.buffer, value.byteOffset, value.byteLength), name as ArrayName);
    }
    if (isTexts(value)) {
      const chunks: Section[] = [];
      for (let i = 0; i < value.length; i += textsPerChunk)
        chunks.push(describe(Buffer.from(JSON.stringify(value.slice(i, i + textsPerChunk))), 'texts'));
      return { texts$: chunks };
    }
    if (Array.isArray(value)) return value.map(shape);
    if (typeof value === 'object')
      return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, shape(each)]));
    return value;
  };
  const header = Buffer.from(JSON.stringify(shape(stored)));
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  // It may be there already, with another mode or of another user.
  await chmod(dirname(path), 0o700).catch(() => undefined);
  const file = await open(temporary, 'wx', 0o600);
  let sum = 0;
  let written = 0;
  const write = async (bytes: Uint8Array): Promise<void> => {
    for (let at = 0; at < bytes.length; at += chunkBytes) {
      const chunk = bytes.subarray(at, at + chunkBytes);
      sum = crc32(chunk, sum);
      await file.writeFile(chunk);
      written += chunk.length;
    }
    const odd = written % alignment;
    if (odd > 0) {
      const padding = new Uint8Array(alignment - odd);
      sum = crc32(padding, sum);
      await file.writeFile(padding);
      written += alignment - odd;
    }
  };
  try {
    await file.chmod(0o600);
    const preamble = new Uint8Array(24);
    preamble.set(Buffer.from(magic));
    new DataView(preamble.buffer).setUint32(20, header.length, true);
    await write(preamble);
    await write(header);
    for (const section of sections) await write(section);
    const end = new Uint8Array(alignment);
    new DataView(end.buffer).setUint32(0, sum, true);
    await file.writeFile(end);
    await file.datasync();
    await file.close();
    await rename(temporary, path);
  } catch (error) {
    await file.close().catch(() => undefined);
    await rm(temporary, { force: true });
    throw error;
  }
  return written;
}

/**
 * Reads such a file; null if there is none. Throws for a file that is damaged, cut off or of another format. `pause` is awaited between
 * slices of work.
 */
export async function readArrayFile(path: string, pause: () => Promise<void>): Promise<Stored | null> {
  const read = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  if (read === null) return null;
  if (read.length < 32 || read.subarray(0, magic.length).toString() !== magic)
    throw new Error('the file has another format');
  const view = new DataView(read.buffer, read.byteOffset, read.byteLength);
  const end = read.length - alignment;
  // The checksum comes first, so that nothing damaged is interpreted.
  let sum = 0;
  for (let from = 0; from < end; from += chunkBytes) {
    sum = crc32(read.subarray(from, Math.min(end, from + chunkBytes)), sum);
    await pause();
  }
  if (read.length % alignment !== 0 || view.getUint32(end, true) !== sum)
    throw new Error('the checksum of the file differs');
  let at = 24;
  const take = async (bytes: number): Promise<Uint8Array<ArrayBuffer>> => {
    const copy = new Uint8Array(bytes);
    for (let from = 0; from < bytes; from += chunkBytes) {
      copy.set(read.subarray(at + from, at + Math.min(bytes, from + chunkBytes)), from);
      await pause();
    }
    at += Math.ceil(bytes / alignment) * alignment;
    return copy;
  };
  const revive = async (value: unknown): Promise<Stored> => {
    if (value === null || typeof value !== 'object') return value as Stored;
    if (Array.isArray(value)) {
      const all: Stored[] = [];
      for (const each of value) all.push(await revive(each));
      return all;
    }
    if ('texts$' in value) {
      const texts: string[] = [];
      for (const { bytes } of value.texts$ as Section[]) {
        for (const text of JSON.parse(Buffer.from((await take(bytes)).buffer).toString()) as string[])
          texts.push(text);
      }
      return texts;
    }
    if ('$' in value) {
      const { $: kind, bytes } = value as Section;
      if (kind === 'texts') throw new Error('the file has texts outside of a list');
      return new arrays[kind]((await take(bytes)).buffer);
    }
    const record: Record<string, Stored> = {};
    for (const [name, each] of Object.entries(value)) record[name] = await revive(each);
    return record;
  };
  const header = await take(view.getUint32(20, true));
  return revive(JSON.parse(Buffer.from(header).toString()));
}

/** SHA-256 of a value. */
export function digestOf(stored: Stored): string {
  const hash = createHash('sha256');
  const take = (value: Stored): void => {
    if (ArrayBuffer.isView(value)) hash.update(value);
    else if (Array.isArray(value) && !isTexts(value))
      for (const each of value as readonly Stored[]) take(each);
    else if (typeof value === 'object' && !Array.isArray(value)) {
      for (const [name, each] of Object.entries(value)) {
        hash.update(name);
        take(each);
      }
    } else hash.update(JSON.stringify(value));
  };
  take(stored);
  return hash.digest('hex');
}

function isTexts(value: Stored): value is readonly string[] {
  return Array.isArray(value) && value.length > 0 && value.every((each) => typeof each === 'string');
}
