import type { Caller, Channel } from '../context.js';
import type { UserError } from '../errors.js';
import type { ProductTarget } from './ranking.js';

/** Words that mean the same to a shop's shoppers. */
export interface Synonym {
  readonly id: string;
  /** BCP 47 language, or `*` for all. */
  readonly locale: string;
  /**
   * MULTI_WAY: each term finds the others. ONE_WAY: `input` finds `terms`, not the other way. REPLACE: `terms`, which has one, is searched for
   * instead of `input`. NEVER: no term stands for another, neither by a correction or word form nor by another synonym.
   */
  readonly kind: 'ONE_WAY' | 'MULTI_WAY' | 'REPLACE' | 'NEVER';
  readonly input: string | null;
  readonly terms: readonly string[];
  readonly updatedAtMs: number;
}

/** Files of synonyms. CSV keeps everything. */
export type SynonymFormat = 'SOLR' | 'ELASTICSEARCH' | 'ALGOLIA' | 'CSV';

/** When a merchandising rule holds. All given parts must hold; null: always. */
export interface RuleCondition {
  /**
   * Searches. EXACT: for this text; CONTAINS: for a text that has these words one after another; ANY: for any text. Case, accents, hyphens and
   * white space make no difference. null: placements and listings, too.
   */
  readonly query: { readonly match: 'EXACT' | 'CONTAINS' | 'ANY'; readonly text: string | null } | null;
  /** Listings and searches in this category, or in one below it. */
  readonly categoryId: string | null;
  /** Shoppers in this segment, while they permit PERSONALIZATION. Absent in rules of earlier versions. */
  readonly segmentId?: string | null;
  /** Recommendations of these placements. */
  readonly placements: readonly string[] | null;
  readonly channels: readonly Channel[] | null;
  readonly storeIds: readonly string[] | null;
  /** BCP 47. A language holds for all its regions. */
  readonly locales: readonly string[] | null;
  /** From this moment on, in milliseconds since the epoch. */
  readonly fromMs: number | null;
  /** Before this moment. */
  readonly untilMs: number | null;
}

/** An action of a merchandising rule. A position is from 1; a factor of `boost` is above 1, of `bury` below. */
export type RuleAction =
  | { readonly pin: { readonly productId: string; readonly position: number } }
  | { readonly boost: { readonly filter: ProductTarget; readonly factor: number } }
  | { readonly bury: { readonly filter: ProductTarget; readonly factor: number } }
  | { readonly hide: { readonly filter: ProductTarget } }
  | { readonly filter: { readonly filter: ProductTarget } }
  | { readonly redirect: { readonly url: string } };

export interface MerchandisingRule {
  readonly id: string;
  readonly name: string;
  readonly enabled: boolean;
  /** Rules of a higher priority come first: of two pins to one position, theirs has it. */
  readonly priority: number;
  readonly when: RuleCondition;
  readonly then: readonly RuleAction[];
  readonly updatedAtMs: number;
}

/** A rule as it is published and as it is in the draft. null: there is none. */
export interface RuleChange {
  readonly ruleId: string;
  readonly before: MerchandisingRule | null;
  readonly after: MerchandisingRule | null;
}

/** One publication. Revisions are numbered from 1, without gaps. */
export interface Revision {
  readonly number: number;
  readonly atMs: number;
  /** Names the key that published, without revealing it. */
  readonly author: string;
  readonly note: string;
  /** The revision whose rules were restored; null for a publication of a draft. */
  readonly restores: number | null;
  /** The number of rules that it changed. */
  readonly rules: number;
}

/** A result, or what the caller has to change. */
type Saved<K extends string, T> = { readonly [key in K]: T | null } & {
  readonly userErrors: readonly UserError[];
};

/**
 * Merchandising rules. What is saved or removed is in the draft of the shop, which only previews see. Publishing makes it hold in the next
 * response of this process, and within a second in others.
 */
export interface Rules {
  /** By priority, then id. In memory: no I/O. `draft`: with the draft applied. */
  list(options?: { readonly draft?: boolean }): readonly MerchandisingRule[];
  /** True if a rule for this segment can hold: there is such a segment. */
  knowsSegment(segmentId: string): boolean;
  save(input: unknown): Promise<Saved<'rule', MerchandisingRule>>;
  /** False if there is no such rule, published or in the draft. */
  remove(id: string): Promise<boolean>;
  /** The changes that publishing would make, by id. */
  draft(): readonly RuleChange[];
  /** Removes all of the draft. Answers how many rules it would have changed. */
  discard(): Promise<number>;
  publish(note: string, caller: Caller): Promise<Saved<'revision', Revision>>;
  /** Restores the rules of a revision (0: none) by a new revision. The draft stays as it is. */
  rollback(to: number, note: string, caller: Caller): Promise<Saved<'revision', Revision>>;
  /** Newest first; those before a number, if it is given. */
  revisions(limit: number, before?: number): readonly Revision[];
  /** The rules that a revision changed, by id. null: no such revision. */
  changesOf(number: number): Promise<readonly RuleChange[] | null>;
}

/** Decisions of merchandisers. Saved synonyms hold in the next search, in every channel. */
export interface Merchandising {
  /** Those of a locale and of `*`, by id. In memory: no I/O. */
  synonyms(locale: string): readonly Synonym[];
  allSynonyms(): readonly Synonym[];
  saveSynonym(
    input: unknown,
  ): Promise<{ readonly synonym: Synonym | null; readonly userErrors: readonly UserError[] }>;
  /** Saves each that has no fault, at most 1,000 in one call. The index of an input is in the path of its errors. */
  saveSynonyms(
    inputs: readonly unknown[],
  ): Promise<{ readonly saved: readonly Synonym[]; readonly userErrors: readonly UserError[] }>;
  /** True if a synonym with the same meaning is saved. False for an input with a fault. */
  isSaved(input: unknown): boolean;
  removeSynonym(id: string): Promise<boolean>;
  readonly rules: Rules;
  /** Calls back before a change is acknowledged. Answers the stop function. */
  watch(listener: () => void): () => void;
}
