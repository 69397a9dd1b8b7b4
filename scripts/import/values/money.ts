import { currencyDigits, isCurrency } from '../../../src/money.js';
import { type DecimalMark, readNumber } from './numbers.js';

/** Signs that name one currency. `$`, `¥` and `kr` name several, so that they name none. */
const currencyOfSign: Readonly<Record<string, string>> = {
  '€': 'EUR',
  '£': 'GBP',
  '₹': 'INR',
  '₽': 'RUB',
  '₩': 'KRW',
  '₺': 'TRY',
  '₴': 'UAH',
  '₪': 'ILS',
  '₫': 'VND',
  '฿': 'THB',
  zł: 'PLN',
  Kč: 'CZK',
  Fr: 'CHF',
  'Fr.': 'CHF',
  'CHF.': 'CHF',
  US$: 'USD',
  A$: 'AUD',
  CA$: 'CAD',
  C$: 'CAD',
  R$: 'BRL',
  NZ$: 'NZD',
  HK$: 'HKD',
};

export interface ReadMoney {
  /** Plain decimal notation, in units of the currency. */
  readonly amount: string;
  /** The currency that the text itself names; null if it names none. */
  readonly currency: string | null;
  readonly ambiguous: boolean;
}

/** Reads an amount with or without a currency: `4.00 USD`, `USD 4`, `€ 12,50`, `1.299,00`. Null if the text is no amount. */
export function readMoney(text: string, decimal?: DecimalMark): ReadMoney | null {
  const first = text.search(/\d/);
  if (first < 0) return null;
  const start = /[.,]/.test(text[first - 1] ?? '') ? first - 1 : first;
  let end = first;
  while (end < text.length && /[\d.,\s\u00A0\u202F'’–—-]/.test(text[end]!)) end++;
  const before = text.slice(0, start).trim();
  const isNegative = /[-−–]$/.test(before);
  const number = readNumber((isNegative ? '-' : '') + text.slice(start, end).trim(), decimal);
  if (number === null) return null;
  const named = [before.replace(/[-+−–]$/, ''), text.slice(end)]
    .map((part) => part.trim())
    .filter((part) => part !== '');
  const currencies = new Set(named.map(currencyNamed).filter((code) => code !== null));
  if (currencies.size > 1) return null;
  // Words that are no currency, such as "from" or "per kg", make it another statement than a price.
  if (named.some((part) => currencyNamed(part) === null && !/^[$¥]$|^kr\.?$/i.test(part))) return null;
  return { amount: number.text, currency: [...currencies][0] ?? null, ambiguous: number.ambiguous };
}

function currencyNamed(text: string): string | null {
  const code = text.toUpperCase();
  return isCurrency(code) ? code : (currencyOfSign[text] ?? null);
}

/** An amount with at most as many decimals as the currency has, rounded half up; `rounded` if digits other than 0 were cut. */
export function fitAmount(
  amount: string,
  currency: string,
): { readonly amount: string; readonly rounded: boolean } {
  const digits = currencyDigits(currency);
  const [whole = '0', fraction = ''] = amount.split('.');
  const kept = fraction.slice(0, digits);
  const cut = fraction.slice(digits);
  if (/^0*$/.test(cut)) return { amount: kept === '' ? whole : `${whole}.${kept}`, rounded: false };
  const minor = BigInt(whole + kept.padEnd(digits, '0')) + (cut >= '5' ? 1n : 0n);
  const text = String(minor).padStart(digits + 1, '0');
  return { amount: digits === 0 ? text : `${text.slice(0, -digits)}.${text.slice(-digits)}`, rounded: true };
}
