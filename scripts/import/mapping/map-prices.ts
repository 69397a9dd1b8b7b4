import { formatAmount, isCurrency } from '../../../src/money.js';
import type { ImportedPrice } from '../imported-product.js';
import { type DateOrder, readMoment } from '../values/moments.js';
import { fitAmount, readMoney } from '../values/money.js';
import { readNumber } from '../values/numbers.js';
import { readBoolean } from '../values/words.js';
import type { PriceSpec } from './mapping.js';
import type { RowContext } from './row-context.js';
import { named, type Source } from './sources.js';
import { columnIn, elementsIn, plain, type Scope, textIn } from './values-in.js';

interface Amount {
  readonly amount: string;
  readonly currency: string;
}

/** The prices that a row or a variant states. An amount that cannot be read is reported and left out. */
export function pricesIn(
  scope: Scope,
  specs: readonly PriceSpec[],
  context: RowContext,
  dates: DateOrder | undefined,
): ImportedPrice[] {
  return specs.flatMap((spec) => {
    const scopes = spec.each === undefined ? [scope] : elementsIn(scope, spec.each);
    return scopes.flatMap((each) => priceIn(each, spec, context, dates));
  });
}

function priceIn(
  scope: Scope,
  spec: PriceSpec,
  context: RowContext,
  dates: DateOrder | undefined,
): ImportedPrice[] {
  const currency = currencyIn(scope, spec, context);
  const regular = amountIn(scope, spec.amount, spec.unit, currency, context);
  // The other amounts are in the currency of the price if they name none.
  const read = (from: Source | undefined) =>
    amountIn(scope, from, spec.unit, currency ?? regular?.currency ?? null, context);
  const sale = aboveZero(scope, read(spec.saleAmount), spec.saleAmount, context);
  const base = regular ?? sale;
  if (base === null) {
    const text = spec.each === undefined ? undefined : plain(scope.element.value);
    if (text !== undefined && textIn(scope, spec.amount) === undefined)
      context.warn(
        named(spec.each!),
        text,
        'is no price of the form that the mapping states; it was left out',
      );
    return [];
  }
  const conditions = conditionsIn(scope, spec, context, dates);
  const list = aboveOrNull(scope, base, read(spec.listAmount), spec.listAmount, context);
  const whole = { ...base, ...(list === null ? {} : { listAmount: list.amount }), ...conditions };
  if (regular === null || sale === null) return [whole];
  if (sale.currency !== regular.currency || Number(sale.amount) >= Number(regular.amount)) {
    if (Number(sale.amount) !== Number(regular.amount) || sale.currency !== regular.currency)
      context.warn(
        columnIn(scope, spec.saleAmount!),
        sale.amount,
        sale.currency === regular.currency
          ? `is not below the price ${regular.amount}; the reduced price was left out`
          : `is in ${sale.currency}, but the price is in ${regular.currency}; the reduced price was left out`,
      );
    return [whole];
  }
  const window = saleWindowIn(scope, spec, context, dates);
  if (window === 'unreadable') {
    // A reduction at an unknown time must not be sold for ever.
    context.warn(
      columnIn(scope, spec.saleAmount!),
      sale.amount,
      'holds at a time that cannot be read; the reduced price was left out',
    );
    return [whole];
  }
  const reduced = { ...sale, listAmount: list?.amount ?? regular.amount, ...conditions, ...window };
  return window === null ? [reduced] : [whole, reduced];
}

/** A reduced price of zero stands for none: systems write it for each product without a sale. */
function aboveZero(
  scope: Scope,
  sale: Amount | null,
  from: Source | undefined,
  context: RowContext,
): Amount | null {
  if (sale === null || from === undefined || Number(sale.amount) > 0) return sale;
  context.warn(columnIn(scope, from), sale.amount, 'is no reduced price; it was left out');
  return null;
}

/** A price before a reduction that is zero or not above the price says nothing of a reduction. */
function aboveOrNull(
  scope: Scope,
  base: Amount,
  list: Amount | null,
  from: Source | undefined,
  context: RowContext,
): Amount | null {
  if (list === null || from === undefined || Number(list.amount) === Number(base.amount)) return null;
  if (list.currency === base.currency && Number(list.amount) > Number(base.amount)) return list;
  const fault =
    Number(list.amount) === 0
      ? 'is no price before a reduction; it was left out'
      : list.currency === base.currency
        ? `is not above the price ${base.amount}; the price before a reduction was left out`
        : `is in ${list.currency}, but the price is in ${base.currency}; the price before a reduction was left out`;
  context.warn(columnIn(scope, from), list.amount, fault);
  return null;
}

function currencyIn(scope: Scope, spec: PriceSpec, context: RowContext): string | null {
  const stated = textIn(scope, spec.currency);
  if (stated === undefined) return context.currency ?? null;
  const code = stated.toUpperCase();
  if (isCurrency(code)) return code;
  context.warn(
    columnIn(scope, spec.currency!),
    stated,
    'is no ISO 4217 currency code such as "EUR"; the price was left out',
  );
  return null;
}

function amountIn(
  scope: Scope,
  from: Source | undefined,
  unit: PriceSpec['unit'],
  currency: string | null,
  context: RowContext,
): Amount | null {
  const text = textIn(scope, from);
  if (text === undefined) return null;
  const column = columnIn(scope, from!);
  const lose = (reason: string) => {
    context.warn(column, text, reason);
    return null;
  };
  const money = readMoney(text, context.decimalMark(column));
  if (money === null) return lose('is no amount such as "12.50" or "12.50 EUR"; the price was left out');
  const code = money.currency ?? currency;
  if (code === null)
    return lose(
      'names no currency; the price was left out; state one with --currency, for example --currency EUR',
    );
  if (
    money.currency !== null &&
    currency !== null &&
    money.currency !== currency &&
    context.currency === undefined
  )
    context.warn(
      column,
      text,
      `is in ${money.currency}, but the column of the currency says ${currency}; the price is in ${money.currency}`,
    );
  if (money.ambiguous && !context.decimalStated)
    context.warn(
      column,
      text,
      `was read as ${money.amount}; state the decimal mark in the mapping if it is another number`,
    );
  if (money.amount.startsWith('-')) return lose('is below 0; the price was left out');
  if (unit === 'minor') {
    const minor = Number(money.amount);
    if (!Number.isSafeInteger(minor))
      return lose('is no whole number of minor units; the price was left out');
    return { amount: formatAmount(minor, code), currency: code };
  }
  const fitted = fitAmount(money.amount, code);
  if (fitted.rounded)
    context.warn(column, text, `has more decimals than ${code}; it was rounded to ${fitted.amount}`);
  return { amount: fitted.amount, currency: code };
}

type Conditions = Omit<ImportedPrice, 'amount' | 'currency' | 'listAmount'>;

function conditionsIn(
  scope: Scope,
  spec: PriceSpec,
  context: RowContext,
  dates: DateOrder | undefined,
): Conditions {
  const text = (from: Source | undefined) => textIn(scope, from);
  const [storeId, customerGroup] = [text(spec.storeId), text(spec.customerGroup)];
  const tax = text(spec.taxIncluded);
  const taxIncluded = tax === undefined ? null : readBoolean(tax);
  const quantity = text(spec.minQuantity);
  const least = quantity === undefined ? 1 : Math.ceil(Number(readNumber(quantity)?.text ?? Number.NaN));
  if (Number.isNaN(least))
    context.warn(columnIn(scope, spec.minQuantity!), quantity ?? '', 'is no quantity; 1 was taken');
  return {
    ...(storeId === undefined ? {} : { storeId }),
    ...(customerGroup === undefined ? {} : { customerGroup }),
    ...(least > 1 ? { minQuantity: least } : {}),
    ...moments(scope, spec.validFrom, spec.validUntil, context, dates),
    ...(taxIncluded === null ? {} : { taxIncluded }),
  };
}

/** Null if no moment is stated: the reduced price holds without an end. `unreadable` if one is stated that cannot be read. */
function saleWindowIn(
  scope: Scope,
  spec: PriceSpec,
  context: RowContext,
  dates: DateOrder | undefined,
): Conditions | null | 'unreadable' {
  const window = textIn(scope, spec.saleWindow);
  if (window !== undefined) {
    const [from, until] = window.split('/').map((part) => readMoment(part, dates));
    if (from && until) return { validFrom: from, validUntil: until };
    context.warn(
      columnIn(scope, spec.saleWindow!),
      window,
      'is no window such as "2026-03-01T00:00Z/2026-03-08T00:00Z"; it was left out',
    );
    return 'unreadable';
  }
  const stated = moments(scope, spec.saleFrom, spec.saleUntil, context, dates);
  const isLost = (from: Source | undefined, moment: string | undefined) =>
    moment === undefined && momentTextIn(scope, from) !== undefined;
  if (isLost(spec.saleFrom, stated.validFrom) || isLost(spec.saleUntil, stated.validUntil))
    return 'unreadable';
  return Object.keys(stated).length === 0 ? null : stated;
}

function moments(
  scope: Scope,
  from: Source | undefined,
  until: Source | undefined,
  context: RowContext,
  dates: DateOrder | undefined,
): { readonly validFrom?: string; readonly validUntil?: string } {
  const validFrom = momentIn(scope, from, context, dates);
  const last = momentIn(scope, until, context, dates);
  const validUntil = last === undefined ? undefined : afterDay(last, textIn(scope, until) ?? '');
  return {
    ...(validFrom === undefined ? {} : { validFrom }),
    ...(validUntil === undefined ? {} : { validUntil }),
  };
}

/** An end that is a day without a time is the end of that day. */
function afterDay(moment: string, text: string): string {
  return /[\d]{1,2}:\d\d/.test(text) || /^\d{9,}$/.test(text)
    ? moment
    : new Date(Date.parse(moment) + 86_400_000).toISOString();
}

/** The text of a moment. MySQL's zero date stands for none. */
function momentTextIn(scope: Scope, from: Source | undefined): string | undefined {
  const text = textIn(scope, from);
  return text?.startsWith('0000-00-00') ? undefined : text;
}

/** A moment; one that cannot be read is reported and left out. */
export function momentIn(
  scope: Scope,
  from: Source | undefined,
  context: RowContext,
  dates: DateOrder | undefined,
): string | undefined {
  const text = momentTextIn(scope, from);
  if (text === undefined) return undefined;
  const moment = readMoment(text, dates);
  if (moment !== null) return moment;
  context.warn(
    columnIn(scope, from!),
    text,
    'is no moment such as "2026-03-01" or "2026-03-01T12:00:00Z", or its order of day and month is not known; it was left out',
  );
  return undefined;
}
