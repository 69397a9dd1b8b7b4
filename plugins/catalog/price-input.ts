import { z } from 'zod';
import { isCurrency, parseAmount } from '../../src/money.js';
import type { Price } from '../../src/ports/catalog.js';
import { id, line } from './texts.js';

/** Ten billion of a currency with two digits: more is a slip of the keyboard. */
const amountMinorMax = 1_000_000_000_000;
const minQuantityMax = 1_000_000;
const earliestMs = Date.UTC(1970, 0, 1);
const latestMs = Date.UTC(2200, 0, 1);

/** A moment from 1970 to 2200. `what` names it in messages. */
export function moment(what: string): z.ZodType<Date> {
  return z
    .union([z.date(), z.iso.datetime({ offset: true }).transform((text) => new Date(text))], {
      error: `${what} must be an RFC 3339 moment such as "2026-03-01T12:00:00Z"`,
    })
    .refine((date) => date.getTime() >= earliestMs && date.getTime() < latestMs, {
      error: ({ input }) =>
        `${what} must be between the years 1970 and 2200, not ${input instanceof Date ? input.toISOString() : input}`,
    });
}

const amount = z.union([z.string(), z.number().transform(String)], {
  error: 'an amount must be a decimal number such as "12.50"',
});

const minQuantityFault = `minQuantity must be a whole number from 1 to ${minQuantityMax}`;

export const priceFields = {
  amount,
  currency: z.string(),
  listAmount: amount.nullish(),
  storeId: id('storeId').nullish(),
  customerGroup: line('customerGroup', 100).nullish(),
  minQuantity: z
    .int({ error: minQuantityFault })
    .min(1, { error: minQuantityFault })
    .max(minQuantityMax, { error: minQuantityFault })
    .nullish(),
  validFrom: moment('validFrom').nullish(),
  validUntil: moment('validUntil').nullish(),
  taxIncluded: z.boolean({ error: 'taxIncluded must be true or false' }).nullish(),
};

const given = z.strictObject(priceFields);

/** `PriceInput` of the schema. */
export const price = given.transform((input, context): Price => {
  const read = readPrice(input);
  if (!('fault' in read)) return read;
  context.addIssue({ code: 'custom', path: [read.field], message: read.fault });
  return z.NEVER;
});

export interface PriceFault {
  readonly field: 'amount' | 'listAmount' | 'currency' | 'validUntil';
  readonly fault: string;
}

/** The price of an input whose fields are right each by itself, or what is wrong with them together. */
export function readPrice(input: z.output<typeof given>): Price | PriceFault {
  const fault = (field: PriceFault['field'], message: string): PriceFault => ({ field, fault: message });
  const { currency } = input;
  if (!isCurrency(currency)) {
    return fault('currency', `"${currency.slice(0, 10)}" is no ISO 4217 currency code such as "EUR"`);
  }
  const allowed = `must be a non-negative decimal with no more digits than ${currency} has, at most 10,000,000,000`;
  const amountMinor = parseAmount(input.amount, currency);
  if (amountMinor === null || amountMinor > amountMinorMax) {
    return fault('amount', `"${input.amount.slice(0, 30)}" is no price; it ${allowed}`);
  }
  const list = input.listAmount ?? null;
  const listMinor = list === null ? null : parseAmount(list, currency);
  if (list !== null && (listMinor === null || listMinor > amountMinorMax)) {
    return fault('listAmount', `"${list.slice(0, 30)}" is no price; it ${allowed}`);
  }
  if (list !== null && listMinor !== null && listMinor < amountMinor) {
    return fault(
      'listAmount',
      `"${list.slice(0, 30)}" is below the amount "${input.amount.slice(0, 30)}"; listAmount is the price before a reduction, omit it if there is none`,
    );
  }
  const validFromMs = input.validFrom?.getTime();
  const validUntilMs = input.validUntil?.getTime();
  if (validFromMs !== undefined && validUntilMs !== undefined && validUntilMs <= validFromMs) {
    const [from, until] = [validFromMs, validUntilMs].map((atMs) => new Date(atMs).toISOString());
    return fault('validUntil', `"${until}" is not later than validFrom "${from}"`);
  }
  const { customerGroup, minQuantity, taxIncluded } = input;
  return {
    currency,
    amountMinor,
    listAmountMinor: listMinor === amountMinor ? null : listMinor,
    storeId: input.storeId ?? null,
    ...(customerGroup ? { customerGroup } : {}),
    ...(minQuantity && minQuantity > 1 ? { minQuantity } : {}),
    ...(validFromMs === undefined ? {} : { validFromMs }),
    ...(validUntilMs === undefined ? {} : { validUntilMs }),
    ...(typeof taxIncluded === 'boolean' ? { taxIncluded } : {}),
  };
}

/** Equal for two prices that hold under the same conditions. */
export function conditionsOf(price: Price): string {
  const { currency, storeId, customerGroup, minQuantity, validFromMs, validUntilMs } = price;
  return [currency, storeId, customerGroup, minQuantity ?? 1, validFromMs, validUntilMs].join('\n');
}

export const pricesMax = 500;

/** The prices of a product or of one variant. Windows may overlap; two prices under the same conditions are refused. */
export const prices = z
  .array(price)
  .max(pricesMax, { error: `a list of prices has at most ${pricesMax} entries` })
  .superRefine((list, context) => {
    const seen = new Map<string, number>();
    list.forEach((entry, index) => {
      const earlier = seen.get(conditionsOf(entry));
      if (earlier === undefined) {
        seen.set(conditionsOf(entry), index);
        return;
      }
      const where = entry.storeId === null ? 'without a store' : `in store ${entry.storeId}`;
      context.addIssue({
        code: 'custom',
        path: [index],
        message: `the price at index ${earlier} is in ${entry.currency} ${where} under the same conditions already; change its group, minimum quantity or validity, or leave one out`,
      });
    });
  });
