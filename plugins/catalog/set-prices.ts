import { z } from 'zod';
import type { UserError } from '../../src/errors.js';
import type { Price, Product } from '../../src/ports/catalog.js';
import { feedVersions, isOlder } from './documents.js';
import { checkBatch, checkEach } from './faults.js';
import { feed } from './feed-input.js';
import { conditionsOf, priceFields, readPrice } from './price-input.js';
import { finder } from './set-stock.js';
import { namedBy, oneReference, reference } from './stock-input.js';
import { unknownProduct } from './update-products.js';
import { type ProductWrite, writeProducts } from './write-products.js';
import type { Writing } from './writing.js';

/** `PriceEntryInput` of the schema. */
const priceEntry = z
  .strictObject({ ...reference, ...feed, ...priceFields, amount: priceFields.amount.nullish() })
  .refine((input) => namedBy(input) !== null, { error: oneReference })
  .transform((input, context) => {
    const { source, version, amount = null } = input;
    const extra = amount === null ? fieldNeedingAmount(input) : null;
    if (extra !== null) {
      const message = `${extra} needs an amount; an entry without an amount removes all prices in its currency, store and customer group`;
      context.addIssue({ code: 'custom', path: ['amount'], message });
      return z.NEVER;
    }
    const read = readPrice({ ...input, amount: amount ?? '0' });
    if ('fault' in read) {
      context.addIssue({ code: 'custom', path: [read.field], message: read.fault });
      return z.NEVER;
    }
    return {
      by: namedBy(input)!,
      source,
      version,
      scope: scopeOf(read),
      price: amount === null ? null : read,
    };
  });

/** Names the first given field, with its value, that means nothing without an amount. Null if there is none. */
function fieldNeedingAmount({
  listAmount,
  minQuantity,
  validFrom,
  validUntil,
}: Omit<z.output<z.ZodObject<typeof priceFields>>, 'amount'>): string | null {
  if (listAmount) return `the listAmount "${listAmount.slice(0, 30)}"`;
  if (minQuantity && minQuantity > 1) return `the minQuantity ${minQuantity}`;
  if (validFrom) return `the validFrom "${validFrom.toISOString()}"`;
  if (validUntil) return `the validUntil "${validUntil.toISOString()}"`;
  return null;
}

type Entry = z.output<typeof priceEntry> & { readonly index: number };

/** The part of a price list that the entries of a call replace together. */
function scopeOf({ currency, storeId, customerGroup }: Price): string {
  return [currency, storeId, customerGroup].join('\n');
}

/**
 * Sets prices: the entries of a call for one product or variant, currency, store and customer group replace its prices there, and
 * leave all others. An entry without an amount only removes those that are there.
 */
export async function setPrices(
  writing: Writing,
  inputs: readonly unknown[],
): Promise<{ readonly set: number; readonly userErrors: readonly UserError[] }> {
  checkBatch(inputs, 'entries');
  const { passed, userErrors } = checkEach(priceEntry, inputs, 'entries', () => 'CATALOG_PRICE_INVALID');
  const find = await finder(
    writing,
    passed.map(({ input }) => input.by),
  );
  const byProduct = new Map<string, Map<string | null, Entry[]>>();
  for (const { index, input } of passed) {
    const found = find(input.by);
    if (found === null) {
      userErrors.push(unknownProduct(input.by, ['entries', index, input.by.kind]));
      continue;
    }
    const byVariant = byProduct.get(found.productId) ?? new Map<string | null, Entry[]>();
    byProduct.set(found.productId, byVariant);
    byVariant.set(found.variantId, [...(byVariant.get(found.variantId) ?? []), { ...input, index }]);
  }
  const before = userErrors.length;
  const writes = [...byProduct].map(
    ([id, byVariant]): ProductWrite => ({
      index: [...byVariant.values()][0]![0]!.index,
      id,
      apply: (current, nowMs) =>
        current &&
        [...byVariant].reduce(
          (product, [variantId, entries]) => priced(product, variantId, entries, nowMs),
          current,
        ),
      levels: () => [],
    }),
  );
  await writeProducts(writing, writes, 'entries', userErrors);
  const refused = new Set(userErrors.slice(before).map(({ path }) => Number(path[1])));
  const set = writes
    .filter(({ index }) => !refused.has(index))
    .reduce(
      (sum, { id }) =>
        sum + [...byProduct.get(id)!.values()].reduce((count, { length }) => count + length, 0),
      0,
    );
  return { set, userErrors };
}

function priced(
  product: Product,
  variantId: string | null,
  entries: readonly Entry[],
  nowMs: number,
): Product {
  const at = product.variants?.findIndex(({ id }) => id === variantId) ?? -1;
  const own = at < 0 ? null : variantId;
  const valid = entries.filter((entry) => !isOlder(entry, product, own));
  const list = (at < 0 ? product.prices : product.variants![at]!.prices) ?? [];
  const prices = replaced(list, valid);
  let result: Product = product;
  for (const entry of valid) result = { ...result, ...feedVersions(result, entry, own) };
  if (at < 0) return { ...result, prices, updatedAtMs: nowMs };
  const variants = product.variants!.map((variant, i) => {
    if (i !== at) return variant;
    const { prices: _, ...rest } = variant;
    return prices.length === 0 ? rest : { ...rest, prices };
  });
  return { ...result, variants, updatedAtMs: nowMs };
}

/** The list with the scopes of the entries replaced, each at its place. */
function replaced(list: readonly Price[], entries: readonly Entry[]): readonly Price[] {
  const byScope = new Map<string, Map<string, Price>>();
  for (const { scope, price } of entries) {
    const prices = byScope.get(scope) ?? new Map<string, Price>();
    byScope.set(scope, prices);
    if (price) prices.set(conditionsOf(price), price);
  }
  const result: Price[] = [];
  const done = new Set<string>();
  for (const price of list) {
    const scope = scopeOf(price);
    const prices = byScope.get(scope);
    if (!prices) result.push(price);
    else if (!done.has(scope)) result.push(...prices.values());
    done.add(scope);
  }
  for (const [scope, prices] of byScope) if (!done.has(scope)) result.push(...prices.values());
  return result;
}
