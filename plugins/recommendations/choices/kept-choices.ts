import type { Choice } from '../choices.js';
import { type Family, families } from '../fusion-weights.js';

/** Of each family the newest are learned from. */
const choicesMax = 768;

/** The newest choices of each family. */
export interface KeptChoices {
  keep(choice: Choice): void;
  /** Of each family oldest first. */
  choices(): Choice[];
  /** How many were kept since `clear`, those included that are forgotten. */
  seen(): number;
  clear(): void;
}

export function createKeptChoices(): KeptChoices {
  let kept = emptied();
  return {
    keep(choice) {
      const own = kept[choice.family];
      own.choices[own.seen % choicesMax] = choice;
      own.seen++;
    },
    choices: () =>
      families.flatMap((family) => {
        const { choices, seen } = kept[family];
        const oldest = seen % choices.length;
        return [...choices.slice(oldest), ...choices.slice(0, oldest)];
      }),
    seen: () => families.reduce((sum, family) => sum + kept[family].seen, 0),
    clear() {
      kept = emptied();
    },
  };
}

function emptied(): Record<Family, { readonly choices: Choice[]; seen: number }> {
  return {
    home: { choices: [], seen: 0 },
    product: { choices: [], seen: 0 },
    cart: { choices: [], seen: 0 },
  };
}
