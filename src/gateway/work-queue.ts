import { RapportError } from '../errors.js';
import type { Clock } from '../plugin.js';

/** Operations above this estimate are expensive: about 10 ms of work. */
const cheapUnitsMax = 10_000;
/** Expensive operations run side by side, for those that wait for another process. */
const runningMax = 4;
/** Who would have to wait for longer is refused at once. */
const waitMsMax = 1_000;
/** Of the wait, for one client while others wait too. */
const clientShare = 0.5;
/** Bounds of what a unit of work is measured to take; it is declared to be a microsecond. */
const msPerUnitMin = 0.000_2;
const msPerUnitMax = 0.02;
const smoothing = 0.1;

/** Called when an operation has ended. */
export type Release = () => void;

/**
 * Keeps expensive operations from making cheap ones wait. Cheap ones run at once. Expensive ones start one a turn of the event
 * loop, so that what has arrived meanwhile is answered between two of them, and clients take turns.
 */
export interface WorkQueue {
  /** Resolves when the operation may run. Throws `unavailable` when it would have to wait for too long. */
  enter(units: number, clientId: string): Promise<Release> | null;
}

interface Waiting {
  readonly units: number;
  start(release: Release): void;
}

/** `afterTurn` runs once when the event loop has gone through what has arrived. */
export function createWorkQueue(
  clock: Pick<Clock, 'nowMs'>,
  afterTurn: (run: () => void) => void,
): WorkQueue {
  /** In the order of their turns. A client without waiting operations is not in it. */
  const lines = new Map<string, Waiting[]>();
  let queuedUnits = 0;
  let running = 0;
  let runningUnits = 0;
  let msPerUnit = 0.001;
  let isDue = false;

  function schedule(): void {
    if (isDue || lines.size === 0 || running >= runningMax) return;
    isDue = true;
    afterTurn(() => {
      isDue = false;
      startNext();
      schedule();
    });
  }

  function startNext(): void {
    const next = lines.entries().next();
    if (next.done || running >= runningMax) return;
    const [clientId, line] = next.value;
    const { units, start } = line.shift()!;
    lines.delete(clientId);
    if (line.length > 0) lines.set(clientId, line);
    queuedUnits -= units;
    running++;
    runningUnits += units;
    const beganMs = clock.nowMs();
    let isOver = false;
    start(() => {
      if (isOver) return;
      isOver = true;
      const measured = (clock.nowMs() - beganMs) / running / units;
      running--;
      runningUnits -= units;
      msPerUnit += smoothing * (Math.min(msPerUnitMax, Math.max(msPerUnitMin, measured)) - msPerUnit);
      schedule();
    });
  }

  return {
    enter(units, clientId) {
      if (units <= cheapUnitsMax) return null;
      const waitMs = (queuedUnits + runningUnits) * msPerUnit;
      const own = lines.get(clientId) ?? [];
      const ownMs = own.reduce((sum, waiting) => sum + waiting.units, 0) * msPerUnit;
      const isCrowded = lines.size > (own.length > 0 ? 1 : 0);
      if (waitMs > waitMsMax || (isCrowded && ownMs > waitMsMax * clientShare)) throw tooBusy(units, waitMs);
      return new Promise((start) => {
        own.push({ units, start });
        lines.set(clientId, own);
        queuedUnits += units;
        schedule();
      });
    },
  };
}

function tooBusy(units: number, waitMs: number): RapportError {
  const seconds = Math.max(1, Math.ceil(waitMs / 1_000));
  return new RapportError(
    'unavailable',
    'GATEWAY_OVERLOADED',
    `This operation of ${units} units of work would have to wait for ${(waitMs / 1_000).toFixed(1)} s; at most ${waitMsMax / 1_000} s are waited for. Try again in ${seconds} s, or ask for less at once: up to ${cheapUnitsMax} units need not wait.`,
    { retryAfterSeconds: seconds },
  );
}
