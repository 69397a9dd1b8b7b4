import { setImmediate as turn } from 'node:timers/promises';
import { createSourceEventStream, type ExecutionResult, type GraphQLSchema } from 'graphql';
import { RapportError } from '../errors.js';
import type { Clock, Log } from '../plugin.js';
import type { Execute } from './execute.js';
import { createFairLine, type Left } from './fair-line.js';
import { plainValue } from './field-guard.js';
import { limits } from './limits.js';
import { maskError } from './mask-error.js';
import { resultOf } from './outcome.js';
import type { Operation } from './prepare.js';
import { seesSchema, type TrackedRequest } from './request-context.js';
import { createSenderUsage } from './sender-usage.js';
import { afterYield } from './turns.js';
import { unknownInput } from './unknown-input.js';

/** Streams that may be open at once, of one API key from one address and of all. A STOREFRONT key is that of all shoppers. */
const ofSenderMax = 500;
const ofAllMax = 5_000;
/** Measured: an event of a product takes a quarter of a millisecond. What takes longer waits again, as a query does. */
const unitsOfEvent = 250;
/** Events of all streams that begin in one turn of the event loop: one change may wake thousands of streams. */
const unitsPerTurn = 4_000;
/** A stream is ended after this time, so that who opened it proves again who they are. */
const lifetimeMs = 15 * 60_000;

export interface Subscriptions {
  /** Opens the source of a valid subscription; its events are executed as operations of their own, with limits of their own. */
  subscribe(
    operation: Operation,
    request: TrackedRequest,
  ): Promise<ExecutionResult | AsyncIterableIterator<ExecutionResult>>;
  /** Ends every stream. */
  close(): void;
}

interface Parts {
  readonly schema: GraphQLSchema;
  readonly execute: Execute;
  readonly log: Log;
  readonly clock: Pick<Clock, 'after'>;
}

export function createSubscriptions({ schema, execute, log, clock }: Parts): Subscriptions {
  const open = new Set<AsyncIterableIterator<ExecutionResult>>();
  const countOf = new Map<string, number>();
  const line = createFairLine({
    afterTurn: setImmediate,
    afterYield,
    unitsPerTurn,
    runningMax: Number.POSITIVE_INFINITY,
    usage: createSenderUsage(),
  });

  function refuseCrowd(sender: string): void {
    const ofSender = countOf.get(sender) ?? 0;
    if (open.size < ofAllMax && ofSender < ofSenderMax) return;
    const [count, max, whose] =
      open.size < ofAllMax
        ? [ofSender, ofSenderMax, 'of this key and address']
        : [open.size, ofAllMax, 'of all clients'];
    throw new RapportError(
      'limited',
      'GRAPHQL_SUBSCRIPTIONS',
      `${count} subscriptions ${whose} are open; at most ${max} may be. Close one, or try again later.`,
      { retryAfterSeconds: 10 },
    );
  }

  function opened(stream: AsyncIterableIterator<ExecutionResult>, sender: string): void {
    open.add(stream);
    countOf.set(sender, (countOf.get(sender) ?? 0) + 1);
  }

  function ended(stream: AsyncIterableIterator<ExecutionResult>, sender: string): void {
    open.delete(stream);
    const left = (countOf.get(sender) ?? 0) - 1;
    if (left > 0) countOf.set(sender, left);
    else countOf.delete(sender);
  }

  return {
    async subscribe(operation, request) {
      const { prepared, variables, operationName } = operation;
      const sender = request.sender ?? request.caller.source;
      const failed = (error: unknown): ExecutionResult => ({ errors: [maskError(error, request.id, log)] });
      // The checks of every operation, and its cost; nothing runs yet.
      const refused = execute.refusal(operation, request);
      if (refused) return { errors: [refused] };
      const unknown = unknownInput(schema, operation, seesSchema(request));
      if (unknown) return failed(unknown);
      try {
        refuseCrowd(sender);
        request.work.begin(limits.queryMs);
        const source = await createSourceEventStream({
          schema,
          document: prepared.document!,
          contextValue: request,
          variableValues: variables ?? null,
          operationName: operationName ?? null,
          subscribeFieldResolver: plainValue,
        });
        if (!(Symbol.asyncIterator in source))
          return { errors: (source.errors ?? []).map((error) => maskError(error, request.id, log)) };
        const stream = streamOf(source, {
          enter: () => line.enter(unitsOfEvent, sender),
          answer: async (event) => resultOf(await execute(operation, request.again(), event)),
          failed,
          ended: () => ended(stream, sender),
          clock,
        });
        opened(stream, sender);
        return stream;
      } catch (error) {
        return failed(error);
      } finally {
        request.work.end();
      }
    },
    close() {
      for (const stream of [...open]) void stream.return?.();
    },
  };
}

interface StreamParts {
  /** Waits until an event may begin. What it returns is called when the event has been answered. */
  enter(): Left | Promise<Left>;
  answer(event: unknown): Promise<ExecutionResult>;
  failed(error: unknown): ExecutionResult;
  ended(): void;
  readonly clock: Pick<Clock, 'after'>;
}

/**
 * The answers to the events of a source. Ending it ends the source at once, also while an event is waited for; a generator function
 * would wait for that event first.
 */
function streamOf(
  source: AsyncIterable<unknown>,
  { enter, answer, failed, ended, clock }: StreamParts,
): AsyncIterableIterator<ExecutionResult> {
  const events = source[Symbol.asyncIterator]();
  const done: IteratorResult<ExecutionResult> = { done: true, value: undefined };
  let last: ExecutionResult | null = null;
  let isOver = false;
  let hasBegun = false;
  let end: (result: IteratorResult<ExecutionResult>) => void;
  const over = new Promise<IteratorResult<ExecutionResult>>((resolve) => {
    end = resolve;
  });

  function finish(result: ExecutionResult | null): void {
    if (isOver) return;
    isOver = true;
    cancel();
    ended();
    last = result;
    // A source that does not end when it is told to, or fails to, holds up nobody.
    Promise.resolve(events.return?.()).catch(() => undefined);
    end(lastOne());
  }

  function lastOne(): IteratorResult<ExecutionResult> {
    if (last === null) return done;
    const value = last;
    last = null;
    return { done: false, value };
  }

  const cancel = clock.after(lifetimeMs, () =>
    finish(
      failed(
        new RapportError(
          'unavailable',
          'GRAPHQL_SUBSCRIPTION_LIFETIME',
          `A subscription is open for ${lifetimeMs / 60_000} minutes at most; open it again.`,
          { retryAfterSeconds: 0 },
        ),
      ),
    ),
  );

  async function next(): Promise<IteratorResult<ExecutionResult>> {
    try {
      // A source that always has an event ready would keep the event loop from everybody else.
      if (hasBegun) await turn();
      hasBegun = true;
      const event = await events.next();
      if (isOver) return lastOne();
      if (!event.done) {
        const left = await enter();
        try {
          return isOver ? lastOne() : { done: false, value: await answer(event.value) };
        } finally {
          left();
        }
      }
      finish(null);
    } catch (error) {
      finish(failed(error));
    }
    return lastOne();
  }

  return {
    next: () => (isOver ? Promise.resolve(lastOne()) : Promise.race([next(), over])),
    async return() {
      finish(null);
      return done;
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
