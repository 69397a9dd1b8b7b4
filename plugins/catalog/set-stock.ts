import { RapportError, type UserError, userError } from '../../src/errors.js';
import type { Collection } from '../../src/ports/store.js';
import type { ProductReference } from '../../src/ports/variants.js';
import { levelsFor, type StockLevel, withLevels } from './documents.js';
import { checkBatch, checkEach } from './faults.js';
import { levelsIn, type StockDocument, stockDocument } from './stock-document.js';
import { type NamedBy, namedBy, stockInput } from './stock-input.js';
import type { Writing } from './writing.js';

/** Sets quantities in the order of the entries: of two for one variant and store the later one holds. */
export async function setStock(
  { kept, queue, known }: Writing,
  inputs: readonly unknown[],
): Promise<{ readonly set: number; readonly userErrors: readonly UserError[] }> {
  checkBatch(inputs, 'entries');
  const { passed, userErrors } = checkEach(stockInput, inputs, 'entries', () => 'CATALOG_STOCK_INVALID');
  const entries = passed.map((element) => ({ ...element, by: namedBy(element.input)! }));
  const find = await finder(
    { kept, known },
    entries.map(({ by }) => by),
  );
  const changes = new Map<string, StockLevel[]>();
  let set = 0;
  for (const { index, input, by } of entries) {
    const found = find(by);
    const path = ['entries', index, by.kind];
    if (found === null) {
      const message = `there is no product with ${named(by)}; save it before its stock`;
      userErrors.push(userError('CATALOG_PRODUCT_UNKNOWN', message, path));
      continue;
    }
    const { productId, variantId } = found;
    if (variantId === null) {
      const message = `${named(by)} names a product with ${known.variantIds(productId).length} variants; name one of them by variantId, sku or gtin`;
      userErrors.push(userError('CATALOG_VARIANT_NEEDED', message, path));
      continue;
    }
    const levels = changes.get(productId) ?? [];
    changes.set(productId, levels);
    levels.push(...levelsFor(productId, variantId, [input], input));
    set++;
  }
  if (changes.size > 0) {
    await queue.publishing([{ type: 'stock.changed', ids: [...changes.keys()] }], () =>
      writeLevels(kept.stock, changes, known.variantIds),
    );
  }
  return { set, userErrors };
}

export function named({ kind, text }: NamedBy): string {
  return `the ${kind} "${text}"`;
}

/**
 * Finds the variant that each reference names: from memory, or from the store a product that another process has just saved or that is
 * damaged. The only variant of a product stands for the product; `variantId` is null for a product with several.
 */
export async function finder(
  { kept, known }: Pick<Writing, 'kept' | 'known'>,
  references: readonly NamedBy[],
): Promise<(by: NamedBy) => ProductReference | null> {
  const inMemory = ({ kind, text }: NamedBy) =>
    kind === 'productId' ? known.codes.resolve(text) : known.codes.find(kind, text);
  const missing = references.filter((by) => by.kind === 'productId' && inMemory(by) === null);
  const stored = new Map<string, readonly string[]>();
  if (missing.length > 0) {
    const ids = [...new Set(missing.map(({ text }) => text))];
    const products = await kept.products.getMany(ids, { skipDamaged: (id) => void stored.set(id, [id]) });
    for (const product of products)
      if (product) stored.set(product.id, product.variants?.map(({ id }) => id) ?? [product.id]);
  }
  return (by) => {
    const found = inMemory(by);
    if (found?.variantId) return found;
    const productId = found?.productId ?? by.text;
    const variantIds = found ? known.variantIds(productId) : stored.get(productId);
    if (variantIds === undefined) return null;
    return { productId, variantId: variantIds.length === 1 ? variantIds[0]! : null };
  };
}

/** Below the megabyte that a store takes as one document. */
const levelsBytesMax = 900_000;
/** So few levels fit whatever their ids are. */
const levelsAlwaysFit = 500;

function sized(productId: string, levels: readonly StockLevel[]): StockDocument {
  const document = stockDocument(productId, levels);
  if (levels.length <= levelsAlwaysFit || Buffer.byteLength(JSON.stringify(document)) <= levelsBytesMax)
    return document;
  throw new RapportError(
    'invalid',
    'CATALOG_STOCK_TOO_LARGE',
    `product "${productId}" would have ${levels.length} stock levels, more than ${levelsBytesMax} bytes; split its variants or stores`,
  );
}

/** Merges quantities into what is stored of each product, by compare-and-set. Where that is damaged, its other variants are out of stock. */
export async function writeLevels(
  stock: Collection<StockDocument>,
  changes: ReadonlyMap<string, readonly StockLevel[]>,
  variantIdsOf: (productId: string) => readonly string[],
): Promise<void> {
  const entries = [...changes];
  const added = await stock.insert(entries.map(([id, levels]) => sized(id, withLevels([], levels))));
  await Promise.all(
    entries.map(([id, levels], i) => {
      if (added[i]) return null;
      return stock.update(
        id,
        (current) => {
          const before = current ? levelsIn(current) : outOfStock(id, variantIdsOf(id), levels);
          const after = withLevels(before, levels);
          return after === before && current ? undefined : sized(id, after);
        },
        { skipDamaged: true },
      );
    }),
  );
}

/** No stock of all variants but those of the levels. */
function outOfStock(
  productId: string,
  variantIds: readonly string[],
  levels: readonly StockLevel[],
): StockLevel[] {
  const given = new Set(levels.map(({ variantId = productId }) => variantId));
  return variantIds
    .filter((id) => !given.has(id))
    .flatMap((id) => levelsFor(productId, id, [{ quantity: 0 }]));
}

/** Removes the stock of variants that their product no longer has. */
export async function removeLevels(
  stock: Collection<StockDocument>,
  productId: string,
  variantIds: ReadonlySet<string>,
): Promise<void> {
  await stock.update(
    productId,
    (current) => {
      if (!current) return undefined;
      const levels = levelsIn(current);
      const rest = levels.filter(({ variantId = productId }) => variantIds.has(variantId));
      if (rest.length === levels.length) return undefined;
      return rest.length === 0 ? null : stockDocument(productId, rest);
    },
    { skipDamaged: true },
  );
}
