import {
  type Caller,
  type Context,
  type ContextInput,
  channels,
  type Request,
  type Role,
} from '../context.js';
import { RapportError, type UserError } from '../errors.js';
import { shownValue } from '../kit/shown-value.js';
import { canonicalLocale } from '../locale.js';
import { isCurrency } from '../money.js';
import { customerIdFault, type IdFault, isId, personIdMax, sessionIdFault } from '../person-ids.js';
import type { Host } from '../plugin.js';
import { type Anonymous, missingKey } from './authentication.js';
import { bytesPerUnit } from './rate-limits.js';
import { createWork, type Work } from './work.js';

const degradedPartsMax = 20;
const warningsMax = 20;

/** A request and what its answer must say about itself. */
export interface TrackedRequest extends Request {
  readonly anonymous: boolean;
  /** The first context that was used; what `extensions.rapport` echoes. */
  readonly effective: Context | null;
  readonly degradedParts: readonly string[];
  readonly warnings: readonly UserError[];
  readonly isPersonal: boolean;
  readonly work: Work;
  /** The key and address that its operations count for; null: for nobody, as those of a warm-up. */
  readonly sender: string | null;
  /** Notes the bytes of the body, for which the caller was charged. */
  received(bytes: number): void;
  /**
   * Counts bytes that a mutation may store. Several fields may be given one variable, so what goes beyond the body is
   * charged to the caller. Throws `limited`, before anything is stored.
   */
  stores(bytes: number): void;
  /** Another request of the same caller, who has not used anything yet: each event of a subscription is one. */
  again(): TrackedRequest;
}

/** Whether errors may suggest names of the schema: not to a page that anybody can open. */
export function seesSchema({ anonymous, caller }: Pick<TrackedRequest, 'anonymous' | 'caller'>): boolean {
  return !anonymous && caller.role !== 'STOREFRONT';
}

export interface Defaults {
  readonly locale: string;
  readonly currency: string;
}

const nobody: Caller = {
  role: 'STOREFRONT',
  source: 'anonymous',
  customerId: null,
  globalPrivacyControl: false,
};

export function createRequest(
  caller: Caller | Anonymous,
  host: Pick<Host, 'clock' | 'ids'>,
  defaults: Defaults,
  charge: Request['charge'] = () => undefined,
  sender: string | null = null,
): TrackedRequest {
  // A plugin's code must not give its caller another role.
  if (caller.role !== null) Object.freeze(caller);
  return new MadeRequest(caller, host, defaults, charge, sender);
}

/** A class for its accessors, for the reason of `RequestContext`. Its functions need no receiver, since resolvers take them apart. */
class MadeRequest implements TrackedRequest {
  readonly caller: Caller;
  readonly anonymous: boolean;
  readonly degradedParts: string[] = [];
  readonly warnings: UserError[] = [];
  readonly work: Work;
  readonly charge: Request['charge'];
  readonly sender: string | null;
  /** What plugins cannot replace. */
  readonly #from: Caller | Anonymous;
  readonly #charge: Request['charge'];
  readonly #host: Pick<Host, 'clock' | 'ids'>;
  readonly #defaults: Defaults;
  #effective: Context | null = null;
  #isPersonal = false;
  #chargedBytes = 0;
  #storedBytes = 0;
  #id = '';

  constructor(
    from: Caller | Anonymous,
    host: Pick<Host, 'clock' | 'ids'>,
    defaults: Defaults,
    charge: Request['charge'],
    sender: string | null,
  ) {
    this.caller = from.role === null ? nobody : from;
    this.anonymous = from.role === null;
    this.work = createWork(host.clock);
    this.charge = charge;
    this.sender = sender;
    this.#from = from;
    this.#charge = charge;
    this.#host = host;
    this.#defaults = defaults;
  }

  get id(): string {
    this.#id ||= this.#host.ids.next();
    return this.#id;
  }

  get signal(): AbortSignal {
    return this.work.signal;
  }

  get effective(): Context | null {
    return this.#effective;
  }

  get isPersonal(): boolean {
    // An answer that is not as it should be is kept for nobody else, and so is one for another role, which sees more than shoppers.
    return (
      this.#isPersonal || this.anonymous || this.caller.role !== 'STOREFRONT' || this.degradedParts.length > 0
    );
  }

  readonly allow: Request['allow'] = (...allowed) => {
    if (this.#from.role === null) throw missingKey();
    allowRole(this.#from.role, allowed);
  };

  readonly context: Request['context'] = (input) => {
    if (this.#from.role === null) throw missingKey();
    const context = createContext(this.#from, input, this.#host, this.#defaults, this.work);
    this.#effective ??= context;
    this.#isPersonal = true;
    return context;
  };

  readonly degraded: Request['degraded'] = (part) => {
    const parts = this.degradedParts;
    if (parts.length < degradedPartsMax && !parts.includes(part)) parts.push(part);
  };

  readonly warn: Request['warn'] = (warning) => {
    // Several lists of one page name the same product or store.
    const isKnown = this.warnings.some(({ message }) => message === warning.message);
    if (!isKnown && this.warnings.length < warningsMax) this.warnings.push(warning);
  };

  readonly personal: Request['personal'] = () => {
    this.#isPersonal = true;
  };

  received(bytes: number): void {
    this.#chargedBytes += bytes;
  }

  stores(bytes: number): void {
    this.#storedBytes += bytes;
    if (this.#storedBytes <= this.#chargedBytes) return;
    this.#charge((this.#storedBytes - this.#chargedBytes) / bytesPerUnit);
    this.#chargedBytes = this.#storedBytes;
  }

  again(): TrackedRequest {
    return createRequest(this.#from, this.#host, this.#defaults, this.#charge);
  }
}

function allowRole(role: Role, allowed: readonly Role[]): void {
  if (role === 'ADMIN' || allowed.includes(role)) return;
  throw new RapportError(
    'denied',
    'AUTHENTICATION_ROLE',
    `A ${role} key may not do this; it takes ${[...new Set<Role>([...allowed, 'ADMIN'])].join(' or ')}.`,
  );
}

/** Validates a shopper's context; see `Request.context`. */
export function createContext(
  caller: Caller,
  input: ContextInput,
  host: Pick<Host, 'clock' | 'ids'>,
  defaults: Defaults,
  waiting: Waiting = {},
): Context {
  const channel = channels.find((known) => known === input.channel);
  if (!channel) throw invalid('CONTEXT_CHANNEL', 'channel', input.channel, `one of ${channels.join(', ')}`);
  const nowMs = host.clock.nowMs();
  // One object for everybody who serves the request.
  Object.freeze(caller);
  const fields = {
    caller,
    channel,
    // A merchandiser previews what a blank visitor sees and never a person.
    sessionId:
      caller.role === 'MERCHANDISER'
        ? host.ids.next()
        : (personId(input.sessionId, 'sessionId', sessionIdFault) ?? host.ids.next()),
    customerId: customerOf(caller, personId(input.customerId, 'customerId', customerIdFault)),
    customerGroup: groupOf(caller, id(input.customerGroup, 'customerGroup')),
    storeId: id(input.storeId, 'storeId'),
    deviceId: id(input.deviceId, 'deviceId'),
    locale: localeOf(input.locale) ?? defaults.locale,
    currency: currencyOf(input.currency) ?? defaults.currency,
    atMs: momentOf(caller, input.at) ?? nowMs,
  };
  return new RequestContext(fields, waiting);
}

interface Waiting {
  readonly signal?: AbortSignal;
}

/**
 * A context whose signal is created on first use. A class, since V8 keeps a getter of an object literal, with the request that it
 * refers to, until the next full collection.
 */
class RequestContext implements Context {
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
    this.#waiting = waiting;
    Object.freeze(this);
  }

  get signal(): AbortSignal | undefined {
    return this.#waiting.signal;
  }
}

function customerOf(caller: Caller, named: string | null): string | null {
  if (named === null || named === caller.customerId) return caller.customerId;
  if (caller.role === 'SERVER' || caller.role === 'ADMIN') return named;
  throw new RapportError(
    'denied',
    'CONTEXT_CUSTOMER',
    'Only a SERVER key may name a customerId; a storefront proves its customer with a bearer token.',
    { path: ['context', 'customerId'] },
  );
}

function groupOf(caller: Caller, named: string | null): string | null {
  if (named === null || caller.role === 'SERVER' || caller.role === 'ADMIN') return named;
  throw new RapportError(
    'denied',
    'CONTEXT_CUSTOMER_GROUP',
    'Only a SERVER key may name a customerGroup; leave it out, or set it as a trait of the customer with a SERVER key.',
    { path: ['context', 'customerGroup'] },
  );
}

function momentOf(caller: Caller, at: Date | null | undefined): number | null {
  if (!at) return null;
  if (caller.role !== 'MERCHANDISER' && caller.role !== 'ADMIN') {
    throw new RapportError(
      'denied',
      'CONTEXT_AT',
      'Only a MERCHANDISER key may look at another moment; leave `at` out.',
      { path: ['context', 'at'] },
    );
  }
  return at.getTime();
}

const locales = new Map<string, string>();
const localesMax = 1_000;

function localeOf(locale: string | null | undefined): string | null {
  if (!locale) return null;
  const known = locales.get(locale);
  if (known !== undefined) return known;
  const canonical = canonicalLocale(locale);
  if (canonical === null)
    throw invalid('CONTEXT_LOCALE', 'locale', locale, 'a BCP 47 language tag such as "de-CH"');
  if (locales.size < localesMax) locales.set(locale, canonical);
  return canonical;
}

function currencyOf(currency: string | null | undefined): string | null {
  if (!currency) return null;
  if (!isCurrency(currency))
    throw invalid('CONTEXT_CURRENCY', 'currency', currency, 'an ISO 4217 code such as "EUR"');
  return currency;
}

function personId(
  value: string | null | undefined,
  field: string,
  faultOf: (value: string) => IdFault | null,
): string | null {
  if (value === null || value === undefined || value === '') return null;
  const fault = faultOf(value);
  if (fault === null) return value;
  throw new RapportError(
    'invalid',
    fault.code === 'ID_INVALID' ? 'CONTEXT_ID' : 'CONTEXT_ID_RESERVED',
    `context.${field} ${fault.message}.`,
    { path: ['context', field] },
  );
}

function id(value: string | null | undefined, field: string): string | null {
  if (value === null || value === undefined || value === '') return null;
  if (!isId(value)) {
    throw invalid('CONTEXT_ID', field, value, `1 to ${personIdMax} printable characters`);
  }
  return value;
}

function invalid(code: string, field: string, value: unknown, allowed: string): RapportError {
  return new RapportError(
    'invalid',
    code,
    `context.${field} is ${shownValue(value)}; it must be ${allowed}.`,
    {
      path: ['context', field],
    },
  );
}
