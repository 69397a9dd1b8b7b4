import type { Mapping } from './mapping.js';
import type { Row } from './read/rows.js';
import type { ListSource, Source } from './row-values.js';

/** A field of the file that a mapping names, and where it does. */
interface Named {
  readonly at: string;
  readonly field: string;
}

const shownMax = 40;

/** Throws an Error that lists the columns a mapping names and a file does not have. */
export function checkColumns(mapping: Mapping, columns: readonly string[]): void {
  const missing = fieldsOf(mapping).filter(({ field }) => !columns.includes(field));
  if (missing.length > 0) throw new Error(faultsOf(missing, 'column', columns));
}

/** Looks for the fields that no row has: rows of JSON may leave out what they have no value for. */
export function createFieldWatch(mapping: Mapping): {
  look(row: Row): void;
  /** null when every field was seen. */
  fault(): string | null;
} {
  let unseen = fieldsOf(mapping);
  const seen = new Set<string>();
  return {
    look(row) {
      if (unseen.length === 0) return;
      if (seen.size < shownMax) for (const field of Object.keys(row)) seen.add(field);
      unseen = unseen.filter(({ field }) => !has(row, field));
    },
    fault: () => (unseen.length === 0 ? null : faultsOf(unseen, 'field', [...seen])),
  };
}

function has(row: Row, field: string): boolean {
  return Object.hasOwn(row, field) || Object.hasOwn(row, field.split('.', 1)[0]!);
}

function faultsOf(missing: readonly Named[], what: 'column' | 'field', known: readonly string[]): string {
  const faults = missing.map(
    ({ at, field }) =>
      `${at}: ${what === 'column' ? 'the file has no column' : 'no row has a field'} "${field}"; if it is a constant, write { "constant": "${field}" }`,
  );
  const shown = known.slice(0, shownMax).map((column) => `"${column}"`);
  const more = known.length > shownMax ? ', …' : '';
  return `${faults.join('\n  ')}\n  The ${what}s of the file are: ${shown.join(', ')}${more}`;
}

function fieldsOf(mapping: Mapping): Named[] {
  const found: Named[] = [];
  const add = (at: string, from: Source | ListSource | undefined): void => {
    if (typeof from === 'string') found.push({ at, field: from });
    else if (from && 'path' in from) found.push({ at, field: from.path });
  };
  const { categories, prices, options, attributes, images, sellers, translations, stock } = mapping;
  for (const key of [
    'id',
    'title',
    'sku',
    'version',
    'status',
    'description',
    'brand',
    'speakable',
    'createdAt',
  ] as const)
    add(key, mapping[key]);
  add('categories.source', categories?.source);
  for (const [i, price] of prices.entries())
    for (const key of ['amount', 'listAmount', 'currency', 'storeId'] as const)
      add(`prices.${i}.${key}`, price[key]);
  for (const [i, option] of options.entries()) add(`options.${i}.source`, option.source);
  for (const [i, attribute] of attributes.entries())
    if ('source' in attribute) add(`attributes.${i}.source`, attribute.source);
  for (const [i, image] of images.entries()) add(`images.${i}`, image);
  for (const [i, seller] of sellers.entries())
    for (const key of ['id', 'name'] as const) add(`sellers.${i}.${key}`, seller[key]);
  for (const [i, translation] of translations.entries())
    for (const key of ['title', 'description'] as const) add(`translations.${i}.${key}`, translation[key]);
  for (const [i, level] of stock.entries())
    for (const key of ['storeId', 'quantity'] as const) add(`stock.${i}.${key}`, level[key]);
  return found;
}
