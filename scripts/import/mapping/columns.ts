import type { Row } from '../read/rows.js';
import type { Mapping, PriceSpec, StockSpec } from './mapping.js';
import { fieldsOf, type ListSource, patternsOf } from './sources.js';

/** A field of the file that a mapping names, and where it does. Of several alternatives, one has to be there. */
interface Named {
  readonly at: string;
  readonly fields: readonly string[];
  readonly patterns: readonly RegExp[];
}

const shownMax = 40;

/** Looks for the fields of the mapping in the rows of a file. */
export interface FieldWatch {
  /** `columns` are those of a CSV file: a short row lacks some of them. */
  look(row: Row, columns?: readonly string[]): void;
  /** Null if each required field was seen; else the fields that no row has, and those that the rows have. */
  fault(): string | null;
  /** The fields of a product that the file states, such as `description`, or `variants.stock` for those of variants. */
  stated(): ReadonlySet<string>;
}

/** `required` limits the fault to the fields at these places of the mapping, such as `id`; if omitted, all must be seen. */
export function createFieldWatch(mapping: Mapping, required?: readonly string[]): FieldWatch {
  const all = namedBy(mapping);
  const isConstant = ({ fields, patterns }: Named) => fields.length === 0 && patterns.length === 0;
  let unseen = all.filter((named) => !isConstant(named));
  const seen = new Set<string>();
  let what: 'field' | 'column' = 'field';
  let lookedAt: readonly string[] | undefined;
  return {
    look(row, columns) {
      if (unseen.length === 0 || (columns !== undefined && columns === lookedAt)) return;
      lookedAt = columns;
      what = columns === undefined ? 'field' : 'column';
      const known = columns ?? Object.keys(row);
      if (seen.size <= shownMax) for (const field of known) seen.add(field);
      const has = columns
        ? (field: string) => columns.includes(field.replace(/^\//, ''))
        : (field: string) => isIn(row, field);
      unseen = unseen.filter(
        ({ fields, patterns }) =>
          !fields.some(has) && !patterns.some((pattern) => known.some((field) => pattern.test(field))),
      );
    },
    fault() {
      const missing = unseen.filter(
        ({ at, fields }) => fields.length > 0 && (required === undefined || required.includes(at)),
      );
      return missing.length === 0 ? null : faultsOf(missing, what, [...seen], required === undefined);
    },
    stated() {
      const missing = new Set(unseen);
      return new Set(
        all
          .filter((named) => !missing.has(named))
          .map(({ at }) => at.replace(/\.(?:\d+|source|each)(?:\..*)?$/, '')),
      );
    },
  };
}

const singlePlace =
  /^(?:variants\.)?(?:id|sku|gtin|handle|version|title|description|brand|createdAt|(?:prices|stock)\.\d+\.(?!each$)\w+)$/;

/** The fields of a row of which the mapping takes one value and no list. */
export function singleFieldsOf(mapping: Mapping): ReadonlySet<string> {
  const all = namedBy(mapping);
  const lists = new Set(all.filter(({ at }) => !singlePlace.test(at)).flatMap(({ fields }) => fields));
  const singles = all.filter(({ at }) => singlePlace.test(at)).flatMap(({ fields }) => fields);
  return new Set(singles.filter((field) => !lists.has(field)));
}

function isIn(row: Row, path: string): boolean {
  const field = path.replace(/^\//, '');
  return Object.hasOwn(row, field) || Object.hasOwn(row, field.split('.', 1)[0]!);
}

function faultsOf(
  missing: readonly Named[],
  what: 'field' | 'column',
  known: readonly string[],
  isOwn: boolean,
): string {
  const none = what === 'column' ? 'the file has no column' : 'no row has a field';
  const faults = missing.map(({ at, fields }) => {
    const names = fields.map((field) => `"${field}"`).join(', ');
    const hint = isOwn ? `; if it is a constant, write { "constant": "${fields[0]}" }` : '';
    return `${at}: ${none} ${names}${hint}`;
  });
  const shown = known.slice(0, shownMax).map((column) => `"${column}"`);
  const more = known.length > shownMax ? ', …' : '';
  return `${faults.join('\n  ')}\n  The ${what}s of the file are: ${shown.join(', ')}${more}`;
}

function namedBy(mapping: Mapping): Named[] {
  const found: Named[] = [];
  const add = (at: string, from: ListSource | readonly ListSource[] | undefined): void => {
    if (from === undefined) return;
    const fields = (isList(from) ? from : [from]).flatMap(fieldsOf).filter((field) => !field.includes('{'));
    const patterns = (isList(from) ? from : [from]).flatMap(patternsOf);
    found.push({ at, fields, patterns });
  };
  /** Fields of the elements of a list are not looked for, only the list. */
  const addAll = (
    at: string,
    each: ListSource | undefined,
    spec: Readonly<Record<string, ListSource | undefined>>,
  ): void => {
    if (each !== undefined) add(`${at}.each`, each);
    else for (const [key, from] of Object.entries(spec)) add(`${at}.${key}`, from);
  };
  for (const key of [
    'id',
    'title',
    'sku',
    'gtin',
    'handle',
    'version',
    'status',
    'description',
    'brand',
    'tags',
    'speakable',
    'createdAt',
    'imageBase',
  ] as const)
    add(key, mapping[key]);
  add('categories.source', mapping.categories?.source);
  addPrices('prices', mapping.prices, addAll);
  addStock('stock', mapping.stock, addAll);
  for (const [i, option] of mapping.options.entries()) add(`options.${i}.source`, option.source);
  for (const [i, attribute] of mapping.attributes.entries())
    addAll(
      `attributes.${i}`,
      'source' in attribute ? attribute.each : undefined,
      'source' in attribute
        ? { source: attribute.source }
        : {
            source: {
              columns:
                'prefix' in attribute ? `^${attribute.prefix.replace(/[^\w]/g, '\\$&')}` : attribute.columns,
            },
          },
    );
  for (const [i, image] of mapping.images.entries())
    add(`images.${i}`, typeof image === 'object' && 'url' in image ? image.each : image);
  for (const [i, seller] of mapping.sellers.entries())
    addAll(`sellers.${i}`, undefined, { id: seller.id, name: seller.name });
  for (const [i, { each, title, description }] of mapping.translations.entries())
    addAll(`translations.${i}`, each, { title, description });
  const { variants } = mapping;
  if (variants?.each !== undefined) {
    add('variants.each', variants.each);
    for (const key of ['sku', 'gtin', 'image'] as const)
      if (variants[key] !== undefined) found.push({ at: `variants.${key}`, fields: [], patterns: [] });
  } else if (variants) {
    for (const key of ['id', 'sku', 'gtin', 'title', 'status', 'image'] as const)
      add(`variants.${key}`, variants[key]);
    addPrices('variants.prices', variants.prices, addAll);
    addStock('variants.stock', variants.stock, addAll);
  }
  return found;
}

type AddAll = (
  at: string,
  each: ListSource | undefined,
  spec: Readonly<Record<string, ListSource | undefined>>,
) => void;

function addPrices(at: string, specs: readonly PriceSpec[], addAll: AddAll): void {
  for (const [i, { each, unit: _, ...sources }] of specs.entries()) addAll(`${at}.${i}`, each, sources);
}

function addStock(at: string, specs: readonly StockSpec[], addAll: AddAll): void {
  for (const [i, { each, ...sources }] of specs.entries()) addAll(`${at}.${i}`, each, sources);
}

function isList(from: ListSource | readonly ListSource[]): from is readonly ListSource[] {
  return Array.isArray(from);
}
