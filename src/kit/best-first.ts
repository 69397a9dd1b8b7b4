/**
 * Hands out the places of a list by falling score, places with a score of 0 not at all. A heap: who wants the first few of
 * many pays for the few.
 */
export function bestFirst(
  scores: ArrayLike<number>,
  length: number,
  tie: (a: number, b: number) => number,
): () => number | undefined {
  const heap: number[] = [];
  for (let place = 0; place < length; place++) if (scores[place]! > 0) heap.push(place);

  const before = (a: number, b: number): boolean =>
    scores[a]! > scores[b]! || (scores[a] === scores[b] && tie(a, b) < 0);

  function sink(at: number): void {
    const moving = heap[at]!;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && before(heap[child + 1]!, heap[child]!)) child++;
      if (!before(heap[child]!, moving)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = moving;
  }

  for (let at = (heap.length >> 1) - 1; at >= 0; at--) sink(at);
  return () => {
    const best = heap[0];
    const last = heap.pop();
    if (heap.length > 0) {
      heap[0] = last!;
      sink(0);
    }
    return best;
  };
}
