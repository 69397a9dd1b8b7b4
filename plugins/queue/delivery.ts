import { describeError, type ErrorDescription } from '../../src/errors.js';
import type { Fact, FactType } from '../../src/facts.js';
import type { Host } from '../../src/plugin.js';
import type { DeadLetter } from '../../src/ports/queue.js';
import type { Entry, Kept } from './outbox.js';
import { createLimit } from './work.js';

export const attemptsMax = 5;
export const reactionDeadlineMs = 60_000;
const reactionsMax = 16;
const backoffBaseMs = 1_000;
const backoffMaxMs = 60_000;
const deadLettersMax = 10_000;

export type Reaction = (fact: Fact) => Promise<void>;

/** Notes what became of an attempt; can be repeated. Answers when to try again; null: done with. */
export type Settle = () => Promise<number | null>;

export interface Delivery {
  react(plugin: string, type: FactType, reaction: Reaction): void;
  reactsTo(type: FactType): boolean;
  /** One attempt at every reaction an entry still needs. Never rejects. */
  attempt(entry: Entry): Promise<Settle>;
}

/** Runs reactions, each on its own: one that fails or hangs holds up none of the others. */
export function createDelivery(host: Host, kept: () => Kept): Delivery {
  const reactions = new Map<FactType, Map<string, Reaction>>();
  const limited = createLimit(reactionsMax);

  async function runOne(plugin: string, fact: Fact): Promise<void> {
    const reaction = reactions.get(fact.type)?.get(plugin);
    if (reaction) await limited(() => withinDeadline(host, reaction(fact)));
  }

  async function finish(entry: Entry, failures: readonly Failure[]): Promise<number | null> {
    const { entries, deadLetters } = kept();
    const attempts = entry.attempts + 1;
    if (failures.length > 0 && attempts < attemptsMax) {
      const dueAtMs = host.clock.nowMs() + backoffMs(attempts, host.random());
      const pending = failures.map(({ plugin }) => plugin);
      await entries.update(entry.id, (current) =>
        current?.stamp === entry.stamp ? { ...current, pending, attempts, dueAtMs } : undefined,
      );
      return dueAtMs;
    }
    if (failures.length > 0) {
      await deadLetters.put(failures.map((failure) => deadLetterOf(entry, failure, attempts)));
      await dropOldest();
    }
    await entries.update(entry.id, (current) => (current?.stamp === entry.stamp ? null : undefined));
    return null;
  }

  function deadLetterOf(entry: Entry, { plugin, err }: Failure, attempts: number): DeadLetter {
    host.log.error('a reaction failed at every attempt; its fact is among the dead letters', {
      plugin,
      fact: entry.fact.type,
      err,
    });
    return {
      // The same failure told twice, after a crash in between, is one letter.
      id: `${entry.stamp}.${plugin}`,
      fact: entry.fact,
      plugin,
      attempts,
      error: `${err.name}: ${err.message}`,
      err,
      failedAtMs: host.clock.nowMs(),
    };
  }

  async function dropOldest(): Promise<void> {
    const { deadLetters } = kept();
    const excess = (await deadLetters.count()) - deadLettersMax;
    if (excess <= 0) return;
    const oldest = await deadLetters.find({ index: 'byFailure', limit: Math.min(excess, 1_000) });
    host.log.error('too many dead letters; the oldest are dropped', { dropped: oldest.items.length });
    await deadLetters.remove(oldest.items.map(({ id }) => id));
  }

  return {
    react(plugin, type, reaction) {
      const ofType = reactions.get(type) ?? new Map<string, Reaction>();
      if (ofType.has(plugin)) throw new Error(`${plugin} reacts to ${type} already`);
      reactions.set(type, ofType.set(plugin, reaction));
    },
    reactsTo: (type) => reactions.has(type),
    async attempt(entry) {
      const plugins = entry.pending ?? [...(reactions.get(entry.fact.type)?.keys() ?? [])];
      const results = await Promise.allSettled(plugins.map((plugin) => runOne(plugin, entry.fact)));
      const failures = results.flatMap((result, i): Failure[] =>
        result.status === 'rejected' ? [{ plugin: plugins[i]!, err: describeError(result.reason) }] : [],
      );
      for (const { plugin, err } of failures) {
        host.log.warn('a reaction failed', {
          plugin,
          fact: entry.fact.type,
          attempt: entry.attempts + 1,
          err,
        });
      }
      return () => finish(entry, failures);
    },
  };
}

interface Failure {
  readonly plugin: string;
  readonly err: ErrorDescription;
}

/** Doubles with every attempt, up to a minute; half of it is chance, so that what failed together comes back apart. */
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
