import { describeError } from '../../../src/errors.js';
import type { Host } from '../../../src/plugin.js';
import type { Shelf } from '../../../src/ports/catalog.js';
import type { Collection, CollectionSpec, Document } from '../../../src/ports/store.js';
import type { Statistics } from '../learning/statistics.js';
import type { Archive } from './archive.js';
import { isDamaged, scanDerived } from './derived-documents.js';
import type { LogPosition } from './log-position.js';
import { type ProductsPart, productParts, remapOf } from './products.js';
import type { IdRemap, Part } from './stored.js';

/**
 * Grows with every change of what one of the statistics stores: what was stored in another form, or by other statistics, is
 * passed over, and the log is read instead.
 */
const version = 16;
const snapshotsKept = 2;
/** One that is not complete by then was left behind by a process that died. */
const writingMsMax = 3_600_000;
/** Clocks of processes differ by less. */
const aheadMsMax = 3_600_000;

/** Statistics as they were at a position of the log. */
export interface Snapshot extends Document {
  readonly format: string;
  readonly savedAtMs: number;
  /** When the log was last read from its very start for it. */
  readonly builtAtMs: number;
  readonly interactions: number;
  /** null: it is being written, or never was to its end. */
  readonly chunks: number | null;
  readonly bytes: number;
}

export const snapshotSpec: CollectionSpec<Snapshot> = { name: 'recommendation-snapshots', indexes: {} };

interface Learned {
  readonly statistics: Statistics;
  readonly position: LogPosition;
}

export interface Snapshots {
  /** Stores what is learned as it is at the call, beside everything else, and removes what it makes superfluous. */
  save(learned: Learned, builtAtMs: number): Promise<Snapshot>;
  /** The newest that can be read, into what is made for it. Of each that cannot be read the log says why. */
  load<L extends Learned>(
    create: () => L,
  ): Promise<{ readonly learned: L; readonly snapshot: Snapshot } | null>;
}

export function createSnapshots(
  kept: Collection<Snapshot>,
  archive: Archive,
  shelf: Shelf,
  { clock, ids, log }: Pick<Host, 'clock' | 'ids' | 'log'>,
): Snapshots {
  function partsOf({ statistics, position }: Learned): Iterable<Part> {
    const parts = [productParts(shelf, shelf.size), position.save(), statistics.save()];
    return (function* (): Generator<Part> {
      for (const some of parts) yield* some;
    })();
  }

  async function read(snapshot: Snapshot, { statistics, position }: Learned): Promise<void> {
    let remap: IdRemap = new Int32Array(0);
    for await (const part of archive.read(snapshot.id, snapshot.chunks ?? 0)) {
      if (part.name === 'position') position.restore(part);
      else if (part.name === 'products') remap = remapOf(part as ProductsPart, shelf, remap);
      else statistics.restore(part, remap);
    }
  }

  /**
   * Newest first. A snapshot from the future, stored while a clock ran ahead, counts as the oldest. One that is damaged is removed:
   * the log is the truth, and a snapshot only saves time.
   */
  async function all(): Promise<Snapshot[]> {
    let found: Snapshot[] = [];
    try {
      found = await scanDerived(kept, remove);
    } catch (error) {
      log.warn('snapshots of the statistics cannot be listed; they are ignored', {
        err: describeError(error),
      });
    }
    const latestMs = clock.nowMs() + aheadMsMax;
    const ageRank = ({ savedAtMs }: Snapshot) => (savedAtMs > latestMs ? -1 : savedAtMs);
    return found.reverse().sort((a, b) => ageRank(b) - ageRank(a));
  }

  /** Those from before a rebuild may hold what was erased from the log since. */
  async function removeOld(builtAtMs: number): Promise<void> {
    let complete = 0;
    for (const { id, chunks, savedAtMs, ...snapshot } of await all()) {
      const needed =
        chunks === null
          ? Math.abs(clock.nowMs() - savedAtMs) < writingMsMax
          : snapshot.builtAtMs >= builtAtMs && ++complete <= snapshotsKept;
      if (!needed) await remove(id);
    }
  }

  async function remove(id: string): Promise<void> {
    await archive.remove(id);
    await kept.remove([id]);
  }

  return {
    async save(learned, builtAtMs) {
      const parts = partsOf(learned);
      const begun: Snapshot = {
        id: ids.next(),
        format: formatOf(learned),
        savedAtMs: clock.nowMs(),
        builtAtMs,
        interactions: learned.statistics.session.interactions,
        chunks: null,
        bytes: 0,
      };
      await kept.put([begun]);
      try {
        const snapshot: Snapshot = { ...begun, ...(await archive.write(begun.id, parts)) };
        await kept.put([snapshot]);
        await removeOld(builtAtMs);
        return snapshot;
      } catch (error) {
        await remove(begun.id).catch(() => undefined);
        throw error;
      }
    },

    async load(create) {
      for (const snapshot of await all()) {
        if (snapshot.chunks === null) continue;
        try {
          const learned = create();
          if (!isReadable(snapshot.format, learned)) throw new Error(`it is of format ${snapshot.format}`);
          await read(snapshot, learned);
          return { learned, snapshot };
        } catch (error) {
          log.warn('a snapshot of the statistics cannot be used', {
            snapshot: snapshot.id,
            err: describeError(error),
          });
          if (isDamaged(error)) await remove(snapshot.id).catch(() => undefined);
        }
      }
      return null;
    },
  };
}

function formatOf({ statistics }: Learned): string {
  return `${version} ${statistics.names.join(' ')}`;
}

/** True if it has everything that is learned now, in the same form. Parts of models that do not exist any more are left out. */
function isReadable(format: string, { statistics }: Learned): boolean {
  const [storedVersion, ...names] = format.split(' ');
  return storedVersion === String(version) && statistics.names.every((name) => names.includes(name));
}
