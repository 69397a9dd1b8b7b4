import { spellingIn } from '../../shared/phrases.js';
import type { Columns } from '../index/columns.js';
import type { TextIndex } from '../index/text-index.js';
import { documentsWith } from './phrases.js';

/** The spelling of a word is looked up in this many products. */
const spelledBySome = 5;

/** The spelling of a folded word in some products, in their titles if it is there. */
export function spellingOf(
  word: string,
  columns: Columns,
  indexes: readonly TextIndex[],
  locale: string,
): string {
  for (const index of indexes) {
    const documents = documentsWith(index, index.vocabulary.termOfWord(word), spelledBySome);
    const titles = documents.map((document) => columns.titles.of(document, locale));
    const spelling =
      spellingIn(titles, word) ??
      spellingIn(
        documents.flatMap((document) => columns.textsOf(document)),
        word,
      );
    if (spelling !== null) return spelling;
  }
  return word;
}
