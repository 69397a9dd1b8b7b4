import { once } from 'node:events';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, open, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { unreadable } from '../../unreadable.js';

/** A file that can be read more than once, from its first byte. */
export interface Input {
  /** The path, or `standard input`. */
  readonly name: string;
  /** Bytes as the file lies on the disk, compressed or not. */
  readonly size: number;
  /** The bytes, decompressed. `onBytes` receives the number of bytes read from the disk since its last call. */
  bytes(onBytes?: (bytes: number) => void): AsyncIterable<Buffer>;
  /** Removes what was stored for standard input. */
  close(): Promise<void>;
}

/**
 * Opens a file, plain or gzip. `-` is standard input, which is copied to a temporary file first because an import reads
 * its input twice. Rejects if the file cannot be read or is a directory.
 */
export async function openInput(path: string, standardInput: NodeJS.ReadableStream): Promise<Input> {
  if (path === '-') return spooled(standardInput);
  return opened(path, path, async () => undefined);
}

async function opened(path: string, name: string, close: () => Promise<void>): Promise<Input> {
  const failed = (error: unknown) => {
    throw unreadable(name, error);
  };
  const stats = await stat(path).catch(failed);
  if (stats.isDirectory()) throw new Error(`${name} is a directory; name one file of products`);
  const gzip = await isGzip(path).catch(failed);
  return {
    name,
    size: stats.size,
    close,
    async *bytes(onBytes) {
      const raw = createReadStream(path);
      try {
        yield* gzip ? gunzipped(counted(raw, onBytes), name) : counted(raw, onBytes);
      } finally {
        raw.destroy();
      }
    },
  };
}

async function spooled(stream: NodeJS.ReadableStream): Promise<Input> {
  const directory = await mkdtemp(join(tmpdir(), 'rapport-import-'));
  const close = () => rm(directory, { recursive: true, force: true });
  try {
    const path = join(directory, 'input');
    const file = createWriteStream(path, { mode: 0o600 });
    for await (const chunk of stream) if (!file.write(chunk)) await once(file, 'drain');
    file.end();
    await once(file, 'close');
    return await opened(path, 'standard input', close);
  } catch (error) {
    await close();
    throw error;
  }
}

async function isGzip(path: string): Promise<boolean> {
  const handle = await open(path);
  try {
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(2), 0, 2, 0);
    return bytesRead === 2 && buffer[0] === 0x1f && buffer[1] === 0x8b;
  } finally {
    await handle.close();
  }
}

async function* counted(
  raw: AsyncIterable<Buffer>,
  onBytes: ((bytes: number) => void) | undefined,
): AsyncGenerator<Buffer> {
  for await (const chunk of raw) {
    onBytes?.(chunk.length);
    yield chunk;
  }
}

async function* gunzipped(packed: AsyncIterable<Buffer>, name: string): AsyncGenerator<Buffer> {
  const gunzip = createGunzip();
  const source = Readable.from(packed);
  source.on('error', (error) => gunzip.destroy(error));
  try {
    for await (const chunk of source.pipe(gunzip) as AsyncIterable<Buffer>) yield chunk;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`${name} is a damaged gzip archive: ${reason}`, { cause: error });
  }
}
