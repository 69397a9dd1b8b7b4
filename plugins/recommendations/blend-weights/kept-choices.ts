import { type Family, families } from '../ranking/fusion-weights.js';
import type { Choice } from './choices.js';

/** Of each family the newest are learned from. */
const choicesMax = 768;
/** The most that are kept of one source: 5 %. A newer one takes the place of its oldest. */
const choicesASourceMax = 38;

/** The newest choices of each family. */
export interface KeptChoices {
  keep(choice: Choice): void;
  /** Of each family oldest first. */
  choices(): Choice[];
  /** The number that were kept since `clear`, those included that are forgotten, but not those that took the place of their own source. */
  seen(): number;
  clear(): void;
}

export function createKeptChoices(): KeptChoices {
  const kept: Record<Family, Choice[]> = { home: [], product: [], cart: [] };
  let seen = 0;

  return {
    keep(choice) {
      const own = kept[choice.family];
      const ofSource = own.filter(({ source }) => source === choice.source);
      if (ofSource.length >= choicesASourceMax) own.splice(own.indexOf(ofSource[0]!), 1);
      else {
        seen++;
        if (own.length >= choicesMax) own.shift();
      }
      own.push(choice);
    },
    choices: () => families.flatMap((family) => kept[family]),
    seen: () => seen,
    clear() {
      seen = 0;
      for (const family of families) kept[family] = [];
    },
  };
}
