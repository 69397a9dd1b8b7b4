import { createStringIds } from '../../src/kit/string-ids.js';
import type { SelectedOption } from '../../src/ports/product-details.js';
import type { OptionFilter } from '../../src/ports/variants.js';

/** Numbers the sets of selected options of variants: a shop has few of them, even if it has millions of variants. */
export interface OptionSets {
  /** The number of a set, from 0. The order of the options counts. */
  numberOf(options: readonly SelectedOption[]): number;
  /** Returns whether a set has, for each filter, one of its values. Remembers its results by set. */
  matcher(filters: readonly OptionFilter[]): (set: number) => boolean;
}

export function createOptionSets(): OptionSets {
  const pairs = createStringIds();
  const sets: (readonly number[])[] = [];
  const numbers = new Map<string, number>();
  /** Numbers by the list itself: products with the same options share it. */
  const known = new WeakMap<readonly SelectedOption[], number>();

  return {
    numberOf(options) {
      const found = known.get(options);
      if (found !== undefined) return found;
      const ids = options.map(({ name, value }) => pairs.idOf(`${name}\n${value}`));
      const key = ids.join();
      let number = numbers.get(key);
      if (number === undefined) {
        number = sets.length;
        numbers.set(key, number);
        sets.push(ids);
      }
      // Lists that are not frozen may change.
      if (Object.isFrozen(options)) known.set(options, number);
      return number;
    },
    matcher(filters) {
      const wanted = filters.map(
        ({ name, values }) => new Set(values.map((value) => pairs.find(`${name}\n${value}`))),
      );
      const results: (boolean | undefined)[] = [];
      return (set) => {
        results[set] ??= wanted.every((ids) => sets[set]!.some((id) => ids.has(id)));
        return results[set];
      };
    },
  };
}
