import type { DailyQuotas } from '../../../src/kit/daily-quotas.js';
import type { Part, Storable } from '../snapshots/stored.js';
import type { NetworkShares, StoredShares } from './network-shares.js';

const cellsPerPart = 1 << 16;
const unused = new Uint8Array(cellsPerPart);

interface SharesPart extends Part, StoredShares {
  readonly name: 'shares';
  readonly of: string;
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
  shares: Readonly<Record<string, NetworkShares>>,
): Storable & { setBack(byMs: number): void } {
  return {
    setBack(byMs) {
      quotas.setBack(byMs);
      for (const each of Object.values(shares)) each.setBack(byMs);
    },
    save() {
      const saved = Object.entries(shares).map(([of, each]) => ({
        name: 'shares' as const,
        of,
        ...each.save(),
      }));
      const { day, cells: all } = quotas.save();
      return (function* (): Generator<SharesPart | QuotasPart> {
        yield* saved;
        for (let from = 0; from < all.length; from += cellsPerPart) {
          const some = all.slice(from, from + cellsPerPart);
          if (from === 0 || Buffer.compare(some, unused.subarray(0, some.length)) !== 0)
            yield { name: 'quotas', day, size: all.length, from, cells: some };
        }
      })();
    },
    restore(part) {
      if (part.name === 'quotas') return quotas.restore(part as QuotasPart);
      const stored = part as SharesPart;
      shares[stored.of]?.restore(stored);
    },
  };
}
