/** The number of digits behind the decimal point of a currency, ISO 4217; throws RangeError for a code that is none. */
export function currencyDigits(currency: string): number {
  let digits = digitsOf.get(currency);
  if (digits === undefined) {
    if (!known.has(currency)) throw new RangeError(`"${currency}" is no ISO 4217 currency code`);
    digits =
      new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ??
      2;
    digitsOf.set(currency, digits);
  }
  return digits;
}

const known = new Set(Intl.supportedValuesOf('currency'));
const digitsOf = new Map<string, number>();

export function isCurrency(code: string): boolean {
  return known.has(code);
}

/**
 * A decimal string ("12.5") in minor units (1250). Answers null for anything but a plain non-negative decimal
 * that the currency can express exactly and that stays within 2^53.
 */
export function parseAmount(amount: string, currency: string): number | null {
  const match = /^(\d{1,15})(?:\.(\d{1,6}))?$/.exec(amount);
  if (!match) return null;
  const digits = currencyDigits(currency);
  const fraction = (match[2] ?? '').replace(/0{1,6}$/, '');
  if (fraction.length > digits) return null;
  const minor = Number(match[1]! + fraction.padEnd(digits, '0'));
  return Number.isSafeInteger(minor) ? minor : null;
}

/** Minor units (1250) as a decimal string ("12.50") with all digits of the currency. */
export function formatAmount(minor: number, currency: string): string {
  const digits = currencyDigits(currency);
  if (digits === 0) return String(minor);
  const text = String(Math.abs(minor)).padStart(digits + 1, '0');
  return `${minor < 0 ? '-' : ''}${text.slice(0, -digits)}.${text.slice(-digits)}`;
}
