import { currencyDigits, formatAmount } from '../../src/money.js';
import { type SpokenCurrency, spokenCurrencies } from './messages/ids.js';
import { messagesOf } from './messages/messages.js';

/**
 * An amount as people say it: "19 euros and 99 cents", "19 Euro 99", "19 euros 99", "19 euros con 99", "19 euro e 99". Currencies
 * that have no messages get the full name that CLDR has for them: "19.99 Polish zlotys". Of a language without messages: as in English.
 */
export function priceAloud(amountMinor: number, currency: string, locale: string): string {
  const messages = messagesOf(locale);
  if (amountMinor === 0) return messages.say('price.free');
  const spoken = spokenCurrencies.find((each) => each === currency);
  if (spoken === undefined) return byFullName(amountMinor, currency, locale);
  const majorCount = Math.floor(amountMinor / 100);
  const minorCount = amountMinor % 100;
  const say = (part: 'major' | 'minor', count: number): string =>
    messages.say(`${spoken satisfies SpokenCurrency}.${part}`, { count, amount: String(count) });
  const major = say('major', majorCount);
  if (minorCount === 0) return major;
  const minor = say('minor', minorCount);
  if (majorCount === 0) return minor;
  // "19 euros 5" would be heard as fifty, so that only two digits may stand without their unit.
  const both = minorCount < 10 ? 'full' : 'short';
  return messages.say('price.both', { both, major, minor, minorNumber: String(minorCount) });
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
