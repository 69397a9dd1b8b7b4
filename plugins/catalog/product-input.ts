import { z } from 'zod';
import { isCurrency, parseAmount } from '../../src/money.js';
import type { Price } from '../../src/ports/catalog.js';
import { block, id, line, locale, optionalLine } from './texts.js';

export const quantityMax = 1_000_000_000;
/** Ten billion of a currency with two digits: more is a slip of the keyboard. */
const amountMinorMax = 1_000_000_000_000;
const descriptionBytesMax = 65_536;
const urlLengthMax = 2_048;
const earliestMs = Date.UTC(1970, 0, 1);
const latestMs = Date.UTC(2200, 0, 1);

const amount = z.union([z.string(), z.number().transform(String)], {
  error: 'an amount must be a decimal number such as "12.50"',
});

const price = z
  .strictObject({
    amount,
    currency: z.string(),
    listAmount: amount.nullish(),
    storeId: id('storeId').nullish(),
  })
  .transform((input, context): Price => {
    const fault = (field: 'amount' | 'listAmount' | 'currency', message: string) => {
      context.addIssue({ code: 'custom', path: [field], message });
      return z.NEVER;
    };
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
    if (listMinor !== null && listMinor < amountMinor) {
      return fault(
        'listAmount',
        'the price before a reduction must not be below the price; leave it out where there is no reduction',
      );
    }
    return {
      currency,
      amountMinor,
      listAmountMinor: listMinor === amountMinor ? null : listMinor,
      storeId: input.storeId ?? null,
    };
  });

const prices = z
  .array(price)
  .max(500, { error: 'a product has at most 500 prices' })
  .superRefine((list, context) => {
    const seen = new Set<string>();
    list.forEach((entry, index) => {
      const key = `${entry.currency} ${entry.storeId ?? ''}`;
      if (seen.has(key)) {
        const where = entry.storeId === null ? 'without a store' : `in store ${entry.storeId}`;
        context.addIssue({
          code: 'custom',
          path: [index],
          message: `there is a price in ${entry.currency} ${where} already`,
        });
      }
      seen.add(key);
    });
  });

const attribute = z.strictObject({
  name: line('the name of an attribute', 100),
  value: z.union(
    [
      line('the text of an attribute', 10_000),
      z.number().refine((value) => Number.isFinite(value)),
      z.boolean(),
    ],
    {
      error: 'the value of an attribute must be a text of 1 to 10000 characters, a number, or true or false',
    },
  ),
});

const url = z.string().refine(
  (text) => {
    if (text.length < 1 || text.length > urlLengthMax || /[\p{Cc}\p{Cs}\s<>"]/u.test(text)) return false;
    return !/^[a-z][a-z0-9+.-]*:/i.test(text) || /^https?:\/\/./i.test(text);
  },
  { error: `a media url must be http, https or relative, at most ${urlLengthMax} characters` },
);

const moment = z
  .union([z.date(), z.iso.datetime({ offset: true }).transform((text) => new Date(text))], {
    error: 'createdAt must be an RFC 3339 moment such as "2026-03-01T12:00:00Z"',
  })
  .refine((date) => date.getTime() >= earliestMs && date.getTime() < latestMs, {
    error: 'createdAt must be between the years 1970 and 2200',
  });

export const stockLevel = z.strictObject({
  storeId: id('storeId').nullish(),
  quantity: z
    .int({ error: `a quantity must be a whole number from 0 to ${quantityMax}` })
    .min(0, { error: `a quantity must be a whole number from 0 to ${quantityMax}` })
    .max(quantityMax, { error: `a quantity must be a whole number from 0 to ${quantityMax}` }),
});

/** `ProductInput` of the schema; what is absent gets the schema's defaults. */
export const productInput = z.strictObject({
  id: id('id'),
  sku: id('sku').nullish(),
  version: z
    .int({ error: 'version must be a whole number from 0' })
    .min(0, { error: 'version must be a whole number from 0' })
    .nullish(),
  status: z
    .enum(['ACTIVE', 'DRAFT', 'ARCHIVED'], { error: 'status must be ACTIVE, DRAFT or ARCHIVED' })
    .nullish()
    .transform((status) => status ?? 'ACTIVE'),
  title: line('title', 500),
  description: block('description', descriptionBytesMax).transform((text) => text ?? ''),
  brand: optionalLine('brand', 200),
  categoryIds: z
    .array(id('a category id'))
    .max(50, { error: 'a product is in at most 50 categories' })
    .nullish(),
  prices: prices.nullish(),
  options: z
    .array(
      z.strictObject({
        name: line('the name of an option', 100),
        values: z
          .array(line('the value of an option', 200))
          .min(1, { error: 'an option has at least one value' })
          .max(200, { error: 'an option has at most 200 values' }),
      }),
    )
    .max(20, { error: 'a product has at most 20 options' })
    .nullish(),
  attributes: z.array(attribute).max(500, { error: 'a product has at most 500 attributes' }).nullish(),
  media: z
    .array(z.strictObject({ url, alt: optionalLine('alt', 500) }))
    .max(50, { error: 'a product has at most 50 media' })
    .nullish(),
  sellers: z
    .array(z.strictObject({ id: id('the id of a seller'), name: line('the name of a seller', 200) }))
    .max(100, { error: 'a product has at most 100 sellers' })
    .nullish(),
  translations: z
    .array(
      z.strictObject({
        locale,
        title: optionalLine('title', 500),
        description: block('description', descriptionBytesMax),
      }),
    )
    .max(50, { error: 'a product has at most 50 translations' })
    .nullish(),
  speakable: z.boolean({ error: 'speakable must be true or false' }).nullish(),
  createdAt: moment.nullish(),
  stock: z.array(stockLevel).max(1_000, { error: 'a product has at most 1000 stock levels' }).nullish(),
});

export type ProductInput = z.output<typeof productInput>;
