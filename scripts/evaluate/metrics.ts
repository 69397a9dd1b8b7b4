/** The rank of an item, from 1, every equal score counted against it; 0 if it is not in the list. */
export function rankOf(items: ArrayLike<number>, scores: ArrayLike<number>, target: number): number {
  let at = 0;
  while (at < items.length && items[at] !== target) at++;
  if (at === items.length) return 0;
  let rank = 0;
  for (let place = 0; place < items.length; place++) if (scores[place]! >= scores[at]!) rank++;
  return rank;
}
