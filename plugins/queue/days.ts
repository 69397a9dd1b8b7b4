import type { Host } from '../../src/plugin.js';
import type { Entry, Kept } from './outbox.js';

const dayMs = 86_400_000;
const stateId = 'told';

export function dayOf(atMs: number): string {
  return new Date(atMs).toISOString().slice(0, 10);
}

/** Time until the next day begins (UTC). */
export function untilMidnightMs(nowMs: number): number {
  return dayMs - (nowMs % dayMs);
}

/**
 * Enters `day.passed` for yesterday unless it was told already; of several missed days only that one is told, and
 * none before the first start. Answers the entry to deliver, or null.
 */
export async function enterPassedDay(
  { entries, days }: Kept,
  host: Host,
  createEntry: (id: string, fact: Entry['fact']) => Entry,
): Promise<Entry | null> {
  const yesterday = dayOf(host.clock.nowMs() - dayMs);
  let isDamaged = false;
  const [told = null] = await days.getMany([stateId], {
    skipDamaged: () => {
      isDamaged = true;
    },
  });
  // A day that has yet to come was told by a clock that was ahead.
  if (told && told.day >= yesterday && told.day <= dayOf(host.clock.nowMs())) return null;
  const entry = createEntry(`day.${yesterday}`, { type: 'day.passed', day: yesterday });
  // A damaged state does not show if the day was published. Publishing it twice is allowed, never is not.
  const added = told || isDamaged ? (await entries.insert([entry]))[0]! : false;
  let first = false;
  await days.update(
    stateId,
    (current) => {
      first = current?.day !== yesterday;
      return first ? { id: stateId, day: yesterday } : undefined;
    },
    { skipDamaged: true },
  );
  if (!added) return null;
  if (first) return entry;
  await entries.remove([entry.id]);
  return null;
}
