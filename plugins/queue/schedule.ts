import type { Clock } from '../../src/plugin.js';
import { untilMidnightMs } from './days.js';

/**
 * Interval at which the clock is read, which may have been set, and the outbox, where others may have left or planned
 * something. A process that is alone on its store and has nothing planned looks less often.
 */
export const lookEveryMs = 1_000;
const lookIdleMs = 60_000;

export interface ScheduleParts {
  readonly clock: Clock;
  /** True if no other process uses the store. */
  readonly alone: boolean;
  /** Takes what is due, and calls `wakeAt` for what is next. Never rejects. */
  sweep(): Promise<void>;
  /** Called when another day has begun, and again until it resolves to true. Never rejects. */
  dayBegan(): Promise<boolean>;
}

/** When the outbox is looked through: at the moment the next entry is due, however the clock is set meanwhile. */
export interface Schedule {
  wakeAt(atMs: number): void;
  sweepNow(): Promise<void>;
  /** From now on days are followed. */
  start(): Promise<void>;
  /** From now on the outbox is followed, too. */
  sweeps(): void;
  stop(): void;
}

export function createSchedule({ clock, alone, sweep, dayBegan }: ScheduleParts): Schedule {
  /** As far as this process knows. */
  let nextDueAtMs = Number.POSITIVE_INFINITY;
  let state: 'idle' | 'days' | 'outbox' | 'stopped' = 'idle';
  let sweeping = false;
  /** When the day ends whose beginning was told of. */
  let todayEndsAtMs = Number.NaN;
  let cancelLook: () => void = () => undefined;

  async function sweepNow(): Promise<void> {
    sweeping = true;
    nextDueAtMs = Number.POSITIVE_INFINITY;
    await sweep();
    sweeping = false;
    look();
  }

  async function followDay(): Promise<void> {
    const nowMs = clock.nowMs();
    todayEndsAtMs = nowMs + untilMidnightMs(nowMs);
    if (!(await dayBegan())) todayEndsAtMs = Number.NaN;
  }

  /** Begins what is due by the clock, and plans the next look. */
  function look(): void {
    cancelLook();
    if (state === 'idle' || state === 'stopped') return;
    const nowMs = clock.nowMs();
    if (nowMs + untilMidnightMs(nowMs) !== todayEndsAtMs) void followDay();
    if (state === 'outbox' && !sweeping && nextDueAtMs <= nowMs) void sweepNow();
    const isIdle = alone && nextDueAtMs === Number.POSITIVE_INFINITY;
    const delayMs = Math.min(
      isIdle ? lookIdleMs : lookEveryMs,
      untilMidnightMs(nowMs),
      state === 'outbox' && !sweeping ? nextDueAtMs - nowMs : Number.POSITIVE_INFINITY,
    );
    cancelLook = clock.after(delayMs, () => {
      if (!alone) nextDueAtMs = Math.min(nextDueAtMs, clock.nowMs());
      look();
    });
  }

  return {
    wakeAt(atMs) {
      if (atMs >= nextDueAtMs) return;
      nextDueAtMs = atMs;
      look();
    },
    sweepNow,
    async start() {
      await followDay();
      if (state === 'idle') state = 'days';
      look();
    },
    sweeps() {
      state = 'outbox';
    },
    stop() {
      state = 'stopped';
      cancelLook();
    },
  };
}
