import { LRUCache } from 'lru-cache';
import { atMost } from '../../src/kit/bounded.js';
import type { Clock } from '../../src/plugin.js';

export interface CachedReads<V> {
  get(id: string): Promise<V>;
  /** In the order of the ids; all that are not known are read together. */
  getMany(ids: readonly string[]): Promise<V>[];
  forget(id: string): void;
}

interface Entry<V> {
  readonly value: Promise<V>;
  readonly readAtMs: number;
}

/**
 * Reads through a bounded cache in this process. It keeps promises, so a read that was under way while its
 * document changed is never kept: `forget` removes the promise and the next caller reads again. An answer is
 * at most `freshMs` old even when change notices do not arrive; a failed read is not kept.
 */
export function createCachedReads<V>(options: {
  readonly entriesMax: number;
  readonly freshMs: number;
  readonly clock: Clock;
  /** In the order of the ids. */
  read(ids: readonly string[]): Promise<readonly V[]>;
}): CachedReads<V> {
  const entries = new LRUCache<string, Entry<V>>(atMost(options.entriesMax));

  function keep(id: string, value: Promise<V>, nowMs: number): Promise<V> {
    const entry = { value, readAtMs: nowMs };
    entries.set(id, entry);
    value.catch(() => {
      if (entries.peek(id) === entry) entries.delete(id);
    });
    return value;
  }

  function known(id: string, nowMs: number): Promise<V> | undefined {
    const entry = entries.get(id);
    return entry && nowMs - entry.readAtMs < options.freshMs ? entry.value : undefined;
  }

  return {
    get(id) {
      const nowMs = options.clock.nowMs();
      return (
        known(id, nowMs) ??
        keep(
          id,
          options.read([id]).then(([value]) => value as V),
          nowMs,
        )
      );
    },
    getMany(ids) {
      const nowMs = options.clock.nowMs();
      const values = ids.map((id) => known(id, nowMs));
      if (values.every((value) => value !== undefined)) return values;
      const missing = [...new Set(ids.filter((_, i) => values[i] === undefined))];
      const reading = options.read(missing);
      const kept = new Map<string, Promise<V>>();
      for (const [i, id] of missing.entries()) {
        const value = reading.then((read) => read[i] as V);
        kept.set(id, keep(id, value, nowMs));
      }
      return ids.map((id, i) => values[i] ?? kept.get(id)!);
    },
    forget: (id) => void entries.delete(id),
  };
}
