import { randomBytes, randomFillSync } from 'node:crypto';
import type { Clock, Host, Log } from './plugin.js';

const timerMaxMs = 2 ** 31 - 1;

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  after(delayMs, run) {
    // setTimeout drops fractions, which would be too early, and takes longer times for 1 ms.
    const stepMs = Math.min(Math.ceil(delayMs), timerMaxMs);
    if (delayMs <= stepMs) {
      const timer = setTimeout(run, stepMs).unref();
      return () => clearTimeout(timer);
    }
    let cancel = systemClock.after(stepMs, () => {
      cancel = systemClock.after(delayMs - stepMs, run);
    });
    return () => cancel();
  },
};

/** The same clock for durations alone: its `nowMs` is monotonic, so that a wall clock that is set back locks nobody out. */
export function durationsOf(clock: Clock): Pick<Clock, 'nowMs' | 'after'> {
  return { nowMs: () => clock.monotonicMs(), after: (delayMs, run) => clock.after(delayMs, run) };
}

export function systemRandom(): number {
  return randomBytes(6).readUIntBE(0, 6) / 2 ** 48;
}

const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** ULIDs (github.com/ulid/spec): 48 bits of time, 80 of chance, in Crockford's base 32. */
export function createIds(
  clock: Clock,
  fill: (bytes: Uint8Array) => void = randomFillSync,
): { next(): string } {
  const entropy = new Uint8Array(16 * 256);
  let spent = entropy.length;
  let lastMs = -1;
  let timePart = '';
  return {
    next() {
      const nowMs = clock.nowMs();
      if (nowMs !== lastMs) {
        lastMs = nowMs;
        timePart = '';
        for (let rest = nowMs, i = 0; i < 10; i++, rest = Math.floor(rest / 32)) {
          timePart = alphabet[rest % 32]! + timePart;
        }
      }
      if (spent + 16 > entropy.length) {
        fill(entropy);
        spent = 0;
      }
      let id = timePart;
      for (const end = spent + 16; spent < end; spent++) id += alphabet[entropy[spent]! & 31]!;
      return id;
    },
  };
}

export interface HostParts {
  readonly clock: Clock;
  readonly ids: { next(): string };
  readonly random: () => number;
  readonly log: Log;
  readonly dataDir: string;
}

export function createHost(parts: HostParts, role: Host['role'] = 'all'): Host {
  return { ...parts, role };
}
