import { expect } from 'chai';
import fc from 'fast-check';
import { multiplyTransposed, transpose } from '../../src/kit/matrix.js';

const side = fc.integer({ min: 1, max: 9 });

/** Small whole numbers, so that every sum is exact. */
function matrixOf(rows: number, columns: number, seed: number): Float32Array {
  return Float32Array.from({ length: rows * columns }, (_, at) => ((at + seed) * 7919) % 23);
}

describe('matrix', () => {
  it('multiplies by a transpose, whatever the numbers of rows and columns', () => {
    fc.assert(
      fc.property(side, side, side, fc.nat(100), (aRows, bRows, width, seed) => {
        const a = matrixOf(aRows, width, seed);
        const b = matrixOf(bRows, width, seed + 1);
        const product = new Float32Array(aRows * bRows + 1).fill(-1);
        multiplyTransposed(a, aRows, b, bRows, width, product);
        for (let i = 0; i < aRows; i++) {
          for (let j = 0; j < bRows; j++) {
            let sum = 0;
            for (let column = 0; column < width; column++)
              sum += a[i * width + column]! * b[j * width + column]!;
            expect(product[i * bRows + j]).to.equal(sum);
          }
        }
        expect(product.at(-1)).to.equal(-1);
      }),
    );
  });

  it('transposes, and back', () => {
    const matrix = matrixOf(3, 5, 0);
    const transposed = new Float32Array(15);
    transpose(matrix, 3, 5, transposed);
    expect(transposed[1 * 3 + 2]).to.equal(matrix[2 * 5 + 1]);
    const back = new Float32Array(15);
    transpose(transposed, 5, 3, back);
    expect(back).to.deep.equal(matrix);
  });
});
