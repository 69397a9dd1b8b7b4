const tableBits = 10;
const mantissaShift = 23 - tableBits;
const tableMask = (1 << tableBits) - 1;
const oneFloat = new Float32Array(1);
const oneInt = new Int32Array(oneFloat.buffer);

/** The logarithm of the middle of each part of the range from 1 to 2, less 127 ln 2, the offset of the exponent. */
const table = Float64Array.from(
  { length: 1 << tableBits },
  (_, at) => Math.log(1 + (at + 0.5) / (1 << tableBits)) - 127 * Math.LN2,
);

/**
 * The natural logarithm of a positive normal 32-bit float, with an error of at most 0.0005. The exponent and the first ten bits
 * of the mantissa are read from the bits. Several times as fast as `Math.log`, and equal on every machine.
 */
export function fastLog(value: number): number {
  oneFloat[0] = value;
  const bits = oneInt[0]!;
  return (bits >> 23) * Math.LN2 + table[(bits >> mantissaShift) & tableMask]!;
}
