import { LRUCache } from 'lru-cache';
import { RapportError } from '../errors.js';
import { atMost } from '../kit/bounded.js';
import { createFairLine, type FairLine } from './fair-line.js';
import { createSenderUsage } from './sender-usage.js';
import type { AfterYield, Turns } from './turns.js';
import type { WorkMeter } from './work-meter.js';

/** Operations of fewer units are not measured: they have no field that does much. */
const measuredUnitsMin = 100;
/** Operations of more units wait for their turn: a unit is about a microsecond. */
const cheapUnitsMax = 2_000;
/** Operations that declare more are large: their heavy fields take turns, too. */
const mediumUnitsMax = 10_000;
/** Medium operations that start in one turn of the event loop, and cheap ones of one sender that start at once before they were measured. */
const unitsPerTurn = 8_000;
/** Large operations run side by side, for those that wait for another process. */
const largeRunningMax = 4;
/** Bounds of what operations are measured to take, in declared units. */
const ratioMin = 0.2;
const ratioMax = 100;
const unitsMax = 100_000;
const smoothing = 0.3;
/** For the first runs of many senders. */
const smoothingOfSenders = 0.1;
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
 * Keeps operations that take long from making others wait. Cheap ones run at once, but of those whose work was not measured yet only about 8 ms
 * of one sender in a turn of the event loop. Of the others about 8 ms of work start in each turn, and of large ones one, so that what has
 * arrived meanwhile is answered in between. The sender who had the least work done lately is next. An operation counts what operations of its document were measured to take: those of its sender, once there are some, else
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

/** Medium operations start as `Turns.soon` runs tasks, large ones as `Turns.run` does. */
export function createWorkQueue(
  meter: WorkMeter,
  turns: Pick<Turns, 'soon' | 'run'>,
  afterYield: AfterYield,
): WorkQueue {
  const usage = createSenderUsage();
  const medium = createFairLine({
    afterTurn: turns.soon,
    afterYield,
    unitsPerTurn,
    runningMax: Number.POSITIVE_INFINITY,
    usage,
  });
  const large = createFairLine({
    afterTurn: turns.run,
    afterYield,
    unitsPerTurn: 0,
    runningMax: largeRunningMax,
    usage,
  });
  const ofDocuments = new WeakMap<object, Measured>();
  const ofSenders = new LRUCache<string, SenderMeasures>(atMost(sendersMax));
  let ofAll = 1;
  /** The units of cheap operations, not measured yet, that each sender has started in this turn. */
  const startedAtOnce = new Map<string, number>();

  function startsAtOnce(units: number, sender: string, document: object): boolean {
    if (isMeasured(document, sender)) return true;
    const started = (startedAtOnce.get(sender) ?? 0) + units;
    if (started > unitsPerTurn) return false;
    if (startedAtOnce.size === 0) turns.soon(() => startedAtOnce.clear());
    startedAtOnce.set(sender, started);
    return true;
  }

  function learn(ms: number, declared: number, sender: string, document: object): void {
    const measured = Math.min(ratioMax, Math.max(ratioMin, (ms * 1_000) / declared));
    const next = (before: number, part = smoothing) => before + part * (measured - before);
    function count(runsOf: WeakMap<object, Measured>, part = smoothing): number {
      const { ratio, runs } = runsOf.get(document) ?? { ratio: ofAll, runs: 0 };
      runsOf.set(document, { ratio: next(ratio, Math.max(part, 1 / (runs + 2))), runs: runs + 1 });
      return runs;
    }
    let own = ofSenders.get(sender);
    if (own === undefined) {
      own = { ratio: ofAll, ofDocuments: new WeakMap() };
      ofSenders.set(sender, own);
    }
    own.ratio = next(own.ratio);
    // Only the first runs of each sender: a few who ask for more than all others must not make it dear for new senders.
    if (count(own.ofDocuments) < runsOfSender) count(ofDocuments, smoothingOfSenders);
    ofAll = next(ofAll);
  }

  function isMeasured(document: object, sender: string): boolean {
    const ownRuns = ofSenders.get(sender)?.ofDocuments.get(document)?.runs ?? 0;
    return ownRuns >= runsOfSender || (ofDocuments.get(document)?.runs ?? 0) >= runsOfKnownDocument;
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
      /** `counted`: the units that were counted as its sender's when it started. */
      const start = (left: () => void, counted: number): Slot => {
        const measure = meter.begin();
        return {
          isLarge,
          end() {
            const ms = measure();
            learn(ms, declared, sender, document);
            usage.add(sender, ms * 1_000 - counted);
            left();
          },
        };
      };
      if (!isLarge && units <= cheapUnitsMax && startsAtOnce(units, sender, document))
        return start(() => undefined, 0);
      const line: FairLine = isLarge ? large : medium;
      const waitMs = line.waitUnits(units, sender) / 1_000;
      if (waitMs > waitMsMax) throw tooBusy(units, waitMs);
      const entered = line.enter(units, sender);
      return typeof entered === 'function'
        ? start(entered, units)
        : entered.then((left) => start(left, units));
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
