interface TypedArray<A> {
  readonly length: number;
  set(values: A): void;
}

/**
 * The array itself if it holds `length` numbers, else a copy that is at least twice as long, so that growth by one costs constant time on
 * average. New places hold 0.
 */
export function ensureCapacity<A extends TypedArray<A>>(
  type: new (length: number) => A,
  array: A,
  length: number,
): A {
  if (length <= array.length) return array;
  const larger = new type(Math.max(64, length, array.length * 2));
  larger.set(array);
  return larger;
}
