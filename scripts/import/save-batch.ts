import type { UserError } from '../../src/errors.js';
import type { CategoryInput } from './categories.js';
import type { ImportedProduct, Loss } from './imported-product.js';
import type { ProductInput } from './product-input.js';
import { type PatchOptions, type ProductPatch, patchOf } from './product-patch.js';
import type { Row } from './read/rows.js';
import type { Target } from './target.js';
import { type WithoutDetails, withoutDetails } from './without-details.js';

/** A product that waits to be saved. */
export interface Pending {
  readonly product: ImportedProduct;
  readonly row: Row;
  change:
    | { readonly kind: 'save'; readonly input: ProductInput }
    | { readonly kind: 'update'; readonly patch: ProductPatch };
  /** The stock of a product that loses its variants: it can be set once they are gone. */
  stockAfter?: ProductPatch['stock'];
}

/** Rounds of leaving out what the catalog refuses: a detail can be found wrong only after another was left out. */
const roundsMax = 5;

export interface SaveEvents {
  onSaved(saved: number, unchanged: number): void;
  lose(loss: Loss): void;
  refuse(line: number, reason: string, row: Row | null): void;
}

/** Makes the function that saves a batch: categories, then the products in them, new or changed. */
export function createSaver(
  target: Target,
  patch: PatchOptions,
  { onSaved, lose, refuse }: SaveEvents,
): (pending: readonly Pending[], categories: readonly CategoryInput[]) => Promise<void> {
  /** Leaves out the details that the catalog refuses, and saves the rest. */
  async function saveAll(pending: readonly Pending[]): Promise<void> {
    let left = pending;
    for (let round = 1; left.length > 0; round++) {
      const faults = new Map<Pending, UserError[]>();
      for (const kind of ['save', 'update'] as const) await saveKind(left, kind, faults);
      const again: Pending[] = [];
      for (const [each, errors] of faults) {
        const rest = round < roundsMax ? withoutFaults(each.change, errors) : null;
        if (rest === null) {
          refuse(each.product.line, reasonOf(errors), each.row);
          continue;
        }
        for (const detail of rest.lost) lose({ line: each.product.line, ...detail });
        each.change = rest.change;
        again.push(each);
      }
      left = again;
    }
  }

  async function saveKind(
    left: readonly Pending[],
    kind: Pending['change']['kind'],
    faults: Map<Pending, UserError[]>,
  ): Promise<void> {
    const those = left.filter(({ change }) => change.kind === kind);
    if (those.length === 0) return;
    const { saved, unchanged, userErrors } =
      kind === 'save'
        ? await target.save(those.flatMap(({ change }) => (change.kind === 'save' ? [change.input] : [])))
        : await target.update(
            those.flatMap(({ change }) => (change.kind === 'update' ? [change.patch] : [])),
          );
    onSaved(saved, unchanged);
    for (const error of userErrors) {
      const each = those[Number(error.path[1])]!;
      faults.set(each, [...(faults.get(each) ?? []), error]);
    }
  }

  async function saveStockAfter(pending: readonly Pending[]): Promise<void> {
    if (pending.length === 0) return;
    const { userErrors } = await target.update(
      pending.map(({ product, stockAfter }) => ({ id: product.id, stock: stockAfter })),
    );
    for (const { path, message } of userErrors) {
      const { product, stockAfter } = pending[Number(path[1])]!;
      lose({
        line: product.line,
        column: 'stock',
        value: JSON.stringify(stockAfter),
        reason: `${message}; it was left out`,
      });
    }
  }

  /** A product that is in the catalog is changed, so that fields which the file does not state stay. */
  async function chooseChanges(pending: readonly Pending[]): Promise<void> {
    const stored = patch.only ? [] : await target.stored(pending.map(({ product }) => product.id));
    for (const [at, each] of pending.entries()) {
      if (each.change.kind === 'update' || (!patch.only && !stored[at])) continue;
      const { stock, ...changes } = patchOf(each.change.input, stored[at] ?? null, patch);
      const losesVariants = changes.removeVariantIds !== undefined && changes.variants === undefined;
      if (losesVariants) each.stockAfter = stock;
      const isNow = stock !== undefined && !losesVariants;
      each.change = { kind: 'update', patch: { ...changes, ...(isNow ? { stock } : {}) } };
    }
  }

  return async (pending, categories) => {
    for (let at = 0; at < categories.length; at += target.batchMax) {
      // A fault of a category is reported with the products in it, by their lines.
      await target.saveCategories(categories.slice(at, at + target.batchMax));
    }
    await chooseChanges(pending);
    await saveAll(pending);
    await saveStockAfter(pending.filter(({ stockAfter }) => stockAfter !== undefined));
  };
}

function withoutFaults(
  change: Pending['change'],
  errors: readonly UserError[],
): { readonly change: Pending['change']; readonly lost: WithoutDetails<object>['lost'] } | null {
  if (change.kind === 'save') {
    const rest = withoutDetails(change.input, errors);
    return rest && { change: { kind: 'save', input: rest.input }, lost: rest.lost };
  }
  const rest = withoutDetails(change.patch, errors);
  return rest && { change: { kind: 'update', patch: rest.input }, lost: rest.lost };
}

function reasonOf(errors: readonly UserError[]): string {
  return errors
    .map(({ path, message }) => (path.length > 2 ? `${path.slice(2).join('.')}: ${message}` : message))
    .join('; ');
}
