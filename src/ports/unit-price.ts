import type { Measure, MeasureUnit } from './product-details.js';

/** The quantity that a unit measures, and how many milligrams, millilitres, millimetres, square metres or pieces one of it is. */
const units: Readonly<Record<MeasureUnit, readonly [family: string, size: number]>> = {
  MG: ['mass', 1],
  G: ['mass', 1_000],
  KG: ['mass', 1_000_000],
  OZ: ['mass', 28_349.523125],
  LB: ['mass', 453_592.37],
  ML: ['volume', 1],
  CL: ['volume', 10],
  L: ['volume', 1_000],
  FL_OZ: ['volume', 29.5735295625],
  MM: ['length', 1],
  CM: ['length', 10],
  M: ['length', 1_000],
  M2: ['area', 1],
  PIECE: ['pieces', 1],
};

const usualBase: Readonly<Record<string, Measure>> = {
  mass: { value: 1, unit: 'KG' },
  volume: { value: 1, unit: 'L' },
  length: { value: 1, unit: 'M' },
  area: { value: 1, unit: 'M2' },
  pieces: { value: 1, unit: 'PIECE' },
};

/** True if both measure the same, so that one can be the base of a unit price of the other. */
export function areComparable(a: Measure, b: Measure): boolean {
  return units[a.unit][0] === units[b.unit][0];
}

/**
 * The price of the base amount, if the price is that of the contents: in minor units, rounded to the nearest. Without a base, of one
 * kilogram, litre, metre, square metre or piece.
 */
export function unitPriceOf(
  amountMinor: number,
  contents: Measure,
  base: Measure = usualBase[units[contents.unit][0]]!,
): { readonly amountMinor: number; readonly per: Measure } {
  const share = (base.value * units[base.unit][1]) / (contents.value * units[contents.unit][1]);
  return { amountMinor: Math.round(amountMinor * share), per: base };
}
