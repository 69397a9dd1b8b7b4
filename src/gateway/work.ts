import { GraphQLError } from 'graphql';
import { RapportError } from '../errors.js';
import type { Clock } from '../plugin.js';
import type { FieldRule } from './field-rules.js';
import { beyondLimit, limits } from './limits.js';
import type { Turns } from './turns.js';

/** What one operation has used of its budget and its time. */
export interface Work {
  /** Gives the operation its time; called once, before it runs. `turns`: of an expensive operation, whose heavy fields take turns. `lines`: of its document. */
  begin(operationMs: number, turns?: Turns | null, lines?: number): void;
  /** Runs the resolver of a heavy field: at once, or in a turn of its own if the operation is expensive. */
  start<T>(resolve: () => T | PromiseLike<T>): T | PromiseLike<T>;
  /** Counts units of work, see `@cost` in `schema/base.graphql`. Throws once the operation has used more than its budget. */
  spend(units: number): void;
  /** Counts an error of a field. Throws as `spend` does. */
  fail(): void;
  /** The error with which the operation ended; null: it is within its budget. */
  readonly refusal: GraphQLError | null;
  /** A promise that rejects when the field has taken too long; null: the whole operation. */
  within<T>(promise: PromiseLike<T>, rule: FieldRule | null): Promise<T>;
  /** Fields whose plugins were late. */
  readonly late: ReadonlySet<FieldRule>;
  /** Aborted by `end`. */
  readonly signal: AbortSignal;
  /** Frees the timer. */
  end(): void;
}

interface Waiting {
  readonly rule: FieldRule | null;
  untilMs: number;
  reject(error: Error): void;
}

/** Units of work of an error of a field: it is masked and perhaps logged. */
const errorUnits = 20;
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
  let spent = 0;
  let unitsOfError = errorUnits;
  let refusal: GraphQLError | null = null;
  let turns: Turns | null = null;
  let isOver = false;
  let endsAtMs = Number.POSITIVE_INFINITY;
  /** One timer for all fields that are waited for. */
  let cancel: (() => void) | null = null;
  /** Made when it is asked for: few operations need one. */
  let aborting: AbortController | null = null;
  const waiting = new Set<Waiting>();
  const late = new Set<FieldRule>();

  function look(dueMs: number): void {
    cancel = clock.after(Math.max(0, dueMs - clock.monotonicMs()), () => {
      cancel = null;
      const nowMs = clock.monotonicMs();
      const stoodStill = nowMs - dueMs > stoodStillMs;
      let nextMs = Number.POSITIVE_INFINITY;
      for (const entry of waiting) {
        if (stoodStill) entry.untilMs = Math.max(entry.untilMs + nowMs - dueMs, nowMs + stoodStillMs);
        if (entry.untilMs > nowMs) nextMs = Math.min(nextMs, entry.untilMs);
        else expire(entry);
      }
      if (nextMs < Number.POSITIVE_INFINITY) look(nextMs);
    });
  }

  function spend(units: number): void {
    spent += units;
    if (spent <= limits.cost) return;
    refusal ??= beyondLimit('cost', null);
    throw spentAll;
  }

  function expire(entry: Waiting): void {
    waiting.delete(entry);
    if (entry.rule) late.add(entry.rule);
    entry.reject(tooLate(entry.rule));
  }

  const state: WorkState = {
    refusal: () => refusal,
    signal() {
      if (aborting === null) {
        aborting = new AbortController();
        if (isOver) aborting.abort(nobodyWaits);
      }
      return aborting.signal;
    },
  };
  return new BoundWork(state, {
    begin(operationMs, its = null, lines = 1) {
      unitsOfError = errorUnits + lines / linesOfUnit;
      endsAtMs = clock.monotonicMs() + operationMs;
      turns = its;
    },
    start(resolve) {
      if (turns === null) return resolve();
      const { run } = turns;
      return new Promise((settle, reject) => {
        run(() => {
          try {
            if (isOver) throw tooLate(null);
            settle(resolve());
          } catch (error) {
            reject(error);
          }
        });
      });
    },
    spend,
    fail: () => spend(unitsOfError),
    within(promise, rule) {
      return new Promise((resolve, reject) => {
        const nowMs = clock.monotonicMs();
        const untilMs =
          rule === null
            ? endsAtMs + stoodStillMs
            : rule.isAdded && !rule.isWrite
              ? Math.min(endsAtMs, nowMs + limits.addedFieldMs)
              : endsAtMs;
        const entry: Waiting = { rule, untilMs, reject };
        waiting.add(entry);
        if (cancel === null && untilMs < Number.POSITIVE_INFINITY) look(nowMs + limits.addedFieldMs);
        promise.then(
          (value) => {
            waiting.delete(entry);
            resolve(value);
          },
          (error: unknown) => {
            waiting.delete(entry);
            reject(error);
          },
        );
      });
    },
    late,
    end() {
      isOver = true;
      aborting?.abort(nobodyWaits);
      cancel?.();
      cancel = null;
      waiting.clear();
    },
  });
}

interface WorkState {
  refusal(): GraphQLError | null;
  signal(): AbortSignal;
}

/** A class for its accessors, for the reason of `RequestContext`. */
class BoundWork implements Work {
  readonly begin: Work['begin'];
  readonly start: Work['start'];
  readonly spend: Work['spend'];
  readonly fail: Work['fail'];
  readonly within: Work['within'];
  readonly late: Work['late'];
  readonly end: Work['end'];
  readonly #state: WorkState;

  constructor(state: WorkState, parts: Omit<Work, 'refusal' | 'signal'>) {
    this.begin = parts.begin;
    this.start = parts.start;
    this.spend = parts.spend;
    this.fail = parts.fail;
    this.within = parts.within;
    this.late = parts.late;
    this.end = parts.end;
    this.#state = state;
  }

  get refusal(): GraphQLError | null {
    return this.#state.refusal();
  }

  get signal(): AbortSignal {
    return this.#state.signal();
  }
}

function tooLate(rule: FieldRule | null): RapportError {
  const again = { retryAfterSeconds };
  if (rule === null)
    return new RapportError(
      'unavailable',
      'GRAPHQL_OPERATION_DEADLINE',
      'The operation took too long and was given up.',
      again,
    );
  const unknown = rule.isWrite ? ' What was asked for may have been done.' : '';
  return new RapportError(
    'unavailable',
    'GRAPHQL_FIELD_DEADLINE',
    `The plugin ${rule.owner} did not answer ${rule.coordinate} in time.${unknown}`,
    again,
  );
}
