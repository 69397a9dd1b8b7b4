import { RapportError } from '../../src/errors.js';

/** Calls that may wait for one subject. */
export const waitingMax = 1_000;
const retryAfterSeconds = 1;

interface Waiting<T> {
  readonly items: readonly T[];
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** Puts work on one subject in a line, and does what has gathered meanwhile together. */
export interface SubjectQueue<T> {
  /** Resolves when the items are done. Throws `limited` when too many calls are waiting. */
  add(subject: string, items: readonly T[]): Promise<void>;
}

/** `work` gets the items of one or more calls in their order, at most `itemsMax` unless one call has more. */
export function createSubjectQueue<T>(
  itemsMax: number,
  work: (subject: string, items: readonly T[]) => Promise<void>,
): SubjectQueue<T> {
  const lines = new Map<string, Waiting<T>[]>();

  /** The calls that are done together next. */
  function take(line: Waiting<T>[]): Waiting<T>[] {
    let count = 1;
    for (let items = line[0]!.items.length; count < line.length; count++) {
      items += line[count]!.items.length;
      if (items > itemsMax) break;
    }
    return line.splice(0, count);
  }

  async function run(subject: string, line: Waiting<T>[]): Promise<void> {
    while (line.length > 0) {
      const calls = take(line);
      try {
        await work(
          subject,
          calls.flatMap(({ items }) => items),
        );
        for (const { resolve } of calls) resolve();
      } catch (error) {
        for (const { reject } of calls) reject(error);
      }
    }
    lines.delete(subject);
  }

  return {
    add(subject, items) {
      const waiting = lines.get(subject);
      if (waiting !== undefined && waiting.length >= waitingMax) {
        const error = new RapportError(
          'limited',
          'CONSENT_TOO_MANY_WAITING',
          `${waiting.length} decisions of this shopper are waiting to be entered; at most ${waitingMax} may. Send it again.`,
          { retryAfterSeconds },
        );
        return Promise.reject(error);
      }
      return new Promise((resolve, reject) => {
        const line = waiting ?? [];
        line.push({ items, resolve, reject });
        if (waiting !== undefined) return;
        lines.set(subject, line);
        void run(subject, line);
      });
    },
  };
}
