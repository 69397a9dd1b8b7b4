import type { UserError } from './errors.js';

export const channels = ['WEB', 'APP', 'KIOSK', 'VOICE', 'EMAIL', 'SMS', 'PUSH', 'STORE'] as const;
export type Channel = (typeof channels)[number];

export const roles = ['STOREFRONT', 'SERVER', 'MERCHANDISER', 'ADMIN'] as const;
export type Role = (typeof roles)[number];

/** The sender of a request, proven by an API key and, for a customer, by a token of the shop's identity provider. */
export interface Caller {
  readonly role: Role;
  /** Names the key without revealing it; events are deduplicated within it. */
  readonly source: string;
  /** The customer a valid bearer token names; null without one. */
  readonly customerId: string | null;
  /** The browser asked not to be profiled (`Sec-GPC: 1`). */
  readonly globalPrivacyControl: boolean;
  /**
   * The public network of the shopper's client: an IPv4 address or an IPv6 /48. Tells independent clients apart; never stored
   * but for a print of 12 bits, which thousands of networks share.
   * If omitted, it is not known: a server called, or a proxy that is not trusted.
   */
  readonly network?: string | undefined;
}

/** The person, channel, store and language of a request, and how long it is waited for. Nothing that is used to respond. */
export interface Context {
  readonly caller: Caller;
  readonly channel: Channel;
  readonly sessionId: string;
  /** Named by a server key or proven by a token; null for an anonymous session. */
  readonly customerId: string | null;
  readonly storeId: string | null;
  readonly deviceId: string | null;
  /** BCP 47. */
  readonly locale: string;
  /** ISO 4217. */
  readonly currency: string;
  /** The customer group whose prices hold: named by a server key, or a trait of the customer that a server set. If omitted or null, none. */
  readonly customerGroup?: string | null | undefined;
  /** The moment of the decision, milliseconds since the epoch. */
  readonly atMs: number;
  /** The same if the caller named it, for a preview. If omitted or null, the moment is now. */
  readonly previewAtMs?: number | null | undefined;
  /** A merchandiser previews what is saved but not published yet. If omitted, false. */
  readonly draft?: boolean | undefined;
  /** The same as `Request.signal`, for ports that call a backend. A copy made by a spread has none. If omitted, calls are never aborted. */
  readonly signal?: AbortSignal | undefined;
}

/** Who waits for an answer. */
export interface Waiting {
  readonly signal?: AbortSignal | undefined;
}

/**
 * A context whose signal is created on first use. A class, since V8 keeps a getter of an object literal, with the request that it
 * refers to, until the next full collection.
 */
export class RequestContext implements Context {
  readonly caller: Caller;
  readonly channel: Context['channel'];
  readonly sessionId: string;
  readonly customerId: string | null;
  readonly customerGroup: string | null;
  readonly storeId: string | null;
  readonly deviceId: string | null;
  readonly locale: string;
  readonly currency: string;
  readonly atMs: number;
  readonly previewAtMs: number | null;
  readonly draft: boolean;
  readonly #waiting: Waiting;

  constructor(fields: Omit<Context, 'signal'>, waiting: Waiting) {
    this.caller = fields.caller;
    this.channel = fields.channel;
    this.sessionId = fields.sessionId;
    this.customerId = fields.customerId;
    this.customerGroup = fields.customerGroup ?? null;
    this.storeId = fields.storeId;
    this.deviceId = fields.deviceId;
    this.locale = fields.locale;
    this.currency = fields.currency;
    this.atMs = fields.atMs;
    this.previewAtMs = fields.previewAtMs ?? null;
    this.draft = fields.draft ?? false;
    this.#waiting = waiting;
    Object.freeze(this);
  }

  get signal(): AbortSignal | undefined {
    return this.#waiting.signal;
  }
}

/** The same context for a customer of a group. A copy by a spread would lose the signal. */
export function inCustomerGroup(context: Context, customerGroup: string): Context {
  return new RequestContext({ ...context, customerGroup }, context);
}

/** `ShopperContext` as it arrives; validated by `Request.context`. */
export interface ContextInput {
  readonly channel: Channel;
  readonly sessionId?: string | null;
  readonly customerId?: string | null;
  readonly customerGroup?: string | null;
  readonly storeId?: string | null;
  readonly deviceId?: string | null;
  readonly locale?: string | null;
  readonly currency?: string | null;
  readonly at?: Date | null;
  readonly draft?: boolean | null;
}

/** The context value of every resolver. */
export interface Request {
  readonly caller: Caller;
  readonly id: string;
  /**
   * Aborted when nobody waits for the operation any more: its response is made, without fields that were late, or its deadline has
   * passed. Pass it to `fetch` and the like. Never to a write that others must not see half of.
   */
  readonly signal: AbortSignal;
  /** Throws `denied` unless the caller has one of the roles. ADMIN may do everything. */
  allow(...roles: readonly Role[]): void;
  /**
   * The context of a shopper. Throws `denied` when the caller may not speak for the named customer and
   * `invalid` for malformed ids, locales and currencies. A missing `sessionId` gets a new one.
   */
  context(input: ContextInput): Context;
  /** Notes that a part of the answer is not what it would be with every backend up and nothing damaged, so that nobody caches it. */
  degraded(part: string): void;
  /** Adds a warning to `extensions.rapport.warnings`: a part of the request has no effect. At most 20 are returned. */
  warn(warning: UserError): void;
  /** Notes that the answer holds something personal, so that nobody caches it. */
  personal(): void;
  /** Counts units against the limits of the caller. Throws `limited`, before anything is done, if they are used up. */
  charge(units: number): void;
}
