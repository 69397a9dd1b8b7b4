/**
 * The signed root of Dunning's G² (1993) for two products in `both`, `a` and `b` of `all` baskets: about normal by chance, positive when
 * they meet more often than that.
 */
export function significance(both: number, a: number, b: number, all: number): number {
  const sum =
    cell(both, a, b, all) +
    cell(a - both, a, all - b, all) +
    cell(b - both, all - a, b, all) +
    cell(all - a - b + both, all - a, all - b, all);
  const root = Math.sqrt(Math.max(0, 2 * sum));
  return both * all >= a * b ? root : -root;
}

function cell(observed: number, row: number, column: number, all: number): number {
  return observed > 0 ? observed * Math.log((observed * all) / (row * column)) : 0;
}
