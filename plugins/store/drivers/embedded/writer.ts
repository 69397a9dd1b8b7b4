import { RapportError } from '../../../../src/errors.js';
import type { Document } from '../../../../src/ports/store.js';
import type { Written } from '../../driver.js';
import type { Environment } from './environment.js';
import type { Tree } from './tree.js';

const operationsMax = 1_000;
const waitingMax = 100_000;

/** A collection as the writer sees it. */
export interface Target {
  readonly tree: Tree;
  readonly written: (changes: readonly Written[]) => void;
}

/** What the operations of one commit see and add to. */
export interface Batch {
  read(target: Target, id: string): Document | null;
  has(target: Target, id: string): boolean;
  /** `json` null: remove. */
  set(target: Target, id: string, document: Document | null, json: string | null): void;
}

export interface Writer {
  /** Runs `compose` alone, in order of submission; settles with its answer when all that it set is durable. */
  submit<T>(compose: (batch: Batch) => T): Promise<T>;
  /** Rejects unless a commit succeeds. */
  check(): Promise<void>;
  close(): Promise<void>;
}

interface Operation {
  compose(batch: Batch): void;
  settle(): void;
  fail(error: unknown): void;
}

interface Entry {
  readonly before: Document | null;
  document: Document | null;
  json: string | null;
}

/** Collects what is submitted while the last commit flushes into the next one, so that writers share flushes. */
export function createWriter(environment: Environment): Writer {
  let waiting: Operation[] = [];
  let draining: Promise<void> | null = null;
  let closed = false;

  async function drain(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    while (waiting.length > 0) {
      const operations = waiting.slice(0, operationsMax);
      waiting = waiting.slice(operationsMax);
      await commit(operations);
    }
    draining = null;
  }

  async function commit(operations: readonly Operation[]): Promise<void> {
    const state = new Map<Target, Map<string, Entry>>();
    const changes = new Map<Target, Written[]>();
    const composed: Operation[] = [];
    const batch = createBatch(state, changes);
    for (const operation of operations) {
      try {
        operation.compose(batch);
        composed.push(operation);
      } catch (error) {
        operation.fail(error);
      }
    }
    try {
      if (state.size > 0) {
        await environment.commit(() => {
          for (const [{ tree }, entries] of state) {
            for (const [id, { before, document, json }] of entries) tree.write(id, before, document, json);
          }
        });
      }
    } catch (cause) {
      const error = unavailable(cause);
      for (const operation of composed) operation.fail(error);
      return;
    }
    for (const [target, list] of changes) target.written(list);
    for (const operation of composed) operation.settle();
  }

  return {
    submit(compose) {
      if (closed) return Promise.reject(unavailable('it is closed'));
      if (waiting.length >= waitingMax) {
        return Promise.reject(unavailable(`${waitingMax} writes are waiting`));
      }
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
      try {
        await environment.commit(() => {
          environment.meta.put('checked', 'yes');
        });
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

function createBatch(state: Map<Target, Map<string, Entry>>, changes: Map<Target, Written[]>): Batch {
  return {
    read(target, id) {
      const entry = state.get(target)?.get(id);
      return entry ? entry.document : target.tree.read(id);
    },
    has(target, id) {
      const entry = state.get(target)?.get(id);
      return entry ? entry.document !== null : target.tree.has(id);
    },
    set(target, id, document, json) {
      let entries = state.get(target);
      if (!entries) {
        entries = new Map();
        state.set(target, entries);
        changes.set(target, []);
      }
      const entry = entries.get(id);
      if (entry) Object.assign(entry, { document, json });
      else entries.set(id, { before: target.tree.read(id), document, json });
      changes.get(target)!.push({ id, document });
    },
  };
}

export function unavailable(cause: unknown): RapportError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new RapportError('unavailable', 'STORE_UNAVAILABLE', `the store cannot answer now: ${reason}`, {
    retryAfterSeconds: 1,
    cause,
  });
}
