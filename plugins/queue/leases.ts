import type { Clock } from '../../src/plugin.js';
import { reactionDeadlineMs } from './delivery.js';
import type { Entry, Kept } from './outbox.js';
import type { Retries } from './work.js';

/** How long an entry belongs to the process that took it; a process that dies gives it back that late. */
export const leaseMs = 2 * reactionDeadlineMs;

export interface LeaseParts {
  readonly clock: Clock;
  /** Whether no other process uses the store. */
  readonly alone: boolean;
  kept(): Kept;
  readonly insist: Retries['insist'];
  /** An entry was due while the one before it was being finished. */
  passedOver(): void;
  /** An entry is this process's although its lease could not be acknowledged. */
  recovered(entry: Entry): void;
}

/** Which entries of the outbox this process has, so that nobody else delivers them. */
export interface Leases {
  /** From now on nobody here takes these entries, until they are released. */
  hold(ids: readonly string[]): void;
  release(ids: readonly string[]): void;
  /** Takes entries that another process or an earlier life of this one has left. Resolves to those that are held now. */
  take(found: readonly Entry[]): Promise<readonly Entry[]>;
  /** Resolves to the entry with its new time; to null when somebody else has taken it, finished it or put it off. */
  lease(entry: Entry, dueAtMs: number): Promise<Entry | null>;
}

export function createLeases({ clock, alone, kept, insist, passedOver, recovered }: LeaseParts): Leases {
  const held = new Set<string>();
  /** Held entries that were found to be due: planned anew, perhaps, while the ones before are being finished. */
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

  /** Without those that were finished, or put off, between the look and the hold. */
  async function unchanged(entries: readonly Entry[]): Promise<readonly Entry[]> {
    const now = await kept().entries.getMany(
      entries.map(({ id }) => id),
      { skipDamaged: true },
    );
    return entries.filter((entry, i) => isUnchanged(now[i] ?? null, entry));
  }

  /** With others on the same store: only those that nobody else claims at the same time. */
  async function claim(entries: readonly Entry[]): Promise<readonly Entry[]> {
    const dueAtMs = clock.nowMs() + leaseMs;
    const claimed = await Promise.all(
      entries.map(async (entry) => {
        try {
          return await lease(entry, dueAtMs);
        } catch {
          // The answer may have been lost, and the lease be ours.
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
