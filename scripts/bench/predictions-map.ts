/**
 * VMIS-kNN as the paper writes it down (Serenade, SIGMOD 2022, algorithm 2): hash maps from items to their newest m
 * sessions and from sessions to items, a heap of the m newest sessions met, a heap of the k most similar.
 */
export function createMapVmisKnn(
  sessions: readonly (readonly number[])[],
  { m, k }: { m: number; k: number },
) {
  const itemsOf = new Map<number, readonly number[]>();
  const newestFirst = new Map<number, number[]>();
  const sessionsWith = new Map<number, number>();
  for (let session = sessions.length - 1; session >= 0; session--) {
    const distinct = [...new Set(sessions[session]!)];
    itemsOf.set(session, distinct);
    for (const item of distinct) {
      const list = newestFirst.get(item);
      if (list === undefined) newestFirst.set(item, [session]);
      else if (list.length < m) list.push(session);
      sessionsWith.set(item, (sessionsWith.get(item) ?? 0) + 1);
    }
  }

  /** Items with their scores, best first. */
  return (query: readonly number[], limit: number): (readonly [item: number, score: number])[] => {
    const similarity = new Map<number, number>();
    const firstPlace = new Map<number, number>();
    // A session's time is its number: later sessions have greater ones.
    const oldest = createHeap<number>((a, b) => a - b);
    const seen = new Set<number>();
    for (let at = query.length - 1; at >= 0; at--) {
      const item = query[at]!;
      if (seen.has(item) || !newestFirst.has(item)) continue;
      if (seen.size === 10) break;
      const place = seen.size;
      seen.add(item);
      const weight = (at + 1) / query.length;
      for (const session of newestFirst.get(item)!) {
        const known = similarity.get(session);
        if (known !== undefined) {
          similarity.set(session, known + weight);
          continue;
        }
        if (similarity.size >= m) {
          if (session < oldest.peek()!) break;
          const dropped = oldest.pop()!;
          similarity.delete(dropped);
          firstPlace.delete(dropped);
        }
        similarity.set(session, weight);
        firstPlace.set(session, place);
        oldest.push(session);
      }
    }
    const best = createHeap<readonly [session: number, similarity: number]>(
      ([a, likeA], [b, likeB]) => likeA - likeB || a - b,
    );
    for (const entry of similarity) {
      best.push(entry);
      if (best.size() > k) best.pop();
    }
    const votes = new Map<number, number>();
    for (const [session, like] of best.values()) {
      const weight = like * (1 - 0.1 * firstPlace.get(session)!);
      for (const item of itemsOf.get(session)!) {
        const rarity = Math.log(sessions.length / sessionsWith.get(item)!);
        votes.set(item, (votes.get(item) ?? 0) + weight * rarity);
      }
    }
    return [...votes].sort(([, a], [, b]) => b - a).slice(0, limit);
  };
}

/** A binary heap with the least on top. */
function createHeap<T>(compare: (a: T, b: T) => number) {
  const entries: T[] = [];
  const swap = (a: number, b: number) => {
    const entry = entries[a]!;
    entries[a] = entries[b]!;
    entries[b] = entry;
  };
  return {
    size: () => entries.length,
    values: (): readonly T[] => entries,
    peek: () => entries[0],
    push(entry: T): void {
      let at = entries.push(entry) - 1;
      for (
        let parent = (at - 1) >> 1;
        at > 0 && compare(entries[at]!, entries[parent]!) < 0;
        parent = (at - 1) >> 1
      ) {
        swap(at, parent);
        at = parent;
      }
    },
    pop(): T | undefined {
      const top = entries[0];
      const last = entries.pop();
      if (entries.length === 0 || last === undefined) return top;
      entries[0] = last;
      for (let at = 0; ; ) {
        let least = at;
        for (const child of [2 * at + 1, 2 * at + 2]) {
          if (child < entries.length && compare(entries[child]!, entries[least]!) < 0) least = child;
        }
        if (least === at) return top;
        swap(at, least);
        at = least;
      }
    },
  };
}
