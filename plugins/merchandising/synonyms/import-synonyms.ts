import { setImmediate as nextTurn } from 'node:timers/promises';
import { describeError, RapportError } from '../../../src/errors.js';
import type { Merchandising, SynonymFormat } from '../../../src/ports/merchandising.js';
import { type ReadSynonym, readSynonyms, type SynonymLoss } from './synonym-files.js';

const textCharsMax = 2_000_000;
const synonymsMax = 10_000;
const lossesMax = 1_000;
/** Synonyms that are checked and saved in one turn: a few milliseconds. */
const sliceSize = 200;

export interface ImportArgs {
  readonly format: SynonymFormat;
  readonly text: string;
  readonly locale?: string | null;
}

/** Saves the synonyms of a file that are not there yet. What is saved stays, if the rest has faults. */
export async function importSynonyms(merchandising: Merchandising, { format, text, locale }: ImportArgs) {
  if (text.length > textCharsMax)
    throw refused(`${text.length} characters; at most ${textCharsMax} are allowed`);
  const { synonyms, losses } = read(format, text);
  if (synonyms.length > synonymsMax)
    throw refused(`${synonyms.length} synonyms; at most ${synonymsMax} are allowed`);
  const found: SynonymLoss[] = [...losses];
  let [saved, unchanged] = [0, 0];
  for (let from = 0; from < synonyms.length; from += sliceSize) {
    const slice: ReadSynonym[] = [];
    for (const each of synonyms.slice(from, from + sliceSize)) {
      const input = { locale: locale ?? '*', ...each.input };
      if (merchandising.isSaved(input)) unchanged++;
      else slice.push({ line: each.line, input });
    }
    const result = await merchandising.saveSynonyms(slice.map(({ input }) => input));
    saved += result.saved.length;
    for (const { path, message } of result.userErrors)
      found.push({ line: slice[Number(path[1])]!.line, message });
    await nextTurn();
  }
  found.sort((a, b) => a.line - b.line);
  return { saved, unchanged, losses: found.slice(0, lossesMax), userErrors: [] };
}

function read(format: SynonymFormat, text: string): ReturnType<typeof readSynonyms> {
  try {
    return readSynonyms(format, text);
  } catch (error) {
    throw refused(describeError(error).message);
  }
}

function refused(what: string): RapportError {
  return new RapportError('invalid', 'MERCHANDISING_SYNONYM_FILE', `text: ${what}`, { path: ['text'] });
}
