import { distance as editDistance } from 'fastest-levenshtein';

/** Returns the known name that differs least from this one, if it differs in at most `max` characters and in less than half of them. */
export function nearestName(name: string, known: Iterable<string>, max = 4): string | null {
  let nearest: string | null = null;
  let least = Math.min(max + 1, Math.ceil(name.length / 2) + 1);
  for (const each of known) {
    const distance = editDistance(name, each);
    if (distance >= least) continue;
    nearest = each;
    least = distance;
  }
  return nearest;
}

/** For the end of an error message: `; did you mean settings?`, or an empty string if no known name is near. */
export function didYouMean(name: string, known: Iterable<string>, max?: number): string {
  const nearest = nearestName(name, known, max);
  return nearest === null ? '' : `; did you mean ${nearest}?`;
}
