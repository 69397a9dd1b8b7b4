import { type UserError, userError } from '../../src/errors.js';
import { deepFreeze } from '../../src/kit/deep-freeze.js';
import type { CategoryInput } from './category-input.js';
import type { CategoryDocument } from './documents.js';
import type { Checked } from './faults.js';

export const categoriesMax = 100_000;
const depthMax = 20;

/** The category tree in memory. Reading never loops, even should two processes have closed a circle at once. */
export interface CategoryTree {
  get(id: string): CategoryDocument | null;
  /** Parents before children, siblings by name. */
  all(): readonly CategoryDocument[];
  children(id: string): readonly CategoryDocument[];
  /** The category and all below it; empty for an unknown one. */
  descendants(id: string): readonly string[];
  set(category: CategoryDocument): void;
  remove(id: string): void;
  /** Grows with every change. */
  readonly changes: number;
}

export function createCategoryTree(): CategoryTree {
  const byId = new Map<string, CategoryDocument>();
  let childrenOf: Map<string | null, CategoryDocument[]> | null = null;
  let ordered: readonly CategoryDocument[] | null = null;
  let changes = 0;

  function families(): Map<string | null, CategoryDocument[]> {
    if (childrenOf) return childrenOf;
    childrenOf = new Map();
    for (const category of byId.values()) {
      const parentId = category.parentId !== null && byId.has(category.parentId) ? category.parentId : null;
      const siblings = childrenOf.get(parentId);
      if (siblings) siblings.push(category);
      else childrenOf.set(parentId, [category]);
    }
    for (const siblings of childrenOf.values()) Object.freeze(siblings.sort(byName));
    return childrenOf;
  }

  function below(start: readonly CategoryDocument[]): CategoryDocument[] {
    const found = new Set<CategoryDocument>();
    const waiting = [...start].reverse();
    for (let category = waiting.pop(); category; category = waiting.pop()) {
      if (found.has(category)) continue;
      found.add(category);
      waiting.push(...[...(families().get(category.id) ?? [])].reverse());
    }
    return [...found];
  }

  return {
    get: (id) => byId.get(id) ?? null,
    all() {
      ordered ??= Object.freeze(below(families().get(null) ?? []));
      return ordered;
    },
    children: (id) => families().get(id) ?? [],
    descendants(id) {
      const category = byId.get(id);
      return category ? below([category]).map((each) => each.id) : [];
    },
    get changes() {
      return changes;
    },
    set(category) {
      changes++;
      byId.set(category.id, deepFreeze(category));
      childrenOf = null;
      ordered = null;
    },
    remove(id) {
      changes++;
      byId.delete(id);
      childrenOf = null;
      ordered = null;
    },
  };
}

function byName(a: CategoryDocument, b: CategoryDocument): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : a.id < b.id ? -1 : 1;
}

export function categoryOf(input: CategoryInput): CategoryDocument {
  const translations = [...(input.translations ?? [])].sort((a, b) => (a.locale < b.locale ? -1 : 1));
  return {
    id: input.id,
    name: input.name,
    parentId: input.parentId ?? null,
    translations: Object.fromEntries(translations.map(({ locale, name }) => [locale, { name }])),
  };
}

/** What a category is called until it is saved: `running-shoes` reads "Running shoes". */
export function placeholder(id: string): CategoryDocument {
  const words = (id.split('/').at(-1) ?? id).replaceAll(/[-_]+/g, ' ').trim() || id;
  return {
    id,
    name: words.charAt(0).toUpperCase() + words.slice(1),
    parentId: null,
    translations: {},
    unsaved: true,
  };
}

/** Refuses, element by element, unknown parents, circles and trees that are too deep; what depends on a refused one is refused too. */
export function placeable(
  tree: CategoryTree,
  checked: readonly Checked<CategoryInput>[],
  userErrors: UserError[],
): Checked<CategoryInput>[] {
  let rest = [...checked];
  for (;;) {
    const parents = new Map(rest.map(({ input }) => [input.id, input.parentId ?? null]));
    const refused = new Set<Checked<CategoryInput>>();
    for (const element of rest) {
      const fault = faultOf(tree, parents, element.input);
      if (!fault) continue;
      refused.add(element);
      userErrors.push(userError(fault.code, fault.message, ['categories', element.index, 'parentId']));
    }
    if (refused.size === 0) return rest;
    rest = rest.filter((element) => !refused.has(element));
  }
}

function faultOf(
  tree: CategoryTree,
  parents: ReadonlyMap<string, string | null>,
  input: CategoryInput,
): { readonly code: string; readonly message: string } | null {
  const path = [input.id];
  let parentId = input.parentId ?? null;
  while (parentId !== null) {
    if (!parents.has(parentId) && !tree.get(parentId)) {
      const message = `there is no category "${parentId}"; save it before or in the same call`;
      return { code: 'CATALOG_CATEGORY_UNKNOWN', message };
    }
    if (path.includes(parentId)) {
      const message = `a category may not be above itself: ${[...path, parentId].join(' → ')}`;
      return { code: 'CATALOG_CATEGORY_CIRCLE', message };
    }
    path.push(parentId);
    if (path.length > depthMax) {
      return {
        code: 'CATALOG_CATEGORY_TOO_DEEP',
        message: `a tree may be ${depthMax} categories deep, not more`,
      };
    }
    parentId = parents.get(parentId) ?? (parents.has(parentId) ? null : tree.get(parentId)!.parentId);
  }
  return null;
}
