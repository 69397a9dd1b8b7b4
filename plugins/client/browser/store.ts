import type { DeviceStorage } from './environment.js';

/** Storage that never throws: whatever cannot be stored is kept in memory only. */
export interface Store {
  get(key: string): string | null;
  /** False if it could not be stored. */
  set(key: string, value: string): boolean;
  remove(key: string): void;
  /** The keys with this beginning. */
  keys(prefix: string): string[];
}

const prefixOfClient = 'rapport:';

export function createStore(storage: DeviceStorage | null): Store {
  function attempt<T>(run: (storage: DeviceStorage) => T, otherwise: T): T {
    if (!storage) return otherwise;
    try {
      return run(storage);
    } catch {
      return otherwise;
    }
  }
  return {
    get: (key) => attempt((own) => own.getItem(prefixOfClient + key), null),
    set: (key, value) =>
      attempt((own) => {
        own.setItem(prefixOfClient + key, value);
        return true;
      }, false),
    remove: (key) => attempt((own) => own.removeItem(prefixOfClient + key), undefined),
    keys: (prefix) =>
      attempt((own) => {
        const found: string[] = [];
        for (let i = 0; i < own.length; i++) {
          const key = own.key(i) ?? '';
          if (key.startsWith(prefixOfClient + prefix)) found.push(key.slice(prefixOfClient.length));
        }
        return found;
      }, []),
  };
}
