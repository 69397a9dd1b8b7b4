import { z } from 'zod';
import type { Clock } from '../../src/plugin.js';
import { type EventType, eventTypes } from '../../src/ports/events.js';
import type { ScheduledJob } from '../../src/ports/queue.js';
import type { Collection, CollectionSpec, Document, Page } from '../../src/ports/store.js';
import type { LogEntry } from './log-entry.js';
import { rewritten } from './person-log.js';

const dayMs = 86_400_000;
const daysMax = 36_500;
const entriesPerPage = 256;
/** A first run may read the whole log. */
const expiryMs = 6 * 3_600_000;

/** By type, the days that an event is kept after its receipt. Types that are not named are kept until somebody is erased. */
export type Retention = Readonly<Partial<Record<EventType, number>>>;

/** Reads the retention as JSON. */
export const retentionDays = z
  .string()
  .default('{}')
  .transform((text, context) => {
    try {
      return JSON.parse(text) as unknown;
    } catch {
      context.addIssue({ code: 'custom', message: 'must be JSON, for example {"PRODUCT_VIEWED":395}' });
      return z.NEVER;
    }
  })
  .pipe(z.partialRecord(z.enum(eventTypes), z.number().int().min(1).max(daysMax)));

/** The nightly job; none if all events are kept. */
export function schedule(
  { retentionDays: days }: { readonly retentionDays: Retention },
  run: (signal: AbortSignal) => Promise<void>,
): Readonly<Record<string, ScheduledJob>> {
  if (Object.keys(days).length === 0) return {};
  return { retention: { cron: '17 3 * * *', timeoutMs: expiryMs, run: ({ signal }) => run(signal) } };
}

/** The part of the log that has been looked through for events that are kept so many days; the id is their number. */
export interface Expired extends Document {
  /** The types of these events. */
  readonly types: string;
  /** Entries that were received before are done. */
  readonly untilMs: number;
}

export const expiredSpec: CollectionSpec<Expired> = { name: 'events-expired', indexes: {}, watched: false };

/**
 * Removes events whose time is over. Each entry is read once for each number of days, so a run reads what became older since the last one. Idempotent.
 */
export async function expire(
  log: Collection<LogEntry>,
  expired: Collection<Expired>,
  retention: Retention,
  clock: Pick<Clock, 'nowMs'>,
  signal: AbortSignal,
): Promise<void> {
  const typesByDays = new Map<number, EventType[]>();
  for (const type of eventTypes) {
    const days = retention[type];
    if (days !== undefined) typesByDays.set(days, [...(typesByDays.get(days) ?? []), type]);
  }
  for (const [days, own] of typesByDays) {
    const id = String(days);
    const types = own.join(' ');
    const toMs = clock.nowMs() - days * dayMs;
    const before = await expired.get(id);
    let fromMs = before?.types === types ? before.untilMs : 0;
    let after: string | null = null;
    do {
      if (signal.aborted) return;
      const page: Page<LogEntry> = await log.find({
        index: 'byReceipt',
        from: fromMs,
        to: toMs,
        limit: entriesPerPage,
        skipDamaged: true,
        ...(after === null ? {} : { after }),
      });
      for (const entry of page.items) await replace(log, entry, new Set(own));
      after = page.next;
      fromMs = page.items.at(-1)?.receivedAtMs ?? fromMs;
      await expired.put([{ id, types, untilMs: after === null ? Math.max(fromMs, toMs) : fromMs }]);
    } while (after !== null);
  }
}

async function replace(
  log: Collection<LogEntry>,
  entry: LogEntry,
  types: ReadonlySet<EventType>,
): Promise<void> {
  const without = (current: LogEntry) => rewritten(current, ({ type }) => !types.has(type));
  const kept = without(entry);
  if (kept[0] === entry) return;
  const beside = kept.filter(({ id }) => id !== entry.id);
  // In this order, a crash in between loses nothing; the next run removes what is there twice.
  if (beside.length > 0) await log.put(beside);
  await log.update(entry.id, (current) =>
    current === null ? undefined : (without(current).find(({ id }) => id === entry.id) ?? null),
  );
}
