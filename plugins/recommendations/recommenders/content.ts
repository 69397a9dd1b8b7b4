import type { Product } from '../../../src/ports/catalog.js';
import { type Candidates, noCandidates, type TieOrder } from './candidates.js';
import { traitsOf } from './traits.js';

/** An inverted list keeps the products that came last: a trait that more have tells little apart. */
const postingsMax = 400;
const touchedMax = 3000;
const comparedMax = 240;
const rowMax = 100;
const rowsKeptMax = 20_000;
/** How much a price ten times as high takes off. */
const priceWeight = 0.25;

/** Products alike in words, brand, category, attributes and price: what there is to say about one nobody has touched. */
export interface Content {
  put(item: number, product: Product): void;
  remove(item: number): void;
  /** The most alike, best first, at most 100; scores are cosines, so at most 1. */
  row(item: number): Candidates;
}

interface Entry {
  /** Numbers of traits, ascending. */
  readonly traits: Int32Array;
  readonly weights: Float32Array;
  /** Natural logarithm of the lowest price; NaN without one. */
  readonly logPrice: number;
}

/**
 * Cosine of TF-IDF vectors over traits, in two steps of bounded work: the rarest traits of the product fetch
 * candidates from their inverted lists until `touchedMax` entries were read, then the best of these are compared exactly.
 */
export function createContent(tie: TieOrder): Content {
  const numbers = new Map<string, number>();
  const frequency: number[] = [];
  const postings: number[][] = [];
  const oldest: number[] = [];
  const entries: (Entry | undefined)[] = [];
  const rows = new Map<number, { readonly of: number; readonly row: Candidates }>();
  let version = 0;
  let count = 0;

  function numberOf(trait: string): number {
    let number = numbers.get(trait);
    if (number === undefined) {
      number = numbers.size;
      numbers.set(trait, number);
      frequency.push(0);
      postings.push([]);
      oldest.push(0);
    }
    return number;
  }

  function rarity(trait: number): number {
    return Math.log1p(count / frequency[trait]!);
  }

  function post(trait: number, item: number): void {
    const list = postings[trait]!;
    if (list.length < postingsMax) {
      list.push(item);
    } else {
      list[oldest[trait]!] = item;
      oldest[trait] = (oldest[trait]! + 1) % postingsMax;
    }
  }

  function fetch(entry: Entry, item: number): number[] {
    const order = [...entry.traits.keys()].sort(
      (a, b) => frequency[entry.traits[a]!]! - frequency[entry.traits[b]!]! || a - b,
    );
    const sums = new Map<number, number>();
    let touched = 0;
    for (const at of order) {
      const trait = entry.traits[at]!;
      const gain = entry.weights[at]! * rarity(trait) ** 2;
      for (const other of postings[trait]!) sums.set(other, (sums.get(other) ?? 0) + gain);
      touched += postings[trait]!.length;
      if (touched >= touchedMax) break;
    }
    sums.delete(item);
    return [...sums]
      .sort((a, b) => b[1] - a[1] || tie(a[0], b[0]))
      .slice(0, comparedMax)
      .map(([other]) => other);
  }

  function compare(item: number, entry: Entry): Candidates {
    const weights = new Map<number, number>();
    let norm = 0;
    for (let i = 0; i < entry.traits.length; i++) {
      const weight = entry.weights[i]! * rarity(entry.traits[i]!);
      weights.set(entry.traits[i]!, weight);
      norm += weight * weight;
    }
    const scored: { other: number; score: number }[] = [];
    for (const other of fetch(entry, item)) {
      const candidate = entries[other];
      if (!candidate) continue;
      let dot = 0;
      let otherNorm = 0;
      for (let i = 0; i < candidate.traits.length; i++) {
        const trait = candidate.traits[i]!;
        const weight = candidate.weights[i]! * rarity(trait);
        otherNorm += weight * weight;
        const own = weights.get(trait);
        if (own !== undefined) dot += own * weight;
      }
      if (dot === 0) continue;
      const cosine = dot / Math.sqrt(norm * otherNorm);
      const decades = Math.abs(entry.logPrice - candidate.logPrice) / Math.LN10;
      scored.push({ other, score: cosine / (1 + priceWeight * (decades || 0)) });
    }
    scored.sort((a, b) => b.score - a.score || tie(a.other, b.other));
    if (scored.length > rowMax) scored.length = rowMax;
    return {
      items: scored.map(({ other }) => other),
      scores: scored.map(({ score }) => score),
      causes: scored.map(() => item),
      length: scored.length,
    };
  }

  function remove(item: number): void {
    const entry = entries[item];
    if (!entry) return;
    for (const trait of entry.traits) frequency[trait]!--;
    entries[item] = undefined;
    count--;
    version++;
  }

  return {
    remove,
    put(item, product) {
      const before = entries[item];
      remove(item);
      const traits = [...traitsOf(product)]
        .map(([name, weight]) => ({ trait: numberOf(name), weight }))
        .sort((a, b) => a.trait - b.trait);
      const entry: Entry = {
        traits: Int32Array.from(traits, ({ trait }) => trait),
        weights: Float32Array.from(traits, ({ weight }) => weight),
        logPrice: logPriceOf(product),
      };
      while (entries.length <= item) entries.push(undefined);
      entries[item] = entry;
      for (const trait of entry.traits) {
        frequency[trait]!++;
        if (!before?.traits.includes(trait)) post(trait, item);
      }
      count++;
      version++;
    },
    row(item) {
      const entry = entries[item];
      if (!entry || entry.traits.length === 0) return noCandidates;
      const kept = rows.get(item);
      if (kept?.of === version) return kept.row;
      const row = compare(item, entry);
      if (!kept && rows.size >= rowsKeptMax) rows.delete(rows.keys().next().value!);
      rows.set(item, { of: version, row });
      return row;
    },
  };
}

function logPriceOf(product: Product): number {
  let lowest = Number.POSITIVE_INFINITY;
  for (const price of product.prices) lowest = Math.min(lowest, price.amountMinor);
  return lowest > 0 && lowest < Number.POSITIVE_INFINITY ? Math.log(lowest) : Number.NaN;
}
