import type { Channel, Context } from '../context.js';
import type { UserError } from '../errors.js';
import type { PersonName } from '../person-ids.js';

/** The current visitor, known or not. The parent of everything personal in the graph. Frozen. */
export interface Shopper {
  readonly context: Context;
  /**
   * The session that the context's id stands for now: another one than the id says once the id was signed out, or a
   * second customer signed in with it. Frontends keep using the id of the context.
   */
  readonly sessionId: string;
  /**
   * The customer, proven by token or by a server: named in the context, or, for a server, linked to the session and `vouched` for.
   * null: anonymous. A session id alone never proves a customer.
   */
  readonly customerId: string | null;
  /**
   * The merged person of `customerId`, or, without one, of `linkedTo`. Absent if that customer is not merged with another one. `customersOf`
   * returns the ids that a proven shopper's data is kept under.
   */
  readonly person?: Person;
  /** Whom the session is linked to, proven or not. It may only restrict what is done, and is never shown. */
  readonly linkedTo?: string;
  /** A server said so, or only the customer was given the id. Absent if the customer's token alone says it. */
  readonly vouched?: true;
  /**
   * The sessions whose anonymous part is this shopper's: this one first, then the newest link; at most 50. This one is
   * missing when it belongs to another customer. Events of a customer are found by their `customerId`, in any session.
   */
  readonly sessionIds: readonly string[];
  /** For each of `sessionIds`, the latest receipt of anonymous events that count: those of another session count until its sign-in. */
  readonly pastUntilMs: readonly number[];
  /** The store did not respond, so the customer of the session is unknown: nothing personal may be shown or learned. */
  readonly uncertain?: true;
}

/** The customers that are one person because they were merged. What is stored stays with the customer that it was stored for. */
export interface Person {
  /** The surviving id: the same for each member, whatever the order of the merges. */
  readonly id: string;
  /** Every customer id of the person, in the order of code points; at most 50. */
  readonly members: readonly string[];
  /** The moment since which two members are one person. */
  joinedAtMs(one: string, other: string): number;
}

/** The customer ids that a shopper's data is kept under: none of an anonymous shopper. */
export function customersOf({
  customerId,
  person,
}: Pick<Shopper, 'customerId' | 'person'>): readonly string[] {
  if (customerId === null) return [];
  return person?.members ?? [customerId];
}

export const identifierTypes = [
  'CUSTOMER_ID',
  'EMAIL',
  'PHONE',
  'LOYALTY_CARD',
  'CRM_ID',
  'DEVICE',
  'VOICE_USER',
  'EXTERNAL',
] as const;
export type IdentifierType = (typeof identifierTypes)[number];

/** An identifier as a caller names it, before it is normalised. */
export interface IdentifierName {
  readonly type: IdentifierType;
  /** An e-mail address or phone number may be its SHA-256 in hex; an external id begins with the name of its system and a colon. */
  readonly value: string;
}

/** An identifier of a customer. */
export interface Identifier {
  readonly type: IdentifierType;
  /** Normalised. A keyed digest of an e-mail address or phone number if the shop has a salt. */
  readonly value: string;
  readonly customerId: string;
  /** The name of the key that linked it; null for the customer's own id. */
  readonly source: string | null;
  readonly atMs: number | null;
}

/** Two customers that are one person until the merge is undone. Never changed otherwise. */
export interface Merge {
  readonly id: string;
  /** The customer whose id survives. */
  readonly into: string;
  readonly from: string;
  readonly reason: string;
  /** The identifier that both had, if that merged them. */
  readonly evidence?: Identifier;
  /** The name of the key that it came through. */
  readonly source: string;
  readonly atMs: number;
  readonly undone?: { readonly atMs: number; readonly source: string };
}

/** Where a value of a profile came from. */
export interface Origin {
  /** When it was said, by the sender's corrected clock. */
  readonly atMs: number;
  /** The key it came through. */
  readonly source: string;
  /** True if a server said it, not the customer. */
  readonly server: boolean;
}

/** When and through which key something was said about a person: between keys the later one counts. */
export interface Said {
  readonly atMs: number;
  /** The same for the link of the session: never before what the same sender said before in one batch. Absent: `atMs`. */
  readonly linkAtMs?: number;
  /**
   * The time by the sender's own clock. A claim that is old by it, and by what it was off at the last claim of the same customer and key in
   * the session, does not replace a later link or sign-out, whatever time of sending a client gives.
   */
  readonly deviceAtMs?: number;
}

/** A person with a profile. */
export interface Customer {
  readonly id: string;
  readonly email: string | null;
  readonly firstName: string | null;
  readonly lastName: string | null;
  readonly locale: string | null;
  /** Further values: flat, at most 100 names. */
  readonly traits: Readonly<Record<string, string | number | boolean>>;
  /** Origins of fields by their name, and of traits by `trait:<name>`; removed ones, too. Absent in profiles of earlier versions. */
  readonly origins?: Readonly<Record<string, Origin>>;
  readonly createdAtMs: number;
  /** When a value last changed. */
  readonly updatedAtMs: number;
}

/** One session takes the place of another: what restricts the first has to restrict those that follow. */
export interface Handover {
  readonly context: Context;
  /**
   * `sign-in`: its customer goes on in the next one. `sign-out`: its customer left, which they proved. `replacement`: somebody with
   * its id signed out or signed in as another customer.
   */
  readonly reason: 'sign-in' | 'sign-out' | 'replacement';
  readonly from: string;
  readonly to: readonly string[];
  /** The customer of `from`; null: anonymous. */
  readonly customerId: string | null;
  /** Until when what was done without proof in `from` is the customer's. Later it may be anybody's who knows the id. */
  readonly untilMs: number;
}

/** A person whom a plugin names outside a request. At least one id. */
export interface ShopperNames {
  readonly customerId?: string | null;
  /** If omitted, the person's answers in a session do not count, only those of the customer. */
  readonly sessionId?: string | null;
  /** If omitted, WEB. */
  readonly channel?: Channel;
  readonly storeId?: string | null;
  /** If omitted, `en`. */
  readonly locale?: string;
  /** If omitted, `EUR`. */
  readonly currency?: string;
}

/** Resolves identities to one person. A link joins a session to a customer and never rewrites history. */
export interface Customers {
  /**
   * The person of a context. Reads only, and answers `uncertain` rather than throw `unavailable`. One object for one context object
   * until the next `identify` with it, so that callers can keep what they derive per shopper.
   */
  recognise(context: Context): Promise<Shopper>;
  /**
   * The same outside a request, for a job or a consumer of events: as a server would name the person. With a session id alone the
   * customer is the one whom a server linked it to. Throws `invalid` if no id is given or one is malformed.
   */
  shopper(names: ShopperNames): Promise<Shopper>;
  /**
   * Links the context's session to the customer and saves the profile fields that are given. Idempotent.
   * Throws `denied` unless the caller is a server, or the customer by token. If the session is linked to another customer,
   * its id stands for a new session from now on, which begins with nothing that was done before.
   *
   * A fault in the id refuses the whole: `customer` is null. Any other fault leaves out the field or trait that `userErrors` names, and
   * `CUSTOMERS_LINK_OUTDATED` says that the session was not linked.
   * `said`: when it was said, if that is not now. What is older than the link or a value that is there changes neither. Of one
   * moment, the same key's later call counts, and of two keys the one whose name is greater.
   */
  identify(
    context: Context,
    input: unknown,
    said?: Said,
  ): Promise<{ readonly customer: Customer | null; readonly userErrors: readonly UserError[] }>;
  /**
   * Ends the context's session, and returns a new anonymous session id. The old id shows and holds nothing of before from now on.
   * A caller who proves the customer also ends the session that this one was signed in from or to.
   */
  signOut(context: Context): Promise<string>;
  /**
   * The profile of a customer. If they are merged, it has the newest value of each field and trait of all members; traits that a server set
   * come first.
   */
  get(id: string): Promise<Customer | null>;
  /**
   * The ids of customers with a profile in the order of code points, after an id, at most `limit` (1 … 1,000). Empty: there are no
   * others. Each customer of a merged person is listed.
   */
  list(options: { readonly after?: string; readonly limit: number }): Promise<readonly string[]>;
  /** Every name under which data of a customer's person is stored: all merged customers, and all sessions that were theirs. Throws `unavailable`. */
  namesOf(customerId: string): Promise<readonly PersonName[]>;
  /** The person of a customer, whether or not they have a profile. Reads through a cache; throws `unavailable` with the store. */
  personOf(customerId: string): Promise<Person>;
  /** The people with an identifier; at most 100. Several only if its type may be shared. Throws `invalid` for a malformed value. */
  peopleWith(identifier: IdentifierName): Promise<readonly Person[]>;
  /** For each session, the customer whom it is linked to, or null. Reads from the store, past every cache; at most 10,000 ids. */
  linkedTo(sessionIds: readonly string[]): Promise<readonly (string | null)[]>;
  /** Reads from the store, past every cache, which session an id stands for now. */
  sessionOf(id: string): Promise<string>;
  /**
   * Calls `carry` before an id stands for another session, and again after it, because something may have been decided in between.
   * If it throws, so does the sign-in or sign-out.
   */
  onHandover(carry: (handover: Handover) => Promise<void>): void;
}

/** The customer groups whose prices hold, for plugins that resolve prices without recognising a shopper. */
export interface CustomerGroups {
  /** The trait `customerGroup` if a server set it; null without one, or while the store does not respond. */
  groupOf(customerId: string): Promise<string | null>;
}
