const slotBits = 8;

/** When somebody ordered, from the times of each product. */
export interface OrderTimes {
  clear(): void;
  add(timesMs: readonly number[]): void;
  /** In no promised order, a time hardly ever twice. Valid until the next is added. */
  read(): Float64Array;
}

/** Products of one order have its time in common: a table of fixed size passes over what was added a moment before. */
export function createOrderTimes(): OrderTimes {
  const latest = new Float64Array(1 << slotBits);
  let times = new Float64Array(1024);
  let length = 0;
  return {
    clear() {
      latest.fill(Number.NaN);
      length = 0;
    },
    add(timesMs) {
      if (length + timesMs.length > times.length) {
        const grown = new Float64Array(2 * (length + timesMs.length));
        grown.set(times);
        times = grown;
      }
      for (let at = 0; at < timesMs.length; at++) {
        const timeMs = timesMs[at]!;
        const slot = Math.imul((timeMs / 1000) | 0, 0x9e3779b1) >>> (32 - slotBits);
        if (latest[slot] === timeMs) continue;
        latest[slot] = timeMs;
        times[length++] = timeMs;
      }
    },
    read: () => times.subarray(0, length),
  };
}
