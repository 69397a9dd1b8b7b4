import { RapportError } from '../../../../src/errors.js';
import type { Document } from '../../../../src/ports/store.js';
import type { Checkpointer } from './checkpointer.js';
import { lineOf } from './log-lines.js';
import { documentOf, type PendingWrite } from './memtable.js';
import type { Mutex } from './mutex.js';
import type { Target } from './target.js';
import type { WriteAheadLog } from './write-ahead-log.js';

const operationsMax = 1_000;
const recordCharactersMax = 8 * 1024 * 1024;
const waitingMax = 100_000;

/** What the operations that share a record see and add to. */
export interface Batch {
  read(target: Target, id: string): Document | null;
  has(target: Target, id: string): boolean;
  /** `existed`: what `has` has just said. */
  set(target: Target, write: PendingWrite, existed: boolean): void;
}

export interface Writer {
  /** Runs `compose` alone, in order of submission; settles with its answer when all that it set is durable. */
  submit<T>(compose: (batch: Batch) => T): Promise<T>;
  /** Rejects when the last write failed and another one does, too. */
  check(): Promise<void>;
  /** Resolves when everything submitted has settled. */
  close(): Promise<void>;
}

interface Operation {
  compose(batch: Batch): void;
  settle(): void;
  fail(error: unknown): void;
}

/** Collects what is submitted while the last record flushes into the next one, so that writers share flushes. */
export function createWriter(log: WriteAheadLog, checkpointer: Checkpointer, mutex: Mutex): Writer {
  let waiting: Operation[] = [];
  let draining: Promise<void> | null = null;
  let failing = false;
  let closed = false;

  async function drain(): Promise<void> {
    // Behind all that arrived in this turn of the event loop.
    await new Promise((resolve) => setImmediate(resolve));
    while (waiting.length > 0) {
      try {
        await checkpointer.room();
      } catch (cause) {
        failing = true;
        for (const operation of waiting.splice(0)) operation.fail(unavailable(cause));
        break;
      }
      await mutex(commit);
    }
    draining = null;
  }

  async function commit(): Promise<void> {
    const composing = createComposing();
    const composed: Operation[] = [];
    let taken = 0;
    while (taken < Math.min(waiting.length, operationsMax) && composing.characters() < recordCharactersMax) {
      const operation = waiting[taken++]!;
      try {
        operation.compose(composing.batch);
        composed.push(operation);
      } catch (error) {
        operation.fail(error);
      }
    }
    waiting = waiting.slice(taken);
    const text = composing.text();
    try {
      if (text !== '') await log.append(text);
      failing = false;
    } catch (cause) {
      failing = true;
      for (const operation of composed) operation.fail(unavailable(cause));
      return;
    }
    composing.publish(checkpointer);
    for (const operation of composed) operation.settle();
  }

  return {
    submit(compose) {
      if (closed) return Promise.reject(unavailable('it is closed'));
      if (waiting.length >= waitingMax)
        return Promise.reject(unavailable(`${waitingMax} writes are waiting`));
      return new Promise((resolve, reject) => {
        let answer: ReturnType<typeof compose>;
        waiting.push({
          compose: (batch) => {
            answer = compose(batch);
          },
          settle: () => resolve(answer),
          fail: reject,
        });
        draining ??= drain();
      });
    },
    async check() {
      if (closed) throw unavailable('it is closed');
      if (!failing && !checkpointer.failing()) return;
      try {
        await checkpointer.retry();
        await mutex(() => log.append('\n'));
        failing = false;
      } catch (cause) {
        throw unavailable(cause);
      }
    },
    async close() {
      closed = true;
      await draining;
    },
  };
}

/** The writes of one record while it is put together. */
function createComposing() {
  const latest = new Map<Target, Map<string, PendingWrite>>();
  const changes = new Map<Target, PendingWrite[]>();
  const growth = new Map<Target, number>();
  const lines: string[] = [];
  let characters = 0;

  function pending(target: Target, id: string): PendingWrite | undefined {
    return latest.get(target)?.get(id) ?? target.memtable.get(id);
  }

  const batch: Batch = {
    read(target, id) {
      const write = pending(target, id);
      return write ? documentOf(write) : target.tree.read(id);
    },
    has(target, id) {
      const write = pending(target, id);
      return write ? write.json !== null : target.tree.has(id);
    },
    set(target, write, existed) {
      const { id } = write;
      let writes = latest.get(target);
      if (!writes) {
        writes = new Map();
        latest.set(target, writes);
        changes.set(target, []);
      }
      // A pending write may reach the tree before this one does: then the tree holds something after all.
      write.absent = writes.get(id)?.absent ?? (!existed && target.memtable.get(id) === undefined);
      writes.set(id, write);
      growth.set(target, (growth.get(target) ?? 0) + (write.json === null ? 0 : 1) - (existed ? 1 : 0));
      changes.get(target)!.push(write);
      const line = lineOf(target.tree.schema.name, write);
      characters += line.length;
      lines.push(line);
    },
  };

  return {
    batch,
    characters: () => characters,
    text: () => lines.join(''),
    publish(checkpointer: Checkpointer): void {
      for (const [target, writes] of latest) {
        for (const write of writes.values()) target.memtable.set(write);
        target.count += growth.get(target)!;
        checkpointer.add(target, writes.size, characters);
        characters = 0;
      }
      for (const [target, list] of changes) {
        if (!target.listener.wanted()) continue;
        target.listener.tell(list.map((write) => new WrittenChange(write)));
      }
    },
  };
}

/**
 * Parses the document only if a listener reads it: the writer mostly has it already. It is an instance of a class, since freezing for
 * plugins would read every field of a plain object.
 */
class WrittenChange {
  readonly id: string;
  readonly #write: PendingWrite;

  constructor(write: PendingWrite) {
    this.id = write.id;
    this.#write = write;
    Object.freeze(this);
  }

  get document(): Document | null {
    return documentOf(this.#write);
  }
}

export function unavailable(cause: unknown): RapportError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new RapportError('unavailable', 'STORE_UNAVAILABLE', `the store cannot answer now: ${reason}`, {
    retryAfterSeconds: 1,
    cause,
  });
}
