import type { Fingerprint } from './fingerprints.js';

/**
 * What is on its way into the store, by the low half of its fingerprint: a call that brings it again waits until it is stored or
 * could not be. Two that have this half in common by chance wait for each other, and that is all.
 */
export interface InFlight {
  /** Waits until another call is done with some of them; null: none is on its way. Ask again afterwards. */
  busy(prints: readonly Fingerprint[]): Promise<unknown> | null;
  /** Puts them on their way, as soon as none is; returns what ends that. */
  hold(prints: readonly Fingerprint[]): () => void;
}

export function createInFlight(): InFlight {
  const writing = new Map<number, Promise<void>>();
  return {
    busy(prints) {
      if (writing.size === 0) return null;
      let others: Set<Promise<void>> | null = null;
      for (const { low } of prints) {
        const other = writing.get(low);
        if (other === undefined) continue;
        others ??= new Set();
        others.add(other);
      }
      return others && Promise.all(others);
    },
    hold(prints) {
      let settle = (): void => undefined;
      const done = new Promise<void>((resolve) => {
        settle = resolve;
      });
      for (const { low } of prints) writing.set(low, done);
      return () => {
        for (const { low } of prints) writing.delete(low);
        settle();
      };
    },
  };
}
