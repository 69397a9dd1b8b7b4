import type { Collection, CollectionSpec, Document, Store } from '../../../src/ports/store.js';
import { fromChunks, toChunks } from './chunks.js';
import type { Part } from './stored.js';

/** Chunks that are written or read at a time. */
const chunksAtATime = 4;

/** A piece of a compressed stream of parts, in base 64; `<owner>/<number>`. */
interface Chunk extends Document {
  readonly bytes: string;
}

const spec: CollectionSpec<Chunk> = { name: 'recommendation-chunks', indexes: {} };

interface Archived {
  readonly chunks: number;
  /** As stored. */
  readonly bytes: number;
}

/**
 * Keeps large things that were learned, in documents that the store can hold. The caller records elsewhere
 * that an archive is complete, afterwards: until then nobody reads it.
 */
export interface Archive {
  write(owner: string, parts: Iterable<Part>): Promise<Archived>;
  /** The parts in their order. Throws for what is missing or damaged, perhaps after some parts. */
  read(owner: string, chunks: number): AsyncIterable<Part>;
  /** All that was written for an owner, complete or not. */
  remove(owner: string): Promise<void>;
}

export async function openArchive(store: Store): Promise<Archive> {
  const kept: Collection<Chunk> = await store.collection(spec);

  async function* stored(owner: string, chunks: number): AsyncGenerator<string> {
    for (let from = 0; from < chunks; from += chunksAtATime) {
      const count = Math.min(chunksAtATime, chunks - from);
      const found = await kept.getMany(Array.from({ length: count }, (_, at) => idOf(owner, from + at)));
      for (const [at, chunk] of found.entries()) {
        if (chunk === null) throw new Error(`chunk ${from + at} of ${chunks} is missing`);
        yield chunk.bytes;
      }
    }
  }

  return {
    async write(owner, parts) {
      let chunks = 0;
      let bytes = 0;
      let batch: Chunk[] = [];
      for await (const piece of toChunks(parts)) {
        batch.push({ id: idOf(owner, chunks++), bytes: piece });
        bytes += piece.length;
        if (batch.length < chunksAtATime) continue;
        await kept.put(batch);
        batch = [];
      }
      if (batch.length > 0) await kept.put(batch);
      return { chunks, bytes };
    },
    read: (owner, chunks) => fromChunks(stored(owner, chunks)),
    async remove(owner) {
      const page = 100;
      for (let from = 0; ; from += page) {
        const removed = await kept.remove(Array.from({ length: page }, (_, at) => idOf(owner, from + at)));
        if (removed < page) return;
      }
    },
  };
}

function idOf(owner: string, number: number): string {
  return `${owner}/${String(number).padStart(6, '0')}`;
}
