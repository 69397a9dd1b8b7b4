import { fingerprint } from '../../../src/kit/fingerprint.js';
import { createNumberSet, type NumberSet } from '../../../src/kit/number-set.js';
import type { ShopEvent } from '../../../src/ports/events.js';
import { createLogClock, jumpMaxMs } from '../learning/log-clock.js';
import type { Part } from './stored.js';

/**
 * Entries of the log come in the order of their receipt, but may come late: clocks of processes differ and writes take their
 * time. So far back it is read again, and what is known is passed over.
 */
export const overlapMs = 60_000;
const printsPerBlock = 16_384;

interface PositionPart extends Part {
  readonly name: 'position';
  readonly untilMs: number;
  readonly events: Float64Array;
  /** Whether these are fingerprints of events that a wrong clock dated far ahead. */
  readonly ahead: boolean;
}

/** Fingerprints in blocks of one size, so that nothing is copied as they become many. */
interface Prints {
  readonly blocks: Float64Array[];
  /** In the last block. */
  used: number;
}

const noPrints = (): Prints => ({ blocks: [], used: printsPerBlock });

/** How far the event log has been learned. */
export function createLogPosition(nowMs?: () => number) {
  /** A receipt from the far future is no position: what comes after it would never be read. */
  const clock = createLogClock(nowMs ? { nowMs } : {});
  let untilMs = Number.NEGATIVE_INFINITY;
  /** Fingerprints of events that were received far ahead of the position, and so are read again by every start. */
  const ahead = createNumberSet();
  /** Fingerprints of the ids of what was received lately, in two generations of at least the overlap each. */
  let recent = noPrints();
  let before = noPrints();
  let begunMs = Number.NEGATIVE_INFINITY;
  /** Those that a stored position came with, as they were stored; received up to `storedUntilMs`. */
  let stored: Float64Array[] = [];
  let storedUntilMs = Number.NEGATIVE_INFINITY;
  /** All of them, while the log is being read. */
  let known: NumberSet | null = null;

  function enter(print: number): void {
    if (recent.used === printsPerBlock) {
      recent.blocks.push(new Float64Array(printsPerBlock));
      recent.used = 0;
    }
    recent.blocks.at(-1)![recent.used++] = print;
    known?.add(print);
  }

  return {
    /** From here on the log has to be read; undefined: from its start. */
    get fromMs() {
      if (untilMs === Number.NEGATIVE_INFINITY) return undefined;
      return Math.min(untilMs, clock.asideFromMs ?? untilMs) - overlapMs;
    },
    /** Enters what has been learned, in the order of learning. */
    passed(events: readonly ShopEvent[]): void {
      for (let at = 0; at < events.length; at++) {
        const { id, receivedAtMs } = events[at]!;
        clock.enter(receivedAtMs);
        untilMs = clock.newestMs;
        if (Math.abs(untilMs - begunMs) > overlapMs) {
          before = recent;
          recent = noPrints();
          begunMs = untilMs;
          known = null;
          if (Math.abs(untilMs - storedUntilMs) > 2 * overlapMs) stored = [];
        }
        if (receivedAtMs - untilMs > jumpMaxMs) ahead.add(fingerprint(id));
        else enter(fingerprint(id));
      }
    },
    /** Answers those of a page of the log that are not entered yet. */
    news(page: readonly ShopEvent[]): readonly ShopEvent[] {
      const isAhead = ({ receivedAtMs }: ShopEvent) => receivedAtMs - untilMs > jumpMaxMs;
      const events =
        ahead.size > 0 && page.some(isAhead) ? page.filter(({ id }) => !ahead.has(fingerprint(id))) : page;
      if (events.length === 0 || events[0]!.receivedAtMs > untilMs) return events;
      known ??= setOf([...stored, ...endsOf(before), ...endsOf(recent)]);
      const prints = known;
      return events.filter(({ id }) => !prints.has(fingerprint(id)));
    },
    save(): Iterable<Part> {
      const at = untilMs;
      const farAhead = Float64Array.from(ahead.values());
      // What is entered later lies behind these ends.
      const ends = [...stored, ...endsOf(before), ...endsOf(recent)];
      return (function* (): Generator<PositionPart> {
        yield { name: 'position', untilMs: at, events: farAhead, ahead: true };
        for (const block of ends)
          yield { name: 'position', untilMs: at, events: block.slice(), ahead: false };
      })();
    },
    restore(part: Part): void {
      const { untilMs: at, events, ahead: isAhead } = part as PositionPart;
      if (isAhead) {
        if (at > Number.NEGATIVE_INFINITY) clock.enter(at);
        for (const print of events) ahead.add(print);
        untilMs = at;
        storedUntilMs = at;
        return;
      }
      if (events.length > 0) stored.push(events);
    },
  };
}

export type LogPosition = ReturnType<typeof createLogPosition>;

/** The filled part of each block. */
function endsOf({ blocks, used }: Prints): Float64Array[] {
  return blocks.map((block, at) => (at === blocks.length - 1 ? block.subarray(0, used) : block));
}

function setOf(blocks: readonly Float64Array[]): NumberSet {
  const set = createNumberSet();
  for (const block of blocks) for (const print of block) set.add(print);
  return set;
}
