import { describeError } from '../../src/errors.js';
import type { Clock, Log } from '../../src/plugin.js';
import type { Collection, CollectionSpec } from '../../src/ports/store.js';
import { unknownBody } from './body-digest.js';
import { createFingerprintSet, type Fingerprint, type FingerprintSet, fingerprint } from './fingerprints.js';
import { createTail } from './tail.js';

const dayMs = 86_400_000;
/** Least time for which an id is remembered; the set is thrown away in spans of `spanMs`. */
export const rememberedMs = 7 * dayMs;
const spanMs = 2 * dayMs;
/** Fingerprints in one stored block: half a mebibyte of text. */
export const blockSize = 49_152;
/** Time before the last block from which the log is read again at a start: clocks and notices may be late by as much. */
export const overlapMs = 10_000;
const blocksPerRead = 4;

/** Fingerprints of a stretch of the log, so that a start need not read the log itself. */
export interface SeenBlock {
  readonly id: string;
  /** Everything received before is in this block or an earlier one. */
  readonly untilMs: number;
  /** Pairs of signed 32-bit integers, little-endian, in base64. */
  readonly fingerprints: string;
  /** Digests of the bodies: 16-bit integers, little-endian, in base64. */
  readonly bodies: string;
  /** The hash of the fingerprints. Absent in blocks of earlier versions, for which the log is read again. */
  readonly hash?: 'sha256';
}

export const seenSpec: CollectionSpec<SeenBlock> = {
  name: 'events-seen',
  indexes: { byTime: { fields: ['untilMs'] } },
};

/** Which events were accepted in the last seven days, by 64-bit fingerprints of their ids, with 16-bit digests of their bodies: in memory, and in blocks in the store. */
export interface Seen {
  has(id: string): boolean;
  /** The digest of the body that it was accepted with, or `unknownBody`; -1: it was not accepted. */
  bodyOf(id: string, print: Fingerprint): number;
  /** False: it was known. */
  add(id: string, body: number, receivedAtMs: number): boolean;
  /** Adds what was not known. */
  enter(print: Fingerprint, body: number, receivedAtMs: number): void;
  /** Reads the stored blocks; answers up to when they cover the log, or 0. */
  load(blocks: Collection<SeenBlock>): Promise<number>;
  /** Resolves when no block is being written. */
  close(): Promise<void>;
}

/** `oldestPendingMs` answers the receipt of the oldest event that is still being written, or Infinity. */
export function createSeen(
  clock: Clock,
  ids: { next(): string },
  log: Log,
  oldestPendingMs: () => number,
): Seen {
  const spans = new Map<number, FingerprintSet>();
  /** The same sets; looked through for every event. */
  let sets: readonly FingerprintSet[] = [];
  /** The one that was entered into last. */
  let lastNumber = Number.NaN;
  let last = createFingerprintSet();
  const scratch: Fingerprint = { high: 0, low: 0 };
  /** Not in a block yet. */
  const tail = createTail(blockSize);
  let blocks: Collection<SeenBlock> | null = null;
  let sealing: Promise<void> | null = null;
  let stopWatch = (): void => undefined;
  const own = new Set<string>();
  /** Number of times that the tail has lost an entry of another process. */
  let forgotten = 0;
  /** The latest receipt of what an earlier version stored: without a digest, and perhaps under an id without a session. */
  let earlierAtMs = 0;

  function bodyOf(high: number, low: number): number {
    // The newest last: most that are sent again were just sent.
    for (let i = sets.length - 1; i >= 0; i--) {
      const body = sets[i]!.bodyOf(high, low);
      if (body >= 0) return body;
    }
    return -1;
  }

  /** True if an earlier version has accepted it, under an id without a session. */
  function isEarlier(id: string): boolean {
    if (earlierAtMs === 0 || clock.nowMs() - earlierAtMs > rememberedMs) return false;
    fingerprint(withoutSession(id), scratch);
    return bodyOf(scratch.high, scratch.low) >= 0;
  }

  function spanOf(atMs: number): FingerprintSet {
    const number = Math.floor(atMs / spanMs);
    if (number === lastNumber) return last;
    let span = spans.get(number);
    if (span === undefined) {
      const oldest = Math.floor((clock.nowMs() - rememberedMs) / spanMs);
      for (const old of spans.keys()) if (old < oldest) spans.delete(old);
      span = createFingerprintSet();
      spans.set(number, span);
      sets = [...spans.values()];
    }
    lastNumber = number;
    last = span;
    return span;
  }

  function enter({ high, low }: Fingerprint, body: number, atMs: number): void {
    if (body === unknownBody) earlierAtMs = Math.max(earlierAtMs, atMs);
    spanOf(atMs).add(high, low, body);
    tail.add(high, low, body, atMs);
    if (tail.length >= blockSize) seal();
  }

  function seal(): void {
    if (sealing !== null || blocks === null || tail.length < blockSize) return;
    const into = blocks;
    sealing = writeBlock(into)
      .catch((error: unknown) => {
        // The tail stays; the next event tries again, and a start would read the log from the last block on.
        log.warn('could not store what the event log has seen', { err: describeError(error) });
        return false;
      })
      .then((written) => {
        sealing = null;
        if (written) seal();
      });
  }

  async function writeBlock(into: Collection<SeenBlock>): Promise<boolean> {
    const before = forgotten;
    const words = tail.words(blockSize);
    const untilMs = Math.min(tail.latestMs(blockSize), oldestPendingMs());
    const id = ids.next();
    own.add(id);
    try {
      await into.put([
        {
          id,
          untilMs,
          fingerprints: Buffer.from(words.buffer).toString('base64'),
          bodies: Buffer.from(tail.bodies(blockSize).buffer).toString('base64'),
          hash: 'sha256',
        },
      ]);
      if (forgotten === before) tail.drop(blockSize);
      else forget(setOf(words));
    } finally {
      own.delete(id);
    }
    const expired = await into.find({
      index: 'byTime',
      skipDamaged: true,
      to: clock.nowMs() - rememberedMs - spanMs,
      limit: blocksPerRead,
    });
    if (expired.items.length > 0) await into.remove(expired.items.map((block) => block.id));
    return true;
  }

  /** Takes out of the tail what a block holds. */
  function forget(stored: FingerprintSet): void {
    tail.dropAll(stored);
    forgotten += 1;
  }

  return {
    has(id) {
      fingerprint(id, scratch);
      return bodyOf(scratch.high, scratch.low) >= 0;
    },
    bodyOf(id, { high, low }) {
      const body = bodyOf(high, low);
      return body < 0 && isEarlier(id) ? unknownBody : body;
    },
    add(id, body, receivedAtMs) {
      fingerprint(id, scratch);
      if (bodyOf(scratch.high, scratch.low) >= 0) return false;
      enter(scratch, body, receivedAtMs);
      return true;
    },
    enter,
    async load(collection) {
      stopWatch = collection.watch((changes) => {
        for (const change of changes) {
          const block = change.document;
          // Its own blocks are not read again.
          if (block?.hash === 'sha256' && !own.has(change.id)) forget(setOf(wordsOf(block)));
        }
      });
      let coveredMs = 0;
      let after: string | null = null;
      do {
        const page = await collection.find({
          index: 'byTime',
          skipDamaged: true,
          from: clock.nowMs() - rememberedMs - spanMs,
          limit: blocksPerRead,
          ...(after === null ? {} : { after }),
        });
        for (const block of page.items) {
          if (block.hash !== 'sha256') continue;
          const span = spanOf(block.untilMs);
          const words = wordsOf(block);
          const bodies = bodiesOf(block);
          for (let i = 0; i < words.length; i += 2)
            span.add(words[i]!, words[i + 1]!, bodies[i >> 1] ?? unknownBody);
          coveredMs = Math.max(coveredMs, block.untilMs);
        }
        after = page.next;
      } while (after !== null);
      blocks = collection;
      return coveredMs;
    },
    async close() {
      blocks = null;
      stopWatch();
      while (sealing !== null) await sealing;
    },
  };
}

/** An event's id as earlier versions made it. */
function withoutSession(id: string): string {
  const sender = id.indexOf(':') + 1;
  return id.slice(0, sender) + id.slice(id.indexOf('.', sender) + 1);
}

function bodiesOf({ bodies }: SeenBlock): Uint16Array {
  const bytes = Uint8Array.from(Buffer.from(bodies, 'base64'));
  return new Uint16Array(bytes.buffer, 0, Math.floor(bytes.length / 2));
}

function wordsOf(block: SeenBlock): Int32Array {
  // A copy, so that it is aligned and no part of a pool.
  const bytes = Uint8Array.from(Buffer.from(block.fingerprints, 'base64'));
  return new Int32Array(bytes.buffer, 0, Math.floor(bytes.length / 8) * 2);
}

function setOf(words: Int32Array): FingerprintSet {
  const set = createFingerprintSet();
  for (let i = 0; i < words.length; i += 2) set.add(words[i]!, words[i + 1]!, unknownBody);
  return set;
}
