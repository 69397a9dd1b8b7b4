/** The character before the decimals. */
export type DecimalMark = '.' | ',';

/** A number as it is written in a cell. */
export interface ReadNumber {
  /** Plain decimal notation: digits, and a dot before decimals. A leading minus is kept. */
  readonly text: string;
  /** True if the same characters are another number in the other notation, for example `1,299`, and `decimal` does not speak for a decimal. */
  readonly ambiguous: boolean;
}

/**
 * Reads a number in any of the usual notations: `12.50`, `12,50`, `1.299,00`, `1,299.00`, `1'299.–`, `1 299`, `12,-`. One mark before
 * exactly three digits can be a decimal mark or a thousands separator; `decimal` decides if given, else it separates thousands.
 * Null if the text is no number.
 */
export function readNumber(text: string, decimal?: DecimalMark): ReadNumber | null {
  const compact = text
    .replace(/[\s\u00A0\u202F'’]/g, '')
    .replace(/[.,](?:[-–—]+|--)$/, '')
    .replace(/^[−–]/, '-');
  const match = /^([+-]?)([\d.,]+)$/.exec(compact);
  if (!match || !/\d/.test(compact)) return null;
  const sign = match[1] === '-' ? '-' : '';
  const digits = match[2]!;
  const marks = digits.replace(/\d/g, '');
  if (marks === '') return { text: sign + digits, ambiguous: false };
  const last = marks.at(-1) as DecimalMark;
  const repeated = marks.length > 1 && marks === last.repeat(marks.length);
  if (marks.length > 1 && !repeated) {
    // Both marks: the last is the decimal mark, and may occur once only.
    if (marks.slice(0, -1).includes(last)) return null;
    return groupedThousands(digits, last) ? { text: sign + plain(digits, last), ambiguous: false } : null;
  }
  if (repeated) {
    const other = last === '.' ? ',' : '.';
    return groupedThousands(digits, other) ? { text: sign + plain(digits, other), ambiguous: false } : null;
  }
  const [whole = '', rest = ''] = digits.split(last);
  const canGroup = rest.length === 3 && /^[1-9]\d{0,2}$/.test(whole);
  const isDecimal = !canGroup || decimal === last;
  const number = isDecimal ? `${whole || '0'}${rest === '' ? '' : `.${rest}`}` : whole + rest;
  return { text: sign + number, ambiguous: canGroup && decimal !== last };
}

/** The decimal mark that a number proves, because it cannot be read with the other; null if it proves none. */
export function decimalMarkOf(text: string): DecimalMark | null {
  const digits = /\d[\d.,]*/.exec(text.replace(/[\s\u00A0\u202F'’]/g, ''))?.[0].replace(/[.,]$/, '');
  if (digits === undefined) return null;
  const marks = digits.replace(/\d/g, '');
  if (marks === '') return null;
  const last = marks.at(-1) as DecimalMark;
  if (marks.length > 1) return marks[0] === last ? (last === '.' ? ',' : '.') : last;
  const rest = digits.slice(digits.indexOf(last) + 1);
  return rest.length === 3 && !digits.startsWith('0') ? null : last;
}

function groupedThousands(digits: string, decimal: DecimalMark): boolean {
  const whole = digits.split(decimal)[0]!;
  return /^\d{1,3}(?:[.,]\d{2,3})*$/.test(whole) && /(?:^|[.,])\d{1,3}$/.test(whole);
}

function plain(digits: string, decimal: DecimalMark): string {
  const [whole = '', rest] = digits.split(decimal);
  return whole.replace(/[.,]/g, '') + (rest === undefined || rest === '' ? '' : `.${rest}`);
}
