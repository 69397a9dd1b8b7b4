import type { Clock } from '../../src/plugin.js';
import { reactionDeadlineMs } from './delivery.js';
import type { Entry, Kept } from './outbox.js';
import type { Retries } from './work.js';

/** An entry belongs to the process that took it for this time. If the process dies, others take the entry only then. */
export const leaseMs = 2 * reactionDeadlineMs;

export interface LeaseParts {
  readonly clock: Clock;
  /** True if no other process uses the store. */
  readonly alone: boolean;
  kept(): Kept;
  readonly insist: Retries['insist'];
  /** An entry was due while the one before it was being finished. */
  passedOver(): void;
  /** An entry is this process's although its lease could not be acknowledged. */
  recovered(entry: Entry): void;
}

/** The entries of the outbox that this process holds, so that no other process delivers them. */
export interface Leases {
  /** Keeps this process from taking these entries until they are released. */
  hold(ids: readonly string[]): void;
  release(ids: readonly string[]): void;
  /** Takes entries that another process, or this one before a restart, has left. Resolves to those that are held now. */
  take(found: readonly Entry[]): Promise<readonly Entry[]>;
  /** Resolves to the entry with its new time, or to null if another process has taken, finished or postponed it. */
  lease(entry: Entry, dueAtMs: number): Promise<Entry | null>;
}

export function createLeases({ clock, alone, kept, insist, passedOver, recovered }: LeaseParts): Leases {
  const held = new Set<string>();
  /** Held entries that were found to be due. They may have been planned anew while the ones before are being finished. */
  const dueAgain = new Set<string>();

  function release(ids: readonly string[]): void {
    for (const id of ids) {
      held.delete(id);
      if (dueAgain.delete(id)) passedOver();
    }
  }

  async function lease(entry: Entry, dueAtMs: number): Promise<Entry | null> {
    let own = false;
    const now = await kept().entries.update(
      entry.id,
      (current) => {
        own = isUnchanged(current, entry);
        return own ? { ...entry, dueAtMs } : undefined;
      },
      { skipDamaged: true },
    );
    return own ? now : null;
  }

  /** Leaves out entries that were finished or postponed after they were read and before they were held. */
  async function unchanged(entries: readonly Entry[]): Promise<readonly Entry[]> {
    const now = await kept().entries.getMany(
      entries.map(({ id }) => id),
      { skipDamaged: true },
    );
    return entries.filter((entry, i) => isUnchanged(now[i] ?? null, entry));
  }

  /** Leaves out entries that another process on the same store claims at the same time. */
  async function claim(entries: readonly Entry[]): Promise<readonly Entry[]> {
    const dueAtMs = clock.nowMs() + leaseMs;
    const claimed = await Promise.all(
      entries.map(async (entry) => {
        try {
          return await lease(entry, dueAtMs);
        } catch {
          // The response may have been lost although the lease was written.
          insist('claim a fact', async () => {
            const [now] = await kept().entries.getMany([entry.id], { skipDamaged: true });
            if (now && isUnchanged(now, { ...entry, dueAtMs })) recovered(now);
          });
          return null;
        }
      }),
    );
    return claimed.filter((entry) => entry !== null);
  }

  return {
    hold(ids) {
      for (const id of ids) held.add(id);
    },
    release,
    lease,
    async take(found) {
      const free = found.filter(({ id }) => !held.has(id));
      for (const { id } of found) if (held.has(id)) dueAgain.add(id);
      for (const { id } of free) held.add(id);
      let taken: readonly Entry[] = [];
      try {
        taken = await (alone ? unchanged(free) : claim(free));
      } finally {
        const ids = new Set(taken.map(({ id }) => id));
        release(free.map(({ id }) => id).filter((id) => !ids.has(id)));
      }
      return taken;
    },
  };
}

function isUnchanged(now: Entry | null, entry: Entry): boolean {
  return now?.stamp === entry.stamp && now.dueAtMs === entry.dueAtMs;
}
