import { promisify } from 'node:util';
import { deserialize, serialize } from 'node:v8';
import { gunzip, gzip } from 'node:zlib';
import type { Part } from './stored.js';

/** Of a chunk before it is compressed: in base 64 it stays below a store document's 1 MiB even if nothing could be saved. */
export const chunkBytes = 640 * 1024;
const partBytesMax = 256 * 1024 * 1024;
const unpackedAhead = 3;
/** Fast, and on another thread: most of what is stored are small numbers. */
const compression = { level: 1 } as const;

const compress = promisify(gzip);
const decompress = promisify(gunzip);

/** Ends every stream and counts its parts, so that a stream with fewer chunks than were written is recognised. */
interface EndPart extends Part {
  readonly name: 'end';
  readonly parts: number;
}

function* ended(parts: Iterable<Part>): Generator<Part> {
  let count = 0;
  for (const part of parts) {
    count++;
    yield part;
  }
  yield { name: 'end', parts: count } satisfies EndPart as Part;
}

/**
 * Parts one behind the other as V8 writes them (structured clone), each behind its length, cut into pieces of one size, each
 * compressed for itself: gzip's checksum tells a damaged one. A part is made when the one before is on its way.
 */
export async function* toChunks(parts: Iterable<Part>): AsyncGenerator<string> {
  let waiting: Buffer[] = [];
  let bytes = 0;
  for (const part of ended(parts)) {
    const body = serialize(part);
    const head = Buffer.alloc(4);
    head.writeUInt32LE(body.length);
    waiting.push(head, body);
    bytes += head.length + body.length;
    while (bytes >= chunkBytes) {
      const all = Buffer.concat(waiting, bytes);
      yield await packed(all.subarray(0, chunkBytes));
      waiting = [all.subarray(chunkBytes)];
      bytes -= chunkBytes;
    }
  }
  if (bytes > 0) yield await packed(Buffer.concat(waiting, bytes));
}

/** Throws for chunks that are damaged, missing at the end, or not in their order. */
export async function* fromChunks(chunks: AsyncIterable<string>): AsyncGenerator<Part> {
  let waiting: Buffer[] = [];
  let bytes = 0;
  let wanted = 4;
  let count = 0;
  let isEnded = false;
  for await (const piece of unpacked(chunks)) {
    waiting.push(piece);
    bytes += piece.length;
    if (bytes < wanted) continue;
    let all = Buffer.concat(waiting, bytes);
    for (;;) {
      if (all.length < 4) break;
      wanted = 4 + all.readUInt32LE(0);
      if (wanted > partBytesMax) throw new Error('a part of it has no sensible length');
      if (all.length < wanted) break;
      const part = deserialize(all.subarray(4, wanted)) as Part;
      if (part.name === 'end') isEnded = (part as EndPart).parts === count;
      else yield part;
      count++;
      all = all.subarray(wanted);
      wanted = 4;
    }
    waiting = [all];
    bytes = all.length;
  }
  if (bytes > 0 || !isEnded) throw new Error('its end is missing');
}

/** Other threads decompress the next ones while one is used. */
async function* unpacked(chunks: AsyncIterable<string>): AsyncGenerator<Buffer> {
  const ahead: Promise<Buffer>[] = [];
  for await (const chunk of chunks) {
    const piece = decompress(Buffer.from(chunk, 'base64'), { maxOutputLength: chunkBytes });
    // A damaged one is found when it is its turn.
    piece.catch(() => undefined);
    ahead.push(piece);
    if (ahead.length > unpackedAhead) yield await ahead.shift()!;
  }
  for (const piece of ahead) yield await piece;
}

async function packed(bytes: Buffer): Promise<string> {
  return (await compress(bytes, compression)).toString('base64');
}
