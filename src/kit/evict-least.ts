/** Entries that are compared for one eviction. */
const comparedMax = 32;

/**
 * Deletes an entry of a map that is full, and returns its value: of the 32 oldest the one of least value, the oldest of equals. The others
 * become the newest, so that all are compared in turn. So a flood of entries of little value evicts its own. Throws RangeError for an
 * empty map.
 */
export function evictLeast<K, V>(map: Map<K, V>, worth: (entry: V) => number): V {
  const compared: (readonly [key: K, entry: V])[] = [];
  for (const entry of map) {
    compared.push(entry);
    if (compared.length === comparedMax) break;
  }
  let least = compared[0];
  if (least === undefined) throw new RangeError('the map must have an entry, and has none');
  for (const entry of compared) if (worth(entry[1]) < worth(least[1])) least = entry;
  for (const entry of compared) {
    map.delete(entry[0]);
    if (entry !== least) map.set(entry[0], entry[1]);
  }
  return least[1];
}
