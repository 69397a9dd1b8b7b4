import type { DailyQuotas } from '../../src/kit/daily-quotas.js';
import type { Part, Storable } from './models/stored.js';
import type { NetworkShares, StoredShares } from './network-shares.js';

const cellsPerPart = 1 << 16;

interface NetworksPart extends Part, StoredShares {
  readonly name: 'networks';
}

/** A piece of the table of quotas. Pieces without anything in use are not stored, except the first. */
interface QuotasPart extends Part {
  readonly name: 'quotas';
  readonly day: number;
  readonly size: number;
  readonly from: number;
  readonly cells: Uint8Array;
}

/** Stores what was used of the limits of the current day, so that a restart renews none. */
export function createStoredUsage(
  quotas: DailyQuotas,
  networks: NetworkShares,
): Storable & { setBack(byMs: number): void } {
  return {
    setBack(byMs) {
      quotas.setBack(byMs);
      networks.setBack(byMs);
    },
    save() {
      const shares = networks.save();
      const { day, cells: all } = quotas.save();
      return (function* (): Generator<NetworksPart | QuotasPart> {
        yield { name: 'networks', ...shares };
        for (let from = 0; from < all.length; from += cellsPerPart) {
          const some = all.slice(from, from + cellsPerPart);
          if (from === 0 || some.some((cell) => cell > 0))
            yield { name: 'quotas', day, size: all.length, from, cells: some };
        }
      })();
    },
    restore(part) {
      if (part.name === 'networks') return networks.restore(part as NetworksPart);
      quotas.restore(part as QuotasPart);
    },
  };
}
