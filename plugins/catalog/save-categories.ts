import { isDeepStrictEqual } from 'node:util';
import { RapportError, type UserError } from '../../src/errors.js';
import type { Category } from '../../src/ports/catalog.js';
import { categoriesMax, categoryOf, placeable, placeholder } from './categories.js';
import { categoryInput } from './category-input.js';
import { checkBatch, checkEach, refuseRepeated } from './faults.js';
import type { Writing } from './writing.js';

export async function saveCategories(
  { kept, tree }: Writing,
  inputs: readonly unknown[],
): Promise<{ readonly saved: readonly Category[]; readonly userErrors: readonly UserError[] }> {
  checkBatch(inputs, 'categories');
  const { passed, userErrors } = checkEach(
    categoryInput,
    inputs,
    'categories',
    () => 'CATALOG_CATEGORY_INVALID',
  );
  const placed = placeable(tree, refuseRepeated(passed, 'categories', userErrors), userErrors);
  const saved = placed.map(({ input }) => categoryOf(input));
  checkRoom(tree.all().length, saved.filter(({ id }) => !tree.get(id)).length);
  await kept.categories.put(saved.filter((category) => !isDeepStrictEqual(category, tree.get(category.id))));
  return { saved, userErrors };
}

/** Categories that products name and nobody has saved yet, so that products may come first. */
export async function addUnknownCategories({ kept, tree }: Writing, ids: ReadonlySet<string>): Promise<void> {
  const unknown = [...ids].filter((id) => !tree.get(id));
  if (unknown.length === 0) return;
  checkRoom(tree.all().length, unknown.length);
  for (let at = 0; at < unknown.length; at += 1_000) {
    await kept.categories.insert(unknown.slice(at, at + 1_000).map(placeholder));
  }
}

function checkRoom(before: number, added: number): void {
  if (before + added <= categoriesMax) return;
  throw new RapportError(
    'invalid',
    'CATALOG_CATEGORIES_MAX',
    `${before} categories and ${added} new ones; a catalog may have ${categoriesMax}.`,
    { path: ['categories'] },
  );
}
