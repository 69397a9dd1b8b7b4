import { LRUCache } from 'lru-cache';
import { atMost } from '../kit/bounded.js';

/** After so much work of all senders together, about a second of CPU time, earlier work counts half. */
const halfLifeUnits = 1_000_000;
/** Beyond this exponent of 2 all that was counted is scaled down. */
const exponentMax = 400;
const sendersMax = 10_000;

/** The work that each sender had done lately. It fades with the work of all and not with time, so it is the same on a slow machine. */
export interface SenderUsage {
  /** Comparable with those of other senders at the same moment only. */
  of(sender: string): number;
  /** Negative units: it was less than was counted before. */
  add(sender: string, units: number): void;
}

/** Forward decay: new work is weighted up instead of all other work down. */
export function createSenderUsage(): SenderUsage {
  const usage = new LRUCache<string, number>(atMost(sendersMax));
  let workedUnits = 0;
  return {
    of: (sender) => usage.get(sender) ?? 0,
    add(sender, units) {
      workedUnits += Math.max(0, units);
      let exponent = workedUnits / halfLifeUnits;
      if (exponent > exponentMax) {
        // From the least recent on, so that they stay in their order.
        for (const name of [...usage.rkeys()]) usage.set(name, usage.get(name)! * 2 ** -exponent);
        workedUnits = 0;
        exponent = 0;
      }
      usage.set(sender, Math.max(0, (usage.get(sender) ?? 0) + units * 2 ** exponent));
    },
  };
}
