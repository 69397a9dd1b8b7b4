/**
 * The signed root of Dunning's G² (1993) for two products in `both`, `a` and `b` of `all` baskets: about normal by chance, positive when
 * they meet more often than that.
 */
export function significance(both: number, a: number, b: number, all: number): number {
  const cells = [
    [both, a, b],
    [a - both, a, all - b],
    [b - both, all - a, b],
    [all - a - b + both, all - a, all - b],
  ] as const;
  let sum = 0;
  for (const [observed, row, column] of cells) {
    if (observed > 0) sum += observed * Math.log((observed * all) / (row * column));
  }
  const root = Math.sqrt(Math.max(0, 2 * sum));
  return both * all >= a * b ? root : -root;
}
