import { languageOf } from '../../src/kit/language-of.js';
import { currencyDigits, formatAmount } from '../../src/money.js';

interface Unit {
  readonly one: string;
  readonly many: string;
}

interface Spoken {
  readonly major: Unit;
  readonly minor: Unit;
}

const unit = (one: string, many = one): Unit => ({ one, many });

/** What currencies are called where they are not called by their full name. */
const names: Readonly<Record<string, Readonly<Record<string, Spoken>>>> = {
  en: {
    EUR: { major: unit('euro', 'euros'), minor: unit('cent', 'cents') },
    USD: { major: unit('dollar', 'dollars'), minor: unit('cent', 'cents') },
    GBP: { major: unit('pound', 'pounds'), minor: unit('penny', 'pence') },
    CHF: { major: unit('Swiss franc', 'Swiss francs'), minor: unit('rappen') },
    CAD: { major: unit('dollar', 'dollars'), minor: unit('cent', 'cents') },
    AUD: { major: unit('dollar', 'dollars'), minor: unit('cent', 'cents') },
  },
  de: {
    EUR: { major: unit('Euro'), minor: unit('Cent') },
    USD: { major: unit('Dollar'), minor: unit('Cent') },
    GBP: { major: unit('Pfund'), minor: unit('Penny', 'Pence') },
    CHF: { major: unit('Franken'), minor: unit('Rappen') },
  },
  fr: {
    EUR: { major: unit('euro', 'euros'), minor: unit('centime', 'centimes') },
    USD: { major: unit('dollar', 'dollars'), minor: unit('cent', 'cents') },
    GBP: { major: unit('livre', 'livres'), minor: unit('penny', 'pence') },
    CHF: { major: unit('franc', 'francs'), minor: unit('centime', 'centimes') },
    CAD: { major: unit('dollar', 'dollars'), minor: unit('cent', 'cents') },
  },
};

const free: Readonly<Record<string, string>> = { en: 'free', de: 'kostenlos', fr: 'gratuit' };

/**
 * An amount as people say it: "19 euros and 99 cents", "19 Euro 99", "19 euros 99". Currencies and languages that
 * are not in the table get the full name that CLDR has for them: "19.99 Swiss francs".
 */
export function priceAloud(amountMinor: number, currency: string, locale: string): string {
  const language = languageOf(locale);
  if (amountMinor === 0 && free[language] !== undefined) return free[language];
  const spoken = names[language]?.[currency];
  if (!spoken || currencyDigits(currency) !== 2) return byFullName(amountMinor, currency, locale);
  const major = Math.floor(amountMinor / 100);
  const minor = amountMinor % 100;
  const whole = `${major} ${named(spoken.major, major, language)}`;
  const cents = `${minor} ${named(spoken.minor, minor, language)}`;
  if (minor === 0) return whole;
  if (major === 0) return cents;
  if (language === 'en') return `${whole} and ${cents}`;
  // "19 euros 5" would be heard as fifty.
  return minor < 10 ? `${whole} ${language === 'de' ? 'und' : 'et'} ${cents}` : `${whole} ${minor}`;
}

function named({ one, many }: Unit, count: number, language: string): string {
  const singular = language === 'fr' ? count < 2 : count === 1;
  return singular ? one : many;
}

function byFullName(amountMinor: number, currency: string, locale: string): string {
  const digits = currencyDigits(currency);
  const whole = amountMinor % 10 ** digits === 0;
  const options: Intl.NumberFormatOptions = {
    style: 'currency',
    currency,
    currencyDisplay: 'name',
    useGrouping: false,
    ...(whole ? { maximumFractionDigits: 0 } : {}),
  };
  try {
    return formatter(locale, options).format(amountMinor / 10 ** digits);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return `${formatAmount(amountMinor, currency)} ${currency}`;
  }
}

const formatters = new Map<string, Intl.NumberFormat>();
const formattersMax = 200;

/** Making one takes fifty times as long as using it. */
function formatter(locale: string, options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = `${locale} ${options.currency} ${options.maximumFractionDigits}`;
  let made = formatters.get(key);
  if (!made) {
    made = new Intl.NumberFormat(locale, options);
    if (formatters.size >= formattersMax) formatters.clear();
    formatters.set(key, made);
  }
  return made;
}
