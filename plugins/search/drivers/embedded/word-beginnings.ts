const sortedPerSlice = 4_000;
const mergedPerSlice = 50_000;
const nearCharsMin = 4;

/** Finds words by how they begin. What is new stands apart until it is sorted in. */
export interface WordBeginnings {
  add(wordId: number): void;
  /** Word ids that begin with a prefix, at most `limit`, most frequent first. The word itself is not among them. */
  completions(prefix: string, limit: number): number[];
  /** The same for words that begin with something one edit away from a prefix of at least four letters. */
  completionsNear(prefix: string, limit: number): number[];
  /** Sorts what is new and merges it in. What is added meanwhile waits for the next time. Yields between slices of work. */
  settle(): Generator<void>;
  save(): StoredBeginnings;
  /** Takes up what was saved, in place of all else. */
  restore(stored: StoredBeginnings): void;
  bytes(): number;
}

export interface StoredBeginnings {
  /** Word ids in the order of their texts. */
  readonly sorted: Uint32Array<ArrayBuffer>;
  /** Those that are not among the sorted ones. */
  readonly recent: Uint32Array<ArrayBuffer>;
}

/** `texts` and `frequencies` by word id: known when a word is added, and still growing. */
export function createWordBeginnings(
  texts: readonly string[],
  frequencies: () => Uint32Array,
): WordBeginnings {
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

  function* merging(a: Uint32Array, b: Uint32Array): Generator<void, Uint32Array<ArrayBuffer>> {
    const merged = new Uint32Array(a.length + b.length);
    for (let at = 0, i = 0, j = 0; at < merged.length; at++) {
      if (at % mergedPerSlice === mergedPerSlice - 1) yield;
      if (j >= b.length || (i < a.length && byText(a[i]!, b[j]!) < 0)) merged[at] = a[i++]!;
      else merged[at] = b[j++]!;
    }
    return merged;
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
        while (at > 0 && seen[best[at - 1]!]! < seen[id]!) {
          best[at] = best[at - 1]!;
          at--;
        }
        best[at] = id;
      }
    }
    return best;
  }

  return {
    add(wordId) {
      recent.push(wordId);
    },
    completions,
    completionsNear(prefix, limit) {
      if ([...prefix].length < nearCharsMin || /\d/.test(prefix)) return [];
      const near = new Set<number>();
      for (const variant of variantsOf(prefix)) for (const id of completions(variant, 2)) near.add(id);
      const seen = frequencies();
      return [...near].sort((a, b) => seen[b]! - seen[a]!).slice(0, limit);
    },
    *settle() {
      if (recent.length === 0) return;
      const taken = recent.length;
      let runs: Uint32Array[] = [];
      for (let start = 0; start < taken; start += sortedPerSlice) {
        runs.push(
          Uint32Array.from(recent.slice(start, Math.min(taken, start + sortedPerSlice)).sort(byText)),
        );
        yield;
      }
      for (; runs.length > 1; yield) {
        const merged: Uint32Array[] = [];
        for (let i = 0; i < runs.length; i += 2)
          merged.push(i + 1 < runs.length ? yield* merging(runs[i]!, runs[i + 1]!) : runs[i]!);
        runs = merged;
      }
      sorted = yield* merging(sorted, runs[0]!);
      recent = recent.slice(taken);
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
