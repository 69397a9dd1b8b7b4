import { ensureCapacity } from './ensure-capacity.js';
import { fingerprint } from './fingerprint.js';
import type { Sliced } from './slices.js';

/** Deletions are taken within this many first letters, so that texts of any length cost the same. */
const prefixChars = 7;
/** Two letters are deleted from this length on. */
const twoDeletionsFrom = 7;
const textsPerSlice = 500;
const entriesPerSlice = 100_000;

/**
 * Finds texts that become equal when one or two letters are deleted from each (W. Garbe, "SymSpell", 2012): every text within an edit
 * distance of 1 or 2 is among them.
 */
export interface DeletionIndex {
  /** Call it for each new text once it is in `texts`. */
  add(id: number): void;
  /** Calls back with the ids of candidates, some more than once. */
  candidates(text: string, take: (id: number) => void): void;
  /** Packs new texts if there are many; linear in all texts. */
  settle(): Sliced;
  save(): StoredDeletionIndex;
  /** Replaces everything; texts that were not packed then are added. */
  restore(stored: StoredDeletionIndex): void;
  bytes(): number;
}

export type StoredDeletionIndex = {
  readonly packed: number;
  readonly starts: Uint32Array<ArrayBuffer>;
  readonly hashes: Uint32Array<ArrayBuffer>;
  readonly owners: Uint32Array<ArrayBuffer>;
};

/** `texts` by id, growing. Only texts that are `indexed` are found. */
export function createDeletionIndex(
  texts: readonly string[],
  indexed: (text: string) => boolean,
): DeletionIndex {
  /** A hash table: entries by the last bits of their hashes. */
  let starts = new Uint32Array(2);
  let hashes = new Uint32Array(0);
  let owners = new Uint32Array(0);
  let packed = 0;
  /** Texts that are not packed, by hash. */
  const recent = new Map<number, number[]>();
  /** Texts before this one are in `recent` or packed. Before the first packing they are read when they are needed. */
  let unread = 0;

  function addRecent(id: number): void {
    const text = texts[id]!;
    if (!indexed(text)) return;
    for (const hash of deletionHashes(text)) {
      const entry = recent.get(hash);
      if (entry) entry.push(id);
      else recent.set(hash, [id]);
    }
  }

  function readAll(): void {
    for (; unread < texts.length; unread++) addRecent(unread);
  }

  function* pack(): Sliced {
    const until = texts.length;
    // The size of the last packing and a little more, because growing from nothing would copy everything again and again.
    const expected = Math.max(1 << 16, Math.ceil(hashes.length * 1.1));
    let unsortedHashes = new Uint32Array(expected);
    let unsortedOwners = new Uint32Array(expected);
    let count = 0;
    for (let id = 0; id < until; id++) {
      if (id % textsPerSlice === textsPerSlice - 1) yield;
      const text = texts[id]!;
      if (!indexed(text)) continue;
      for (const hash of deletionHashes(text)) {
        unsortedHashes = ensureCapacity(Uint32Array, unsortedHashes, count + 1);
        unsortedOwners = ensureCapacity(Uint32Array, unsortedOwners, count + 1);
        unsortedHashes[count] = hash;
        unsortedOwners[count++] = id;
      }
    }
    const mask = (1 << Math.max(4, Math.ceil(Math.log2(count / 4 + 1)))) - 1;
    const newStarts = new Uint32Array(mask + 2);
    yield;
    for (let i = 0; i < count; i++) {
      if (i % entriesPerSlice === entriesPerSlice - 1) yield;
      newStarts[(unsortedHashes[i]! & mask) + 1]!++;
    }
    yield;
    for (let i = 0; i <= mask; i++) newStarts[i + 1]! += newStarts[i]!;
    yield;
    const next = newStarts.slice(0, mask + 1);
    const newHashes = new Uint32Array(count);
    const newOwners = new Uint32Array(count);
    for (let i = 0; i < count; i++) {
      if (i % entriesPerSlice === entriesPerSlice - 1) yield;
      const at = next[unsortedHashes[i]! & mask]!++;
      newHashes[at] = unsortedHashes[i]!;
      newOwners[at] = unsortedOwners[i]!;
    }
    starts = newStarts;
    hashes = newHashes;
    owners = newOwners;
    if (packed === 0) {
      unread = Math.max(unread, until);
      readAll();
    }
    packed = until;
    let read = 0;
    for (const [hash, ids] of recent) {
      if (++read % entriesPerSlice === 0) yield;
      const remaining = ids.filter((id) => id >= until);
      if (remaining.length > 0) recent.set(hash, remaining);
      else recent.delete(hash);
    }
  }

  return {
    add(id) {
      if (packed > 0) addRecent(id);
    },
    candidates(text, take) {
      if (packed === 0) readAll();
      const mask = starts.length - 2;
      for (const hash of deletionHashes(text)) {
        const bucket = hash & mask;
        for (let i = starts[bucket]!; i < starts[bucket + 1]!; i++) if (hashes[i] === hash) take(owners[i]!);
        for (const id of recent.get(hash) ?? []) take(id);
      }
    },
    *settle() {
      if (texts.length - packed > Math.max(1_000, packed / 20)) yield* pack();
    },
    save: () => ({ packed, starts, hashes, owners }),
    restore(stored) {
      if (stored.packed === 0) return;
      ({ starts, hashes, owners, packed } = stored);
      for (let id = packed; id < texts.length; id++) addRecent(id);
    },
    bytes: () => starts.byteLength + 2 * hashes.byteLength,
  };
}

function deletionHashes(text: string): Set<number> {
  const prefix = text.slice(0, prefixChars);
  const hashes = new Set<number>([hashOf(prefix)]);
  for (let i = 0; i < prefix.length; i++) {
    const once = prefix.slice(0, i) + prefix.slice(i + 1);
    hashes.add(hashOf(once));
    if (text.length < twoDeletionsFrom) continue;
    for (let j = i; j < once.length; j++) hashes.add(hashOf(once.slice(0, j) + once.slice(j + 1)));
  }
  return hashes;
}

const hashOf = (text: string): number => fingerprint(text) >>> 0;
