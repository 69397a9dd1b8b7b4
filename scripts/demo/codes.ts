import { checkDigitOf } from '../../plugins/catalog/gtin.js';
import { slugOf } from '../import/categories.js';

/**
 * An EAN-13 of an article of the demo shop. It begins with 20, which GS1 keeps for codes that only hold within a shop. `variant`: from 1;
 * 0 for a product without options.
 */
export function gtinOf(lineNumber: number, number: number, variant: number): string {
  const padded = (value: number, length: number) => String(value).padStart(length, '0');
  const digits = `20${padded(lineNumber, 2)}${padded(number, 3)}${padded(variant, 5)}`;
  return `${digits}${checkDigitOf(digits)}`;
}

/** The title of a product as a name in URLs, without accents. */
export function handleOf(title: string): string {
  return slugOf(title.replaceAll('ß', 'ss').normalize('NFKD').replace(/\p{M}/gu, ''));
}
