import { createRows, grownBytes, grownDoubles, type Rows, type StoredRows } from './growable.js';
import { createHeads, type Heads, type StoredHeads } from './heads.js';
import type { Language } from './language.js';
import { createMarker, inKind, isKind } from './marks.js';
import { breakBit, forBit, plainBit, startsNew, wordAt } from './places.js';
import {
  createFrozenSegment,
  createGrowingSegment,
  createSegmentBuilder,
  type GrowingSegment,
  mergeSegments,
  type PostingList,
  type Segment,
  type SegmentBuilder,
  type StoredSegment,
} from './postings.js';
import type { Stored } from './snapshot-file.js';
import { createSpelling, type Spelling, type StoredSpelling } from './spelling.js';
import { createWeigher, forwardPlacesMax, type Texts } from './weigher.js';
import { createWords, type StoredWords, type Words } from './words.js';

const growingDocumentsMax = 2_000;

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
  readonly heads: Heads;
  documents(): number;
  /** How many texts were read since it was created. */
  readTexts(): number;
  put(document: number, texts: Texts): void;
  remove(document: number): void;
  /** How many documents hold a term, older versions counted too. */
  documentFrequency(term: number): number;
  /** Whether enough has changed for a merge. */
  isGrown(): boolean;
  /** Merges; yields between slices of work. One at a time. */
  merge(): Generator<void>;
  /** Takes up the words of what was saved, before anything else. Yields between slices of work. */
  restore(): Generator<void>;
  /**
   * All that is packed, to be kept; what changed since counts as not there. null while it is filled or merged, or when it changed
   * on the way. Yields between slices of work.
   */
  save(): Generator<void, StoredTextIndex | null>;
  bytes(): number;
}

export interface StoredTextIndex {
  readonly words: StoredWords;
  readonly spelling: StoredSpelling;
  readonly titles: StoredRows;
  readonly titleTerms: StoredRows;
  readonly descriptions: StoredRows;
  readonly heads: StoredHeads;
  readonly lengths: Float64Array<ArrayBuffer>;
  readonly current: Uint8Array<ArrayBuffer>;
  readonly prints: Float64Array<ArrayBuffer>;
  readonly segments: readonly StoredSegment[];
  readonly [name: string]: Stored;
}

export function createTextIndex(language: Language, stored?: StoredTextIndex): TextIndex {
  const words = createWords(language);
  const spelling = createSpelling(words);
  const titles = createRows(stored?.titles);
  const titleTerms = createRows(stored?.titleTerms);
  const descriptions = createRows(stored?.descriptions);
  const marker = createMarker();
  const heads = createHeads(words, stored?.heads);
  const weigher = createWeigher(words, stored?.lengths);
  let current = stored?.current ?? new Uint8Array(64);
  let live = current.reduce((sum, segment) => sum + (segment === 0 ? 0 : 1), 0);
  let frozen: Segment[] = (stored?.segments ?? []).map(createFrozenSegment);
  let growing: GrowingSegment = createGrowingSegment(growingId(frozen));
  let growingDocuments = 0;
  /** Of a document's texts: saving a price alone changes none of them. */
  let prints = stored?.prints ?? new Float64Array(64);
  let merging = false;
  let readCount = 0;
  let changes = 0;
  let lastId = 2;
  /** While the index is first filled: postings are gathered and transposed once. */
  let builder: { readonly id: number; readonly gathered: SegmentBuilder; last: number } | null = stored
    ? null
    : { id: 2, gathered: createSegmentBuilder(), last: -1 };

  function nextId(): number {
    const inUse = new Set([...frozen.map((segment) => segment.id), growing.id, builder?.id]);
    do lastId = (lastId % 255) + 1;
    while (inUse.has(lastId));
    return lastId;
  }

  /** Terms in the place of words, so that reading them in a query needs no second look. */
  function termsAt(places: readonly number[]): number[] {
    return places.slice(0, forwardPlacesMax).map((place) => {
      const wordId = wordAt(place);
      const marks = (place & (breakBit | forBit)) | (words.flagsOf(wordId) === 0 ? 0 : plainBit);
      return (words.termOf(wordId) | marks) >>> 0;
    });
  }

  /** Notes where the words of a document stand; of the names of kinds, the last word says what it is. */
  function mark(title: readonly number[], description: readonly number[], kinds: readonly number[]): void {
    marker.clear();
    for (let i = 0; i < title.length && i < forwardPlacesMax; i++)
      marker.title(words.termOf(wordAt(title[i]!)), i);
    for (let i = 0; i < description.length && i < forwardPlacesMax; i++)
      marker.description(words.termOf(wordAt(description[i]!)), i);
    for (const [i, place] of kinds.entries()) {
      const next = kinds[i + 1];
      marker.kind(words.termOf(wordAt(place)), next === undefined || startsNew(next) ? isKind : inKind);
    }
  }

  /** Until it is through, what was gathered is not found: a first fill is not searched before. */
  function* sealing(): Generator<void> {
    if (!builder) return;
    const { id, gathered } = builder;
    builder = null;
    frozen = [yield* gathered.build(id, words.termCount())];
  }

  function seal(): void {
    for (const working = sealing(); !working.next().done; );
  }

  return {
    words,
    spelling,
    titles,
    titleTerms,
    descriptions,
    heads,
    current: () => current,
    segments() {
      if (builder) seal();
      return growing.postings() > 0 ? [...frozen, growing] : frozen;
    },
    documents: () => live,
    readTexts: () => readCount,
    put(document, texts) {
      const print = fingerprint(texts);
      if (document < current.length && current[document] !== 0 && prints[document] === print) return;
      prints = grownDoubles(prints, document + 1);
      prints[document] = print;
      readCount++;
      changes++;
      weigher.begin();
      const titlePlaces: number[] = [];
      weigher.add('title', [texts.title], titlePlaces);
      weigher.add('brand', [texts.brand]);
      weigher.add('codes', texts.codes);
      const kindPlaces: number[] = [];
      weigher.add('kinds', texts.kinds, kindPlaces);
      weigher.add('ancestors', texts.ancestors);
      weigher.add('attributes', texts.attributes);
      const descriptionPlaces: number[] = [];
      weigher.add('description', [texts.description], descriptionPlaces);
      descriptions.set(document, termsAt(descriptionPlaces));
      titles.set(document, titlePlaces, Math.min(titlePlaces.length, forwardPlacesMax));
      titleTerms.set(document, termsAt(titlePlaces));
      heads.observe(titlePlaces, texts.qualifiers, texts.brand);
      mark(titlePlaces, descriptionPlaces, kindPlaces);

      current = grownBytes(current, document + 1);
      if (current[document] === 0) live++;
      if (current[document] === growing.id) growing.drop(document);
      // A second version within one segment would count twice, and its lists ascend: what comes again goes to another one.
      const first = builder !== null && document > builder.last ? builder : null;
      if (first) first.last = document;
      const into = first?.gathered ?? growing;
      current[document] = first?.id ?? growing.id;
      if (!first) growingDocuments++;
      weigher.take((term, impact) => into.add(term, document, impact, marker.of(term)));
    },
    remove(document) {
      if (document >= current.length || current[document] === 0) return;
      changes++;
      if (current[document] === growing.id) growing.drop(document);
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
        yield* sealing();
        yield* words.settle();
        yield;
        yield* spelling.settle();
        return;
      }
      merging = true;
      changes++;
      try {
        const sources = growing.postings() > 0 ? [...frozen, growing] : frozen;
        growing = createGrowingSegment(nextId());
        frozen = sources;
        growingDocuments = 0;
        yield* words.settle();
        yield;
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
    *restore() {
      if (!stored) return;
      yield* words.restore(stored.words);
      spelling.restore(stored.spelling);
    },
    *save() {
      if (builder || merging) return null;
      const before = changes;
      const savedWords = words.save();
      yield;
      const saved = {
        words: savedWords,
        spelling: spelling.save(),
        titles: yield* titles.save(),
        titleTerms: yield* titleTerms.save(),
        descriptions: yield* descriptions.save(),
        heads: heads.save(),
        lengths: weigher.save(),
        current: current.map((segment) => (segment === growing.id ? 0 : segment)),
        prints: prints.slice(),
        segments: frozen.flatMap((segment) => segment.save() ?? []),
      };
      return changes === before && !merging ? saved : null;
    },
    bytes: () =>
      words.bytes() +
      spelling.bytes() +
      titles.bytes() +
      titleTerms.bytes() +
      descriptions.bytes() +
      current.length +
      [...frozen, growing].reduce((sum, segment) => sum + segment.bytes(), 0),
  };
}

function growingId(frozen: readonly Segment[]): number {
  let id = 1;
  while (frozen.some((segment) => segment.id === id)) id++;
  return id;
}

function lengthOf(list: PostingList | null): number {
  return list ? list.end - list.start : 0;
}

/** 53 bits of two FNV-1a hashes. */
function fingerprint(texts: Texts): number {
  let low = 0x811c9dc5;
  let high = 0x01000193;
  for (const value of Object.values(texts) as (string | readonly string[])[]) {
    for (const text of typeof value === 'string' ? [value] : value) {
      for (let i = 0; i < text.length; i++) {
        const code = text.charCodeAt(i);
        low = Math.imul(low ^ code, 0x01000193);
        high = Math.imul(high ^ code, 0x85ebca6b);
      }
      low = Math.imul(low ^ 0xffff, 0x01000193);
    }
    high = Math.imul(high ^ 0xfffe, 0x85ebca6b);
  }
  return (low >>> 0) * 0x200000 + ((high >>> 0) & 0x1fffff);
}
