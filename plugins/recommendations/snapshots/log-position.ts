import type { ShopEvent } from '../../../src/ports/events.js';
import { fingerprint } from '../models/fingerprint.js';
import type { Part } from '../models/stored.js';

/**
 * Entries of the log come in the order of their receipt, but may come late: clocks of processes differ and writes take their
 * time. So far back it is read again, and what is known is passed over.
 */
export const overlapMs = 60_000;
const eventsPerPart = 65_536;

interface PositionPart extends Part {
  readonly name: 'position';
  readonly untilMs: number;
  readonly events: Float64Array;
}

/** How far the event log has been learned. */
export interface LogPosition {
  /** From here on the log has to be read; undefined: from its start. */
  readonly fromMs: number | undefined;
  /** Enters what has been learned, in the order of learning. */
  passed(events: readonly ShopEvent[]): void;
  /** Answers those of a page of the log that are not entered yet. */
  news(events: readonly ShopEvent[]): readonly ShopEvent[];
  save(): Iterable<Part>;
  restore(part: Part): void;
}

export function createLogPosition(): LogPosition {
  let untilMs = Number.NEGATIVE_INFINITY;
  /** Ids of what was received lately, in two generations of at least the overlap each. */
  let recent: string[] = [];
  let before: string[] = [];
  let begunMs = Number.NEGATIVE_INFINITY;
  /** Fingerprints of the ids that a stored position came with; received up to `storedUntilMs`. */
  const stored = new Set<number>();
  let storedUntilMs = Number.NEGATIVE_INFINITY;
  /** The ids of both generations, while the log is being read. */
  let known: Set<string> | null = null;

  return {
    get fromMs() {
      return untilMs === Number.NEGATIVE_INFINITY ? undefined : untilMs - overlapMs;
    },
    passed(events) {
      for (let at = 0; at < events.length; at++) {
        const { id, receivedAtMs } = events[at]!;
        if (receivedAtMs > untilMs) untilMs = receivedAtMs;
        if (untilMs - begunMs > overlapMs) {
          before = recent;
          recent = [];
          begunMs = untilMs;
          known = null;
          if (untilMs - storedUntilMs > 2 * overlapMs) stored.clear();
        }
        recent.push(id);
        known?.add(id);
      }
    },
    news(events) {
      if (events.length === 0 || events[0]!.receivedAtMs > untilMs) return events;
      known ??= new Set([...before, ...recent]);
      const ids = known;
      return events.filter(({ id }) => !ids.has(id) && !(stored.size > 0 && stored.has(fingerprint(id))));
    },
    save() {
      const ids = [...before, ...recent];
      const older = [...stored];
      const at = untilMs;
      return (function* (): Generator<PositionPart> {
        yield { name: 'position', untilMs: at, events: Float64Array.from(older) };
        for (let from = 0; from < ids.length; from += eventsPerPart) {
          const some = ids.slice(from, from + eventsPerPart);
          yield { name: 'position', untilMs: at, events: Float64Array.from(some, fingerprint) };
        }
      })();
    },
    restore(part) {
      const { untilMs: at, events } = part as PositionPart;
      untilMs = at;
      storedUntilMs = at;
      for (const print of events) stored.add(print);
    },
  };
}
