import type { Product } from '../../../src/ports/catalog.js';
import { type Candidates, noCandidates, type TieOrder } from './candidates.js';
import { createNearest } from './nearest.js';
import { traitsOf } from './traits.js';

/** An inverted list keeps the products that came last: a trait that more have tells little apart. */
const postingsMax = 400;
const rowMax = 60;
const rowsKeptMax = 20_000;
/** How much a price ten times as high takes off. */
const priceWeight = 0.25;

/** Products alike in words, brand, category, attributes and price: what there is to say about one nobody has touched. */
export interface Content {
  put(item: number, product: Product): void;
  remove(item: number): void;
  /** The most alike, best first, at most 60; scores are cosines, so at most 1. */
  row(item: number): Candidates;
}

interface Entry {
  /** Numbers of traits. */
  readonly traits: Int32Array;
  readonly weights: Float32Array;
  /** Natural logarithm of the lowest price; NaN without one. */
  readonly logPrice: number;
}

/**
 * Cosine of TF-IDF vectors over traits, in two steps of bounded work: the rarest traits of the product fetch
 * candidates from their inverted lists (`nearest.ts`), then these are compared exactly.
 */
export function createContent(tie: TieOrder): Content {
  const numbers = new Map<string, number>();
  const frequency: number[] = [];
  /** Natural logarithms of the frequencies, so that comparing takes none. */
  const logs: number[] = [];
  const postings: number[][] = [];
  const oldest: number[] = [];
  const entries: (Entry | undefined)[] = [];
  const rows = new Map<number, { readonly of: number; readonly row: Candidates }>();
  const nearest = createNearest();
  let own = new Float32Array(1024);
  let version = 0;
  let count = 0;

  function numberOf(trait: string): number {
    let number = numbers.get(trait);
    if (number === undefined) {
      number = numbers.size;
      numbers.set(trait, number);
      frequency.push(0);
      logs.push(0);
      postings.push([]);
      oldest.push(0);
    }
    return number;
  }

  function counted(trait: number, by: number): void {
    frequency[trait]! += by;
    logs[trait] = Math.log(Math.max(1, frequency[trait]!));
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

  function fetch(entry: Entry, logCount: number, item: number): readonly number[] {
    const { traits, weights } = entry;
    nearest.begin(entries.length);
    const order = Array.from(traits.keys()).sort((a, b) => logs[traits[a]!]! - logs[traits[b]!]! || a - b);
    for (const at of order) {
      const rarity = logCount - logs[traits[at]!]!;
      if (!nearest.add(postings[traits[at]!]!, weights[at]! * rarity * rarity)) break;
    }
    return nearest.best(item);
  }

  function compare(item: number, entry: Entry): Candidates {
    const logCount = Math.log(count + 1);
    if (own.length < numbers.size) own = new Float32Array(numbers.size * 2);
    const { traits, weights } = entry;
    let norm = 0;
    for (let i = 0; i < traits.length; i++) {
      const weight = weights[i]! * (logCount - logs[traits[i]!]!);
      own[traits[i]!] = weight;
      norm += weight * weight;
    }
    const scored: { readonly other: number; readonly score: number }[] = [];
    for (const other of fetch(entry, logCount, item)) {
      const candidate = entries[other];
      if (!candidate) continue;
      let dot = 0;
      let otherNorm = 0;
      for (let i = 0; i < candidate.traits.length; i++) {
        const trait = candidate.traits[i]!;
        const weight = candidate.weights[i]! * (logCount - logs[trait]!);
        otherNorm += weight * weight;
        dot += own[trait]! * weight;
      }
      if (dot === 0) continue;
      const decades = Math.abs(entry.logPrice - candidate.logPrice) / Math.LN10;
      scored.push({ other, score: dot / Math.sqrt(norm * otherNorm) / (1 + priceWeight * (decades || 0)) });
    }
    for (const trait of traits) own[trait] = 0;
    scored.sort((a, b) => b.score - a.score || tie(a.other, b.other));
    const length = Math.min(rowMax, scored.length);
    return {
      items: Int32Array.from({ length }, (_, place) => scored[place]!.other),
      scores: Float32Array.from({ length }, (_, place) => scored[place]!.score),
      causes: new Int32Array(length).fill(item),
      length,
    };
  }

  function remove(item: number): void {
    const entry = entries[item];
    if (!entry) return;
    for (const trait of entry.traits) counted(trait, -1);
    entries[item] = undefined;
    count--;
    version++;
  }

  return {
    remove,
    put(item, product) {
      const before = entries[item];
      remove(item);
      const traits = traitsOf(product);
      const entry: Entry = {
        traits: new Int32Array(traits.size),
        weights: new Float32Array(traits.size),
        logPrice: logPriceOf(product),
      };
      let at = 0;
      for (const [trait, weight] of traits) {
        entry.traits[at] = numberOf(trait);
        entry.weights[at++] = weight;
      }
      while (entries.length <= item) entries.push(undefined);
      entries[item] = entry;
      nearest.name(item, product.id);
      for (const trait of entry.traits) {
        counted(trait, 1);
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
