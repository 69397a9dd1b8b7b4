import type { RunningPlugin } from '../boot.js';
import {
  type Caller,
  type Context,
  type ContextInput,
  channels,
  RequestContext,
  type Waiting,
} from '../context.js';
import { RapportError, type UserError } from '../errors.js';
import { shownValue } from '../kit/shown-value.js';
import { canonicalLocale } from '../locale.js';
import { isCurrency } from '../money.js';
import { customerIdFault, type IdFault, isId, personIdMax, sessionIdFault } from '../person-ids.js';
import type { Host } from '../plugin.js';

/** The values that hold if a context names none. */
export interface Defaults {
  readonly locale: string;
  readonly currency: string;
  /** See `Instance.contextWarnings`. */
  readonly warningsOf?: (context: Context) => readonly UserError[];
}

/** See `Instance.contextWarnings`. */
export function warningsOf(
  plugins: readonly Pick<RunningPlugin, 'instance'>[],
): NonNullable<Defaults['warningsOf']> {
  return (context) => plugins.flatMap(({ instance }) => instance.contextWarnings?.(context) ?? []);
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
  const previewAtMs = momentOf(caller, input.at);
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
    atMs: previewAtMs ?? nowMs,
    previewAtMs,
    draft: draftOf(caller, input.draft),
  };
  return new RequestContext(fields, waiting);
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

function draftOf(caller: Caller, draft: boolean | null | undefined): boolean {
  if (!draft) return false;
  if (caller.role === 'MERCHANDISER' || caller.role === 'ADMIN') return true;
  throw new RapportError(
    'denied',
    'CONTEXT_DRAFT',
    'Only a MERCHANDISER key may look at a draft; leave `draft` out.',
    { path: ['context', 'draft'] },
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
