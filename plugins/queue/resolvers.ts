import type { ErrorDescription } from '../../src/errors.js';
import type { Resolvers } from '../../src/plugin.js';
import type { DeadLetter, Queue } from '../../src/ports/queue.js';

export function createQueueResolvers(queue: Queue): Resolvers {
  return {
    Query: {
      deadLetters(_: unknown, { first }: { first: number }) {
        return queue.deadLetters({ limit: first });
      },
    },
    Mutation: {
      replayDeadLetters(_: unknown, { ids }: { ids: readonly string[] }) {
        return queue.replay(ids);
      },
    },
    DeadLetter: {
      stack: ({ err }: DeadLetter) => stackOf(err),
      failedAt: (letter: DeadLetter) => new Date(letter.failedAtMs),
    },
  };
}

function stackOf({ stack, cause }: ErrorDescription): string | null {
  const below = cause && stackOf(cause);
  return stack && below ? `${stack}\nCaused by: ${below}` : stack;
}
