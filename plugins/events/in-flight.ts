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
      for (let at = 0; at < prints.length; at++) {
        const other = writing.get(prints[at]!.low);
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
      for (let at = 0; at < prints.length; at++) writing.set(prints[at]!.low, done);
      return () => {
        for (let at = 0; at < prints.length; at++) writing.delete(prints[at]!.low);
        settle();
      };
    },
  };
}
