import type { UserError } from '../../src/errors.js';
import { fingerprint } from '../../src/kit/fingerprint.js';
import { assemble } from './assemble.js';
import { type CategoryInput, categoriesOf } from './categories.js';
import { createGrouping, type Group } from './group/grouping.js';
import { createNumberTable } from './group/number-table.js';
import type { ImportedProduct, Loss } from './imported-product.js';
import { createFieldWatch } from './mapping/columns.js';
import { mapRow } from './mapping/map-row.js';
import type { Mapping } from './mapping/mapping.js';
import { plain, scopeOf, valueAt } from './mapping/sources.js';
import { type ProductInput, productInputOf } from './product-input.js';
import type { ReadRow, Row } from './read/rows.js';
import { withSnakeNames } from './read/snake-names.js';
import type { Rejected } from './report.js';
import { createSurvey, type Survey } from './survey.js';
import type { DecimalMark } from './values/numbers.js';
import { withoutDetails } from './without-details.js';

/** The place that products are saved to: the catalog of this process, or a running gateway. */
export interface Target {
  /** The number of products of one `save`. */
  readonly batchMax: number;
  save(inputs: readonly ProductInput[]): Promise<SaveOutcome>;
  saveCategories(inputs: readonly CategoryInput[]): Promise<{ readonly userErrors: readonly UserError[] }>;
}

export interface SaveOutcome {
  readonly saved: number;
  readonly unchanged: number;
  readonly userErrors: readonly UserError[];
}

export interface ImportOptions {
  readonly mapping: Mapping;
  /** The places of the mapping whose fields the file must have; if omitted, all. */
  readonly required?: readonly string[] | undefined;
  readonly target: Target;
  /** The currency of amounts that name none; ISO 4217. */
  readonly currency?: string | undefined;
  readonly imageBase?: string | undefined;
  readonly onRejected?: ((rejected: Rejected) => void) | undefined;
  readonly onLoss?: ((loss: Loss) => void) | undefined;
  /** Receives each product before it is saved. */
  readonly onProduct?: ((product: ImportedProduct) => void) | undefined;
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
  /** The variants of the products that were not rejected; a product without options is none. */
  readonly variants: number;
  readonly losses: number;
}

interface Pending {
  readonly product: ImportedProduct;
  readonly row: Row;
  input: ProductInput;
}

/** Rounds of leaving out what the catalog refuses: a detail can be found wrong only after another was left out. */
const roundsMax = 5;

/**
 * Saves the products of a file in batches, categories before the products in them. `readAll` is called twice: first the file is surveyed,
 * so that a mapping that does not fit is an Error before anything is saved. One batch is saved while the next is read; memory is
 * that of two batches and about 100 bytes a product. A detail that cannot be kept is a loss; a product is rejected only if it has no
 * id or title, or the catalog refuses it as a whole. Running it again changes nothing.
 */
export async function importRows(
  readAll: () => AsyncIterable<ReadRow>,
  options: ImportOptions,
): Promise<ImportSummary> {
  const { mapping, target } = options;
  const read = mapping.fieldNames === 'snake' ? () => withSnakeNames(readAll()) : readAll;
  const grouping = createGrouping(mapping.rows);
  const survey = await surveyed(read(), options, grouping);
  const sum = {
    rows: 0,
    skipped: 0,
    saved: 0,
    unchanged: 0,
    repeated: 0,
    rejected: 0,
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

  /** Leaves out the details that the catalog refuses, and saves the rest. */
  async function saveAll(pending: readonly Pending[]): Promise<void> {
    let left = pending;
    for (let round = 1; left.length > 0; round++) {
      const { saved, unchanged, userErrors } = await target.save(left.map(({ input }) => input));
      sum.saved += saved;
      sum.unchanged += unchanged;
      const faults = new Map<number, UserError[]>();
      for (const error of userErrors) {
        const at = Number(error.path[1]);
        faults.set(at, [...(faults.get(at) ?? []), error]);
      }
      const again: Pending[] = [];
      for (const [at, errors] of faults) {
        const each = left[at]!;
        const rest = round < roundsMax ? withoutDetails(each.input, errors) : null;
        if (rest === null) {
          refuse(each.product.line, reasonOf(errors), each.row);
          continue;
        }
        for (const detail of rest.lost) lose({ line: each.product.line, ...detail });
        each.input = rest.input;
        again.push(each);
      }
      left = again;
    }
  }

  async function save(pending: readonly Pending[], categories: readonly CategoryInput[]): Promise<void> {
    for (let at = 0; at < categories.length; at += target.batchMax) {
      // A fault of a category is reported with the products in it, by their lines.
      await target.saveCategories(categories.slice(at, at + target.batchMax));
    }
    await saveAll(pending);
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
      id: group.key,
      commonTitle: mapping.rows !== undefined && 'title' in mapping.rows,
      varying: mapping.variants?.varying,
      warn: (at, column, value, reason) => lose({ line: at, column, value, reason }),
    });
    if ('reason' in product) {
      refuse(line, product.reason, row);
      return;
    }
    if (!isFirst(product.id, line, row)) return;
    options.onProduct?.(product);
    sum.variants += product.variants.length;
    for (const category of categoriesOf(product.categories ?? []).flat()) {
      if (knownCategories.has(category.id)) continue;
      knownCategories.add(category.id);
      newCategories.push(category);
    }
    batch.set(product.id, { product, row, input: productInputOf(product, lose) });
    if (batch.size >= target.batchMax) await flush();
  }

  for await (const each of read()) {
    sum.rows++;
    if ('error' in each) {
      refuse(each.line, each.error, null);
      continue;
    }
    const { row, line, lost } = each;
    if (isSkipped(row, mapping)) {
      sum.skipped++;
      continue;
    }
    for (const value of lost ?? [])
      lose({ line, column: 'the row', value, reason: 'is beyond the last column; it was left out' });
    const part = mapRow(row, line, mapping, {
      warn: (column, value, reason) => lose({ line, column, value, reason }),
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

/** Reads the whole file once. Rejects if no row has a field of the mapping, or prices have no currency. */
async function surveyed(
  rows: AsyncIterable<ReadRow>,
  { mapping, required, currency }: ImportOptions,
  grouping: { survey(row: Row): void },
): Promise<Survey> {
  const fields = createFieldWatch(mapping, required);
  let usual: DecimalMark | undefined;
  let survey: Survey | null = null;
  for await (const each of rows) {
    if ('error' in each) continue;
    // JSON has numbers with a dot, and texts mostly too.
    if (survey === null) usual = each.columns === undefined ? '.' : undefined;
    survey ??= createSurvey(mapping, usual);
    fields.look(each.row, each.columns);
    if (isSkipped(each.row, mapping)) continue;
    survey.look(each.row);
    grouping.survey(each.row);
  }
  if (survey === null) return createSurvey(mapping, undefined);
  const fault = fields.fault();
  if (fault !== null) throw new Error(`The mapping does not fit the file; nothing was saved.\n  ${fault}`);
  const nameless = currency === undefined ? survey.withoutCurrency() : [];
  if (nameless.length > 0) {
    throw new Error(
      `the prices in ${nameless.join(' and ')} name no currency; nothing was saved. State it, for example --currency EUR`,
    );
  }
  return survey;
}

function isSkipped(row: Row, { skip }: Mapping): boolean {
  return skip.some((rule) => {
    if ('filled' in rule) return plain(valueAt(scopeOf(row), rule.filled)) !== undefined;
    return rule.values.includes((plain(valueAt(scopeOf(row), rule.field)) ?? '').toLowerCase());
  });
}

function reasonOf(errors: readonly UserError[]): string {
  return errors
    .map(({ path, message }) => (path.length > 2 ? `${path.slice(2).join('.')}: ${message}` : message))
    .join('; ');
}
