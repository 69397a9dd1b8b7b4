/** Options for an LRUCache that holds at most `entries` and takes memory as it fills. Its `max` would take, and clear, all of it at the start. */
export function atMost(entries: number): {
  readonly maxSize: number;
  readonly sizeCalculation: () => number;
} {
  return { maxSize: entries, sizeCalculation: () => 1 };
}
