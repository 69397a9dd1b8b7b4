import { fingerprint } from '../../src/kit/fingerprint.js';
import { assemble } from './assemble.js';
import { type CategoryInput, categoriesOf } from './categories.js';
import { createGrouping, type Group } from './group/grouping.js';
import { createNumberTable } from './group/number-table.js';
import type { Loss } from './imported-product.js';
import { mapRow } from './mapping/map-row.js';
import type { Mapping } from './mapping/mapping.js';
import { createRepeatedColumns } from './mapping/repeated-columns.js';
import { productInputOf } from './product-input.js';
import type { UpdateField } from './product-patch.js';
import type { ReadRow, Row } from './read/rows.js';
import { withSaleorModels } from './read/saleor-models.js';
import { withSnakeNames } from './read/snake-names.js';
import type { Rejected } from './report.js';
import { createSaver, type Pending } from './save-batch.js';
import { isSkipped, surveyed } from './survey.js';
import type { Target } from './target.js';

export interface ImportOptions {
  readonly mapping: Mapping;
  /** The places of the mapping whose fields the file must have; if omitted, all. */
  readonly required?: readonly string[] | undefined;
  readonly target: Target;
  /** Change these fields of products that are in the catalog, and nothing else; if omitted, all that the file states, and new products are added. */
  readonly only?: ReadonlySet<UpdateField> | undefined;
  /** Products that the file lists without a status become ACTIVE again if they are archived. */
  readonly reactivate?: boolean | undefined;
  /** The currency of amounts that name none; ISO 4217. */
  readonly currency?: string | undefined;
  readonly imageBase?: string | undefined;
  readonly onRejected?: ((rejected: Rejected) => void) | undefined;
  readonly onLoss?: ((loss: Loss) => void) | undefined;
  /** Receives the id of each product that the file lists, before it is saved. */
  readonly onListed?: ((id: string) => void) | undefined;
}

export interface ImportSummary {
  readonly rows: number;
  /** Rows that the mapping states to be no products. */
  readonly skipped: number;
  readonly saved: number;
  /** Equal to what is stored, or older by version. */
  readonly unchanged: number;
  /** Left out because another product of the same id holds; see `repeated` of the mapping. */
  readonly repeated: number;
  /** Products, and rows that could not be read. */
  readonly rejected: number;
  /** Those of the rejected that have no id: which product they are is not known. */
  readonly unidentified: number;
  /** The variants of the products that were not rejected; a product without options is none. */
  readonly variants: number;
  readonly losses: number;
}

/**
 * Saves the products of a file in batches, categories before the products in them. `readAll` is called twice: first the file is surveyed,
 * so that a mapping that does not fit is an Error before anything is saved. One batch is saved while the next is read; memory is
 * that of two batches and about 100 bytes a product. A detail that cannot be kept is a loss; a product is rejected only if it has no
 * id or title, or the catalog refuses it as a whole. Of a product that is in the catalog only those fields change that the file states.
 * Running it again changes nothing.
 */
export async function importRows(
  readAll: () => AsyncIterable<ReadRow>,
  options: ImportOptions,
): Promise<ImportSummary> {
  const { mapping, target } = options;
  const read = () => {
    const rows = mapping.fieldNames === 'snake' ? withSnakeNames(readAll()) : readAll();
    return mapping.join === undefined ? rows : withSaleorModels(rows);
  };
  const grouping = createGrouping(mapping.rows);
  const othersIn = createRepeatedColumns(mapping);
  const { survey, stated } = await surveyed(read(), options, grouping);
  const sum = {
    rows: 0,
    skipped: 0,
    saved: 0,
    unchanged: 0,
    repeated: 0,
    rejected: 0,
    unidentified: 0,
    variants: 0,
    losses: 0,
  };
  const knownCategories = new Set<string>();
  const lineOf = createNumberTable();
  let newCategories: CategoryInput[] = [];
  let batch = new Map<string, Pending>();
  let saving: Promise<void> = Promise.resolve();

  const lose = (loss: Loss) => {
    sum.losses++;
    options.onLoss?.(loss);
  };
  const refuse = (line: number, reason: string, row: Row | null) => {
    sum.rejected++;
    options.onRejected?.({ line, reason, row });
  };

  const save = createSaver(
    target,
    { stated, only: options.only, reactivate: options.reactivate },
    {
      onSaved(saved, unchanged) {
        sum.saved += saved;
        sum.unchanged += unchanged;
      },
      lose,
      refuse,
    },
  );

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

  /** True if the product of this id is to be saved. */
  function isFirst(id: string, line: number, row: Row): boolean {
    if (mapping.repeated === 'last') {
      if (batch.has(id)) sum.repeated++;
      return true;
    }
    const earlier = lineOf.get(fingerprint(id));
    if (earlier === undefined) {
      lineOf.set(fingerprint(id), line);
      return true;
    }
    if (mapping.repeated === 'first') sum.repeated++;
    else refuse(line, `the id "${id}" is that of line ${earlier} already`, row);
    return false;
  }

  async function take(group: Group, row: Row): Promise<void> {
    const line = group.parts[0]!.line;
    for (const sku of group.missing)
      lose({
        line,
        column: 'variants',
        value: sku,
        reason: 'is named as a variant, but has no row of its own; it was left out',
      });
    if (group.orphaned)
      lose({
        line,
        column: 'parent',
        value: group.key ?? '',
        reason: 'has no row of its own; the product was made of its variants',
      });
    const product = assemble(group.parts, {
      withoutTitle: options.only !== undefined,
      id: group.key,
      commonTitle: mapping.rows !== undefined && 'title' in mapping.rows,
      varying: mapping.variants?.varying,
      warn: (at, column, value, reason) => lose({ line: at, column, value, reason }),
    });
    if ('reason' in product) {
      if (product.id === undefined) sum.unidentified++;
      else options.onListed?.(product.id);
      refuse(line, product.reason, row);
      return;
    }
    options.onListed?.(product.id);
    if (!isFirst(product.id, line, row)) return;
    sum.variants += product.variants.length;
    const keepsCategories = options.only === undefined || options.only.has('categories');
    for (const category of keepsCategories ? categoriesOf(product.categories ?? []).flat() : []) {
      if (knownCategories.has(category.id)) continue;
      knownCategories.add(category.id);
      newCategories.push(category);
    }
    batch.set(product.id, { product, row, change: { kind: 'save', input: productInputOf(product, lose) } });
    if (batch.size >= target.batchMax) await flush();
  }

  for await (const each of read()) {
    sum.rows++;
    if ('error' in each) {
      sum.unidentified++;
      refuse(each.line, each.error, null);
      continue;
    }
    const { row, line, columns, lost } = each;
    if (isSkipped(row, mapping)) {
      sum.skipped++;
      continue;
    }
    for (const value of lost ?? [])
      lose({ line, column: 'the row', value, reason: 'is beyond the last column; it was left out' });
    for (const { column, value, taken } of othersIn(row, columns))
      lose({
        line,
        column,
        value,
        reason: `is a further value, since the column occurs more than once; "${taken}" was taken`,
      });
    /** A product and its variant can read one cell, for example the address of a picture. */
    const reported = new Set<string>();
    const part = mapRow(row, line, mapping, {
      warn(column, value, reason) {
        const key = `${column}\n${value}\n${reason}`;
        if (reported.has(key)) return;
        reported.add(key);
        lose({ line, column, value, reason });
      },
      decimalMark: survey.decimalMark,
      decimalStated: mapping.decimal !== undefined,
      currency: options.currency,
      imageBase: options.imageBase,
    });
    for (const group of grouping.add(row, part)) await take(group, row);
  }
  for (const group of grouping.end()) await take(group, {});
  await flush();
  await saving;
  return sum;
}
