import type { UserError } from '../errors.js';

/** Words that mean the same to a shop's shoppers. */
export interface Synonym {
  readonly id: string;
  /** BCP 47 language, or `*` for all. */
  readonly locale: string;
  /** MULTI_WAY: each term finds the others. ONE_WAY: `input` finds `terms`, not the other way. */
  readonly kind: 'ONE_WAY' | 'MULTI_WAY';
  readonly input: string | null;
  readonly terms: readonly string[];
  readonly updatedAtMs: number;
}

/** Decisions of merchandisers. Saved synonyms hold in the next search, in every channel. */
export interface Merchandising {
  /** Those of a locale and of `*`, by id. In memory: no I/O. */
  synonyms(locale: string): readonly Synonym[];
  allSynonyms(): readonly Synonym[];
  saveSynonym(
    input: unknown,
  ): Promise<{ readonly synonym: Synonym | null; readonly userErrors: readonly UserError[] }>;
  removeSynonym(id: string): Promise<boolean>;
  /** Calls back before a change is acknowledged. Answers the stop function. */
  watch(listener: () => void): () => void;
}
