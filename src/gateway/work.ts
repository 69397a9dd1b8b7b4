import { GraphQLError } from 'graphql';
import { RapportError } from '../errors.js';
import type { Clock } from '../plugin.js';
import type { DeclaredField } from './declared-field.js';
import { beyondLimit, limits } from './limits.js';
import type { Turns } from './turns.js';

/** What one operation has used of its budget and its time. */
export interface Work {
  /** Gives the operation its time; called once, before it runs. `turns`: of an expensive operation, whose heavy fields take turns. `lines`: of its document. */
  begin(operationMs: number, turns?: Pick<Turns, 'run'> | null, lines?: number): void;
  /** Runs the resolver of a heavy field: at once, or in a turn of its own if the operation is expensive. */
  start<T>(resolve: () => T | PromiseLike<T>): T | PromiseLike<T>;
  /** Counts units of work, see `@cost` in `schema/base.graphql`. Throws once the operation has used more than its budget. */
  spend(units: number): void;
  /** Counts an error of a field. Throws as `spend` does. */
  fail(): void;
  /** The error with which the operation ended; null: it is within its budget. */
  readonly refusal: GraphQLError | null;
  /** A promise that rejects when the field has taken too long; null: the whole operation. */
  within<T>(promise: PromiseLike<T>, rule: DeclaredField | null): Promise<T>;
  /** Fields whose plugins were late. */
  readonly late: ReadonlySet<DeclaredField>;
  /** Aborted by `end`. */
  readonly signal: AbortSignal;
  /** Frees the timer. */
  end(): void;
}

interface Waiting {
  readonly rule: DeclaredField | null;
  untilMs: number;
  reject(error: Error): void;
}

/** Units of work of an error of a field. Measured: 55 to 95 µs, most of it for the stacks of the error and of the GraphQLErrors around it. */
export const errorUnits = 70;
/** Lines of a document that cost a unit for each error, since graphql-js counts them twice to locate it. */
const linesOfUnit = 10;

/** When to try again what was given up. */
const retryAfterSeconds = 5;

/** A timer that fires so much late tells that this process stood still; the time is not held against anybody. */
const stoodStillMs = 100;

/** Thrown by each field once the budget is used up. It has a path, so that graphql-js does not make a new error for each of them. */
const spentAll = new GraphQLError('The operation has used up its budget.', { path: [] });

/** One for all: a stack for each operation would cost more than the signal. */
const nobodyWaits = new DOMException('Nobody waits for the operation any more.', 'AbortError');

export function createWork(clock: Pick<Clock, 'monotonicMs' | 'after'>): Work {
  return new BoundWork(clock);
}

/** A class, as every operation makes one: functions of its own for each would cost more than what they do. */
class BoundWork implements Work {
  refusal: GraphQLError | null = null;
  readonly #clock: Pick<Clock, 'monotonicMs' | 'after'>;
  #spent = 0;
  #unitsOfError = errorUnits;
  #turns: Pick<Turns, 'run'> | null = null;
  #isOver = false;
  #endsAtMs = Number.POSITIVE_INFINITY;
  /** One timer for all fields that are waited for. */
  #cancel: (() => void) | null = null;
  /** Made when it is asked for: few operations need one. */
  #aborting: AbortController | null = null;
  readonly #waiting = new Set<Waiting>();
  /** Made for the first one. */
  #late: Set<DeclaredField> | null = null;

  constructor(clock: Pick<Clock, 'monotonicMs' | 'after'>) {
    this.#clock = clock;
  }

  get late(): ReadonlySet<DeclaredField> {
    return this.#late ?? none;
  }

  get signal(): AbortSignal {
    if (this.#aborting === null) {
      this.#aborting = new AbortController();
      if (this.#isOver) this.#aborting.abort(nobodyWaits);
    }
    return this.#aborting.signal;
  }

  begin(operationMs: number, turns: Pick<Turns, 'run'> | null = null, lines = 1): void {
    this.#unitsOfError = errorUnits + lines / linesOfUnit;
    this.#endsAtMs = this.#clock.monotonicMs() + operationMs;
    this.#turns = turns;
  }

  start<T>(resolve: () => T | PromiseLike<T>): T | PromiseLike<T> {
    if (this.#turns === null) return resolve();
    const { run } = this.#turns;
    return new Promise((settle, reject) => {
      run(() => {
        try {
          if (this.#isOver) throw tooLate(null);
          settle(resolve());
        } catch (error) {
          reject(error);
        }
      });
    });
  }

  spend(units: number): void {
    this.#spent += units;
    if (this.#spent <= limits.cost) return;
    this.refusal ??= beyondLimit('cost', null);
    throw spentAll;
  }

  fail(): void {
    this.spend(this.#unitsOfError);
  }

  within<T>(promise: PromiseLike<T>, rule: DeclaredField | null): Promise<T> {
    return new Promise((resolve, reject) => {
      const nowMs = this.#clock.monotonicMs();
      const endsAtMs = this.#endsAtMs;
      const untilMs =
        rule === null
          ? endsAtMs + stoodStillMs
          : rule.isAdded && !rule.isWrite
            ? Math.min(endsAtMs, nowMs + limits.addedFieldMs)
            : endsAtMs;
      const entry: Waiting = { rule, untilMs, reject };
      this.#waiting.add(entry);
      if (this.#cancel === null && untilMs < Number.POSITIVE_INFINITY)
        this.#look(nowMs + limits.addedFieldMs, limits.addedFieldMs);
      promise.then(
        (value) => {
          this.#waiting.delete(entry);
          resolve(value);
        },
        (error: unknown) => {
          this.#waiting.delete(entry);
          reject(error);
        },
      );
    });
  }

  end(): void {
    this.#isOver = true;
    this.#aborting?.abort(nobodyWaits);
    this.#cancel?.();
    this.#cancel = null;
    this.#waiting.clear();
  }

  /** Looks in `afterMs`, which is at `dueMs`, at what is waited for. */
  #look(dueMs: number, afterMs: number): void {
    const clock = this.#clock;
    this.#cancel = clock.after(afterMs, () => {
      this.#cancel = null;
      const nowMs = clock.monotonicMs();
      const stoodStill = nowMs - dueMs > stoodStillMs;
      let nextMs = Number.POSITIVE_INFINITY;
      for (const entry of this.#waiting) {
        if (stoodStill) entry.untilMs = Math.max(entry.untilMs + nowMs - dueMs, nowMs + stoodStillMs);
        if (entry.untilMs > nowMs) nextMs = Math.min(nextMs, entry.untilMs);
        else this.#expire(entry);
      }
      if (nextMs < Number.POSITIVE_INFINITY) this.#look(nextMs, Math.max(0, nextMs - nowMs));
    });
  }

  #expire(entry: Waiting): void {
    this.#waiting.delete(entry);
    if (entry.rule) {
      this.#late ??= new Set();
      this.#late.add(entry.rule);
    }
    entry.reject(tooLate(entry.rule));
  }
}

const none: ReadonlySet<DeclaredField> = new Set();

function tooLate(rule: DeclaredField | null): RapportError {
  const again = { retryAfterSeconds };
  if (rule === null)
    return new RapportError(
      'unavailable',
      'GRAPHQL_OPERATION_DEADLINE',
      'The operation took too long and was given up.',
      again,
    );
  const unknown = rule.isWrite ? ' What was requested may have been done.' : '';
  return new RapportError(
    'unavailable',
    'GRAPHQL_FIELD_DEADLINE',
    `The plugin ${rule.owner} did not answer ${rule.coordinate} in time.${unknown}`,
    again,
  );
}
