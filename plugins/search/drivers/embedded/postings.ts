import { grownBytes, grownHalves, grownNumbers } from './growable.js';

/** Which documents hold a term, and how much it weighs there (0 … 255, saturated). */
export interface PostingList {
  readonly documents: Uint32Array;
  readonly impacts: Uint8Array;
  /** Where it stands there (`marks.ts`). */
  readonly marks: Uint16Array;
  readonly start: number;
  readonly end: number;
}

/**
 * Postings of a set of documents. A document's newest version is in exactly one segment; what older segments
 * still hold of it is skipped by the reader (`TextIndex.current`).
 */
export interface Segment {
  readonly id: number;
  /** Whether documents ascend in every list. */
  readonly sorted: boolean;
  list(term: number): PostingList | null;
  postings(): number;
  /** null for one that still grows. */
  save(): StoredSegment | null;
  bytes(): number;
}

export interface StoredSegment {
  readonly id: number;
  readonly starts: Uint32Array<ArrayBuffer>;
  readonly documents: Uint32Array<ArrayBuffer>;
  readonly impacts: Uint8Array<ArrayBuffer>;
  readonly marks: Uint16Array<ArrayBuffer>;
  readonly [name: string]:
    | number
    | Uint8Array<ArrayBuffer>
    | Uint16Array<ArrayBuffer>
    | Uint32Array<ArrayBuffer>;
}

/** Takes documents up, a posting at a time. */
export interface GrowingSegment extends Segment {
  add(term: number, document: number, impact: number, marks: number): void;
  /** Forgets a document's postings, so that its next version can be added. */
  drop(document: number): void;
}

export function createGrowingSegment(id: number): GrowingSegment {
  interface Growing {
    documents: Uint32Array<ArrayBuffer>;
    impacts: Uint8Array<ArrayBuffer>;
    marks: Uint16Array<ArrayBuffer>;
    start: number;
    end: number;
  }
  const lists = new Map<number, Growing>();
  const termsOf = new Map<number, number[]>();
  let count = 0;
  return {
    id,
    sorted: false,
    list: (term) => lists.get(term) ?? null,
    postings: () => count,
    save: () => null,
    bytes: () => lists.size * 120 + count * 28,
    drop(document) {
      for (const term of termsOf.get(document) ?? []) {
        const list = lists.get(term)!;
        const at = list.documents.subarray(0, list.end).indexOf(document);
        list.end--;
        list.documents[at] = list.documents[list.end]!;
        list.impacts[at] = list.impacts[list.end]!;
        list.marks[at] = list.marks[list.end]!;
        count--;
      }
      termsOf.delete(document);
    },
    add(term, document, impact, marks) {
      const terms = termsOf.get(document);
      if (terms) terms.push(term);
      else termsOf.set(document, [term]);
      let list = lists.get(term);
      if (!list) {
        list = {
          documents: new Uint32Array(4),
          impacts: new Uint8Array(4),
          marks: new Uint16Array(4),
          start: 0,
          end: 0,
        };
        lists.set(term, list);
      }
      if (list.end === list.documents.length) {
        list.documents = grownNumbers(list.documents, list.end + 1);
        list.impacts = grownBytes(list.impacts, list.end + 1);
        list.marks = grownHalves(list.marks, list.end + 1);
      }
      list.documents[list.end] = document;
      list.impacts[list.end] = impact;
      list.marks[list.end++] = marks;
      count++;
    },
  };
}

/** Gathers many documents one after another and transposes them in one go: how an index is built at the start. */
export interface SegmentBuilder {
  add(term: number, document: number, impact: number, marks: number): void;
  build(id: number, terms: number): Generator<void, Segment>;
}

const postingsPerSlice = 50_000;

export function createSegmentBuilder(): SegmentBuilder {
  interface Block {
    readonly terms: Uint32Array;
    readonly documents: Uint32Array;
    readonly impacts: Uint8Array;
    readonly marks: Uint16Array;
  }
  const blocks: Block[] = [];
  let last: Block | null = null;
  let used = postingsPerSlice;
  return {
    add(term, document, impact, marks) {
      if (!last || used === postingsPerSlice) {
        last = {
          terms: new Uint32Array(postingsPerSlice),
          documents: new Uint32Array(postingsPerSlice),
          impacts: new Uint8Array(postingsPerSlice),
          marks: new Uint16Array(postingsPerSlice),
        };
        blocks.push(last);
        used = 0;
      }
      last.terms[used] = term;
      last.documents[used] = document;
      last.impacts[used] = impact;
      last.marks[used++] = marks;
    },
    *build(id, termCount) {
      const starts = new Uint32Array(termCount + 1);
      const usedOf = (block: Block): number => (block === last ? used : postingsPerSlice);
      let count = 0;
      for (const block of blocks) {
        const { terms } = block;
        const end = usedOf(block);
        for (let i = 0; i < end; i++) starts[terms[i]! + 1]!++;
        count += end;
        yield;
      }
      for (let term = 0; term < termCount; term++) starts[term + 1]! += starts[term]!;
      const next = starts.slice(0, termCount);
      const outDocuments = new Uint32Array(count);
      const outImpacts = new Uint8Array(count);
      const outMarks = new Uint16Array(count);
      yield;
      for (const block of blocks) {
        const { terms, documents, impacts, marks } = block;
        const end = usedOf(block);
        for (let i = 0; i < end; i++) {
          const at = next[terms[i]!]!++;
          outDocuments[at] = documents[i]!;
          outImpacts[at] = impacts[i]!;
          outMarks[at] = marks[i]!;
        }
        yield;
      }
      return createFrozenSegment({
        id,
        starts,
        documents: outDocuments,
        impacts: outImpacts,
        marks: outMarks,
      });
    },
  };
}

export function createFrozenSegment(stored: StoredSegment): Segment {
  const { id, starts, documents, impacts, marks } = stored;
  return {
    id,
    sorted: true,
    list(term) {
      if (term + 1 >= starts.length) return null;
      const start = starts[term]!;
      const end = starts[term + 1]!;
      return end > start ? { documents, impacts, marks, start, end } : null;
    },
    postings: () => documents.length,
    save: () => stored,
    bytes: () => starts.byteLength + documents.byteLength + impacts.byteLength + marks.byteLength,
  };
}

/** The place of the first document from `from` on that is not before another; `end` for none. Near places are found sooner. */
export function seek(documents: Uint32Array, from: number, end: number, document: number): number {
  let step = 1;
  let low = from;
  let high = from;
  while (high < end && documents[high]! < document) {
    low = high + 1;
    high += step;
    step *= 2;
  }
  if (high > end) high = end;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (documents[middle]! < document) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** One segment of what is current in several. `keeps` is asked once for each posting. Yields between slices of work. */
export function* mergeSegments(
  id: number,
  segments: readonly Segment[],
  terms: number,
  keeps: (segment: Segment, document: number) => boolean,
): Generator<void, Segment> {
  const most = segments.reduce((sum, segment) => sum + segment.postings(), 0);
  const starts = new Uint32Array(terms + 1);
  const documents = new Uint32Array(most);
  const impacts = new Uint8Array(most);
  const marks = new Uint16Array(most);
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
        impacts[at] = list.impacts[i]!;
        marks[at++] = list.marks[i]!;
      }
      if (before > starts[term]! || !segment.sorted)
        slice += mergeTail({ documents, impacts, marks }, starts[term]!, before, at);
    }
    if (++slice >= postingsPerSlice) {
      slice = 0;
      yield;
    }
  }
  starts[terms] = at;
  return createFrozenSegment({
    id,
    starts,
    documents: documents.subarray(0, at),
    impacts: impacts.subarray(0, at),
    marks: marks.subarray(0, at),
  });
}

const impactFactor = 2 ** 16;
const documentFactor = 2 ** 24;

interface Columns {
  readonly documents: Uint32Array;
  readonly impacts: Uint8Array;
  readonly marks: Uint16Array;
}

/** Brings a list whose documents ascend until `middle` into order as a whole. Answers how many postings were moved. */
function mergeTail(
  { documents, impacts, marks }: Columns,
  start: number,
  middle: number,
  end: number,
): number {
  const tail = new Float64Array(end - middle);
  for (let i = middle; i < end; i++)
    tail[i - middle] = documents[i]! * documentFactor + impacts[i]! * impactFactor + marks[i]!;
  tail.sort();
  let at = end - 1;
  let head = middle - 1;
  for (let i = tail.length - 1; i >= 0; i--) {
    const document = Math.floor(tail[i]! / documentFactor);
    for (; head >= start && documents[head]! > document; head--, at--) {
      documents[at] = documents[head]!;
      impacts[at] = impacts[head]!;
      marks[at] = marks[head]!;
    }
    const rest = tail[i]! - document * documentFactor;
    documents[at] = document;
    impacts[at] = rest / impactFactor;
    marks[at--] = rest % impactFactor;
  }
  return end - at;
}
