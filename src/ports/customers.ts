import type { Context } from '../context.js';
import type { UserError } from '../errors.js';

/** Whoever is there, known or not. The parent of everything personal in the graph. */
export interface Shopper {
  readonly context: Context;
  readonly sessionId: string;
  /** The customer named in the context, or the one this session was linked to by an identification; null: anonymous. */
  readonly customerId: string | null;
  /** All sessions of the same person, this one first, newest link next; at most 50. */
  readonly sessionIds: readonly string[];
}

/** A person with a profile. */
export interface Customer {
  readonly id: string;
  readonly email: string | null;
  readonly firstName: string | null;
  readonly lastName: string | null;
  readonly locale: string | null;
  /** What the shop knows beside: flat, at most 100 names. */
  readonly traits: Readonly<Record<string, string | number | boolean>>;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
}

/** Resolves identities to one person. A link joins a session to a customer and never rewrites history. */
export interface Customers {
  /** Who this is. Reads only. One object for one context object, so that callers can keep what they derive per shopper. */
  recognise(context: Context): Promise<Shopper>;
  /**
   * Links the context's session to the customer and saves the profile fields that are given. Idempotent.
   * Throws `denied` unless the caller is a server, or the customer by token. A session linked to another customer
   * before moves to this one from now on (shared devices: the earlier person keeps what the log holds of them).
   */
  identify(
    context: Context,
    input: unknown,
  ): Promise<{ readonly customer: Customer | null; readonly userErrors: readonly UserError[] }>;
  get(id: string): Promise<Customer | null>;
}
