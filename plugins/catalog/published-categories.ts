import type { CategoryTree } from './categories.js';

/** The categories that a storefront may see, kept by counting products. */
export interface PublishedCategories {
  /** A product enters (1) or leaves (-1) these categories. */
  count(categoryIds: readonly string[], isActive: boolean, difference: 1 | -1): void;
  /**
   * True if the category, or one below it, has an ACTIVE product, or if it was saved, has no product at all, and stands at the top or
   * below a published category. The name of a category that only DRAFT and ARCHIVED products have is as unpublished as they are.
   */
  has(categoryId: string): boolean;
  /** Grows with every change of the tree and of what is published in it. */
  readonly changes: number;
}

export function createPublishedCategories(tree: CategoryTree): PublishedCategories {
  const active = new Map<string, number>();
  const inactive = new Map<string, number>();
  let changes = 0;
  let published: ReadonlySet<string> = new Set();
  let publishedAt = -1;

  const changesNow = (): number => changes + tree.changes;

  function compute(): ReadonlySet<string> {
    const found = new Set<string>();
    for (const { id } of tree.all()) {
      if (!active.has(id)) continue;
      let above: string | null = id;
      while (above !== null && !found.has(above)) {
        found.add(above);
        above = tree.get(above)?.parentId ?? null;
      }
    }
    // Parents come before children, so an empty category below an unpublished one stays unpublished, as do those below it.
    for (const { id, parentId, unsaved } of tree.all()) {
      if (unsaved || inactive.has(id)) continue;
      if (parentId === null || found.has(parentId) || tree.get(parentId) === null) found.add(id);
    }
    return found;
  }

  return {
    count(categoryIds, isActive, difference) {
      const counts = isActive ? active : inactive;
      for (const id of categoryIds) {
        const before = counts.get(id) ?? 0;
        const after = before + difference;
        if (after > 0) counts.set(id, after);
        else counts.delete(id);
        if (before === 0 || after === 0) changes++;
      }
    },
    has(categoryId) {
      if (publishedAt !== changesNow()) {
        published = compute();
        publishedAt = changesNow();
      }
      return published.has(categoryId);
    },
    get changes() {
      return changesNow();
    },
  };
}
