import type { Part } from '../snapshots/stored.js';

/** A receipt that is farther than this from the newest plausible one is set aside until more of them confirm it: one day. */
export const jumpMaxMs = 86_400_000;
/** Receipts that were set aside confirm each other once they span so long: a clock that is wrong for less never counts. */
const confirmAfterMs = 3_600_000;

interface ClockPart extends Part {
  readonly name: 'log-clock';
  readonly newestMs: number;
}

interface LogClockOptions {
  /** The server's clock. Once it has come back, receipts of the log that lie ahead of it never confirm each other; by default none do. */
  nowMs?(): number;
  /** Time has gone back: what was learned is to be dated so much earlier. */
  setBack?(byMs: number): void;
}

/**
 * Follows the receipts of the event log, and recognises those that a wrong server clock wrote. Two cases are far from the newest
 * receipt: a shop that was silent for days, and a clock that ran ahead (or comes back). They look the same at first and are told
 * apart by what follows: only a right clock goes on from there for an hour without any receipt near the former newest one.
 */
export function createLogClock({ nowMs = () => Number.POSITIVE_INFINITY, setBack }: LogClockOptions = {}) {
  let newestMs = Number.NEGATIVE_INFINITY;
  let aside: { fromMs: number; toMs: number } | null = null;

  /** A clock that is behind the log itself proves nothing. */
  function isToCome(receivedAtMs: number): boolean {
    const presentMs = nowMs();
    return receivedAtMs - presentMs > jumpMaxMs && newestMs - presentMs <= jumpMaxMs;
  }

  function settle(ms: number): void {
    const wasAhead = aside !== null && aside.fromMs > newestMs;
    aside = null;
    if (!wasAhead && newestMs - ms > jumpMaxMs) setBack?.(newestMs - ms);
    newestMs = newestMs - ms > 0 && newestMs - ms <= jumpMaxMs ? newestMs : ms;
  }

  return {
    /** The newest plausible receipt; -Infinity before the first. */
    get newestMs() {
      return newestMs;
    },
    /** The first of the receipts that are set aside; null without any. */
    get asideFromMs() {
      return aside === null ? null : aside.fromMs;
    },
    /**
     * Enters a receipt. Returns the correction of its event's times in milliseconds: 0, or what dates an event that is set aside as if it
     * had come right after the newest plausible one.
     */
    enter(receivedAtMs: number): number {
      // Events of one receipt follow each other.
      if (receivedAtMs === newestMs && aside === null) return 0;
      if (newestMs === Number.NEGATIVE_INFINITY) newestMs = receivedAtMs;
      if (isToCome(receivedAtMs)) return newestMs - receivedAtMs;
      // Time went on, far from the newest receipt, and then far again: the first step is confirmed.
      if (aside !== null && receivedAtMs - aside.toMs > jumpMaxMs) settle(aside.toMs);
      if (Math.abs(receivedAtMs - newestMs) <= jumpMaxMs) {
        if (aside !== null) settle(receivedAtMs);
        else if (receivedAtMs > newestMs) newestMs = receivedAtMs;
        return 0;
      }
      if (aside === null || aside.fromMs - receivedAtMs > jumpMaxMs) {
        if (aside !== null) settle(newestMs);
        aside = { fromMs: receivedAtMs, toMs: receivedAtMs };
      }
      aside.toMs = Math.max(aside.toMs, receivedAtMs);
      if (aside.toMs - aside.fromMs < confirmAfterMs) {
        return newestMs + Math.max(0, receivedAtMs - aside.fromMs) - receivedAtMs;
      }
      settle(aside.toMs);
      return 0;
    },
    save: (): Iterable<ClockPart> => [{ name: 'log-clock', newestMs }],
    restore(part: Part): void {
      newestMs = (part as ClockPart).newestMs;
    },
  };
}
