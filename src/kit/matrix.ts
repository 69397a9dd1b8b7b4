/**
 * Multiplies a matrix by the transpose of another one: `product[i][j] = a[i] · b[j]`. All are row-major; the rows of
 * `a` and `b` hold `width` numbers each.
 *
 * Two rows of `a` meet four rows of `b` at a time, so each number that is read takes part in several products. At an
 * edge the last row stands in for those that are missing. Sums are 64-bit and run over the columns in order, so the
 * product is the same on every machine.
 */
export function multiplyTransposed(
  a: Float32Array,
  aRows: number,
  b: Float32Array,
  bRows: number,
  width: number,
  product: Float32Array,
): void {
  for (let j0 = 0; j0 < bRows; j0 += 4) {
    const j1 = Math.min(j0 + 1, bRows - 1);
    const j2 = Math.min(j0 + 2, bRows - 1);
    const j3 = Math.min(j0 + 3, bRows - 1);
    for (let i0 = 0; i0 < aRows; i0 += 2) {
      const i1 = Math.min(i0 + 1, aRows - 1);
      let sum00 = 0;
      let sum01 = 0;
      let sum02 = 0;
      let sum03 = 0;
      let sum10 = 0;
      let sum11 = 0;
      let sum12 = 0;
      let sum13 = 0;
      for (let column = 0; column < width; column++) {
        const a0 = a[i0 * width + column]!;
        const a1 = a[i1 * width + column]!;
        const b0 = b[j0 * width + column]!;
        const b1 = b[j1 * width + column]!;
        const b2 = b[j2 * width + column]!;
        const b3 = b[j3 * width + column]!;
        sum00 += a0 * b0;
        sum01 += a0 * b1;
        sum02 += a0 * b2;
        sum03 += a0 * b3;
        sum10 += a1 * b0;
        sum11 += a1 * b1;
        sum12 += a1 * b2;
        sum13 += a1 * b3;
      }
      product[i0 * bRows + j0] = sum00;
      product[i0 * bRows + j1] = sum01;
      product[i0 * bRows + j2] = sum02;
      product[i0 * bRows + j3] = sum03;
      product[i1 * bRows + j0] = sum10;
      product[i1 * bRows + j1] = sum11;
      product[i1 * bRows + j2] = sum12;
      product[i1 * bRows + j3] = sum13;
    }
  }
}

/** Writes the transpose of the row-major `rows` × `columns` matrix into `transposed`. */
export function transpose(
  matrix: Float32Array,
  rows: number,
  columns: number,
  transposed: Float32Array,
): void {
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      transposed[column * rows + row] = matrix[row * columns + column]!;
    }
  }
}
