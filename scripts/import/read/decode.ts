import chardet from 'chardet';
import iconv from 'iconv-lite';

/** The part of a file that its encoding and format are detected from. */
export const headBytes = 64 * 1024;
/** The part of the letters above 127, in words that have one, from which on the alphabet is not Latin. */
const otherAlphabetShare = 0.6;
/** The least confidence of the detection, of 100, in an encoding of another alphabet. */
const confidenceMin = 20;

export interface DecodeOptions {
  /** The name of the file, for errors. */
  readonly name: string;
  /** An encoding that the user stated; replaces detection. Throws in `decoded` if it is not known. */
  readonly encoding?: string | undefined;
  /** Called once if the encoding is neither stated nor UTF-8. */
  readonly onEncoding?: (encoding: string) => void;
}

/**
 * The text of a file. The encoding is, in this order: the stated one; that of a byte order mark; UTF-16 by its zero bytes; that of an XML
 * declaration; UTF-8 while the bytes are UTF-8; else what the first other bytes look like, Windows-1252 if nothing speaks for another.
 * Rejects if bytes are no text of the encoding, because broken letters would be saved.
 */
export async function* decoded(
  bytes: AsyncIterable<Buffer>,
  { name, encoding, onEncoding }: DecodeOptions,
): AsyncGenerator<string> {
  if (encoding !== undefined && !iconv.encodingExists(encoding)) {
    throw new Error(
      `the encoding "${encoding}" is not known; use for example utf-8, utf-16le, windows-1252 or iso-8859-15`,
    );
  }
  const chunks = bytes[Symbol.asyncIterator]();
  const head = await headOf(chunks);
  const declared = encoding ?? markedEncoding(head) ?? declaredEncoding(head);
  const all = restOf(head, chunks);
  if (declared !== undefined && !/^utf-?8$/i.test(declared)) {
    if (encoding === undefined) onEncoding?.(declared);
    yield* convert(all, declared);
    return;
  }
  yield* utf8OrOther(all, name, declared !== undefined, onEncoding);
}

async function headOf(chunks: AsyncIterator<Buffer>): Promise<Buffer> {
  const parts: Buffer[] = [];
  let length = 0;
  while (length < headBytes) {
    const next = await chunks.next();
    if (next.done) break;
    parts.push(next.value);
    length += next.value.length;
  }
  return Buffer.concat(parts);
}

async function* restOf(head: Buffer, chunks: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  try {
    if (head.length > 0) yield head;
    for (;;) {
      const next = await chunks.next();
      if (next.done) return;
      yield next.value;
    }
  } finally {
    await chunks.return?.();
  }
}

function markedEncoding(head: Buffer): string | undefined {
  if (head[0] === 0xff && head[1] === 0xfe) return 'utf-16le';
  if (head[0] === 0xfe && head[1] === 0xff) return 'utf-16be';
  if (head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf) return 'utf-8';
  // Latin text in UTF-16 without a mark has a zero in every second byte.
  let [even, odd] = [0, 0];
  const looked = Math.min(head.length, 256) & ~1;
  for (let at = 0; at < looked; at += 2) {
    if (head[at] === 0) even++;
    if (head[at + 1] === 0) odd++;
  }
  if (odd > looked / 4 && even === 0) return 'utf-16le';
  if (even > looked / 4 && odd === 0) return 'utf-16be';
  return undefined;
}

function declaredEncoding(head: Buffer): string | undefined {
  const start = head.subarray(0, 200).toString('latin1');
  const name = /^\s*<\?xml\b[^>]*?\bencoding=["']([\w.:-]+)["']/.exec(start)?.[1];
  return name !== undefined && iconv.encodingExists(name) ? name : undefined;
}

async function* convert(bytes: AsyncIterable<Buffer>, encoding: string): AsyncGenerator<string> {
  const decoder = iconv.getDecoder(encoding, { stripBOM: true });
  for await (const chunk of bytes) {
    const text = decoder.write(chunk);
    if (text !== '') yield text;
  }
  const last = decoder.end();
  if (last) yield last;
}

/**
 * Text that is pure ASCII so far reads the same in UTF-8 and in the single-byte encodings, so the decision waits for the first
 * byte above 127, wherever it is in the file.
 */
async function* utf8OrOther(
  bytes: AsyncIterable<Buffer>,
  name: string,
  declared: boolean,
  onEncoding: ((encoding: string) => void) | undefined,
): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let other: ReturnType<typeof iconv.getDecoder> | null = null;
  let ascii = true;
  let read = 0;
  for await (const chunk of bytes) {
    if (other !== null) {
      yield other.write(chunk);
      continue;
    }
    const plain: boolean = ascii && isAscii(chunk);
    try {
      const text = decoder.decode(chunk, { stream: true });
      if (text !== '') yield text;
    } catch {
      if (!ascii || declared || mixesUtf8(chunk)) throw notUtf8(name, read);
      const encoding = detected(chunk);
      if (encoding === null) throw unknownEncoding(name);
      onEncoding?.(encoding);
      other = iconv.getDecoder(encoding);
      yield other.write(chunk);
    }
    ascii &&= plain;
    read += chunk.length;
  }
  if (other !== null) {
    const last = other.end();
    if (last) yield last;
    return;
  }
  try {
    const last = decoder.decode();
    if (last !== '') yield last;
  } catch {
    throw notUtf8(name, read);
  }
}

function isAscii(chunk: Buffer): boolean {
  for (const byte of chunk) if (byte > 127) return false;
  return true;
}

/** True if there are about as many letters of UTF-8 as other bytes above 127: no one encoding reads them all. */
function mixesUtf8(chunk: Buffer): boolean {
  const text = chunk.toString('latin1');
  const letters =
    text.match(/[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}/g) ?? [];
  const other = (text.match(/[\x80-\xff]/g) ?? []).length - letters.join('').length;
  return letters.length * 4 >= other;
}

function notUtf8(name: string, read: number): Error {
  return new Error(
    `${name} is not UTF-8 text after its first ${read} bytes; state its encoding, for example --encoding windows-1252`,
  );
}

/**
 * Windows-1252 unless the text is of another alphabet. Latin encodings look alike in a few bytes, so that the commonest of them
 * stands for all; in a word of another alphabet, most letters are above 127. Null if there is too little text to tell.
 */
function detected(chunk: Buffer): string | null {
  const words = chunk.toString('latin1').match(/[a-z\x80-\xff]+/gi) ?? [];
  const letters = words.filter((word) => /[\x80-\xff]/.test(word)).join('');
  const others = letters.replace(/[a-z]/gi, '').length;
  if (others < letters.length * otherAlphabetShare) return 'windows-1252';
  const latin = /^(?:ISO-8859-(?:1|2|9|15)|windows-125[0247]|UTF-|ASCII)/i;
  const found = chardet.analyse(chunk).find(({ name }) => !latin.test(name) && iconv.encodingExists(name));
  return found !== undefined && found.confidence >= confidenceMin ? found.name : null;
}

function unknownEncoding(name: string): Error {
  return new Error(`${name} is not UTF-8 text; state its encoding, for example --encoding windows-1251`);
}
