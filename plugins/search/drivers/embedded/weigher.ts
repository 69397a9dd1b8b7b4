import { grownFloats, grownNumbers } from './growable.js';
import { type Analysed, eachPiece } from './pieces.js';
import { breakBit } from './places.js';
import type { Words } from './words.js';

/** The texts of one product in one language. */
export interface Texts {
  readonly title: string;
  readonly brand: string;
  /** SKU and the like. */
  readonly codes: readonly string[];
  /** Names of its categories and of the kind of thing it is. */
  readonly kinds: readonly string[];
  /** Names of the categories above. */
  readonly ancestors: readonly string[];
  readonly attributes: readonly string[];
  /** Attribute values that say how it is, not what. */
  readonly qualifiers: readonly string[];
  readonly description: string;
}

interface Field {
  readonly weight: number;
  /** How much a longer text counts less: BM25's b. */
  readonly lengthPenalty: number;
  readonly placesMax: number;
}

/** BM25F (S. Robertson, H. Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond", 2009, section 3.6). */
const fields = {
  title: { weight: 3, lengthPenalty: 0.5, placesMax: 64 },
  brand: { weight: 3, lengthPenalty: 0, placesMax: 8 },
  codes: { weight: 3, lengthPenalty: 0, placesMax: 16 },
  kinds: { weight: 2.5, lengthPenalty: 0.3, placesMax: 32 },
  ancestors: { weight: 0.8, lengthPenalty: 0.3, placesMax: 32 },
  attributes: { weight: 0.6, lengthPenalty: 0.75, placesMax: 512 },
  description: { weight: 1, lengthPenalty: 0.75, placesMax: 512 },
} satisfies Record<string, Field>;
export type FieldName = keyof typeof fields;
const fieldNames = Object.keys(fields) as FieldName[];

/** BM25's k1. */
const saturation = 1.2;
/** Of the words before the last one of a category's name. */
const describingShare = 0.2;
const runShare = 0.5;
/** Average lengths are believed after this many documents; before, these typical ones are mixed in. */
const priorDocuments = 200;
const typicalPlaces: Readonly<Record<FieldName, number>> = {
  title: 10,
  brand: 1,
  codes: 1,
  kinds: 2,
  ancestors: 3,
  attributes: 40,
  description: 40,
};
export const forwardPlacesMax = 40;
const valueCharsMax = 80;

/** Reckons how much each term weighs in a document, over all its fields. */
export interface Weigher {
  /** The next document. */
  begin(): void;
  /** Adds a field. Its words' places go into `places`, as in `Words.analyse`, where that is given; at least 40 of them. */
  add(name: FieldName, texts: readonly string[], places?: number[]): void;
  /** Calls back with each term and its impact, 1 … 255, and forgets them. */
  take(into: (term: number, impact: number) => void): void;
  /** How long fields are: their places in all, after the number of documents. */
  save(): Float64Array<ArrayBuffer>;
}

/** `stored`: goes on from what was saved. */
export function createWeigher(words: Words, stored?: Float64Array): Weigher {
  const totals = Object.fromEntries(
    fieldNames.map((name, i) => [name, stored?.[i + 1] ?? typicalPlaces[name] * priorDocuments]),
  ) as Record<FieldName, number>;
  let counted = stored?.[0] ?? priorDocuments;
  let weights = new Float32Array(1024);
  let lastSeen = new Uint32Array(1024);
  let documentsSeen = 0;
  const touched: number[] = [];
  let found = new Uint32Array(1024);
  let shares = new Float32Array(1024);
  let foundCount = 0;

  /** Takes up the words of a piece into `found`; answers how many places it has. */
  function takeUp({ wordIds, kinds: written, places }: Analysed): number {
    found = grownNumbers(found, foundCount + wordIds.length);
    shares = grownFloats(shares, found.length);
    for (let i = 0; i < wordIds.length; i++) {
      const wordId = wordIds[i]!;
      if (wordId >= lastSeen.length) lastSeen = grownNumbers(lastSeen, wordId + 1);
      if (lastSeen[wordId] !== documentsSeen) {
        lastSeen[wordId] = documentsSeen;
        words.seen(wordId);
      }
      found[foundCount] = words.termOf(wordId);
      shares[foundCount++] = written[i] === 0 ? 1 : runShare;
    }
    return places.length;
  }

  function add(name: FieldName, texts: readonly string[], places?: number[]): void {
    const field: Field = fields[name];
    let length = 0;
    foundCount = 0;
    for (const text of texts) {
      if (length >= field.placesMax) break;
      if (!places && text.length <= valueCharsMax) {
        length += takeUp(words.analyseValue(text));
        continue;
      }
      let separated = true;
      let runStart = foundCount;
      eachPiece(text, (piece) => {
        if (length >= field.placesMax) return;
        const analysed = words.analyse(piece);
        if (name === 'kinds') {
          // "Keyboard cover" is a cover: what comes before the last word of a name counts less.
          if (separated) runStart = foundCount;
          else if (analysed.places.length > 0) shares.fill(describingShare, runStart, foundCount);
        }
        length += takeUp(analysed);
        if (!places || places.length >= forwardPlacesMax) return;
        for (let i = 0; i < analysed.places.length; i++) {
          const place = analysed.places[i]!;
          places.push(i === 0 && separated ? (place | breakBit) >>> 0 : place);
        }
        separated = analysed.breaksAfter;
      });
    }
    if (length === 0) return;
    const average = totals[name] / counted;
    const norm =
      field.weight / (1 - field.lengthPenalty + (field.lengthPenalty * length) / Math.max(average, 1));
    for (let i = 0; i < foundCount; i++) {
      const term = found[i]!;
      if (term >= weights.length) weights = grownFloats(weights, term + 1);
      if (weights[term] === 0) touched.push(term);
      weights[term] = weights[term]! + norm * shares[i]!;
    }
    totals[name] += length;
  }

  return {
    begin() {
      documentsSeen++;
      counted++;
    },
    add,
    save: () => Float64Array.of(counted, ...fieldNames.map((name) => totals[name])),
    take(into) {
      for (const term of touched) {
        const weight = weights[term]!;
        weights[term] = 0;
        into(term, Math.max(1, Math.round((255 * weight) / (saturation + weight))));
      }
      touched.length = 0;
    },
  };
}
