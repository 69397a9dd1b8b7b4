import { ensureCapacity } from '../../../../../src/kit/ensure-capacity.js';
import type { Sliced } from '../../../../../src/kit/slices.js';

/** The documents that hold a term, from `start` to `end` (exclusive). */
export interface PostingList {
  readonly documents: Uint32Array;
  /** The term's weight in the document, 1 to 255. */
  readonly weights: Uint8Array;
  /** The term's place in the document (`positions.ts`). */
  readonly places: Uint8Array;
  readonly start: number;
  readonly end: number;
}

/**
 * Postings of a set of documents. The current version of a document is in exactly one segment. Readers skip the versions that older
 * segments still hold (`TextIndex.current`).
 */
export interface Segment {
  readonly id: number;
  /** True if documents ascend in every list. */
  readonly sorted: boolean;
  list(term: number): PostingList | null;
  postings(): number;
  /** null for a mutable one. */
  save(): StoredSegment | null;
}

export type StoredSegment = {
  readonly id: number;
  readonly starts: Uint32Array<ArrayBuffer>;
  readonly documents: Uint32Array<ArrayBuffer>;
  readonly weights: Uint8Array<ArrayBuffer>;
  readonly places: Uint8Array<ArrayBuffer>;
};

/** Takes up documents, posting by posting. */
export interface MutableSegment extends Segment {
  add(term: number, document: number, weight: number, place: number): void;
  /** Removes a document's postings, so that its next version can be added. */
  drop(document: number): void;
}

export function createMutableSegment(id: number): MutableSegment {
  interface MutableList {
    documents: Uint32Array<ArrayBuffer>;
    weights: Uint8Array<ArrayBuffer>;
    places: Uint8Array<ArrayBuffer>;
    start: number;
    end: number;
  }
  const lists = new Map<number, MutableList>();
  const termsOf = new Map<number, number[]>();
  let count = 0;

  function listOf(term: number): MutableList {
    let list = lists.get(term);
    if (!list) {
      list = {
        documents: new Uint32Array(4),
        weights: new Uint8Array(4),
        places: new Uint8Array(4),
        start: 0,
        end: 0,
      };
      lists.set(term, list);
    }
    return list;
  }

  return {
    id,
    sorted: false,
    list: (term) => lists.get(term) ?? null,
    postings: () => count,
    save: () => null,
    drop(document) {
      for (const term of termsOf.get(document) ?? []) {
        const list = lists.get(term)!;
        const at = list.documents.subarray(0, list.end).indexOf(document);
        list.end--;
        list.documents[at] = list.documents[list.end]!;
        list.weights[at] = list.weights[list.end]!;
        list.places[at] = list.places[list.end]!;
        count--;
      }
      termsOf.delete(document);
    },
    add(term, document, weight, place) {
      const terms = termsOf.get(document);
      if (terms) terms.push(term);
      else termsOf.set(document, [term]);
      const list = listOf(term);
      list.documents = ensureCapacity(Uint32Array, list.documents, list.end + 1);
      list.weights = ensureCapacity(Uint8Array, list.weights, list.end + 1);
      list.places = ensureCapacity(Uint8Array, list.places, list.end + 1);
      list.documents[list.end] = document;
      list.weights[list.end] = weight;
      list.places[list.end++] = place;
      count++;
    },
  };
}

/** Gathers the postings of many documents and sorts them by term in one pass: the first fill of an index. */
export interface SegmentBuilder {
  add(term: number, document: number, weight: number, place: number): void;
  build(id: number, terms: number): Sliced<Segment>;
}

const postingsPerSlice = 50_000;

export function createSegmentBuilder(): SegmentBuilder {
  interface Block {
    readonly terms: Uint32Array;
    readonly documents: Uint32Array;
    readonly weights: Uint8Array;
    readonly places: Uint8Array;
  }
  const blocks: Block[] = [];
  let last: Block | null = null;
  let used = postingsPerSlice;
  return {
    add(term, document, weight, place) {
      if (!last || used === postingsPerSlice) {
        last = {
          terms: new Uint32Array(postingsPerSlice),
          documents: new Uint32Array(postingsPerSlice),
          weights: new Uint8Array(postingsPerSlice),
          places: new Uint8Array(postingsPerSlice),
        };
        blocks.push(last);
        used = 0;
      }
      last.terms[used] = term;
      last.documents[used] = document;
      last.weights[used] = weight;
      last.places[used++] = place;
    },
    *build(id, termCount) {
      const starts = new Uint32Array(termCount + 1);
      const usedOf = (block: Block): number => (block === last ? used : postingsPerSlice);
      let count = 0;
      for (const block of blocks) {
        const end = usedOf(block);
        for (let i = 0; i < end; i++) starts[block.terms[i]! + 1]!++;
        count += end;
        yield;
      }
      for (let term = 0; term < termCount; term++) starts[term + 1]! += starts[term]!;
      const next = starts.slice(0, termCount);
      const documents = new Uint32Array(count);
      const weights = new Uint8Array(count);
      const places = new Uint8Array(count);
      yield;
      for (const block of blocks) {
        const end = usedOf(block);
        for (let i = 0; i < end; i++) {
          const at = next[block.terms[i]!]!++;
          documents[at] = block.documents[i]!;
          weights[at] = block.weights[i]!;
          places[at] = block.places[i]!;
        }
        yield;
      }
      return createImmutableSegment({ id, starts, documents, weights, places });
    },
  };
}

export function createImmutableSegment(stored: StoredSegment): Segment {
  const { id, starts, documents, weights, places } = stored;
  return {
    id,
    sorted: true,
    list(term) {
      if (term + 1 >= starts.length) return null;
      const start = starts[term]!;
      const end = starts[term + 1]!;
      return end > start ? { documents, weights, places, start, end } : null;
    },
    postings: () => documents.length,
    save: () => stored,
  };
}

/** One segment of the current postings of several. `keeps` is called once for each posting. */
export function* mergeSegments(
  id: number,
  segments: readonly Segment[],
  terms: number,
  keeps: (segment: Segment, document: number) => boolean,
): Sliced<Segment> {
  const most = segments.reduce((sum, segment) => sum + segment.postings(), 0);
  const starts = new Uint32Array(terms + 1);
  const documents = new Uint32Array(most);
  const weights = new Uint8Array(most);
  const places = new Uint8Array(most);
  yield;
  let at = 0;
  let slice = 0;
  for (let term = 0; term < terms; term++) {
    starts[term] = at;
    for (const segment of segments) {
      const list = segment.list(term);
      if (!list) continue;
      const before = at;
      slice += list.end - list.start;
      for (let i = list.start; i < list.end; i++) {
        const document = list.documents[i]!;
        if (!keeps(segment, document)) continue;
        documents[at] = document;
        weights[at] = list.weights[i]!;
        places[at++] = list.places[i]!;
      }
      if (before > starts[term]! || !segment.sorted)
        slice += mergeTail({ documents, weights, places }, starts[term]!, before, at);
    }
    if (++slice >= postingsPerSlice) {
      slice = 0;
      yield;
    }
  }
  starts[terms] = at;
  return createImmutableSegment({
    id,
    starts,
    documents: documents.subarray(0, at),
    weights: weights.subarray(0, at),
    places: places.subarray(0, at),
  });
}

const weightFactor = 2 ** 8;
const documentFactor = 2 ** 16;

/** Sorts a list whose documents ascend until `middle`. Returns the number of postings that were moved. */
function mergeTail(
  { documents, weights, places }: Pick<StoredSegment, 'documents' | 'weights' | 'places'>,
  start: number,
  middle: number,
  end: number,
): number {
  const tail = new Float64Array(end - middle);
  for (let i = middle; i < end; i++)
    tail[i - middle] = documents[i]! * documentFactor + weights[i]! * weightFactor + places[i]!;
  tail.sort();
  let at = end - 1;
  let head = middle - 1;
  for (let i = tail.length - 1; i >= 0; i--) {
    const document = Math.floor(tail[i]! / documentFactor);
    for (; head >= start && documents[head]! > document; head--, at--) {
      documents[at] = documents[head]!;
      weights[at] = weights[head]!;
      places[at] = places[head]!;
    }
    const rest = tail[i]! - document * documentFactor;
    documents[at] = document;
    weights[at] = rest / weightFactor;
    places[at--] = rest % weightFactor;
  }
  return end - at;
}
