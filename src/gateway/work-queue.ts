import { LRUCache } from 'lru-cache';
import { RapportError } from '../errors.js';
import { atMost } from '../kit/bounded.js';
import { createFairLine, type FairLine } from './fair-line.js';
import type { WorkMeter } from './work-meter.js';

/** Operations of fewer units are not measured: they have no field that does much. */
const measuredUnitsMin = 100;
/** Operations of more units wait for their turn: a unit is about a microsecond. */
const cheapUnitsMax = 2_000;
/** Operations that declare more are large: their heavy fields take turns, too. */
const mediumUnitsMax = 10_000;
/** Medium operations that start in one turn of the event loop. */
const unitsPerTurn = 8_000;
/** Large operations run side by side, for those that wait for another process. */
const largeRunningMax = 4;
/** Bounds of what operations are measured to take, in declared units. */
const ratioMin = 0.2;
const ratioMax = 20;
const unitsMax = 100_000;
const smoothing = 0.3;
/** A document of so many runs counts what its own took; one of fewer at least what its sender's operations took. */
const runsOfKnownDocument = 8;
/** After so many runs by one sender it counts for them what those took: others may ask for it with far more to do, or less. */
const runsOfSender = 3;
const sendersMax = 10_000;

/** The measured work of operations, as a ratio to what they declare. */
interface Measured {
  readonly ratio: number;
  readonly runs: number;
}

/** The same of one sender: of all their operations, and by document. */
interface SenderMeasures {
  ratio: number;
  readonly ofDocuments: WeakMap<object, Measured>;
}

/** An operation that may run. */
export interface Slot {
  /** Its heavy fields take turns. */
  readonly isLarge: boolean;
  /** To be called once, when it has ended. */
  end(): void;
}

/**
 * Keeps operations that take long from making others wait. Cheap ones run at once. Of the others about 8 ms of work start in each turn
 * of the event loop, and of large ones one, so that what has arrived meanwhile is answered in between. Senders take turns by units of
 * work. An operation counts what operations of its document were measured to take: those of its sender, once there are some, else
 * those of all. While few of them were measured, it counts what its sender's operations were measured to take if that is more: a sender may
 * write a new document for each operation, and an expensive document must not make the others of its sender expensive.
 */
export interface WorkQueue {
  /**
   * `sender`: its key and address. `document`: of the operation. Returns null if it is too small to count, a promise if it must wait. Throws
   * `unavailable` when it would have to wait for too long.
   */
  enter(units: number, sender: string, document: object): Slot | Promise<Slot> | null;
}

/** `afterTurn` and `afterQuietTurn` run once when the event loop has gone through what has arrived; the second waits for a turn in which nothing arrives. */
export function createWorkQueue(
  meter: WorkMeter,
  afterTurn: (run: () => void) => void,
  afterQuietTurn: (run: () => void) => void,
): WorkQueue {
  const medium = createFairLine({ afterTurn, unitsPerTurn, runningMax: Number.POSITIVE_INFINITY });
  const large = createFairLine({ afterTurn: afterQuietTurn, unitsPerTurn: 0, runningMax: largeRunningMax });
  const ofDocuments = new WeakMap<object, Measured>();
  const ofSenders = new LRUCache<string, SenderMeasures>(atMost(sendersMax));
  let ofAll = 1;

  function learn(ms: number, declared: number, sender: string, document: object): void {
    const measured = Math.min(ratioMax, Math.max(ratioMin, (ms * 1_000) / declared));
    const next = (before: number) => before + smoothing * (measured - before);
    function count(runsOf: WeakMap<object, Measured>): void {
      const { ratio, runs } = runsOf.get(document) ?? { ratio: ofAll, runs: 0 };
      runsOf.set(document, { ratio: next(ratio), runs: runs + 1 });
    }
    let own = ofSenders.get(sender);
    if (own === undefined) {
      own = { ratio: ofAll, ofDocuments: new WeakMap() };
      ofSenders.set(sender, own);
    }
    own.ratio = next(own.ratio);
    count(own.ofDocuments);
    count(ofDocuments);
    ofAll = next(ofAll);
  }

  function ratioOf(document: object, sender: string): number {
    const own = ofSenders.get(sender);
    const ownRuns = own?.ofDocuments.get(document);
    if (ownRuns !== undefined && ownRuns.runs >= runsOfSender) return ownRuns.ratio;
    const { ratio, runs } = ofDocuments.get(document) ?? { ratio: 0, runs: 0 };
    if (runs >= runsOfKnownDocument) return ratio;
    return Math.max(ratio, own?.ratio ?? 0) || ofAll;
  }

  return {
    enter(declared, sender, document) {
      if (declared < measuredUnitsMin) return null;
      const units = Math.min(unitsMax, declared * ratioOf(document, sender));
      const isLarge = declared > mediumUnitsMax;
      const start = (left: () => void): Slot => {
        const measure = meter.begin();
        return {
          isLarge,
          end() {
            learn(measure(), declared, sender, document);
            left();
          },
        };
      };
      if (!isLarge && units <= cheapUnitsMax) return start(() => undefined);
      const line: FairLine = isLarge ? large : medium;
      const waitMs = line.waitUnits(units, sender) / 1_000;
      if (waitMs > waitMsMax) throw tooBusy(units, waitMs);
      const entered = line.enter(units, sender);
      return typeof entered === 'function' ? start(entered) : entered.then(start);
    },
  };
}

/** An operation that would have to wait for longer is refused at once. */
const waitMsMax = 1_000;

function tooBusy(units: number, waitMs: number): RapportError {
  const seconds = Math.max(1, Math.ceil(waitMs / 1_000));
  return new RapportError(
    'unavailable',
    'GATEWAY_OVERLOADED',
    `This operation of about ${Math.ceil(units)} units of work would have to wait for ${(waitMs / 1_000).toFixed(1)} s; at most ${waitMsMax / 1_000} s are waited for. Try again in ${seconds} s, or ask for less at once: up to ${cheapUnitsMax} units need not wait.`,
    { retryAfterSeconds: seconds },
  );
}
