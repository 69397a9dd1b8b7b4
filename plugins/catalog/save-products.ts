import type { UserError } from '../../src/errors.js';
import { userError } from '../../src/errors.js';
import type { Fact } from '../../src/facts.js';
import { type Product, type SaveResult, variantsOf } from '../../src/ports/catalog.js';
import { type Claim, type Code, claimId, codesOf } from './claims.js';
import {
  isOlder,
  isSame,
  levelsFor,
  productBytesMax,
  productOf,
  type StockLevel,
  withLevels,
} from './documents.js';
import { type Checked, checkBatch, checkEach, refuseRepeated } from './faults.js';
import { type ProductInput, productInput } from './product-input.js';
import { addUnknownCategories } from './save-categories.js';
import { removeLevels, writeLevels } from './set-stock.js';
import type { Writing } from './writing.js';

/** What one element of a call will do. */
interface Plan {
  readonly index: number;
  readonly input: ProductInput;
  readonly current: Product | null;
  readonly product: Product;
  readonly productChanges: boolean;
  readonly levels: readonly StockLevel[] | null;
}

export async function saveProducts(writing: Writing, inputs: readonly unknown[]): Promise<SaveResult> {
  checkBatch(inputs, 'products');
  const { passed, userErrors } = checkEach(productInput, inputs, 'products', codeOf);
  const distinct = refuseRepeated(passed, 'products', userErrors);
  const plans = await plan(writing, distinct, userErrors);
  const wanted = plans.filter((each) => each.productChanges || each.levels !== null);
  const free = await withCodes(writing, wanted, userErrors);
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
  if (path[0] === 'prices' || path[2] === 'prices') return 'CATALOG_PRICE_INVALID';
  if (path[0] === 'stock' || path[2] === 'stock') return 'CATALOG_STOCK_INVALID';
  if (path.at(-1) === 'gtin') return 'CATALOG_GTIN_INVALID';
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
      checked.flatMap(({ input }) => (stockOf(input).length > 0 ? [input.id] : [])),
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
    const wanted = stockOf(input);
    const before = levelsOf.get(input.id) ?? [];
    const stockChanges = !older && wanted.length > 0 && withLevels(before, wanted) !== before;
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

/** The levels that an input gives, of the default variant or of each variant. */
function stockOf({ id, stock, variants }: ProductInput): StockLevel[] {
  if (!variants?.length) return levelsFor(id, id, stock ?? []);
  return variants.flatMap((variant) => levelsFor(id, variant.id, variant.stock ?? []));
}

/** Those whose codes, where they are new to them, no other product has. */
async function withCodes(
  { kept }: Writing,
  plans: readonly Plan[],
  userErrors: UserError[],
): Promise<readonly Plan[]> {
  const wanted = plans.flatMap((plan) =>
    lost(plan.product, plan.current).map((code) => ({ ...code, productId: plan.product.id, plan })),
  );
  if (wanted.length === 0) return plans;
  const owners = await kept.claims.claim(wanted);
  const refused = new Set<Plan>();
  const claimed: Claim[] = [];
  wanted.forEach(({ plan, ...code }, i) => {
    const owner = owners[i] ?? null;
    if (owner === null) {
      claimed.push(code);
      return;
    }
    refused.add(plan);
    const { kind, text } = code;
    const what = { sku: 'SKU', gtin: 'GTIN', variantId: 'variant id', handle: 'handle' }[kind];
    const message = `the ${what} "${text}" is that of product "${owner}"; a ${what} names one product`;
    const taken = { sku: 'SKU', gtin: 'GTIN', variantId: 'VARIANT', handle: 'HANDLE' }[kind];
    userErrors.push(
      userError(`CATALOG_${taken}_TAKEN`, message, ['products', plan.index, ...placeOf(plan, code)]),
    );
  });
  // Codes that a refused product got are free for others.
  const given = claimed.filter(({ productId }) =>
    [...refused].some(({ product }) => product.id === productId),
  );
  if (given.length > 0) await kept.claims.release(given);
  return plans.filter((each) => !refused.has(each));
}

/** The codes that one state of a product has and the other has not. */
function lost(product: Product, other: Product | null): Code[] {
  if (other === null) return codesOf(product);
  const kept = new Set(codesOf(other).map(claimId));
  return codesOf(product).filter((code) => !kept.has(claimId(code)));
}

/** The path of a code under its product. */
function placeOf({ product, input }: Plan, { kind, text }: Code): (string | number)[] {
  const field = kind === 'variantId' ? 'id' : kind;
  const at = (product.variants ?? []).findIndex((variant) => field !== 'handle' && variant[field] === text);
  return at < 0 || (kind !== 'variantId' && product[kind] === text && input[kind])
    ? [field]
    : ['variants', at, field];
}

/** Stock goes before products, so that a new product or variant is never seen as one that is not stock-kept. */
async function write({ kept, known, clock }: Writing, plans: readonly Plan[]): Promise<Map<string, Product>> {
  const written = new Map<string, Product>();
  const added = plans.filter(({ current, productChanges }) => !current && productChanges);
  const changed = plans.filter(({ current, productChanges }) => current && productChanges);
  await writeLevels(
    kept.stock,
    new Map(plans.flatMap(({ input, levels }) => (levels ? [[input.id, levels]] : []))),
    known.variantIds,
  );
  const inserted = await kept.products.insert(added.map(({ product }) => product));
  added.forEach(({ product }, i) => {
    if (inserted[i]) written.set(product.id, product);
  });
  const released: Claim[] = [];
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
      if (before === null || !stored) return;
      for (const code of lost(before, stored)) released.push({ ...code, productId: product.id });
      const ids = new Set(variantsOf(stored).map(({ id }) => id));
      if (variantsOf(before).some(({ id }) => !ids.has(id))) await removeLevels(kept.stock, product.id, ids);
    }),
  );
  if (released.length > 0) await kept.claims.release(released);
  return written;
}
