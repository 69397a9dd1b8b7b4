import type { DriverSynonym } from '../../driver.js';

/** Beyond these the engine drops synonyms without a word (its `search/new/limits.rs` and synonym look-up). */
const termWordsMax = 3;
const synonymsPerTermMax = 50;
const synonymWordsMax = 100;

/** What the engine takes: for each term those that it finds too. It knows no languages, so all of them share one table. */
export function synonymTable(synonyms: readonly DriverSynonym[]): Record<string, string[]> {
  const table = new Map<string, Set<string>>();
  const add = (term: string, others: readonly string[]): void => {
    const key = term.toLowerCase().toWellFormed();
    const known = table.get(key) ?? new Set<string>();
    for (const other of others)
      if (other.toLowerCase() !== key) known.add(other.toLowerCase().toWellFormed());
    if (known.size > 0) table.set(key, known);
  };
  for (const { kind, input, terms } of synonyms) {
    if (kind === 'MULTI_WAY') for (const term of terms) add(term, terms);
    else if (input !== null) add(input, terms);
  }
  return Object.fromEntries([...table].map(([term, others]) => [term, [...others]]));
}

/** What the engine will not do with a synonym, given all there are; empty when it takes all of it. */
export function limitsOf(synonym: DriverSynonym, all: readonly DriverSynonym[]): string[] {
  const table = synonymTable(all);
  const sources = synonym.kind === 'ONE_WAY' ? [synonym.input ?? ''] : synonym.terms;
  return sources.flatMap((source) => {
    const others = table[source.toLowerCase()] ?? [];
    const words = others.reduce((sum, other) => sum + wordsIn(other), 0);
    const limits: string[] = [];
    if (wordsIn(source) > termWordsMax) {
      limits.push(`"${source}" has more than ${termWordsMax} words: searching it does not find its synonyms`);
    }
    if (others.length > synonymsPerTermMax) {
      limits.push(
        `"${source}" has ${others.length} synonyms in all: only ${synonymsPerTermMax} of them are used`,
      );
    }
    if (words > synonymWordsMax) {
      limits.push(
        `the synonyms of "${source}" have ${words} words in all: those past ${synonymWordsMax} are not used`,
      );
    }
    return limits;
  });
}

function wordsIn(text: string): number {
  return text.trim().split(/\s+/u).length;
}
