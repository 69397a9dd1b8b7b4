import type { Context } from '../../../src/context.js';
import type { UserError } from '../../../src/errors.js';
import { type Cursor, printOf } from '../../../src/kit/listing-cursor.js';
import type { Catalog } from '../../../src/ports/catalog.js';
import type { ProductFilterInput, Search } from '../../../src/ports/search.js';

/** The products that one list may hold: those that a filter lets through, without those of the lists before. */
export interface Selection {
  passes(item: number): boolean;
  /** Products that pass, if all of them are known. */
  readonly further: readonly number[] | undefined;
  /**
   * Checks products of a list that are not known to pass, since the filter lets more through than can be read at once. Resolves to true
   * if all pass; `passes` knows the others from then on.
   */
  confirm(items: readonly number[]): Promise<boolean>;
  readonly warnings: readonly UserError[];
  readonly degraded: boolean;
}

interface SelectionParts {
  readonly search: Pick<Search, 'passing'>;
  readonly catalog: Catalog;
}

/** null: every product may be in the list. */
export async function selectionOf(
  filter: ProductFilterInput | null,
  after: Cursor | null,
  context: Context,
  { search, catalog }: SelectionParts,
): Promise<Selection | null> {
  if (filter === null && after === null) return null;
  const { idOf, numberOf } = catalog.shelf;
  const listed = new Set(after?.listed);
  const found = filter && (await search.passing(filter, context));
  const numbers = found?.ids.map(numberOf) ?? [];
  const isWhole = found !== null && found.total <= numbers.length;
  const passing = new Set(numbers);
  const failing = new Set<number>();

  return {
    passes(item) {
      if (listed.size > 0 && listed.has(printOf(idOf(item)))) return false;
      return isWhole ? passing.has(item) : !failing.has(item);
    },
    further: isWhole ? numbers : undefined,
    async confirm(items) {
      if (filter === null || isWhole) return true;
      const unknown = items.filter((item) => !passing.has(item));
      if (unknown.length === 0) return true;
      const { ids } = await search.passing(filter, context, unknown.map(idOf));
      for (const id of ids) passing.add(numberOf(id));
      for (const item of unknown) if (!passing.has(item)) failing.add(item);
      return unknown.every((item) => passing.has(item));
    },
    warnings: found?.warnings ?? [],
    degraded: found?.degraded ?? false,
  };
}
