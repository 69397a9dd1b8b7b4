import type { Synonym } from '../../../src/ports/merchandising.js';
import { foldedTerm, type SynonymDraft } from './synonym-input.js';

type Meaning = Pick<Synonym, 'kind' | 'input' | 'terms' | 'locale'>;

/** All synonyms, in the order of their ids. A change takes as long with ten thousand of them as with one. */
export interface SynonymList {
  /** The same array until a synonym changes. */
  all(): readonly Synonym[];
  get(id: string): Synonym | undefined;
  has(id: string): boolean;
  size(): number;
  put(synonym: Synonym): void;
  remove(id: string): void;
  /** The id of another synonym of the same language with the same terms; null without one. */
  twinOf(draft: SynonymDraft): string | null;
  /** Equal for synonyms that mean the same. */
  meaningOf(synonym: Meaning): string;
}

export function createSynonymList(): SynonymList {
  const byId = new Map<string, Synonym>();
  const idsByMeaning = new Map<string, Set<string>>();
  let sorted: readonly Synonym[] | null = null;

  function forget(id: string): void {
    const before = byId.get(id);
    if (!before) return;
    byId.delete(id);
    const meaning = meaningOf(before);
    const ids = idsByMeaning.get(meaning);
    ids?.delete(id);
    if (ids?.size === 0) idsByMeaning.delete(meaning);
  }

  return {
    all() {
      sorted ??= [...byId.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
      return sorted;
    },
    get: (id) => byId.get(id),
    has: (id) => byId.has(id),
    size: () => byId.size,
    put(synonym) {
      forget(synonym.id);
      byId.set(synonym.id, synonym);
      const meaning = meaningOf(synonym);
      const ids = idsByMeaning.get(meaning) ?? new Set();
      idsByMeaning.set(meaning, ids.add(synonym.id));
      sorted = null;
    },
    remove(id) {
      forget(id);
      sorted = null;
    },
    twinOf(draft) {
      for (const id of idsByMeaning.get(meaningOf(draft)) ?? []) if (id !== draft.id) return id;
      return null;
    },
    meaningOf,
  };
}

function meaningOf({ locale, kind, input, terms }: Meaning): string {
  return JSON.stringify([
    locale,
    kind,
    input === null ? null : foldedTerm(input),
    terms.map(foldedTerm).sort(),
  ]);
}
