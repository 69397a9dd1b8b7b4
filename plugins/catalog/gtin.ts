import { z } from 'zod';

export interface GtinFault {
  readonly fault: string;
}

const forms = 'give an EAN of 8 or 13 digits, a UPC of 12, a GTIN of 14, or an ISBN of 10 or 13';

/**
 * The code of a product or variant as GTIN-14: EAN-8, UPC-A, EAN-13 and GTIN-14 get leading zeros, an ISBN-10 becomes an ISBN-13. Blanks and
 * hyphens are left out. The fault of a code that has another length or a wrong check digit names the code.
 */
export function readGtin(text: string): string | GtinFault {
  const code = text.replaceAll(/[\s\u2010-\u2015-]/g, '');
  if (/^\d{9}[\dXx]$/.test(code)) return fromIsbn10(code, text);
  if (!/^(?:\d{8}|\d{12,14})$/.test(code)) return { fault: `"${shown(text)}" is no GTIN; ${forms}` };
  const right = checkDigitOf(code.slice(0, -1));
  if (code.at(-1) === right) return code.padStart(14, '0');
  return {
    fault: `"${shown(text)}" is no GTIN: its last digit must be the check digit ${right}; ${forms}`,
  };
}

function fromIsbn10(code: string, text: string): string | GtinFault {
  let sum = 0;
  for (let at = 0; at < 9; at++) sum += Number(code[at]) * (10 - at);
  const digit = (11 - (sum % 11)) % 11;
  const right = digit === 10 ? 'X' : String(digit);
  if (code.at(-1)?.toUpperCase() !== right)
    return { fault: `"${shown(text)}" is no ISBN: its last character must be the check digit ${right}` };
  const isbn = `978${code.slice(0, 9)}`;
  return `0${isbn}${checkDigitOf(isbn)}`;
}

/** The last digit of a GTIN whose other digits are given: modulo 10 with weights 3 and 1 from the right, as GS1 defines it. */
export function checkDigitOf(digits: string): string {
  let sum = 0;
  for (let at = digits.length - 1, weight = 3; at >= 0; at--, weight = 4 - weight)
    sum += Number(digits[at]) * weight;
  return String((10 - (sum % 10)) % 10);
}

function shown(text: string): string {
  return text.slice(0, 40).toWellFormed();
}

/** `gtin` of the schema's inputs, as GTIN-14. */
export const gtin: z.ZodType<string> = z
  .string({ error: `a gtin must be a text; ${forms}` })
  .transform((text, context) => {
    const read = readGtin(text);
    if (typeof read === 'string') return read;
    context.addIssue({ code: 'custom', message: read.fault });
    return z.NEVER;
  });
