import { ensureCapacity } from '../../../../../src/kit/ensure-capacity.js';
import { fingerprint } from '../../../../../src/kit/fingerprint.js';
import {
  createJaggedRows,
  type JaggedRows,
  type StoredJaggedRows,
} from '../../../../../src/kit/jagged-rows.js';
import { runNow, type Sliced } from '../../../../../src/kit/slices.js';
import type { Language } from '../tokens/language.js';
import { boundaryFlag, functionalFlag, idAt, isBoundary, purposeFlag } from '../tokens/token-flags.js';
import { createBm25f, forwardPositionsMax } from './bm25f.js';
import { createHeadNouns, type HeadNouns, type StoredHeadNouns } from './head-nouns.js';
import { createPlaceRecorder } from './positions.js';
import type { ProductTexts } from './product-texts.js';
import {
  createImmutableSegment,
  createMutableSegment,
  createSegmentBuilder,
  type MutableSegment,
  mergeSegments,
  type PostingList,
  type Segment,
  type SegmentBuilder,
  type StoredSegment,
} from './segments.js';
import { createVocabulary, type StoredVocabulary, type Vocabulary } from './vocabulary.js';

const mutableDocumentsMax = 2_000;

/**
 * An inverted index of the texts of one language. A put takes effect at once in a small mutable segment. When that has grown, a merge makes
 * one immutable segment of all, in slices, while puts go to the next mutable one.
 */
export interface TextIndex {
  readonly vocabulary: Vocabulary;
  /** By document: the id of the segment with its current version, 0 for none. */
  readonly current: () => Uint8Array;
  readonly segments: () => readonly Segment[];
  /** Terms of a title and of the first words of a description in text order, with flags (`token-flags.ts`). */
  readonly titleTerms: JaggedRows;
  readonly descriptions: JaggedRows;
  readonly headNouns: HeadNouns;
  /** The terms of all brands that were put. */
  readonly brandTerms: ReadonlySet<number>;
  documents(): number;
  /** The number of texts that were read since the index was created. */
  readTexts(): number;
  put(document: number, texts: ProductTexts): void;
  remove(document: number): void;
  /** The number of documents with a term. Older versions count too. */
  documentFrequency(term: number): number;
  /** True if enough has changed for a merge. */
  needsMerge(): boolean;
  /** One at a time. */
  merge(): Sliced;
  /** Restores the vocabulary. Call it before anything else. */
  restore(): Sliced;
  /**
   * Everything in immutable segments; documents that changed since count as removed. Ends a first fill. null during a merge, or if something
   * changed meanwhile.
   */
  save(): Sliced<StoredTextIndex | null>;
}

export type StoredTextIndex = {
  readonly vocabulary: StoredVocabulary;
  readonly titleTerms: StoredJaggedRows;
  readonly descriptions: StoredJaggedRows;
  readonly headNouns: StoredHeadNouns;
  readonly lengths: Float64Array<ArrayBuffer>;
  readonly current: Uint8Array<ArrayBuffer>;
  readonly fingerprints: Float64Array<ArrayBuffer>;
  readonly segments: readonly StoredSegment[];
};

export function createTextIndex(language: Language, stored?: StoredTextIndex): TextIndex {
  const vocabulary = createVocabulary(language);
  const titleTerms = createJaggedRows(stored?.titleTerms);
  const descriptions = createJaggedRows(stored?.descriptions);
  const places = createPlaceRecorder();
  const headNouns = createHeadNouns(vocabulary, stored?.headNouns);
  const scorer = createBm25f(vocabulary, stored?.lengths);
  let current = stored?.current ?? new Uint8Array(64);
  let live = current.reduce((sum, segment) => sum + (segment === 0 ? 0 : 1), 0);
  let immutable: Segment[] = (stored?.segments ?? []).map(createImmutableSegment);
  let mutable: MutableSegment = createMutableSegment(unusedId(immutable));
  let mutableDocuments = 0;
  /** By document, of its texts: saving a price alone changes none of them. */
  let fingerprints = stored?.fingerprints ?? new Float64Array(64);
  const brands = new Set<string>();
  const brandTerms = new Set<number>();
  let merging = false;
  let readCount = 0;
  let changes = 0;
  let lastId = 2;
  /** During a first fill. */
  let builder: { readonly id: number; readonly postings: SegmentBuilder; last: number } | null = stored
    ? null
    : { id: 2, postings: createSegmentBuilder(), last: -1 };

  function nextId(): number {
    const inUse = new Set([...immutable.map((segment) => segment.id), mutable.id, builder?.id]);
    do lastId = (lastId % 255) + 1;
    while (inUse.has(lastId));
    return lastId;
  }

  function addBrand(brand: string): void {
    if (brands.has(brand)) return;
    brands.add(brand);
    for (const position of vocabulary.tokenizeValue(brand).positions)
      brandTerms.add(vocabulary.termOf(idAt(position)));
  }

  /** Terms in place of words, so that queries need no second look-up. */
  function termsAt(positions: readonly number[]): number[] {
    return positions.slice(0, forwardPositionsMax).map((position) => {
      const wordId = idAt(position);
      const flags = position & (boundaryFlag | purposeFlag);
      const functional = vocabulary.isFunctional(wordId) ? functionalFlag : 0;
      return (vocabulary.termOf(wordId) | flags | functional) >>> 0;
    });
  }

  function recordPlaces(title: readonly number[], kinds: readonly number[]): void {
    places.clear();
    for (let i = 0; i < title.length && i < forwardPositionsMax; i++)
      places.title(vocabulary.termOf(idAt(title[i]!)), i);
    for (const [i, position] of kinds.entries()) {
      const next = kinds[i + 1];
      if (next === undefined || isBoundary(next)) places.kind(vocabulary.termOf(idAt(position)));
    }
  }

  /** Ends a first fill. Its documents are not found before. */
  function* commit(): Sliced {
    if (!builder) return;
    const { id, postings } = builder;
    builder = null;
    immutable = [yield* postings.build(id, vocabulary.termCount())];
  }

  function* settled(): Sliced {
    yield* commit();
    yield* vocabulary.settle();
  }

  return {
    vocabulary,
    titleTerms,
    descriptions,
    headNouns,
    brandTerms,
    current: () => current,
    segments() {
      runNow(commit());
      return mutable.postings() > 0 ? [...immutable, mutable] : immutable;
    },
    documents: () => live,
    readTexts: () => readCount,
    put(document, texts) {
      addBrand(texts.brand);
      const print = fingerprint(JSON.stringify(texts));
      if (document < current.length && current[document] !== 0 && fingerprints[document] === print) return;
      fingerprints = ensureCapacity(Float64Array, fingerprints, document + 1);
      fingerprints[document] = print;
      readCount++;
      changes++;
      scorer.begin();
      const title: number[] = [];
      scorer.add('title', [texts.title], title);
      scorer.add('brand', [texts.brand]);
      scorer.add('codes', texts.codes);
      const kinds: number[] = [];
      scorer.add('kinds', texts.kinds, kinds);
      scorer.add('ancestors', texts.ancestors);
      scorer.add('attributes', texts.attributes);
      const description: number[] = [];
      scorer.add('description', [texts.description], description);
      descriptions.set(document, termsAt(description));
      titleTerms.set(document, termsAt(title));
      headNouns.learn(title, texts.qualifiers, texts.brand);
      recordPlaces(title, kinds);

      current = ensureCapacity(Uint8Array, current, document + 1);
      if (current[document] === 0) live++;
      if (current[document] === mutable.id) mutable.drop(document);
      // A second version within one segment would count twice, and the lists of a builder ascend. So it goes to the mutable segment.
      const first = builder !== null && document > builder.last ? builder : null;
      if (first) first.last = document;
      else mutableDocuments++;
      const into = first?.postings ?? mutable;
      current[document] = first?.id ?? mutable.id;
      scorer.take((term, weight) => into.add(term, document, weight, places.of(term)));
    },
    remove(document) {
      if (document >= current.length || current[document] === 0) return;
      changes++;
      if (current[document] === mutable.id) mutable.drop(document);
      current[document] = 0;
      live--;
    },
    documentFrequency(term) {
      runNow(commit());
      let sum = lengthOf(mutable.list(term));
      for (const segment of immutable) sum += lengthOf(segment.list(term));
      return sum;
    },
    needsMerge: () => !merging && mutableDocuments > mutableDocumentsMax,
    *merge() {
      if (builder) {
        yield* settled();
        return;
      }
      merging = true;
      changes++;
      try {
        const sources = mutable.postings() > 0 ? [...immutable, mutable] : immutable;
        mutable = createMutableSegment(nextId());
        immutable = sources;
        mutableDocuments = 0;
        const merged = yield* mergeSegments(
          nextId(),
          sources,
          vocabulary.termCount(),
          (segment, document) => current[document] === segment.id,
        );
        const sourceIds = new Set(sources.map((segment) => segment.id));
        for (let document = 0; document < current.length; document++) {
          if (sourceIds.has(current[document]!)) current[document] = merged.id;
        }
        immutable = [merged, ...immutable.filter((segment) => !sourceIds.has(segment.id))];
        yield;
        yield* vocabulary.settle();
      } finally {
        merging = false;
      }
    },
    *restore() {
      if (stored) yield* vocabulary.restore(stored.vocabulary);
    },
    *save() {
      if (merging) return null;
      if (builder) yield* settled();
      const before = changes;
      const savedVocabulary = vocabulary.save();
      yield;
      const saved = {
        vocabulary: savedVocabulary,
        titleTerms: yield* titleTerms.save(),
        descriptions: yield* descriptions.save(),
        headNouns: headNouns.save(),
        lengths: scorer.save(),
        current: current.map((segment) => (segment === mutable.id ? 0 : segment)),
        fingerprints: fingerprints.slice(),
        segments: immutable.flatMap((segment) => segment.save() ?? []),
      };
      return changes === before && !merging ? saved : null;
    },
  };
}

function unusedId(segments: readonly Segment[]): number {
  let id = 1;
  while (segments.some((segment) => segment.id === id)) id++;
  return id;
}

function lengthOf(list: PostingList | null): number {
  return list ? list.end - list.start : 0;
}
