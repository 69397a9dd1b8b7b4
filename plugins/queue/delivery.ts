import { describeError, type ErrorDescription } from '../../src/errors.js';
import type { FactHandler, FactType } from '../../src/facts.js';
import type { Host } from '../../src/plugin.js';
import type { DeadLetter } from '../../src/ports/queue.js';
import { type Entry, type Kept, replaceOwn } from './outbox.js';
import { createLimit, type Limit } from './work.js';

export const attemptsMax = 5;
export const reactionDeadlineMs = 60_000;
/** A stop waits this long for handlers: the whole process stops within ten seconds, and other plugins need some of them. */
export const stopMs = 3_000;
/** Handlers of one plugin that run at the same time. */
const reactionsMax = 8;
/** Facts that wait in memory for one plugin. Further ones are read again from the outbox later. */
const waitingMax = 10_000;
const laterMs = 30_000;
const backoffBaseMs = 1_000;
const backoffMaxMs = 60_000;
const deadLettersMax = 10_000;

/** An entry that is to be taken up again. */
export interface Again {
  readonly id: string;
  readonly dueAtMs: number;
  /** Counted from the moment of the decision, so that a change of the clock does not matter. */
  readonly delayMs: number;
}

/** Stores the outcome of an attempt; can be repeated. Resolves to what is to be taken up again, or null. */
export type Settle = () => Promise<Again | null>;

export interface Delivery {
  react(plugin: string, type: FactType, reaction: FactHandler): void;
  reactsTo(type: FactType): boolean;
  /** The plugins whose handlers an entry still needs. */
  pluginsOf(entry: Entry): readonly string[];
  /**
   * One attempt at the reaction of one plugin, in that plugin's turn. Never rejects. `alone`: the entry is only this
   * plugin's, so that its outcome is the entry's; otherwise what is left to do gets an entry of its own.
   */
  attempt(entry: Entry, plugin: string, alone: boolean): Promise<Settle>;
  /** Removes an entry of which nothing is left to do. */
  finish(entry: Entry): Promise<void>;
  /** Starts no further handler, and after `stopMs` waits for none. Facts that are not handled stay in the outbox. */
  close(): void;
}

/**
 * Runs reactions. Each plugin has its own turns, deadlines, retries and dead letters, so none holds up another.
 * `leased`: other processes may take an entry once it is due.
 */
export function createDelivery(host: Host, kept: () => Kept, leased: boolean): Delivery {
  const reactions = new Map<FactType, Map<string, FactHandler>>();
  const turns = new Map<string, Limit>();
  const running = new Set<Running>();
  let closed = false;

  function turnsOf(plugin: string): Limit {
    const known = turns.get(plugin);
    if (known) return known;
    const created = createLimit(reactionsMax, waitingMax);
    turns.set(plugin, created);
    return created;
  }

  /** Does not start a handler that could outlast the lease: the next process that leases the entry runs it. */
  async function runInTime(
    reaction: FactHandler,
    plugin: string,
    { fact, stamp: id, atMs, attempts }: Entry,
    untilMs: number,
  ): Promise<Outcome> {
    if (closed || host.clock.nowMs() + reactionDeadlineMs > untilMs) return 'later';
    let abandon: () => void = () => undefined;
    const abandoned = new Promise<Outcome>((resolve) => {
      abandon = () => resolve('later');
    });
    const run: Running = { plugin, type: fact.type, abandon };
    running.add(run);
    try {
      const done = withinDeadline(host, reaction(fact, { id, atMs, attempt: attempts + 1 })).then(
        (): Outcome => 'done',
      );
      return await Promise.race([done, abandoned]);
    } catch (error) {
      return { err: describeError(error) };
    } finally {
      running.delete(run);
    }
  }

  /** Stops waiting for running handlers. Their facts are delivered again. */
  function abandonRunning(): void {
    const types = new Map<string, FactType[]>();
    for (const { plugin, type, abandon } of running) {
      types.set(plugin, [...(types.get(plugin) ?? []), type]);
      abandon();
    }
    for (const [plugin, facts] of types) {
      const message = `reactions did not end within ${stopMs / 1_000} s of the stop; their facts are told again`;
      host.log.warn(message, { plugin, facts });
    }
  }

  /** Keeps what is left to do for one plugin. */
  function settleLater(
    entry: Entry,
    plugin: string,
    attempts: number,
    delayMs: number,
    alone: boolean,
  ): Settle {
    const id = alone ? entry.id : `${entry.stamp}.${plugin}`;
    const dueAtMs = host.clock.nowMs() + delayMs;
    const next: Entry = { ...entry, id, pending: [plugin], attempts, dueAtMs };
    return async () => {
      if (!alone) await kept().entries.put([next]);
      else await replaceOwn(kept().entries, entry, next);
      return { id, dueAtMs, delayMs };
    };
  }

  const finish = (entry: Entry) => replaceOwn(kept().entries, entry, null);

  async function bury(letter: DeadLetter): Promise<void> {
    const { deadLetters } = kept();
    await deadLetters.put([letter]);
    const excess = (await deadLetters.count()) - deadLettersMax;
    if (excess <= 0) return;
    const damaged: string[] = [];
    const oldest = await deadLetters.find({
      index: 'byFailure',
      limit: Math.min(excess, 1_000),
      skipDamaged: (id) => damaged.push(id),
    });
    const dropped = [...damaged, ...oldest.items.map(({ id }) => id)];
    host.log.error('too many dead letters; the oldest are dropped', { dropped: dropped.length });
    await deadLetters.remove(dropped);
  }

  function settleFailure(entry: Entry, plugin: string, err: ErrorDescription, alone: boolean): Settle {
    const attempts = entry.attempts + 1;
    const fields = { plugin, fact: entry.fact.type, attempt: attempts, err };
    host.log.warn('a reaction failed', fields);
    if (attempts < attemptsMax)
      return settleLater(entry, plugin, attempts, backoffMs(attempts, host.random()), alone);
    const failedAtMs = host.clock.nowMs();
    host.log.error('a reaction failed at every attempt; its fact is among the dead letters', fields);
    return async () => {
      await bury({
        // The same failure stored twice, after a crash in between, is one letter.
        id: `${entry.stamp}.${plugin}`,
        fact: entry.fact,
        plugin,
        attempts,
        error: `${err.name}: ${err.message}`,
        err,
        failedAtMs,
      });
      if (alone) await finish(entry);
      return null;
    };
  }

  return {
    react(plugin, type, reaction) {
      const ofType = reactions.get(type) ?? new Map<string, FactHandler>();
      if (ofType.has(plugin)) throw new Error(`${plugin} reacts to ${type} already`);
      reactions.set(type, ofType.set(plugin, reaction));
    },
    reactsTo: (type) => reactions.has(type),
    pluginsOf: (entry) => entry.pending ?? [...(reactions.get(entry.fact.type)?.keys() ?? [])],
    async attempt(entry, plugin, alone) {
      const reaction = reactions.get(entry.fact.type)?.get(plugin);
      const untilMs = leased ? entry.dueAtMs : Number.POSITIVE_INFINITY;
      const outcome = reaction
        ? ((await turnsOf(plugin).run(() => runInTime(reaction, plugin, entry, untilMs))) ?? 'later')
        : 'done';
      if (outcome === 'later')
        return settleLater(entry, plugin, entry.attempts, laterMs * (0.5 + host.random() / 2), alone);
      if (outcome !== 'done') return settleFailure(entry, plugin, outcome.err, alone);
      return async () => {
        if (alone) await finish(entry);
        return null;
      };
    },
    finish,
    close() {
      closed = true;
      host.clock.after(stopMs, abandonRunning);
    },
  };
}

interface Running {
  readonly plugin: string;
  readonly type: FactType;
  abandon(): void;
}

type Outcome = 'done' | 'later' | { readonly err: ErrorDescription };

/** Doubles with every attempt, up to a minute. Half of it is random, so that facts that failed together are not retried together. */
function backoffMs(attempts: number, chance: number): number {
  return Math.min(backoffMaxMs, backoffBaseMs * 2 ** (attempts - 1)) * (0.5 + chance / 2);
}

async function withinDeadline(host: Host, work: Promise<void>): Promise<void> {
  let cancel: () => void = () => undefined;
  const late = new Promise<never>((_, reject) => {
    cancel = host.clock.after(reactionDeadlineMs, () =>
      reject(new Error(`took longer than ${reactionDeadlineMs / 1_000} s`)),
    );
  });
  try {
    await Promise.race([work, late]);
  } finally {
    cancel();
  }
}
