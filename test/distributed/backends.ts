import type { Backends } from './processes.js';

/** A database of its own on the servers that the environment names. */
export function backendsOf(suite: string): Backends {
  const { MONGODB_URL, REDIS_URL, MEILISEARCH_URL, DRIVERS = '' } = process.env;
  const store = new URL(MONGODB_URL ?? 'mongodb://127.0.0.1:27017');
  store.pathname = `/distributed-${suite}-${process.pid}`;
  return {
    store: store.href,
    queue: REDIS_URL ?? 'redis://127.0.0.1:6379',
    search: DRIVERS.includes('meilisearch') ? MEILISEARCH_URL : undefined,
  };
}
