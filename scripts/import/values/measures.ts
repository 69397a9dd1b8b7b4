import type { Measure, MeasureUnit } from '../../../src/ports/product-details.js';
import { readNumber } from './numbers.js';

/** Each unit by its names in feeds, in lower case, with what one of it is in a unit of the catalog. */
const units: Readonly<Record<string, readonly [unit: MeasureUnit, count: number]>> = {
  mg: ['MG', 1],
  g: ['G', 1],
  kg: ['KG', 1],
  oz: ['OZ', 1],
  lb: ['LB', 1],
  ml: ['ML', 1],
  cl: ['CL', 1],
  l: ['L', 1],
  cbm: ['L', 1_000],
  floz: ['FL_OZ', 1],
  fl_oz: ['FL_OZ', 1],
  'fl oz': ['FL_OZ', 1],
  mm: ['MM', 1],
  cm: ['CM', 1],
  m: ['M', 1],
  m2: ['M2', 1],
  'm²': ['M2', 1],
  sqm: ['M2', 1],
  ct: ['PIECE', 1],
  piece: ['PIECE', 1],
  pieces: ['PIECE', 1],
};

/** Reads a measure such as `500 ml`, `1,5kg` or `100 ct`. Null if it is none, or has a unit that the catalog does not have. */
export function readMeasure(text: string): Measure | null {
  const match = /^([\d.,]+)\s*(\p{L}[\p{L}\d²_ ]*)$/u.exec(text.trim());
  const known = units[match?.[2]?.toLowerCase() ?? ''];
  const value = Number(readNumber(match?.[1] ?? '', '.')?.text ?? Number.NaN);
  return known && value > 0 && value <= 1e9 ? { value: value * known[1], unit: known[0] } : null;
}
