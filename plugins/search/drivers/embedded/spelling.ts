import { grownNumbers } from './growable.js';
import type { Words } from './words.js';

export interface Correction {
  readonly wordId: number;
  /** Edits: insertions, deletions, substitutions, and transpositions of neighbours. */
  readonly distance: number;
  /** Larger is likelier. */
  readonly likelihood: number;
}

export interface Spelling {
  /** Known words near a word, likeliest first, at most `limit`. The word itself is not among them. */
  corrections(word: string, limit: number): Correction[];
  /** Whether one of the known words near a word is such a one: cheaper than to reckon how likely each is. */
  isNear(word: string, such: (wordId: number) => boolean): boolean;
  /** Packs what was added since, when it has become much; linear in the words. Yields between slices of work. */
  settle(): Generator<void>;
  /** What is packed. */
  save(): StoredSpelling;
  /** Takes up what was saved, after the words. */
  restore(stored: StoredSpelling): void;
  bytes(): number;
}

export interface StoredSpelling {
  readonly words: number;
  readonly starts: Uint32Array<ArrayBuffer>;
  readonly hashes: Uint32Array<ArrayBuffer>;
  readonly owners: Uint32Array<ArrayBuffer>;
  readonly [name: string]: number | Uint32Array<ArrayBuffer>;
}

const wordCharsMin = 4;
const twoEditsFrom = 8;
/** Deletions are taken within this many first letters: as good, and words of any length cost the same. */
const prefixChars = 7;
const wordsPerSlice = 500;
const entriesPerSlice = 100_000;

/** How many edits a word may be off: none under four letters, two from eight. */
export function editsAllowed(word: string): number {
  return word.length < wordCharsMin ? 0 : word.length < twoEditsFrom ? 1 : 2;
}

/**
 * Finds words within an edit distance by looking up their deletions (W. Garbe, "SymSpell", 2012): two words
 * are near when deleting letters makes them meet. Words with digits are codes, and a near code is another product.
 */
export function createSpelling(words: Words): Spelling {
  let bucketMask = 0;
  let bucketStarts = new Uint32Array(2);
  let bucketHashes = new Uint32Array(0);
  let bucketWords = new Uint32Array(0);
  let packedWords = 0;
  const recent = new Map<number, number[]>();
  /** Before the first packing, which reads all words anyhow: those that nobody has needed to look up yet. */
  let unread = 0;

  words.onNew((wordId, word) => {
    if (packedWords > 0) add(wordId, word);
  });

  function readAll(): void {
    for (const until = words.count(); unread < until; unread++) add(unread, words.textOf(unread));
  }

  function add(wordId: number, word: string): void {
    if (!correctable(word)) return;
    for (const hash of deletionHashes(word)) {
      const entry = recent.get(hash);
      if (entry) entry.push(wordId);
      else recent.set(hash, [wordId]);
    }
  }

  function* pack(): Generator<void> {
    const until = words.count();
    // What the last packing held and a little more: growing from nothing would copy all of it again and again.
    const expected = Math.max(1 << 16, Math.ceil(bucketHashes.length * 1.1));
    let hashes = new Uint32Array(expected);
    let owners = new Uint32Array(expected);
    let count = 0;
    for (let id = 0; id < until; id++) {
      if (id % wordsPerSlice === wordsPerSlice - 1) yield;
      const word = words.textOf(id);
      if (!correctable(word)) continue;
      for (const hash of deletionHashes(word)) {
        hashes = grownNumbers(hashes, count + 1);
        owners = grownNumbers(owners, count + 1);
        hashes[count] = hash;
        owners[count++] = id;
      }
    }
    const mask = (1 << Math.max(4, Math.ceil(Math.log2(count / 4 + 1)))) - 1;
    const starts = new Uint32Array(mask + 2);
    yield;
    for (let i = 0; i < count; i++) {
      if (i % entriesPerSlice === entriesPerSlice - 1) yield;
      starts[(hashes[i]! & mask) + 1]!++;
    }
    yield;
    for (let i = 0; i <= mask; i++) starts[i + 1]! += starts[i]!;
    yield;
    const next = starts.slice(0, mask + 1);
    const sortedHashes = new Uint32Array(count);
    const sortedWords = new Uint32Array(count);
    for (let i = 0; i < count; i++) {
      if (i % entriesPerSlice === entriesPerSlice - 1) yield;
      const at = next[hashes[i]! & mask]!++;
      sortedHashes[at] = hashes[i]!;
      sortedWords[at] = owners[i]!;
    }
    bucketMask = mask;
    bucketStarts = starts;
    bucketHashes = sortedHashes;
    bucketWords = sortedWords;
    if (packedWords === 0) {
      unread = Math.max(unread, until);
      readAll();
    }
    packedWords = until;
    let read = 0;
    for (const [hash, ids] of recent) {
      if (++read % entriesPerSlice === 0) yield;
      const kept = ids.filter((id) => id >= until);
      if (kept.length > 0) recent.set(hash, kept);
      else recent.delete(hash);
    }
  }

  /** Words that share a deletion with a word, some more than once. */
  function eachCandidate(word: string, take: (wordId: number) => void): void {
    if (packedWords === 0) readAll();
    for (const hash of deletionHashes(word)) {
      if (bucketMask > 0) {
        const bucket = hash & bucketMask;
        for (let i = bucketStarts[bucket]!; i < bucketStarts[bucket + 1]!; i++) {
          if (bucketHashes[i] === hash) take(bucketWords[i]!);
        }
      }
      for (const wordId of recent.get(hash) ?? []) take(wordId);
    }
  }

  function distanceTo(word: string, wordId: number): number {
    const other = words.textOf(wordId);
    const edits = Math.min(editsAllowed(word), editsAllowed(other) + (other.length < word.length ? 1 : 0));
    const distance = editDistance(word, other, edits);
    return distance > edits ? Number.POSITIVE_INFINITY : distance;
  }

  return {
    isNear(word, such) {
      if (editsAllowed(word) === 0 || !correctable(word)) return false;
      let found = false;
      eachCandidate(word, (wordId) => {
        found ||= such(wordId) && words.textOf(wordId) !== word && distanceTo(word, wordId) < Infinity;
      });
      return found;
    },
    corrections(word, limit) {
      if (editsAllowed(word) === 0 || !correctable(word)) return [];
      const found = new Map<number, Correction>();
      const consider = (wordId: number): void => {
        if (found.has(wordId)) return;
        const other = words.textOf(wordId);
        if (other === word) return;
        const distance = distanceTo(word, wordId);
        if (distance === Number.POSITIVE_INFINITY) return;
        found.set(wordId, {
          wordId,
          distance,
          likelihood: likelihoodOf(word, other, distance, words.frequency(wordId)),
        });
      };
      eachCandidate(word, consider);
      return [...found.values()]
        .filter((correction) => correction.likelihood > 0)
        .sort((a, b) => b.likelihood - a.likelihood || a.wordId - b.wordId)
        .slice(0, limit);
    },
    save: () => ({
      words: packedWords,
      starts: bucketStarts,
      hashes: bucketHashes,
      owners: bucketWords,
    }),
    restore(stored) {
      if (stored.words === 0) return;
      bucketStarts = stored.starts;
      bucketHashes = stored.hashes;
      bucketWords = stored.owners;
      bucketMask = bucketStarts.length - 2;
      packedWords = stored.words;
      for (let id = packedWords; id < words.count(); id++) add(id, words.textOf(id));
    },
    *settle() {
      if (words.count() - packedWords > Math.max(1_000, packedWords / 20)) yield* pack();
    },
    bytes: () => bucketStarts.byteLength + 2 * bucketHashes.byteLength,
  };
}

function correctable(word: string): boolean {
  return word.length >= wordCharsMin - 1 && word.length <= 40 && /^\p{L}+$/u.test(word);
}

/**
 * A noisy channel: how often the word occurs, times how likely the slip is. One edit is far likelier than two, people seldom
 * miss the first letter, and swap neighbours or double a letter more easily than they replace one.
 */
function likelihoodOf(written: string, meant: string, distance: number, frequency: number): number {
  let slip = distance === 1 ? 1 : 0.02;
  if (written[0] !== meant[0]) slip *= 0.3;
  if (distance === 1 && written.length === meant.length && sameLetters(written, meant)) slip *= 2;
  return frequency * slip;
}

function sameLetters(a: string, b: string): boolean {
  return [...a].sort().join('') === [...b].sort().join('');
}

function deletionHashes(word: string): Set<number> {
  const prefix = word.slice(0, prefixChars);
  const hashes = new Set<number>([hashOf(prefix)]);
  for (let i = 0; i < prefix.length; i++) {
    const once = prefix.slice(0, i) + prefix.slice(i + 1);
    hashes.add(hashOf(once));
    if (word.length < twoEditsFrom - 1) continue;
    for (let j = i; j < once.length; j++) hashes.add(hashOf(once.slice(0, j) + once.slice(j + 1)));
  }
  return hashes;
}

/** FNV-1a, 32 bits. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

/** Optimal string alignment distance, given up once it exceeds `limit` (answers limit + 1). */
export function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1;
  let before: number[] = [];
  let above = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    let least = i;
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      let value = Math.min(above[j]! + 1, row[j - 1]! + 1, above[j - 1]! + cost);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        value = Math.min(value, before[j - 2]! + 1);
      }
      row.push(value);
      if (value < least) least = value;
    }
    if (least > limit) return limit + 1;
    before = above;
    above = row;
  }
  return above[b.length]!;
}
