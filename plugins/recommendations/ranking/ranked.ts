import type { OmissionReason } from '../../../src/ports/recommendations.js';
import type { Share } from './fusion.js';

/** A product in a ranked list. */
export interface Ranked {
  readonly item: number;
  /** Never rises down the list. */
  readonly score: number;
  /** The contribution of each recommender; at least one. */
  readonly shares: readonly Share[];
}

/** The reason why a product cannot be shown. */
export type Objection =
  | 'EXCLUDED'
  | 'NOT_ELIGIBLE'
  | 'HIDDEN_BY_RULE'
  | 'IN_CART'
  | 'BOUGHT_AND_NOT_DUE'
  | Unavailability;

/** The reason why a product cannot be bought where the shopper is. */
export type Unavailability = Extract<OmissionReason, 'OUT_OF_STOCK_IN_STORE' | 'NO_PRICE'>;
