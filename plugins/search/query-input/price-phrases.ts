import { languageOf } from '../../../src/kit/language-of.js';
import { parseAmount } from '../../../src/money.js';
import { unitNames } from '../drivers/embedded/tokens/units.js';

/** A query whose words state a price: "coffee under 20", "zwischen 10 und 20 euro". */
export interface PricePhrase {
  /** The query without the phrase. */
  readonly text: string;
  readonly phrase: string;
  /** In minor units, inclusive; null if the phrase does not state it. */
  readonly minMinor: number | null;
  readonly maxMinor: number | null;
}

interface PriceWords {
  readonly below: string;
  readonly above: string;
  /** Before and between two amounts. */
  readonly between: readonly [string, string];
}

const english: PriceWords = {
  below: 'under|below|less than|cheaper than|up to|at most|max',
  above: 'over|above|more than|at least',
  between: ['between|from', 'and|to'],
};
const byLanguage: Readonly<Record<string, PriceWords>> = {
  en: english,
  de: {
    below: 'unter|bis zu|bis|weniger als|günstiger als|billiger als|höchstens|maximal|max',
    above: 'über|ab|mehr als|mindestens',
    between: ['zwischen|von', 'und|bis'],
  },
  fr: {
    below: "moins de|sous|jusqu['’]à|au maximum|max",
    above: 'plus de|à partir de|au moins',
    between: ['entre|de', 'et|à'],
  },
  es: {
    below: 'menos de|por debajo de|hasta|máximo|max',
    above: 'más de|mas de|desde|a partir de|mínimo',
    between: ['entre|de', 'y|a'],
  },
  it: {
    below: 'meno di|sotto i|sotto|fino a|massimo|max',
    above: 'più di|piu di|oltre|sopra i|sopra|a partire da|almeno',
    between: ['tra|fra|da', 'e|a'],
  },
};
const symbols: Readonly<Record<string, string>> = { '€': 'EUR', $: 'USD', '£': 'GBP' };
const names: Readonly<Record<string, string>> = {
  eur: 'EUR',
  euro: 'EUR',
  euros: 'EUR',
  usd: 'USD',
  dollar: 'USD',
  dollars: 'USD',
  dólares: 'USD',
  gbp: 'GBP',
  pounds: 'GBP',
  chf: 'CHF',
  franken: 'CHF',
};
const amount = String.raw`[€$£]? ?\d{1,7}(?:[.,]\d{1,2})?(?: ?[€$£]| ?(?:${Object.keys(names).join('|')})(?![\p{L}\p{N}]))?`;

/**
 * null if the query states no price, or one in another currency than its prices are in. Without a currency, a number before a unit is a
 * size: "under 20 cm".
 */
export function pricePhraseIn(text: string, locale: string, currency: string): PricePhrase | null {
  const { below, above, between } = byLanguage[languageOf(locale)] ?? english;
  const [before, among] = between;
  const pattern = new RegExp(
    String.raw`(?<![^\s])(?:(?:${before}) (?<low>${amount}) (?:${among}) (?<high>${amount})|(?:${below}) (?<max>${amount})|(?:${above}) (?<min>${amount}))(?=$|\s+(?<next>\S+))`,
    'iu',
  );
  const match = pattern.exec(text.replace(/\s+/gu, ' '));
  if (!match?.groups) return null;
  const { low, high, max, min, next = '' } = match.groups;
  const stated = [low, high, max, min].filter((one) => one !== undefined);
  const currencies = stated.flatMap((one) => currencyIn(one) ?? []);
  if (currencies.some((one) => one !== currency)) return null;
  if (currencies.length === 0 && unitNames(next.toLowerCase()).length > 0) return null;
  const minorOf = (one: string | undefined): number | null =>
    one === undefined ? null : parseAmount(/[\d.,]+/.exec(one)![0].replace(',', '.'), currency);
  const [minMinor, maxMinor] = [minorOf(low ?? min), minorOf(high ?? max)];
  if (minMinor === null && maxMinor === null) return null;
  const rest = text.replace(/\s+/gu, ' ').replace(match[0], ' ').replace(/ +/g, ' ').trim();
  return { text: rest, phrase: match[0], minMinor, maxMinor };
}

function currencyIn(stated: string): string | null {
  const [symbol] = /[€$£]/.exec(stated) ?? [];
  const [name] = /\p{L}+$/u.exec(stated) ?? [];
  if (symbol !== undefined) return symbols[symbol] ?? null;
  return name === undefined ? null : (names[name.toLowerCase()] ?? null);
}
