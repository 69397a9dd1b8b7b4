import { ensureCapacity } from '../../../../../src/kit/ensure-capacity.js';
import { eachPiece, type TokenizedText } from '../tokens/token-cache.js';
import { boundaryFlag } from '../tokens/token-flags.js';
import type { Vocabulary } from './vocabulary.js';

interface Field {
  readonly weight: number;
  /** BM25's b: the penalty of long texts, 0 to 1. */
  readonly lengthPenalty: number;
  readonly positionsMax: number;
  /** An average is shrunk to it while there are few documents. */
  readonly typicalLength: number;
}

/** BM25F (S. Robertson, H. Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond", 2009, section 3.6). */
const fields = {
  title: { weight: 3, lengthPenalty: 0.5, positionsMax: 64, typicalLength: 10 },
  brand: { weight: 3, lengthPenalty: 0, positionsMax: 8, typicalLength: 1 },
  codes: { weight: 3, lengthPenalty: 0, positionsMax: 16, typicalLength: 1 },
  kinds: { weight: 2.5, lengthPenalty: 0.3, positionsMax: 32, typicalLength: 2 },
  ancestors: { weight: 0.8, lengthPenalty: 0.3, positionsMax: 32, typicalLength: 3 },
  attributes: { weight: 0.6, lengthPenalty: 0.75, positionsMax: 512, typicalLength: 40 },
  description: { weight: 1, lengthPenalty: 0.75, positionsMax: 512, typicalLength: 40 },
} satisfies Record<string, Field>;
type FieldName = keyof typeof fields;
const fieldNames = Object.keys(fields) as FieldName[];

/** BM25's k1. */
const saturation = 1.2;
/** The number of documents that the typical lengths count for. */
const priorDocuments = 200;
/** Texts are kept in text order up to this position. */
export const forwardPositionsMax = 40;
const valueCharsMax = 80;

/** Computes the term weights of one document after another, over all its fields. */
interface Bm25f {
  /** Begins the next document. */
  begin(): void;
  /** Adds a field. If `positions` is given, the first words of the field go into it in text order, at least 40 of them. */
  add(name: FieldName, texts: readonly string[], positions?: number[]): void;
  /** Calls back with each term of the document and its weight, 1 to 255, and forgets them. */
  take(into: (term: number, weight: number) => void): void;
  /** The number of documents, then the total length of each field. */
  save(): Float64Array<ArrayBuffer>;
}

/** `stored`: average lengths begin as they were saved. */
export function createBm25f(vocabulary: Vocabulary, stored?: Float64Array): Bm25f {
  const totals = Object.fromEntries(
    fieldNames.map((name, i) => [name, stored?.[i + 1] ?? fields[name].typicalLength * priorDocuments]),
  ) as Record<FieldName, number>;
  let documents = stored?.[0] ?? priorDocuments;
  let weights = new Float32Array(1024);
  const touched: number[] = [];
  /** By word id: the current document's number if it holds the word. */
  let lastSeen = new Uint32Array(1024);
  let documentNumber = 0;
  /** Terms of the current field, and what each of their occurrences counts. */
  let terms = new Uint32Array(1024);
  let counts = new Float32Array(1024);
  let termCount = 0;

  /** Returns the number of positions. */
  function takeUp({ wordIds, weights: counted, positions }: TokenizedText): number {
    terms = ensureCapacity(Uint32Array, terms, termCount + wordIds.length);
    counts = ensureCapacity(Float32Array, counts, terms.length);
    for (let i = 0; i < wordIds.length; i++) {
      const wordId = wordIds[i]!;
      lastSeen = ensureCapacity(Uint32Array, lastSeen, wordId + 1);
      if (lastSeen[wordId] !== documentNumber) {
        lastSeen[wordId] = documentNumber;
        vocabulary.countDocument(wordId);
      }
      terms[termCount] = vocabulary.termOf(wordId);
      counts[termCount++] = counted[i]!;
    }
    return positions.length;
  }

  function readField(texts: readonly string[], positionsMax: number, positions?: number[]): number {
    let length = 0;
    for (const text of texts) {
      if (length >= positionsMax) break;
      if (!positions && text.length <= valueCharsMax) {
        length += takeUp(vocabulary.tokenizeValue(text));
        continue;
      }
      let atBoundary = true;
      eachPiece(text, (piece) => {
        if (length >= positionsMax) return;
        const tokenized = vocabulary.tokenize(piece);
        length += takeUp(tokenized);
        if (!positions || positions.length >= forwardPositionsMax) return;
        for (let i = 0; i < tokenized.positions.length; i++) {
          const position = tokenized.positions[i]!;
          positions.push(i === 0 && atBoundary ? (position | boundaryFlag) >>> 0 : position);
        }
        atBoundary = tokenized.endsAtBoundary;
      });
    }
    return length;
  }

  return {
    begin() {
      documentNumber++;
      documents++;
    },
    add(name, texts, positions) {
      const { weight, lengthPenalty, positionsMax }: Field = fields[name];
      termCount = 0;
      const length = readField(texts, positionsMax, positions);
      if (length === 0) return;
      const average = Math.max(totals[name] / documents, 1);
      const norm = weight / (1 - lengthPenalty + (lengthPenalty * length) / average);
      for (let i = 0; i < termCount; i++) {
        const term = terms[i]!;
        weights = ensureCapacity(Float32Array, weights, term + 1);
        if (weights[term] === 0) touched.push(term);
        weights[term] = weights[term]! + norm * counts[i]!;
      }
      totals[name] += length;
    },
    save: () => Float64Array.of(documents, ...fieldNames.map((name) => totals[name])),
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
