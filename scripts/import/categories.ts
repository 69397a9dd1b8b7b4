import type { CategoryPath } from './imported-product.js';

/** `CategoryInput` of the schema. */
export interface CategoryInput {
  readonly id: string;
  readonly name: string;
  readonly parentId: string | null;
}

/** The categories of each path from the root; ids are made of the names, so that they are the same in every import. */
export function categoriesOf(paths: readonly CategoryPath[]): CategoryInput[][] {
  return paths
    .map((path) => {
      const categories: CategoryInput[] = [];
      for (const name of path) {
        const slug = slugOf(name);
        if (slug === '') continue;
        const parentId = categories.at(-1)?.id ?? null;
        categories.push({ id: parentId === null ? slug : `${parentId}/${slug}`, name, parentId });
      }
      return categories;
    })
    .filter((categories) => categories.length > 0);
}

export function slugOf(name: string): string {
  return name
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\p{M}]+/gu, '-')
    .replace(/^-|-$/g, '');
}
