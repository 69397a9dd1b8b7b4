import { type UserError, userError } from '../../src/errors.js';
import type { Fact } from '../../src/facts.js';
import { type Product, type SaveResult, variantsOf } from '../../src/ports/catalog.js';
import { type Claim, type Code, claimId, codesOf } from './claims.js';
import { isSame, productBytesMax, type StockLevel, withLevels } from './documents.js';
import { recordPrices, replacedPrices } from './price-history.js';
import { pricesMax } from './price-input.js';
import { addUnknownCategories } from './save-categories.js';
import { removeLevels, writeLevels } from './set-stock.js';
import { levelsIn } from './stock-document.js';
import { checkVariants, variantsMax } from './variant-input.js';
import type { Writing } from './writing.js';

/** A change of one product. Each product of a call has at most one. */
export interface ProductWrite {
  /** The element of the call that faults name. */
  readonly index: number;
  readonly id: string;
  /**
   * Makes the new product of the stored one. Returns the same object to leave it, and null if the change needs a product and there is
   * none. Called again if another process writes in between.
   */
  apply(current: Product | null, nowMs: number): Product | null;
  /** The stock levels to set. */
  levels(current: Product | null): readonly StockLevel[];
}

interface Plan {
  readonly write: ProductWrite;
  readonly current: Product | null;
  readonly product: Product;
  readonly productChanges: boolean;
  readonly levels: readonly StockLevel[] | null;
}

/** Writes products and their stock, each all or nothing. `root`: the argument of the call that the paths of faults begin with. */
export async function writeProducts(
  writing: Writing,
  writes: readonly ProductWrite[],
  root: string,
  userErrors: UserError[],
): Promise<SaveResult> {
  const plans = await planWrites(writing, writes, root, userErrors);
  const wanted = plans.filter((each) => each.productChanges || each.levels !== null);
  const free = await withCodes(writing, wanted, root, userErrors);
  const unchanged = plans.length - wanted.length;
  if (free.length === 0) return { saved: [], unchanged, userErrors };
  await addUnknownCategories(
    writing,
    new Set(free.flatMap(({ productChanges, product }) => (productChanges ? product.categoryIds : []))),
  );
  const products = free.filter(({ productChanges }) => productChanges);
  const stocked = free.filter(({ levels }) => levels !== null);
  const facts: Fact[] = [];
  if (products.length > 0)
    facts.push({ type: 'product.changed', ids: products.map(({ write }) => write.id) });
  if (stocked.length > 0) facts.push({ type: 'stock.changed', ids: stocked.map(({ write }) => write.id) });
  const written = await writing.queue.publishing(facts, () => writeAll(writing, free));
  return { saved: free.map((each) => written.get(each.write.id) ?? each.product), unchanged, userErrors };
}

async function planWrites(
  { kept, clock }: Writing,
  writes: readonly ProductWrite[],
  root: string,
  userErrors: UserError[],
): Promise<Plan[]> {
  const products = await kept.products.getMany(
    writes.map(({ id }) => id),
    { skipDamaged: true },
  );
  const levels = writes.map((write, i) => write.levels(products[i] ?? null));
  const stock = await kept.stock.getMany(
    writes.filter((_, i) => levels[i]!.length > 0).map(({ id }) => id),
    { skipDamaged: true },
  );
  const levelsOf = new Map(
    stock.flatMap((document) => (document ? [[document.id, levelsIn(document)]] : [])),
  );
  const plans: Plan[] = [];
  writes.forEach((write, i) => {
    const current = products[i] ?? null;
    const product = write.apply(current, clock.nowMs());
    const fault =
      product === null
        ? userError('CATALOG_PRODUCT_UNKNOWN', `there is no product "${write.id}"; save it first`, [
            root,
            write.index,
          ])
        : product === current
          ? null
          : faultOf(product, current, root, write.index);
    if (fault !== null || product === null) {
      if (fault !== null) userErrors.push(fault);
      return;
    }
    const before = levelsOf.get(write.id) ?? [];
    plans.push({
      write,
      current,
      product,
      productChanges: product !== current && !(current && isSame(product, current)),
      levels: levels[i]!.length > 0 && withLevels(before, levels[i]!) !== before ? levels[i]! : null,
    });
  });
  return plans;
}

/** The fault of a product that is right field by field. */
function faultOf(product: Product, current: Product | null, root: string, index: number): UserError | null {
  const bytes = Buffer.byteLength(JSON.stringify(product));
  if (bytes > productBytesMax) {
    const message = `the product takes ${bytes} bytes; at most ${productBytesMax} are allowed`;
    return userError('CATALOG_PRODUCT_TOO_LARGE', message, [root, index]);
  }
  const { variants = [] } = product;
  if (variants.length > variantsMax) {
    const message = `the product would have ${variants.length} variants; at most ${variantsMax} are allowed`;
    return userError('CATALOG_PRODUCT_INVALID', message, [root, index, 'variants']);
  }
  const lists = [product.prices, ...variants.map(({ prices = [] }) => prices)];
  const longest = Math.max(...lists.map(({ length }) => length));
  if (longest > pricesMax) {
    const message = `a list of prices would have ${longest} entries; at most ${pricesMax} are allowed`;
    return userError('CATALOG_PRICE_INVALID', message, [root, index, 'prices']);
  }
  let fault: UserError | null = null;
  const issues: Parameters<typeof checkVariants>[1] = {
    addIssue({ path, message }) {
      fault ??= userError('CATALOG_PRODUCT_INVALID', message, [root, index, 'variants', ...path]);
    },
  };
  const stored = current?.variants ?? [];
  const lacking = stored.filter(({ selectedOptions }) => stored.length > 1 && selectedOptions.length === 0);
  checkVariants(
    variants,
    issues,
    lacking.map(({ id }) => id),
  );
  return fault;
}

const codeNames = { sku: 'SKU', gtin: 'GTIN', handle: 'handle' };

/** Those whose codes, where they are new to them, no other product has. */
async function withCodes(
  { kept }: Writing,
  plans: readonly Plan[],
  root: string,
  userErrors: UserError[],
): Promise<readonly Plan[]> {
  const wanted = plans.flatMap((plan) =>
    lost(plan.product, plan.current).map((code) => ({ ...code, productId: plan.product.id, plan })),
  );
  if (wanted.length === 0) return plans;
  const owners = await kept.claims.claim(wanted);
  const refused = new Set<Plan>();
  wanted.forEach(({ plan, kind, text }, i) => {
    const owner = owners[i] ?? null;
    if (owner === null) return;
    refused.add(plan);
    const message =
      kind === 'variantId'
        ? `the id "${text}" is that of ${text === owner ? 'a product' : `a variant of product "${owner}"`}; use one that no other product or variant has`
        : `the ${codeNames[kind]} "${text}" is that of product "${owner}"; a ${codeNames[kind]} names one product`;
    const taken = { sku: 'SKU', gtin: 'GTIN', variantId: 'VARIANT', handle: 'HANDLE' }[kind];
    const path = [root, plan.write.index, ...placeOf(plan.product, { kind, text })];
    userErrors.push(userError(`CATALOG_${taken}_TAKEN`, message, path));
  });
  if (refused.size === 0) return plans;
  // Codes that a refused product got are free for others.
  const got = wanted.filter(({ plan }, i) => refused.has(plan) && (owners[i] ?? null) === null);
  if (got.length > 0) await kept.claims.release(got);
  return plans.filter((each) => !refused.has(each));
}

/** The codes that one state of a product has and the other has not. */
function lost(product: Product, other: Product | null): Code[] {
  if (other === null) return codesOf(product);
  const kept = new Set(codesOf(other).map(claimId));
  return codesOf(product).filter((code) => !kept.has(claimId(code)));
}

/** The path of a code under its product. */
function placeOf(product: Product, { kind, text }: Code): (string | number)[] {
  const field = kind === 'variantId' ? 'id' : kind;
  if (product[field] === text) return [field];
  const at = (product.variants ?? []).findIndex((variant) => field !== 'handle' && variant[field] === text);
  return at < 0 ? [field] : ['variants', at, field];
}

/** Stock goes before products, so that a new product or variant is never seen as one that is not stock-kept. */
async function writeAll(
  { kept, known, clock }: Writing,
  plans: readonly Plan[],
): Promise<Map<string, Product>> {
  const written = new Map<string, Product>();
  const added = plans.filter(({ current, productChanges }) => !current && productChanges);
  const changed = plans.filter(({ current, productChanges }) => current && productChanges);
  await writeLevels(
    kept.stock,
    new Map(plans.flatMap(({ write, levels }) => (levels ? [[write.id, levels]] : []))),
    known.variantIds,
  );
  await Promise.all(
    changed.map(({ current, product }) => {
      const replaced = current ? replacedPrices(current, product, clock.nowMs()) : [];
      return replaced.length === 0
        ? null
        : recordPrices(kept.priceHistory, product.id, replaced, clock.nowMs());
    }),
  );
  const inserted = await kept.products.insert(added.map(({ product }) => product));
  added.forEach(({ product }, i) => {
    if (inserted[i]) written.set(product.id, product);
  });
  const released: Claim[] = [];
  await Promise.all(
    [...changed, ...added.filter((_, i) => !inserted[i])].map(async ({ write }) => {
      let before: Product | null = null;
      const stored = await kept.products.update(
        write.id,
        (current) => {
          const product = write.apply(current, clock.nowMs());
          before = product === current ? null : current;
          return product === null || product === current ? undefined : product;
        },
        { skipDamaged: true },
      );
      if (stored) written.set(write.id, stored);
      if (before === null || !stored) return;
      for (const code of lost(before, stored)) released.push({ ...code, productId: write.id });
      const ids = new Set(variantsOf(stored).map(({ id }) => id));
      if (variantsOf(before).some(({ id }) => !ids.has(id))) await removeLevels(kept.stock, write.id, ids);
    }),
  );
  if (released.length > 0) await kept.claims.release(released);
  return written;
}
