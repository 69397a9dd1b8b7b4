/** For a larger k, quickselect is faster than a heap. */
const heapMax = 256;

/** The k-th highest of the values, k from 1 to their number. The values stay as they are. */
export function kthHighest(values: Float64Array, k: number): number {
  return k <= heapMax ? kthByHeap(values, k) : quickselect(values.slice(), values.length - k);
}

/** The value at a place of the sorted order, from 0 (C. A. R. Hoare, "Algorithm 65: find", 1961). Reorders the values. */
function quickselect(values: Float64Array, place: number): number {
  let first = 0;
  let last = values.length - 1;
  while (first < last) {
    const pivot = medianOf(values[first]!, values[(first + last) >> 1]!, values[last]!);
    let left = first;
    let right = last;
    while (left <= right) {
      while (values[left]! < pivot) left++;
      while (values[right]! > pivot) right--;
      if (left > right) break;
      const value = values[left]!;
      values[left++] = values[right]!;
      values[right--] = value;
    }
    if (place <= right) last = right;
    else if (place >= left) first = left;
    else break;
  }
  return values[place]!;
}

function medianOf(a: number, b: number, c: number): number {
  return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
}

/** A heap of the k highest so far, the lowest of them on top. */
function kthByHeap(values: Float64Array, k: number): number {
  const heap = values.slice(0, k).sort();
  for (let i = k; i < values.length; i++) {
    const value = values[i]!;
    if (value <= heap[0]!) continue;
    let at = 0;
    for (let child = 1; child < k; child = 2 * at + 1) {
      if (child + 1 < k && heap[child + 1]! < heap[child]!) child++;
      if (heap[child]! >= value) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = value;
  }
  return heap[0]!;
}
