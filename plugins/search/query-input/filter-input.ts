import type { Context } from '../../../src/context.js';
import { RapportError } from '../../../src/errors.js';
import { parseAmount } from '../../../src/money.js';
import type { Catalog } from '../../../src/ports/catalog.js';
import type { ProductFilter, ProductFilterInput } from '../../../src/ports/search.js';
import type { OptionFilter } from '../../../src/ports/variants.js';

const idsMax = 1_000;
const valuesMax = 100;
const attributesMax = 20;
const textCharsMax = 512;
const ratingHighest = 5;

/** At most as many combinations of one value of each option. */
const optionsMax = 5;
const combinationsMax = 1_000;

/** Prices in minor units; throws `invalid` naming the part of the filter and what is allowed. */
export function filterOf(input: ProductFilterInput | null | undefined, currency: string): ProductFilter {
  if (!input) return {};
  const { priceMin, priceMax, ...rest } = input;
  checkList('ids', rest.ids, idsMax);
  checkList('brands', rest.brands, valuesMax);
  checkList('sellerIds', rest.sellerIds, valuesMax);
  checkList('tags', rest.tags, valuesMax);
  checkOptions(rest.options ?? []);
  const { ratingMin = null } = rest;
  if (ratingMin !== null && (ratingMin < 0 || ratingMin > ratingHighest))
    throw refused('ratingMin', `${ratingMin}; 0 to ${ratingHighest} is allowed`);
  if ((rest.attributes?.length ?? 0) > attributesMax) {
    throw refused('attributes', `${rest.attributes!.length} of them; at most ${attributesMax} are allowed`);
  }
  for (const { name, values, min, max } of rest.attributes ?? []) {
    checkName('attributes', name);
    checkList(`attributes, values of ${name}`, values, valuesMax);
    if ((values ?? null) === null && (min ?? null) === null && (max ?? null) === null) {
      throw refused('attributes', `"${name}" has neither values nor min nor max; give at least one`);
    }
  }
  return {
    ...rest,
    priceMinMinor: minorOf('priceMin', priceMin, currency),
    priceMaxMinor: minorOf('priceMax', priceMax, currency),
  };
}

function minorOf(name: string, amount: string | null | undefined, currency: string): number | null {
  if ((amount ?? null) === null) return null;
  const minor = parseAmount(amount!, currency);
  if (minor === null)
    throw refused(
      name,
      `"${amount!.slice(0, 40)}" is not an amount of ${currency}; use a decimal, for example "12.50"`,
    );
  return minor;
}

function checkOptions(options: readonly OptionFilter[]): void {
  if (options.length > optionsMax)
    throw refused('options', `${options.length} of them; at most ${optionsMax} are allowed`);
  let combinations = 1;
  for (const { name, values } of options) {
    checkName('options', name);
    checkList(`options, values of ${name}`, values, valuesMax);
    combinations *= values.length;
  }
  if (combinations > combinationsMax)
    throw refused(
      'options',
      `their values have ${combinations} combinations; at most ${combinationsMax} are allowed`,
    );
}

function checkName(part: string, name: string): void {
  if (name === '' || name.length > textCharsMax)
    throw refused(part, `a name of ${name.length} characters; 1 to ${textCharsMax} are allowed`);
}

function checkList(name: string, list: readonly string[] | null | undefined, most: number): void {
  if (!list) return;
  if (list.length > most) throw refused(name, `${list.length} of them; at most ${most} are allowed`);
  const long = list.find((text) => text.length > textCharsMax);
  if (long !== undefined)
    throw refused(name, `one of ${long.length} characters; at most ${textCharsMax} are allowed`);
}

function refused(name: string, what: string): RapportError {
  return new RapportError('invalid', 'SEARCH_FILTER', `filter.${name}: ${what}`, { path: ['filter', name] });
}

/**
 * A shopper finds what has a price in their currency, unless the filter says otherwise or the shop keeps its prices elsewhere. Without a
 * context there is no currency.
 */
export function purchasableFor(
  catalog: Pick<Catalog, 'currencies'>,
  context: Context | null,
  filter: ProductFilter,
): ProductFilter {
  const { purchasable = true } = filter;
  const isPriced = context !== null && catalog.currencies().length > 0;
  return { ...filter, purchasable: isPriced || purchasable === false ? purchasable : null };
}
