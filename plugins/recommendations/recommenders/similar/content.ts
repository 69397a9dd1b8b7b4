import { LRUCache } from 'lru-cache';
import { atMost } from '../../../../src/kit/bounded.js';
import { ensureCapacity } from '../../../../src/kit/ensure-capacity.js';
import type { Product } from '../../../../src/ports/catalog.js';
import { type Candidates, noCandidates } from '../../../../src/ports/recommenders.js';
import type { TieOrder } from '../candidates.js';
import { createNearest } from './nearest.js';
import { readTraits, traitGroups, traitsMax, traitWeights } from './traits.js';

/** An inverted list keeps the products that came last: a trait that more have tells little apart. */
const postingsMax = 400;
/** Products alike that are kept of one product, and products that have such a row, about a kilobyte each. */
const rowMax = 60;
const rowsMax = 50_000;
/** How much a price ten times as high takes off. */
const priceWeight = 0.25;
/**
 * The smallest similarity (cosine, 0 to 1) that proposes a product. Below it, products share only words that nearly the whole catalog
 * has: "Item 1" and "Item 2" of 300 items have a cosine of 3e-7. Two titles of eight words that share one common word have about 0.05.
 */
const similarityMin = 0.01;
/**
 * The least that two products must have in common, in squared nats of information: one word that four fifths of the catalog have,
 * (ln 1.25)². A cosine alone cannot tell: titles that consist of a word that all products have, have a cosine of 1.
 */
const inCommonMin = Math.log(1.25) ** 2;
/** What was computed for a catalog of nearly this size is good enough: rarities have hardly changed. */
const sizeDrift = 1 / 64;
/** A new product is told to so many of those with its rarest traits. */
const toldMax = 200;
/** A trait of a product is its number, and above these bits which weight it has. */
const numberBits = 28;
const numberMask = 2 ** numberBits - 1;

/** Products alike in words, brand, category, attributes and price: what there is to say about one nobody has touched. */
export interface Content {
  put(item: number, product: Product): void;
  remove(item: number): void;
  /** The most alike, best first, at most 60; scores are cosines, so at most 1. */
  row(item: number): Candidates;
}

const noCells = new Uint32Array(0);

interface Scored {
  readonly other: number;
  readonly score: number;
}

/** A row, and the number of changes and of products when it was computed. */
interface Row {
  readonly candidates: Candidates;
  readonly changes: number;
  readonly count: number;
}

/**
 * Cosine of TF-IDF vectors over traits, in two steps of bounded work: the rarest traits of the product fetch
 * candidates from their inverted lists (`nearest.ts`), then these are compared exactly. Products lie in flat arrays, since a
 * comparison costs as much as memory that it has to wait for; a row is kept until something that concerns it changes.
 */
export function createContent(tie: TieOrder): Content {
  const groups = Array.from({ length: traitGroups }, () => new Map<string, number>());
  const frequency: number[] = [];
  /** Natural logarithms of the frequencies, so that comparing takes none. */
  const logs: number[] = [];
  const postings: number[][] = [];
  const oldest: number[] = [];
  const rows = new LRUCache<number, Row>(atMost(rowsMax));
  const nearest = createNearest();
  /** Of product n from `n * traitsMax` on, `lengths[n]` of them. */
  let cells = new Uint32Array(1024 * traitsMax);
  let lengths = new Uint8Array(1024);
  /** Natural logarithm of the lowest price; NaN without one. */
  let logPrices = new Float64Array(1024);
  /** The number of the product's last change. */
  let changed = new Float64Array(1024);
  /** Lengths of the vectors, as of when there were `normCounts` products; 0: never. */
  let norms = new Float64Array(1024);
  let normCounts = new Int32Array(1024);
  /** By trait: its place in the product compared with others and one more, 0 where that has not got it. */
  let marks = new Uint8Array(1024);
  const own = new Float64Array(traitsMax + 1);
  let items = 0;
  let changes = 0;
  let count = 0;

  function numberOf(group: number, text: string): number {
    const numbers = groups[group]!;
    let number = numbers.get(text);
    if (number === undefined) {
      number = frequency.length;
      numbers.set(text, number);
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

  function makeRoom(item: number): void {
    items = Math.max(items, item + 1);
    lengths = ensureCapacity(Uint8Array, lengths, item + 1);
    const { length } = lengths;
    cells = ensureCapacity(Uint32Array, cells, length * traitsMax);
    logPrices = ensureCapacity(Float64Array, logPrices, length);
    changed = ensureCapacity(Float64Array, changed, length);
    norms = ensureCapacity(Float64Array, norms, length);
    normCounts = ensureCapacity(Int32Array, normCounts, length);
  }

  /** The numbers of a product's traits, rarest first. */
  function rarestFirst(item: number): number[] {
    const from = item * traitsMax;
    const traits = Array.from(cells.subarray(from, from + lengths[item]!), (cell) => cell & numberMask);
    return traits.sort((a, b) => logs[a]! - logs[b]!);
  }

  function fetch(item: number): readonly number[] {
    nearest.begin(items);
    for (const trait of rarestFirst(item)) {
      const mark = marks[trait]!;
      if (!nearest.add(postings[trait]!, own[mark]!)) break;
    }
    return nearest.best(item);
  }

  const isNear = (size: number) => Math.abs(size - count) <= sizeDrift * count;

  function normOf(item: number, logCount: number): number {
    if (normCounts[item]! > 0 && isNear(normCounts[item]!)) return norms[item]!;
    let sum = 0;
    for (let at = item * traitsMax, end = at + lengths[item]!; at < end; at++) {
      const cell = cells[at]!;
      sum += (traitWeights[cell >>> numberBits]! * (logCount - logs[cell & numberMask]!)) ** 2;
    }
    norms[item] = Math.sqrt(sum);
    normCounts[item] = count;
    return norms[item]!;
  }

  /** Marks the traits of the product that others are compared with. */
  function mark(item: number, logCount: number): void {
    if (marks.length < frequency.length) marks = new Uint8Array(frequency.length * 2);
    const from = item * traitsMax;
    for (let place = 0; place < lengths[item]!; place++) {
      const cell = cells[from + place]!;
      const trait = cell & numberMask;
      // Both vectors have the rarity: so their product has its square.
      own[place + 1] = traitWeights[cell >>> numberBits]! * (logCount - logs[trait]!) ** 2;
      marks[trait] = place + 1;
    }
  }

  function unmark(item: number): void {
    for (let at = item * traitsMax, end = at + lengths[item]!; at < end; at++) {
      marks[cells[at]! & numberMask] = 0;
    }
  }

  /** The most alike, best first. */
  function compare(item: number): Scored[] {
    const logCount = Math.log(count + 1);
    mark(item, logCount);
    const norm = normOf(item, logCount);
    const scored: Scored[] = [];
    for (const other of fetch(item)) {
      let dot = 0;
      for (let at = other * traitsMax, end = at + lengths[other]!; at < end; at++) {
        const cell = cells[at]!;
        const place = marks[cell & numberMask]!;
        if (place !== 0) dot += own[place]! * traitWeights[cell >>> numberBits]!;
      }
      if (dot < inCommonMin) continue;
      const decades = Math.abs(logPrices[item]! - logPrices[other]!) / Math.LN10;
      const score = dot / (norm * normOf(other, logCount)) / (1 + priceWeight * (decades || 0));
      if (score >= similarityMin) scored.push({ other, score });
    }
    unmark(item);
    return scored.sort((a, b) => b.score - a.score || tie(a.other, b.other));
  }

  /** Whether a row says what it would say now, or nearly: a change costs only those whom it concerns. */
  function isFresh(item: number, { candidates: { items: others, length }, ...then }: Row): boolean {
    if (changed[item]! > then.changes || !isNear(then.count)) return false;
    for (let place = 0; place < length; place++) if (changed[others[place]!]! > then.changes) return false;
    return true;
  }

  /** A new product may belong to the rows of those that share its rarest traits; when one goes, these traits tell more about the others. */
  function tell(item: number): void {
    if (rows.size === 0) return;
    let told = 0;
    for (const trait of rarestFirst(item)) {
      for (const other of postings[trait]!) rows.delete(other);
      told += postings[trait]!.length;
      if (told >= toldMax) return;
    }
  }

  function remove(item: number): void {
    if (item >= items || lengths[item] === 0) return;
    tell(item);
    for (let at = item * traitsMax, end = at + lengths[item]!; at < end; at++) {
      counted(cells[at]! & numberMask, -1);
    }
    lengths[item] = 0;
    changed[item] = ++changes;
    count--;
  }

  const found = new Uint32Array(traitsMax);
  let foundCount = 0;

  function take(group: number, text: string, weight: number): void {
    const trait = numberOf(group, text);
    for (let at = 0; at < foundCount; at++) if ((found[at]! & numberMask) === trait) return;
    found[foundCount++] = trait + weight * 2 ** numberBits;
  }

  return {
    remove,
    put(item, product) {
      makeRoom(item);
      foundCount = 0;
      readTraits(product, take);
      const length = foundCount;
      const logPrice = logPriceOf(product);
      const from = item * traitsMax;
      const before = lengths[item] === 0 ? noCells : cells.slice(from, from + lengths[item]!);
      if (
        before.length === length &&
        Object.is(logPrices[item], logPrice) &&
        before.every((cell, at) => cell === found[at])
      )
        return;
      remove(item);
      cells.set(found.subarray(0, length), from);
      lengths[item] = length;
      logPrices[item] = logPrice;
      normCounts[item] = 0;
      changed[item] = ++changes;
      count += length > 0 ? 1 : 0;
      nearest.name(item, product.id);
      for (let at = 0; at < length; at++) {
        const trait = found[at]! & numberMask;
        counted(trait, 1);
        // A start puts every product for the first time.
        if (before.length === 0 || !before.some((cell) => (cell & numberMask) === trait)) post(trait, item);
      }
      tell(item);
    },
    row(item) {
      if (item >= items || lengths[item] === 0) return noCandidates;
      const kept = rows.get(item);
      if (kept !== undefined && isFresh(item, kept)) return kept.candidates;
      const best = compare(item).slice(0, rowMax);
      const candidates: Candidates = {
        items: Int32Array.from(best, ({ other }) => other),
        scores: Float32Array.from(best, ({ score }) => score),
        causes: new Int32Array(best.length).fill(item),
        length: best.length,
      };
      rows.set(item, { candidates, changes, count });
      return candidates;
    },
  };
}

function logPriceOf(product: Product): number {
  let lowest = Number.POSITIVE_INFINITY;
  for (const price of product.prices) lowest = Math.min(lowest, price.amountMinor);
  return lowest > 0 && lowest < Number.POSITIVE_INFINITY ? Math.log(lowest) : Number.NaN;
}
