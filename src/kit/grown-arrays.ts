/*
 * Larger copies of typed arrays, with room for at least `length` numbers: an eighth more than that, so that copies stay rare.
 */

export function grownInt32(array: Int32Array, length: number): Int32Array {
  return resizedInt32(array, roomFor(length));
}

/** A copy of exactly `length` numbers, at least as long as the array. */
export function resizedInt32(array: Int32Array, length: number): Int32Array {
  const copy = new Int32Array(length);
  copy.set(array);
  return copy;
}

export function grownUint8(array: Uint8Array, length: number): Uint8Array {
  const copy = new Uint8Array(roomFor(length));
  copy.set(array);
  return copy;
}

export function grownFloat32(array: Float32Array, length: number): Float32Array {
  const copy = new Float32Array(roomFor(length));
  copy.set(array);
  return copy;
}

function roomFor(length: number): number {
  return Math.max(1024, Math.ceil(length * 1.125));
}
