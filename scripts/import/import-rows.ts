import type { UserError } from '../../src/errors.js';
import { type CategoryInput, categoriesOf, type Mapping, mapRow, type ProductInput } from './mapping.js';
import type { ReadRow, Row } from './read/rows.js';

/** Where products go: the catalog of this process, or a gateway that is running. */
export interface Target {
  /** How many products one `save` takes. */
  readonly batchMax: number;
  save(inputs: readonly ProductInput[]): Promise<{
    readonly saved: number;
    readonly unchanged: number;
    readonly userErrors: readonly UserError[];
  }>;
  saveCategories(inputs: readonly CategoryInput[]): Promise<{ readonly userErrors: readonly UserError[] }>;
}

export interface Rejected {
  readonly line: number;
  readonly reason: string;
  /** null for a line that could not be read. */
  readonly row: Row | null;
}

export interface ImportSummary {
  readonly rows: number;
  readonly saved: number;
  /** Equal to what is stored, or older by version. */
  readonly unchanged: number;
  /** Left out because another row of the same id holds; see `repeated` of the mapping. */
  readonly repeated: number;
  readonly rejected: number;
}

interface Pending {
  readonly line: number;
  readonly row: Row;
  readonly product: ProductInput;
}

/**
 * Saves the products of the rows in batches, categories before the products in them. One batch is saved while
 * the next is read, so memory is that of two batches and the ids seen. Every row is counted once:
 * saved + unchanged + repeated + rejected = rows. Running it again changes nothing.
 */
export async function importRows(
  rows: AsyncIterable<ReadRow>,
  mapping: Mapping,
  target: Target,
  reject: (rejected: Rejected) => void,
): Promise<ImportSummary> {
  const sum = { rows: 0, saved: 0, unchanged: 0, repeated: 0, rejected: 0 };
  const knownCategories = new Set<string>();
  const lineOf = new Map<string, number>();
  let newCategories: CategoryInput[] = [];
  let batch = new Map<string, Pending>();
  let saving: Promise<void> = Promise.resolve();

  function refuse(line: number, reason: string, row: Row | null): void {
    sum.rejected++;
    reject({ line, reason, row });
  }

  async function save(pending: readonly Pending[], categories: readonly CategoryInput[]): Promise<void> {
    for (let at = 0; at < categories.length; at += target.batchMax) {
      // What is wrong with a category is reported with the products in it, by their lines.
      await target.saveCategories(categories.slice(at, at + target.batchMax));
    }
    const { saved, unchanged, userErrors } = await target.save(pending.map(({ product }) => product));
    sum.saved += saved;
    sum.unchanged += unchanged;
    const reasons = new Map<number, string[]>();
    for (const { path, message } of userErrors) {
      const index = Number(path[1]);
      const where = path.slice(2).join('.');
      const reason = where ? `${where}: ${message}` : message;
      reasons.set(index, [...(reasons.get(index) ?? []), reason]);
    }
    for (const [index, each] of reasons) {
      const { line, row } = pending[index]!;
      refuse(line, each.join('; '), row);
    }
  }

  async function flush(): Promise<void> {
    const pending = [...batch.values()];
    const categories = newCategories;
    batch = new Map();
    newCategories = [];
    await saving;
    saving = save(pending, categories);
    // A failure is met at the next `await saving`; until then nobody else may call it unhandled.
    saving.catch(() => undefined);
  }

  for await (const read of rows) {
    sum.rows++;
    if ('error' in read) {
      refuse(read.line, read.error, null);
      continue;
    }
    const { line, row } = read;
    let product: ProductInput;
    try {
      product = mapRow(row, mapping);
    } catch (error) {
      refuse(line, error instanceof Error ? error.message : String(error), row);
      continue;
    }
    const earlier = lineOf.get(product.id);
    if (mapping.repeated === 'last') {
      if (batch.has(product.id)) sum.repeated++;
    } else if (earlier === undefined) {
      lineOf.set(product.id, line);
    } else if (mapping.repeated === 'first') {
      sum.repeated++;
      continue;
    } else {
      refuse(line, `the id "${product.id}" is that of line ${earlier} already`, row);
      continue;
    }
    for (const category of categoriesOf(row, mapping).flat()) {
      if (knownCategories.has(category.id)) continue;
      knownCategories.add(category.id);
      newCategories.push(category);
    }
    batch.set(product.id, { line, row, product });
    if (batch.size === target.batchMax) await flush();
  }
  await flush();
  await saving;
  return sum;
}
