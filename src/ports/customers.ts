import type { Context } from '../context.js';
import type { UserError } from '../errors.js';

/** Whoever is there, known or not. The parent of everything personal in the graph. */
export interface Shopper {
  readonly context: Context;
  readonly sessionId: string;
  /** The customer named in the context, or the one this session was linked to by an identification; null: anonymous. */
  readonly customerId: string | null;
  /**
   * The sessions whose anonymous part is this person's: this one first, then the newest link; at most 50. This one is
   * missing when another customer was identified in it before (shared devices): nobody inherits a stranger's past.
   * What was done as a customer is theirs by the event's `customerId`, in whichever session.
   */
  readonly sessionIds: readonly string[];
  /** The store did not answer, so nobody knows whose session this is: nothing personal may be shown or learned. */
  readonly uncertain?: true;
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
  /**
   * Who this is. Reads only, and answers `uncertain` rather than throw `unavailable`. One object for one context object
   * until the next `identify` with it, so that callers can keep what they derive per shopper.
   */
  recognise(context: Context): Promise<Shopper>;
  /**
   * Links the context's session to the customer and saves the profile fields that are given. Idempotent.
   * Throws `denied` unless the caller is a server, or the customer by token. A session linked to another customer
   * before moves to this one from now on: the earlier person keeps what the log holds under their id, and this one
   * gets nothing that was done in the session before.
   */
  identify(
    context: Context,
    input: unknown,
  ): Promise<{ readonly customer: Customer | null; readonly userErrors: readonly UserError[] }>;
  get(id: string): Promise<Customer | null>;
}
