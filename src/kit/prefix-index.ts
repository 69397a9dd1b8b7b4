import { mergeSorted, slicedSort } from './sliced-sort.js';
import type { Sliced } from './slices.js';

const nearCharsMin = 4;

/** Finds texts by their first letters, most frequent first. New texts stand apart until they are sorted in. */
export interface PrefixIndex {
  add(id: number): void;
  /** Ids of at most `limit` texts that begin with the prefix and are longer. Texts of frequency 0 are left out. */
  completions(prefix: string, limit: number): number[];
  /** The same for texts that begin with something one edit away from a prefix of at least four letters. */
  completionsNear(prefix: string, limit: number): number[];
  /** Sorts new texts in. Those that are added meanwhile wait for the next call. */
  settle(): Sliced;
  save(): StoredPrefixIndex;
  /** Replaces everything. */
  restore(stored: StoredPrefixIndex): void;
  bytes(): number;
}

export type StoredPrefixIndex = {
  /** Ids in the order of their texts. */
  readonly sorted: Uint32Array<ArrayBuffer>;
  readonly recent: Uint32Array<ArrayBuffer>;
};

/** `texts` and `frequencies` by id. The text of an id must be there when it is added, and must not change. */
export function createPrefixIndex(texts: readonly string[], frequencies: () => Uint32Array): PrefixIndex {
  let sorted: Uint32Array<ArrayBuffer> = new Uint32Array(0);
  let recent: number[] = [];
  /** The same in the order of their texts, as far as it was needed. */
  let recentOrder: number[] = [];

  const byText = (a: number, b: number): number => (texts[a]! < texts[b]! ? -1 : 1);

  function lowerBound(array: ArrayLike<number>, text: string): number {
    let low = 0;
    let high = array.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (texts[array[middle]!]! < text) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  function completions(prefix: string, limit: number): number[] {
    if (prefix === '') return [];
    if (recentOrder.length !== recent.length) recentOrder = [...recent].sort(byText);
    const seen = frequencies();
    const best: number[] = [];
    for (const array of [sorted, recentOrder]) {
      for (let i = lowerBound(array, prefix); i < array.length; i++) {
        const id = array[i]!;
        const text = texts[id]!;
        if (!text.startsWith(prefix)) break;
        if (text.length === prefix.length || seen[id] === 0) continue;
        if (best.length === limit && seen[best[limit - 1]!]! >= seen[id]!) continue;
        let at = best.length === limit ? limit - 1 : best.length;
        for (; at > 0 && seen[best[at - 1]!]! < seen[id]!; at--) best[at] = best[at - 1]!;
        best[at] = id;
      }
    }
    return best;
  }

  return {
    add: (id) => void recent.push(id),
    completions,
    completionsNear(prefix, limit) {
      if ([...prefix].length < nearCharsMin || /\d/.test(prefix)) return [];
      const near = new Set<number>();
      for (const variant of variantsOf(prefix)) for (const id of completions(variant, 2)) near.add(id);
      const seen = frequencies();
      return [...near].sort((a, b) => seen[b]! - seen[a]!).slice(0, limit);
    },
    *settle() {
      const added = Uint32Array.from(recent);
      if (added.length === 0) return;
      const ordered = yield* slicedSort(added, byText);
      const merged = new Uint32Array(sorted.length + ordered.length);
      yield* mergeSorted(sorted, ordered, merged, byText);
      sorted = merged;
      recent = recent.slice(added.length);
      recentOrder = [];
    },
    save: () => ({ sorted, recent: Uint32Array.from(recent) }),
    restore(stored) {
      sorted = stored.sorted;
      recent = [...stored.recent];
    },
    bytes: () => sorted.byteLength,
  };
}

/** Everything one edit away, with the letters of the Latin alphabet; the first letter stays. */
function* variantsOf(prefix: string): Generator<string> {
  for (let i = 1; i <= prefix.length; i++) {
    const head = prefix.slice(0, i);
    yield head + prefix.slice(i + 1);
    if (i + 1 < prefix.length) yield head + prefix[i + 1] + prefix[i] + prefix.slice(i + 2);
    for (let letter = 97; letter < 123; letter++) {
      const other = String.fromCharCode(letter);
      yield head + other + prefix.slice(i);
      if (i < prefix.length) yield head + other + prefix.slice(i + 1);
    }
  }
}
