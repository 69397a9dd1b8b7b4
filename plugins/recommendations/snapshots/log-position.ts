import type { ShopEvent } from '../../../src/ports/events.js';
import { fingerprint } from '../models/fingerprint.js';
import type { Part } from '../models/stored.js';

/**
 * Entries of the log come in the order of their receipt, but may come late: clocks of processes differ and writes take their
 * time. So far back it is read again, and what is known is passed over.
 */
export const overlapMs = 60_000;
const eventsPerPart = 65_536;
const printsPerBlock = 16_384;

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

/** Fingerprints in blocks of one size, so that nothing is copied as they become many. */
interface Prints {
  readonly blocks: Float64Array[];
  /** In the last block. */
  used: number;
}

const noPrints = (): Prints => ({ blocks: [], used: printsPerBlock });

export function createLogPosition(): LogPosition {
  let untilMs = Number.NEGATIVE_INFINITY;
  /** Fingerprints of the ids of what was received lately, in two generations of at least the overlap each. */
  let recent = noPrints();
  let before = noPrints();
  let begunMs = Number.NEGATIVE_INFINITY;
  /** Those that a stored position came with; received up to `storedUntilMs`. */
  const stored = new Set<number>();
  let storedUntilMs = Number.NEGATIVE_INFINITY;
  /** Both generations, while the log is being read. */
  let known: Set<number> | null = null;

  function enter(print: number): void {
    if (recent.used === printsPerBlock) {
      recent.blocks.push(new Float64Array(printsPerBlock));
      recent.used = 0;
    }
    recent.blocks.at(-1)![recent.used++] = print;
    known?.add(print);
  }

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
          recent = noPrints();
          begunMs = untilMs;
          known = null;
          if (untilMs - storedUntilMs > 2 * overlapMs) stored.clear();
        }
        enter(fingerprint(id));
      }
    },
    news(events) {
      if (events.length === 0 || events[0]!.receivedAtMs > untilMs) return events;
      known ??= new Set([...printsOf(before), ...printsOf(recent)]);
      const prints = known;
      return events.filter(({ id }) => {
        const print = fingerprint(id);
        return !prints.has(print) && !stored.has(print);
      });
    },
    save() {
      const older = Float64Array.from(stored);
      const at = untilMs;
      // What is entered later lies behind these ends.
      const ends = [...endsOf(before), ...endsOf(recent)];
      return (function* (): Generator<PositionPart> {
        for (let from = 0; from === 0 || from < older.length; from += eventsPerPart)
          yield { name: 'position', untilMs: at, events: older.slice(from, from + eventsPerPart) };
        for (const block of ends) yield { name: 'position', untilMs: at, events: block.slice() };
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

/** The filled part of each block. */
function endsOf({ blocks, used }: Prints): Float64Array[] {
  return blocks.map((block, at) => (at === blocks.length - 1 ? block.subarray(0, used) : block));
}

function* printsOf(prints: Prints): Generator<number> {
  for (const block of endsOf(prints)) yield* block;
}
