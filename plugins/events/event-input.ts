import { notValue } from '../../src/kit/shown-value.js';
import { currencyDigits, isCurrency } from '../../src/money.js';
import { type EventType, eventTypes } from '../../src/ports/events.js';
import { type EventLines, readLines, totalOf } from './event-lines.js';
import { idLengthMax, isId, productsMax, quantityMax } from './event-rules.js';
import { eventBytesMax, type JsonReport, lookThrough, mended, wellFormed } from './json-bounds.js';
import { orderIdIn } from './order-id.js';

export const queryLengthMax = 1_000;
export const positionMax = 10_000;
/** The last instant of ECMAScript. */
const latestMs = 8.64e15;

/** A valid `EventInput`, before it is known whose it is. */
export interface EventDraft {
  readonly messageId: string;
  readonly type: EventType;
  /** By the device's clock; null where it did not say. */
  readonly atMs: number | null;
  readonly productIds: readonly string[];
  /** As many as there are product ids. */
  readonly quantities: readonly number[] | null;
  /** In minor units: as many as there are product ids, null where none was given; null: none was. */
  readonly prices: readonly (number | null)[] | null;
  readonly orderId: string | null;
  readonly value: number | null;
  readonly currency: string | null;
  readonly query: string | null;
  readonly queryId: string | null;
  readonly decisionId: string | null;
  readonly position: number | null;
  readonly properties: Readonly<Record<string, unknown>> | null;
}

export interface EventFault {
  readonly code: string;
  readonly message: string;
  /** From the event. */
  readonly path: readonly (string | number)[];
}

const knownFields: ReadonlySet<string> = new Set([
  'messageId',
  'type',
  'at',
  'productIds',
  'quantity',
  'lines',
  'orderId',
  'value',
  'currency',
  'query',
  'queryId',
  'decisionId',
  'position',
  'properties',
]);
/** What an event of a type must have to be of use, and whether its `value` is an amount of money. */
interface TypeRules {
  readonly products: boolean;
  /** The id of an order, here or in the properties. */
  readonly order?: true;
  readonly decision: boolean;
  readonly money: boolean;
}

const ofProducts: TypeRules = { products: true, decision: false, money: true };
const ofDecision: TypeRules = { products: true, decision: true, money: true };

const ofAnything: TypeRules = { products: false, decision: false, money: true };

const rulesOf: Readonly<Record<EventType, TypeRules>> = {
  PRODUCT_VIEWED: ofProducts,
  PRODUCT_ADDED_TO_CART: ofProducts,
  PRODUCT_REMOVED_FROM_CART: ofProducts,
  ORDER_COMPLETED: ofProducts,
  PRODUCT_SEARCHED: { products: false, decision: false, money: true },
  SEARCH_RESULT_CLICKED: ofProducts,
  RECOMMENDATION_SHOWN: ofDecision,
  RECOMMENDATION_CLICKED: ofDecision,
  PRODUCT_RATED: { products: true, decision: false, money: false },
  PRODUCT_DISMISSED: ofProducts,
  CUSTOM: { products: false, decision: false, money: false },
  ORDER_REFUNDED: { products: false, order: true, decision: false, money: true },
  ORDER_CANCELLED: { products: false, order: true, decision: false, money: true },
  ORDER_UPDATED: { products: false, order: true, decision: false, money: true },
  PRODUCT_LIST_VIEWED: ofAnything,
  WISHLIST_ADDED: ofProducts,
  WISHLIST_REMOVED: ofProducts,
  CHECKOUT_STARTED: ofAnything,
  PRODUCT_UNDISMISSED: ofProducts,
};
/** By a name from outside, which `Object.prototype` knows nothing of. */
const typeRules: ReadonlyMap<unknown, TypeRules> = new Map(Object.entries(rulesOf));
const none: readonly string[] = [];

/**
 * Checks one `EventInput` of the schema by hand, since this runs for every event: strict about what it knows,
 * refusing fields it does not. `currency` is the one of the shopper's context; an amount comes out in its minor
 * units. `at` may be a Date, an RFC 3339 string, or milliseconds since the epoch.
 */
export function readEvent(input: unknown, currency: string, measured = false): EventDraft | EventFault {
  const read = checkEvent(input, currency, measured);
  return isFault(read) ? withValue(read, input) : read;
}

/** Adds the value received to a fault of a field. A fault within `properties` names its place, which may be deep. */
function withValue(fault: EventFault, input: unknown): EventFault {
  const { code, message, path } = fault;
  if (!code.endsWith('_INVALID') || path.length === 0 || path[0] === 'properties') return fault;
  let value = input;
  for (const step of path) value = (value as Readonly<Record<string | number, unknown>>)[step];
  return { code, message: notValue(message, value), path };
}

function checkEvent(input: unknown, currency: string, measured: boolean): EventDraft | EventFault {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    return fault('INVALID', 'an event is an object', []);
  }
  const raw = input as Readonly<Record<string, unknown>>;
  for (const key in raw) {
    if (!knownFields.has(key)) return fault('FIELD_UNKNOWN', `an event has no field ${shown(key)}`, [key]);
  }

  const { messageId, type } = raw;
  if (!isId(messageId)) {
    return fault('MESSAGE_ID_INVALID', `messageId must be ${idRule}`, ['messageId']);
  }
  const rules = typeRules.get(type);
  if (rules === undefined) {
    return fault('TYPE_INVALID', `type must be one of ${eventTypes.join(', ')}`, ['type']);
  }
  const eventType = type as EventType;

  const properties = (raw.properties ?? null) as Readonly<Record<string, unknown>> | null;
  let look: JsonReport | null = null;
  if (properties !== null) {
    if (typeof properties !== 'object' || Array.isArray(properties)) {
      return fault('PROPERTIES_INVALID', 'properties must be an object', ['properties']);
    }
    look = lookThrough(properties);
    if (look.fault) {
      const name = ['properties', ...look.fault.path].map((part) => shown(String(part))).join(' → ');
      return fault('VALUE_INVALID', `${name} ${look.fault.message}`, ['properties', ...look.fault.path]);
    }
  }

  let atMs: number | null = null;
  const at = raw.at;
  if (at !== undefined && at !== null) {
    atMs = at instanceof Date ? at.getTime() : typeof at === 'string' ? Date.parse(at) : (at as number);
    if (!(typeof atMs === 'number' && atMs >= 0 && atMs <= latestMs)) {
      return fault('AT_INVALID', 'at must be an instant from 1970 on, e.g. 2026-03-01T12:00:00Z', ['at']);
    }
  }

  if (raw.currency !== undefined && raw.currency !== null) {
    if (typeof raw.currency !== 'string' || !isCurrency(raw.currency)) {
      return fault('CURRENCY_INVALID', 'currency must be an ISO 4217 code, e.g. EUR', ['currency']);
    }
  }
  const ownCurrency = (raw.currency ?? null) as string | null;

  let lines: EventLines | null = null;
  if (raw.lines !== undefined && raw.lines !== null) {
    if (raw.productIds != null || raw.quantity != null)
      return fault('LINES_AND_PRODUCTS', 'give lines, or productIds and quantity, not both', ['lines']);
    const read = readLines(raw.lines, ownCurrency ?? currency);
    if ('message' in read) return fault('LINES_INVALID', read.message, ['lines', ...read.path]);
    lines = read;
  }
  const productIds = lines?.productIds ?? ((raw.productIds ?? none) as readonly string[]);
  if (!Array.isArray(productIds) || productIds.length > productsMax) {
    return fault('PRODUCTS_INVALID', `productIds must be a list of at most ${productsMax} ids`, [
      'productIds',
    ]);
  }
  for (let i = 0; i < productIds.length; i++) {
    if (!isId(productIds[i])) {
      return fault('PRODUCTS_INVALID', `a product id must be ${idRule}`, ['productIds', i]);
    }
  }
  if (productIds.length === 0 && rules.products) {
    return fault('PRODUCTS_MISSING', `${eventType} needs 1 to ${productsMax} productIds or lines`, [
      lines === null ? 'productIds' : 'lines',
    ]);
  }

  const quantities = lines ? lines.quantities : readQuantities(raw.quantity, productIds.length);
  if (quantities === undefined) {
    return fault(
      'QUANTITY_INVALID',
      `quantity must be one for all products or one for each, whole numbers from 1 to ${quantityMax}`,
      ['quantity'],
    );
  }

  const { money } = rules;
  let value: number | null = null;
  if (raw.value !== undefined && raw.value !== null) {
    if (typeof raw.value !== 'number' || !Number.isFinite(raw.value)) {
      return fault('VALUE_INVALID', 'value must be a finite number', ['value']);
    }
    value = money ? Math.round(raw.value * 10 ** currencyDigits(ownCurrency ?? currency)) : raw.value;
    if (money && !(value >= 0 && Number.isSafeInteger(value))) {
      return fault('VALUE_INVALID', 'an amount of money must be from 0 to 2^53 minor units', ['value']);
    }
  }
  if (value === null && lines !== null && (eventType === 'ORDER_COMPLETED' || eventType === 'ORDER_UPDATED'))
    value = totalOf(lines);
  if (eventType === 'PRODUCT_RATED' && !(value !== null && value >= 1 && value <= 5)) {
    return fault('VALUE_INVALID', 'PRODUCT_RATED needs a value from 1 to 5', ['value']);
  }

  let query: string | null = null;
  if (raw.query !== undefined && raw.query !== null) {
    if (typeof raw.query !== 'string' || raw.query.length > queryLengthMax) {
      return fault('QUERY_INVALID', `query must be text of at most ${queryLengthMax} characters`, ['query']);
    }
    query = wellFormed(raw.query).trim() || null;
  }
  if (query === null && eventType === 'PRODUCT_SEARCHED') {
    return fault('QUERY_MISSING', 'PRODUCT_SEARCHED needs the query', ['query']);
  }

  const orderId = raw.orderId ?? null;
  if (orderId !== null && !isId(orderId)) {
    return fault('ORDER_ID_INVALID', `orderId must be ${idRule}`, ['orderId']);
  }
  if (rules.order && orderId === null && orderIdIn(properties) === null) {
    return fault('ORDER_ID_MISSING', `${eventType} needs the orderId of the order`, ['orderId']);
  }
  const queryId = raw.queryId ?? null;
  if (queryId !== null && !isId(queryId)) {
    return fault('QUERY_ID_INVALID', `queryId must be ${idRule}`, ['queryId']);
  }
  const decisionId = raw.decisionId ?? null;
  if (decisionId !== null && !isId(decisionId)) {
    return fault('DECISION_ID_INVALID', `decisionId must be ${idRule}`, ['decisionId']);
  }
  if (decisionId === null && rules.decision) {
    return fault('DECISION_ID_MISSING', `${eventType} needs the decisionId of its recommendations`, [
      'decisionId',
    ]);
  }

  const position = raw.position ?? null;
  if (
    position !== null &&
    !(Number.isInteger(position) && (position as number) >= 1 && (position as number) <= positionMax)
  ) {
    return fault('POSITION_INVALID', `position must be a whole number from 1 to ${positionMax}`, [
      'position',
    ]);
  }

  if (!measured && isTooLarge(raw, productIds.length, look)) {
    return fault('TOO_LARGE', `an event is at most ${eventBytesMax} bytes of JSON in UTF-8`, []);
  }

  return {
    messageId,
    type: eventType,
    atMs,
    productIds,
    quantities,
    prices: lines?.prices ?? null,
    orderId: orderId as string | null,
    value,
    currency: (value !== null && money) || lines?.prices ? (ownCurrency ?? currency) : ownCurrency,
    query,
    queryId: queryId as string | null,
    decisionId: decisionId as string | null,
    position: position as number | null,
    properties: look?.illFormed ? mended(properties!) : properties,
  };
}

/** Measures only what may be too large: six bytes a character at worst, and some thousand characters outside of `properties`. */
function isTooLarge(raw: object, products: number, look: JsonReport | null): boolean {
  const othersAtMost = 6 * (queryLengthMax + (4 + products) * idLengthMax + 80 * products) + 400;
  const bytesAtMost = othersAtMost + (look?.bytesAtMost ?? 0);
  if (bytesAtMost <= eventBytesMax) return false;
  return bytesAtMost === Number.POSITIVE_INFINITY || Buffer.byteLength(JSON.stringify(raw)) > eventBytesMax;
}

export function isFault(read: EventDraft | EventFault): read is EventFault {
  return 'code' in read;
}

const idRule = `1 to ${idLengthMax} characters without control characters`;

function readQuantities(quantity: unknown, products: number): readonly number[] | null | undefined {
  if (quantity === undefined || quantity === null) return null;
  if (!Array.isArray(quantity) || (quantity.length !== 1 && quantity.length !== products)) return undefined;
  for (const each of quantity as readonly unknown[]) {
    if (!(Number.isInteger(each) && (each as number) >= 1 && (each as number) <= quantityMax))
      return undefined;
  }
  return quantity.length === products
    ? (quantity as readonly number[])
    : Array.from({ length: products }, () => quantity[0] as number);
}

function fault(code: string, message: string, path: readonly (string | number)[]): EventFault {
  return { code: `EVENTS_${code}`, message, path };
}

/** A name from outside, short and printable. */
function shown(name: string): string {
  return JSON.stringify(wellFormed(name).slice(0, 64));
}
