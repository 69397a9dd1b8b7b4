import type { StockLevel } from './documents.js';
import { createNumbering } from './numbering.js';

/**
 * The stock of one product. Levels are triples of numbers, since a document is read, copied and written for each till that sells a piece:
 * for 8 variants in two stores that takes a quarter of the bytes and of the time that a list of objects does.
 */
export interface StockDocument {
  readonly id: string;
  /** Ids of variants; '' is the default variant. */
  readonly variants?: readonly string[];
  readonly stores?: readonly string[];
  /** For each level the numbers of its variant and store, and its quantity. As earlier releases wrote them: a list of objects. */
  readonly levels: readonly number[] | readonly StockLevel[];
  /** The feeds that set levels, by the number of the level. */
  readonly feeds?: readonly {
    readonly level: number;
    readonly source?: string;
    readonly version: number;
  }[];
}

const numbersPerLevel = 3;

export function stockDocument(id: string, levels: readonly StockLevel[]): StockDocument {
  const variants = createNumbering();
  const stores = createNumbering();
  const numbers: number[] = [];
  const feeds: { level: number; source?: string; version: number }[] = [];
  for (const [level, { variantId = '', storeId, quantity, source, version }] of levels.entries()) {
    numbers.push(variants.numberOf(variantId), stores.numberOf(storeId), quantity);
    if (version !== undefined) feeds.push({ level, ...(source === undefined ? {} : { source }), version });
  }
  return {
    id,
    variants: variants.values,
    stores: stores.values,
    levels: numbers,
    ...(feeds.length === 0 ? {} : { feeds }),
  };
}

/** In the order in which they were stored. */
export function levelsIn({
  levels,
  variants = [],
  stores = [],
  feeds = [],
}: StockDocument): readonly StockLevel[] {
  if (!areNumbers(levels)) return levels;
  const found: StockLevel[] = [];
  let nextFeed = 0;
  for (let at = 0; at < levels.length; at += numbersPerLevel) {
    const variantId = variants[levels[at]!]!;
    const storeId = stores[levels[at + 1]!]!;
    const quantity = levels[at + 2]!;
    const level = variantId === '' ? { storeId, quantity } : { variantId, storeId, quantity };
    const feed = feeds[nextFeed];
    if (feed === undefined || feed.level !== found.length) {
      found.push(level);
      continue;
    }
    nextFeed++;
    const { source, version } = feed;
    found.push({ ...level, ...(source === undefined ? {} : { source }), version });
  }
  return found;
}

function areNumbers(levels: StockDocument['levels']): levels is readonly number[] {
  return levels.length === 0 || typeof levels[0] === 'number';
}
