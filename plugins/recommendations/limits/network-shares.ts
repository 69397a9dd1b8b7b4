import { networksMax } from './witnesses.js';

const dayMs = 86_400_000;

interface NetworkShareOptions {
  /** A network may always have so much in a day. */
  readonly least: number;
  /** A network that many share, as one of a provider, may have this part of what all others had that day, if that is more. */
  readonly share: number;
}

export interface StoredShares {
  readonly day: number;
  readonly total: number;
  readonly used: Float64Array;
}

/** Bounds what comes from one network in a day (UTC), among all networks. There are few enough to count each one exactly. */
export function createNetworkShares({ least, share }: NetworkShareOptions) {
  /** The start of the day. */
  let fromMs = Number.NEGATIVE_INFINITY;
  let total = 0;
  const used = new Float64Array(networksMax);

  /** As of `DailyQuotas`. */
  function turnTo(atMs: number): void {
    if (atMs < fromMs + dayMs && atMs >= fromMs - dayMs) return;
    fromMs = Math.floor(atMs / dayMs) * dayMs;
    total = 0;
    used.fill(0);
  }

  return {
    /** Uses what is left of an amount; returns how much that was. All of it if the network is not known (0). */
    take(network: number, amount: number, atMs: number): number {
      turnTo(atMs);
      const own = used[network]!;
      const most = network === 0 ? Number.POSITIVE_INFINITY : Math.max(least, share * (total - own));
      const taken = Math.max(0, Math.min(amount, most - own));
      used[network] = own + taken;
      total += taken;
      return taken;
    },
    setBack(byMs: number): void {
      fromMs -= Math.round(byMs / dayMs) * dayMs;
    },
    save: () => ({ day: fromMs / dayMs, total, used: used.slice() }),
    restore(stored: StoredShares): void {
      fromMs = stored.day * dayMs;
      total = stored.total;
      used.set(stored.used);
    },
  };
}

export type NetworkShares = ReturnType<typeof createNetworkShares>;
