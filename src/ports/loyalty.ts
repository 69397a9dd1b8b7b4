import type { Caller } from '../context.js';
import type { UserError } from '../errors.js';

export const loyaltyEntryKinds = ['EARN', 'SPEND', 'HOLD', 'RELEASE', 'EXPIRE', 'ADJUST', 'RETURN'] as const;
export type LoyaltyEntryKind = (typeof loyaltyEntryKinds)[number];

/** The accounts of double-entry bookkeeping: each entry moves points from one to another, so that all of them sum to 0. */
export const loyaltyAccounts = ['ISSUED', 'AVAILABLE', 'HELD', 'SPENT', 'EXPIRED'] as const;
export type LoyaltyAccountName = (typeof loyaltyAccounts)[number];

/** An entry of a ledger. Entries that time makes (an expiry, the release of a hold) follow from the others. */
export interface LoyaltyEntry {
  readonly id: string;
  /** The customer it was recorded for. */
  readonly customerId: string;
  readonly kind: LoyaltyEntryKind;
  /** Negative only for ADJUST. */
  readonly points: number;
  readonly orderId: string | null;
  readonly atMs: number;
  /** The sum of each account that the entry changes. */
  readonly postings: Readonly<Partial<Record<LoyaltyAccountName, number>>>;
}

/** The points of a person at a moment. */
export interface LoyaltyState {
  /** Points that can be spent. Negative if points were returned that had been spent. */
  readonly balance: number;
  /** Points that are held for orders that are not complete. */
  readonly pending: number;
  /** Available points with an expiry, the earliest first. */
  readonly expiring: readonly { readonly points: number; readonly atMs: number }[];
  /** null: below the first tier, or the shop has none. */
  readonly tier: string | null;
  /** null: there is no higher one. */
  readonly nextTier: { readonly name: string; readonly points: number } | null;
  /** Newest first. */
  readonly entries: readonly LoyaltyEntry[];
}

export interface RecordedLoyalty {
  readonly recorded: number;
  /** Entries that were there already. */
  readonly duplicates: number;
  /** One for each entry that was refused, with its index in `path`: recorded + duplicates + userErrors.length = sent. */
  readonly userErrors: readonly UserError[];
}

/** Loyalty points in a double-entry ledger. Entries are only ever added. A merged person has the points of all their customers. */
export interface Loyalty {
  stateOf(customerId: string): Promise<LoyaltyState>;
  /**
   * Records up to 100 `LoyaltyEntryInput`s of the schema in their order, each if it has no fault. Idempotent by id; an order is earned, held
   * for and spent on once. Throws `denied` unless the caller is a server.
   */
  record(caller: Caller, customerId: string, inputs: readonly unknown[]): Promise<RecordedLoyalty>;
}
