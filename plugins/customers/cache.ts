import { LRUCache } from 'lru-cache';
import { atMost } from '../../src/kit/bounded.js';
import type { Clock } from '../../src/plugin.js';

export interface CachedReads<V> {
  get(id: string): Promise<V>;
  forget(id: string): void;
  clear(): void;
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
  read(id: string): Promise<V>;
}): CachedReads<V> {
  const entries = new LRUCache<string, { readonly value: Promise<V>; readonly readAtMs: number }>(
    atMost(options.entriesMax),
  );
  return {
    get(id) {
      const nowMs = options.clock.nowMs();
      const known = entries.get(id);
      if (known && nowMs - known.readAtMs < options.freshMs) return known.value;
      const entry = { value: options.read(id), readAtMs: nowMs };
      entries.set(id, entry);
      entry.value.catch(() => {
        if (entries.peek(id) === entry) entries.delete(id);
      });
      return entry.value;
    },
    forget: (id) => void entries.delete(id),
    clear: () => entries.clear(),
  };
}
