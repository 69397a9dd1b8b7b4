import type { UserError } from '../../src/errors.js';
import { userError } from '../../src/errors.js';
import type { Fact } from '../../src/facts.js';
import { onlineStoreId, type Product, type SaveResult } from '../../src/ports/catalog.js';
import { isOlder, isSame, productBytesMax, productOf, withLevels } from './documents.js';
import { type Checked, checkBatch, checkEach, refuseRepeated } from './faults.js';
import { type ProductInput, productInput } from './product-input.js';
import { addUnknownCategories } from './save-categories.js';
import { writeLevels } from './set-stock.js';
import type { SkuClaim } from './skus.js';
import type { Writing } from './writing.js';

/** What one element of a call will do. */
interface Plan {
  readonly index: number;
  readonly input: ProductInput;
  readonly current: Product | null;
  readonly product: Product;
  readonly productChanges: boolean;
  readonly levels: ReadonlyMap<string, number> | null;
}

export async function saveProducts(writing: Writing, inputs: readonly unknown[]): Promise<SaveResult> {
  checkBatch(inputs, 'products');
  const { passed, userErrors } = checkEach(productInput, inputs, 'products', codeOf);
  const distinct = refuseRepeated(passed, 'products', userErrors);
  const plans = await plan(writing, distinct, userErrors);
  const wanted = plans.filter((each) => each.productChanges || each.levels !== null);
  const free = await withSkus(writing, wanted, userErrors);
  const changing = new Set(free.map(({ input }) => input.id));
  const refused = wanted.length - free.length;
  if (free.length === 0) return { saved: [], unchanged: plans.length - refused, userErrors };

  await addUnknownCategories(
    writing,
    new Set(free.flatMap(({ productChanges, product }) => (productChanges ? product.categoryIds : []))),
  );
  const products = free.filter(({ productChanges }) => productChanges);
  const stocked = free.filter(({ levels }) => levels !== null);
  const facts: Fact[] = [];
  if (products.length > 0) {
    facts.push({ type: 'product.changed', ids: products.map(({ input }) => input.id) });
  }
  if (stocked.length > 0) facts.push({ type: 'stock.changed', ids: stocked.map(({ input }) => input.id) });
  const written = await writing.queue.publishing(facts, () => write(writing, free));
  const saved = free.map((each) => written.get(each.input.id) ?? each.product);
  return { saved, unchanged: plans.length - refused - changing.size, userErrors };
}

function codeOf(path: readonly PropertyKey[]): string {
  if (path[0] === 'prices') return 'CATALOG_PRICE_INVALID';
  if (path[0] === 'stock') return 'CATALOG_STOCK_INVALID';
  return 'CATALOG_PRODUCT_INVALID';
}

async function plan(
  { kept, clock }: Writing,
  checked: readonly Checked<ProductInput>[],
  userErrors: UserError[],
): Promise<Plan[]> {
  const ids = checked.map(({ input }) => input.id);
  const [products, stock] = await Promise.all([
    kept.products.getMany(ids, { skipDamaged: true }),
    kept.stock.getMany(
      checked.flatMap(({ input }) => (input.stock?.length ? [input.id] : [])),
      { skipDamaged: true },
    ),
  ]);
  const levelsOf = new Map(stock.flatMap((document) => (document ? [[document.id, document.levels]] : [])));
  const plans: Plan[] = [];
  checked.forEach(({ index, input }, i) => {
    const current = products[i] ?? null;
    const product = productOf(input, current, clock.nowMs());
    const bytes = Buffer.byteLength(JSON.stringify(product));
    if (bytes > productBytesMax) {
      const message = `the product takes ${bytes} bytes; at most ${productBytesMax} are allowed`;
      userErrors.push(userError('CATALOG_PRODUCT_TOO_LARGE', message, ['products', index]));
      return;
    }
    const older = current !== null && isOlder(input, current);
    const wanted = new Map((input.stock ?? []).map((each) => [each.storeId ?? onlineStoreId, each.quantity]));
    const before = levelsOf.get(input.id) ?? [];
    const stockChanges = !older && wanted.size > 0 && withLevels(before, wanted) !== before;
    plans.push({
      index,
      input,
      current,
      product,
      productChanges: !older && !(current && isSame(product, current)),
      levels: stockChanges ? wanted : null,
    });
  });
  return plans;
}

/** Those whose SKU, where it is new to them, no other product has. */
async function withSkus(
  { kept }: Writing,
  plans: readonly Plan[],
  userErrors: UserError[],
): Promise<readonly Plan[]> {
  const claiming = plans.filter(
    ({ product, current }) => product.sku !== null && product.sku !== current?.sku,
  );
  if (claiming.length === 0) return plans;
  const owners = await kept.skus.claim(
    claiming.map(({ product }) => ({ sku: product.sku!, productId: product.id })),
  );
  const refused = new Set<Plan>();
  claiming.forEach((each, i) => {
    const owner = owners[i];
    if (owner === null || owner === undefined) return;
    refused.add(each);
    const message = `the SKU "${each.product.sku}" is that of product "${owner}"; a SKU names one product`;
    userErrors.push(userError('CATALOG_SKU_TAKEN', message, ['products', each.index, 'sku']));
  });
  return plans.filter((each) => !refused.has(each));
}

/** Stock goes before a new product, so that it is never seen as one that needs none. */
async function write({ kept, clock }: Writing, plans: readonly Plan[]): Promise<Map<string, Product>> {
  const written = new Map<string, Product>();
  const added = plans.filter(({ current, productChanges }) => !current && productChanges);
  const changed = plans.filter(({ current, productChanges }) => current && productChanges);
  await writeLevels(kept.stock, levelsOf(added));
  const inserted = await kept.products.insert(added.map(({ product }) => product));
  added.forEach(({ product }, i) => {
    if (inserted[i]) written.set(product.id, product);
  });
  const released: SkuClaim[] = [];
  await Promise.all(
    [...changed, ...added.filter((_, i) => !inserted[i])].map(async ({ input, product }) => {
      let before: Product | null = null;
      const stored = await kept.products.update(
        product.id,
        (current) => {
          before = null;
          if (current && isOlder(input, current)) return undefined;
          before = current;
          return productOf(input, current, clock.nowMs());
        },
        { skipDamaged: true },
      );
      if (stored) written.set(product.id, stored);
      const sku = (before as Product | null)?.sku ?? null;
      if (sku !== null && sku !== stored?.sku) released.push({ sku, productId: product.id });
    }),
  );
  await kept.skus.release(released);
  await writeLevels(kept.stock, levelsOf(plans.filter(({ current }) => current)));
  return written;
}

function levelsOf(plans: readonly Plan[]): Map<string, ReadonlyMap<string, number>> {
  return new Map(plans.flatMap(({ input, levels }) => (levels ? [[input.id, levels]] : [])));
}
