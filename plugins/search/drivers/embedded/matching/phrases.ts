import type { JaggedRows } from '../../../../../src/kit/jagged-rows.js';
import type { Columns } from '../index/columns.js';
import type { TextIndex } from '../index/text-index.js';
import { idAt } from '../tokens/token-flags.js';
import { tokenize } from '../tokens/tokenizer.js';
import type { Test } from './filter.js';
import type { QueryWords } from './query-words.js';

/** The test of what stands in quotes and after a minus; null if nothing does. */
export function phraseTest(
  columns: Columns,
  index: TextIndex,
  { phrases, excluded }: QueryWords,
): Test | null {
  if (phrases.length === 0 && excluded.length === 0) return null;
  const wanted = phrases.map((text) => holder(columns, index, text));
  const unwanted = excluded.map((text) => holder(columns, index, text));
  return (document) => wanted.every((holds) => holds(document)) && !unwanted.some((holds) => holds(document));
}

/** A word may be anywhere; several stand one after another in the title, the beginning of the description, the brand or an attribute. */
function holder(columns: Columns, index: TextIndex, text: string): Test {
  const { titleTerms, descriptions, vocabulary } = index;
  const termsIn = (words: string): number[] =>
    words
      .split(/\s+/u)
      .flatMap((word) => tokenize(word))
      .flatMap(({ parts, whole }) => (parts.length > 0 ? parts : [whole]))
      .map((word) => vocabulary.termOfWord(word));
  const terms = termsIn(text);
  if (terms.includes(-1)) return () => false;
  if (terms.length === 1) {
    const documents = new Set(documentsWith(index, terms[0]!));
    return (document) => documents.has(document);
  }
  const sequence = ` ${terms.join(' ')} `;
  const holds = (others: Iterable<number>): boolean => ` ${[...others].join(' ')} `.includes(sequence);
  const known = new Map<string, boolean>();
  function textHolds(value: string): boolean {
    const held = known.get(value) ?? holds(termsIn(value));
    known.set(value, held);
    return held;
  }
  const rowHolds = (rows: JaggedRows, document: number): boolean =>
    holds(rows.pool(document).subarray(rows.start(document), rows.end(document)).map(idAt));
  return (document) =>
    rowHolds(titleTerms, document) ||
    rowHolds(descriptions, document) ||
    columns.textsOf(document).some(textHolds);
}

/** The documents that have a term, or the first of them. */
export function documentsWith(index: TextIndex, term: number, most = Number.POSITIVE_INFINITY): number[] {
  const found: number[] = [];
  const current = index.current();
  for (const segment of index.segments()) {
    const list = segment.list(term);
    for (let at = list?.start ?? 0; list && at < list.end && found.length < most; at++)
      if (current[list.documents[at]!] === segment.id) found.push(list.documents[at]!);
  }
  return found;
}
