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
): TrackedRequest {
  const known = caller.role === null ? null : caller;
  // A plugin's code must not give its caller another role.
  if (known) Object.freeze(known);
  const work = createWork(host.clock);
  const degradedParts: string[] = [];
  const warnings: UserError[] = [];
  let effective: Context | null = null;
  let isPersonal = false;
  let chargedBytes = 0;
  let storedBytes = 0;
  let id = '';
  const state: RequestState = {
    id() {
      id ||= host.ids.next();
      return id;
    },
    effective: () => effective,
    // What is not as it should be is kept for nobody else either.
    isPersonal: () => isPersonal || degradedParts.length > 0,
  };
  return new MadeRequest(state, {
    caller: known ?? nobody,
    anonymous: known === null,
    degradedParts,
    warnings,
    allow(...allowed) {
      if (!known) throw missingKey();
      allowRole(known.role, allowed);
    },
    context(input) {
      if (!known) throw missingKey();
      const context = createContext(known, input, host, defaults, work);
      effective ??= context;
      isPersonal = true;
      return context;
    },
    degraded(part) {
      if (degradedParts.length < degradedPartsMax && !degradedParts.includes(part)) degradedParts.push(part);
    },
    warn(warning) {
      // Several lists of one page name the same product or store.
      const isKnown = warnings.some(({ message }) => message === warning.message);
      if (!isKnown && warnings.length < warningsMax) warnings.push(warning);
    },
    personal() {
      isPersonal = true;
    },
    work,
    received(bytes) {
      chargedBytes += bytes;
    },
    stores(bytes) {
      storedBytes += bytes;
      if (storedBytes <= chargedBytes) return;
      charge((storedBytes - chargedBytes) / bytesPerUnit);
      chargedBytes = storedBytes;
    },
    again: () => createRequest(caller, host, defaults, charge),
    charge,
  });
}

interface RequestState {
  id(): string;
  effective(): Context | null;
  isPersonal(): boolean;
}

/** A class for its accessors, for the reason of `RequestContext`. */
class MadeRequest implements TrackedRequest {
  readonly caller: Caller;
  readonly anonymous: boolean;
  readonly degradedParts: readonly string[];
  readonly warnings: readonly UserError[];
  readonly work: Work;
  readonly allow: TrackedRequest['allow'];
  readonly context: TrackedRequest['context'];
  readonly degraded: TrackedRequest['degraded'];
  readonly warn: TrackedRequest['warn'];
  readonly personal: TrackedRequest['personal'];
  readonly received: TrackedRequest['received'];
  readonly stores: TrackedRequest['stores'];
  readonly again: TrackedRequest['again'];
  readonly charge: TrackedRequest['charge'];
  readonly #state: RequestState;

  constructor(
    state: RequestState,
    parts: Omit<TrackedRequest, 'id' | 'signal' | 'effective' | 'isPersonal'>,
  ) {
    this.caller = parts.caller;
    this.anonymous = parts.anonymous;
    this.degradedParts = parts.degradedParts;
    this.warnings = parts.warnings;
    this.work = parts.work;
    this.allow = parts.allow;
    this.context = parts.context;
    this.degraded = parts.degraded;
    this.warn = parts.warn;
    this.personal = parts.personal;
    this.received = parts.received;
    this.stores = parts.stores;
    this.again = parts.again;
    this.charge = parts.charge;
    this.#state = state;
  }

  get id(): string {
    return this.#state.id();
  }

  get signal(): AbortSignal {
    return this.work.signal;
  }

  get effective(): Context | null {
    return this.#state.effective();
  }

  get isPersonal(): boolean {
    return this.#state.isPersonal();
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
