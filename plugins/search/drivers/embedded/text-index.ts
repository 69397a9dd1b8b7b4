import { createRows, grownBytes, grownFloats, grownNumbers, type Rows } from './growable.js';
import { createHeads, type Heads } from './heads.js';
import type { Language } from './language.js';
import {
  createGrowingSegment,
  createSegmentBuilder,
  type GrowingSegment,
  mergeSegments,
  type PostingList,
  type Segment,
  type SegmentBuilder,
} from './postings.js';
import { createSpelling, type Spelling } from './spelling.js';
import {
  type Analysed,
  breakBit,
  createWords,
  eachPiece,
  forBit,
  plainBit,
  startsNew,
  type Words,
  wordAt,
} from './words.js';

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
type FieldName = keyof typeof fields;
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
const growingDocumentsMax = 2_000;
const forwardPlacesMax = 40;
const valueCharsMax = 80;

/**
 * An inverted index of one language's texts. A put takes effect at once in a small growing segment; when that has grown, a merge
 * makes one frozen segment of all, in slices, while puts go on in the next growing one.
 */
export interface TextIndex {
  readonly words: Words;
  readonly spelling: Spelling;
  /** Of a document: the segment that holds it now, 0 for none. */
  readonly current: () => Uint8Array;
  readonly segments: () => readonly Segment[];
  /** Word ids of a document's title in reading order, at most 40. */
  readonly titles: Rows;
  /** Terms of the same, with `breakBit`, `forBit` and `plainBit`; and of the beginning of its description. */
  readonly titleTerms: Rows;
  readonly descriptions: Rows;
  /** Terms of the names of its categories and kinds; with `breakBit` the last word of a name, which says what it is. */
  readonly kinds: Rows;
  readonly heads: Heads;
  documents(): number;
  put(document: number, texts: Texts): void;
  remove(document: number): void;
  /** How many documents hold a term, older versions counted too. */
  documentFrequency(term: number): number;
  /** Whether enough has changed for a merge. */
  isGrown(): boolean;
  /** Merges; yields between slices of work. One at a time. */
  merge(): Generator<void>;
  bytes(): number;
}

export function createTextIndex(language: Language): TextIndex {
  const words = createWords(language);
  const spelling = createSpelling(words);
  const titles = createRows();
  const titleTerms = createRows();
  const descriptions = createRows();
  const kinds = createRows();
  const heads = createHeads(words);
  const totals = Object.fromEntries(
    fieldNames.map((name) => [name, typicalPlaces[name] * priorDocuments]),
  ) as Record<FieldName, number>;
  let counted = priorDocuments;
  let current = new Uint8Array(64);
  let live = 0;
  let frozen: Segment[] = [];
  let growing: GrowingSegment = createGrowingSegment(1);
  let growingDocuments = 0;
  let merging = false;
  let lastId = 2;
  /** While the index is first filled: postings are gathered and transposed once. */
  let builder: { readonly id: number; readonly gathered: SegmentBuilder } | null = {
    id: 2,
    gathered: createSegmentBuilder(),
  };

  let weights = new Float32Array(1024);
  let lastSeen = new Uint32Array(1024);
  let documentsSeen = 0;
  const touched: number[] = [];
  let found = new Uint32Array(1024);
  let shares = new Float32Array(1024);
  let foundCount = 0;

  function nextId(): number {
    const inUse = new Set([...frozen.map((segment) => segment.id), growing.id, builder?.id]);
    do lastId = (lastId % 255) + 1;
    while (inUse.has(lastId));
    return lastId;
  }

  /** Takes up the words of a piece into `found`; answers how many places it has. */
  function take({ wordIds, kinds: written, places }: Analysed): number {
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

  /** Adds a field's words to `weights`; answers its length. */
  function weigh(name: FieldName, pieces: readonly string[], places?: number[]): number {
    const field: Field = fields[name];
    let length = 0;
    foundCount = 0;
    for (const text of pieces) {
      if (length >= field.placesMax) break;
      if (!places && text.length <= valueCharsMax) {
        length += take(words.analyseValue(text));
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
        length += take(analysed);
        if (!places || places.length >= forwardPlacesMax) return;
        for (let i = 0; i < analysed.places.length; i++) {
          const place = analysed.places[i]!;
          places.push(i === 0 && separated ? (place | breakBit) >>> 0 : place);
        }
        separated = analysed.breaksAfter;
      });
    }
    if (length === 0) return 0;
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
    return length;
  }

  /** Terms in the place of words, so that reading them in a query needs no second look. */
  function termsAt(places: readonly number[]): number[] {
    return places.slice(0, forwardPlacesMax).map((place) => {
      const wordId = wordAt(place);
      const marks = (place & (breakBit | forBit)) | (words.flagsOf(wordId) === 0 ? 0 : plainBit);
      return (words.termOf(wordId) | marks) >>> 0;
    });
  }

  function markedHeads(places: readonly number[]): number[] {
    return places.map((place, i) => {
      const term = words.termOf(wordAt(place));
      const next = places[i + 1];
      return next === undefined || startsNew(next) ? (term | breakBit) >>> 0 : term;
    });
  }

  function seal(): void {
    if (!builder) return;
    const { id, gathered } = builder;
    builder = null;
    const building = gathered.build(id, words.termCount());
    for (let step = building.next(); ; step = building.next()) {
      if (step.done) {
        frozen = [step.value];
        return;
      }
    }
  }

  return {
    words,
    spelling,
    titles,
    titleTerms,
    descriptions,
    kinds,
    heads,
    current: () => current,
    segments() {
      if (builder) seal();
      return growing.postings() > 0 ? [...frozen, growing] : frozen;
    },
    documents: () => live,
    put(document, texts) {
      documentsSeen++;
      counted++;
      const titlePlaces: number[] = [];
      weigh('title', [texts.title], titlePlaces);
      weigh('brand', [texts.brand]);
      weigh('codes', texts.codes);
      const kindPlaces: number[] = [];
      weigh('kinds', texts.kinds, kindPlaces);
      weigh('ancestors', texts.ancestors);
      weigh('attributes', texts.attributes);
      const descriptionPlaces: number[] = [];
      weigh('description', [texts.description], descriptionPlaces);
      descriptions.set(document, termsAt(descriptionPlaces));
      titles.set(document, titlePlaces, Math.min(titlePlaces.length, forwardPlacesMax));
      titleTerms.set(document, termsAt(titlePlaces));
      heads.observe(titlePlaces, texts.qualifiers, texts.brand);
      kinds.set(document, markedHeads(kindPlaces));

      current = grownBytes(current, document + 1);
      if (current[document] === 0) live++;
      // A second version within one segment would count twice.
      if (builder && current[document] === builder.id) seal();
      if (!builder && current[document] === growing.id) growing.drop(document);
      const into = builder?.gathered ?? growing;
      current[document] = builder?.id ?? growing.id;
      if (!builder) growingDocuments++;
      for (const term of touched) {
        const weight = weights[term]!;
        weights[term] = 0;
        into.add(term, document, Math.max(1, Math.round((255 * weight) / (saturation + weight))));
      }
      touched.length = 0;
    },
    remove(document) {
      if (document >= current.length || current[document] === 0) return;
      if (!builder && current[document] === growing.id) growing.drop(document);
      current[document] = 0;
      live--;
    },
    documentFrequency(term) {
      if (builder) seal();
      let sum = 0;
      for (const segment of frozen) sum += lengthOf(segment.list(term));
      return sum + lengthOf(growing.list(term));
    },
    isGrown: () => !merging && growingDocuments > growingDocumentsMax,
    *merge() {
      if (builder) {
        seal();
        words.settle();
        yield* spelling.settle();
        return;
      }
      merging = true;
      try {
        const sources = growing.postings() > 0 ? [...frozen, growing] : frozen;
        growing = createGrowingSegment(nextId());
        frozen = sources;
        growingDocuments = 0;
        words.settle();
        const merged = yield* mergeSegments(
          nextId(),
          sources,
          words.termCount(),
          (segment, document) => current[document] === segment.id,
        );
        const sourceIds = new Set(sources.map((segment) => segment.id));
        for (let document = 0; document < current.length; document++) {
          if (sourceIds.has(current[document]!)) current[document] = merged.id;
        }
        frozen = [merged, ...frozen.filter((segment) => !sourceIds.has(segment.id))];
        yield;
        yield* spelling.settle();
      } finally {
        merging = false;
      }
    },
    bytes: () =>
      words.bytes() +
      spelling.bytes() +
      titles.bytes() +
      titleTerms.bytes() +
      descriptions.bytes() +
      kinds.bytes() +
      current.length +
      [...frozen, growing].reduce((sum, segment) => sum + segment.bytes(), 0),
  };
}

function lengthOf(list: PostingList | null): number {
  return list ? list.end - list.start : 0;
}
