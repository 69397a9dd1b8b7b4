import { languageOf } from '../../../src/kit/language-of.js';
import { parseAmount } from '../../../src/money.js';

/** A query whose words state a price: "coffee under 20", "zwischen 10 und 20 euro". */
interface PricePhrase {
  /** The query without the phrase. */
  readonly text: string;
  readonly phrase: string;
  /** In minor units, inclusive; null if the phrase does not state it. */
  readonly minMinor: number | null;
  readonly maxMinor: number | null;
}

/** Words before an amount, each phrase between bars; the longer of two phrases first. */
interface PriceWords {
  readonly below: string;
  readonly above: string;
  /** Before and between two amounts. */
  readonly between: readonly [string, string];
}

const byLanguage: Readonly<Record<string, PriceWords>> = {
  en: {
    below: 'under|below|less than|cheaper than|up to|at most|max',
    above: 'over|above|more than|at least',
    between: ['between|from', 'and|to'],
  },
  de: {
    below: 'unter|bis zu|bis|weniger als|günstiger als|billiger als|höchstens|maximal|max',
    above: 'über|ab|mehr als|mindestens',
    between: ['zwischen|von', 'und|bis'],
  },
  fr: {
    below: "moins de|sous|jusqu'à|jusqu’à|au maximum|max",
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
const phrasesOf = (list: string): readonly (readonly string[])[] =>
  list.split('|').map((phrase) => phrase.split(' '));
const phrases = new Map(
  Object.entries(byLanguage).map(([language, { below, above, between }]) => [
    language,
    {
      below: phrasesOf(below),
      above: phrasesOf(above),
      first: phrasesOf(between[0]),
      among: phrasesOf(between[1]),
    },
  ]),
);
/** Longer queries state no price, since drivers read no more than the beginning of a query. */
const queryCharsMax = 512;
const amountPattern = /^([€$£]?)(\d{1,7}(?:[.,]\d{1,2})?)([€$£]|\p{L}{3,7})?$/u;

interface Amount {
  /** The place of the word after it. */
  readonly to: number;
  readonly number: string;
  /** null if none is named. */
  readonly currency: string | null;
}

/** Words that state a price only with a currency: "Air Max 90", toys "ab 6". */
const ambiguous = new Set(['max', 'ab', 'bis', 'desde']);

/**
 * null if the query states no price, or one in another currency than its prices are in. Without a currency, a price ends the query, since a
 * number before another word is a size or an age: "under 20 cm", "over 3 years".
 */
export function pricePhraseIn(text: string, locale: string, currency: string): PricePhrase | null {
  if (text.length > queryCharsMax) return null;
  const words = text.trim().split(/\s+/u);
  const { below, above, first, among } = phrases.get(languageOf(locale)) ?? phrases.get('en')!;
  for (let at = 1; at < words.length; at++) {
    const amount = amountAt(words, at);
    if (!amount) continue;
    const second = among.some(([word]) => word === words[amount.to]?.toLowerCase())
      ? amountAt(words, amount.to + 1)
      : null;
    const opening = second && wordsBefore(words, at, first);
    if (second && opening) return stated(words, at - opening, [amount, second], currency);
    const upper = wordsBefore(words, at, below);
    if (upper) return stated(words, at - upper, [null, amount], currency);
    const lower = wordsBefore(words, at, above);
    if (lower) return stated(words, at - lower, [amount, null], currency);
  }
  return null;
}

/** The number of words of the phrase that ends before a place; 0 for none. */
function wordsBefore(words: readonly string[], end: number, all: readonly (readonly string[])[]): number {
  const found = all.find((phrase) =>
    phrase.every((word, i) => words[end - phrase.length + i]?.toLowerCase() === word),
  );
  return found?.length ?? 0;
}

function amountAt(words: readonly string[], from: number): Amount | null {
  const match = amountPattern.exec(words[from] ?? '');
  if (!match) return null;
  const [, symbol = '', number = '', ending = ''] = match;
  const nameOf = (word = ''): string | null => symbols[word] ?? names[word.toLowerCase()] ?? null;
  if (ending !== '' && nameOf(ending) === null) return null;
  const own = nameOf(symbol) ?? nameOf(ending);
  const next = own === null ? nameOf(words[from + 1]) : null;
  return { to: from + (next === null ? 1 : 2), number, currency: own ?? next };
}

/** The price from a place on, if it can be one. */
function stated(
  words: readonly string[],
  from: number,
  [low, high]: readonly [Amount | null, Amount | null],
  currency: string,
): PricePhrase | null {
  const to = (high ?? low)!.to;
  const named = [low, high].flatMap((amount) => amount?.currency ?? []);
  if (named.some((other) => other !== currency)) return null;
  if (named.length === 0 && (to < words.length || ambiguous.has(words[from]!.toLowerCase()))) return null;
  const minorOf = (amount: Amount | null): number | null =>
    amount && parseAmount(amount.number.replace(',', '.'), currency);
  const [minMinor, maxMinor] = [minorOf(low), minorOf(high)];
  if (minMinor === null && maxMinor === null) return null;
  const text = [...words.slice(0, from), ...words.slice(to)].join(' ');
  return { text, phrase: words.slice(from, to).join(' '), minMinor, maxMinor };
}
