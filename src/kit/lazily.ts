/** Returns a function that makes a value when it is first called, and returns the same one from then on. */
export function lazily<T extends object>(make: () => T): () => T {
  let made: T | null = null;
  return () => {
    made ??= make();
    return made;
  };
}
