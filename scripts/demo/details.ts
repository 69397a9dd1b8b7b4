import { createChance } from './chance.js';
import type { DemoProductInput } from './product-input.js';

/** The ratings that the shop counted before it came here; earlier products of a line have more. One in eight has none. */
export function ratingOf(lineNumber: number, number: number): Pick<DemoProductInput, 'rating'> {
  const chance = createChance(lineNumber * 1_000 + number + 500_000);
  if (chance.happens(0.125)) return {};
  const average = Math.round((3.2 + 1.7 * chance.next() ** 0.7) * 10) / 10;
  return { rating: { average, count: 1 + chance.geometric(120 / (1 + number)) } };
}

/** Tags for what the facts of a product promise. */
export function tagsOf(
  facts: readonly { readonly name: string; readonly value: string | number | boolean }[],
): string[] {
  return facts.flatMap(({ name, value }) => {
    if (value === true) return [name.toLowerCase()];
    return typeof value === 'string' && /\b(recycled|organic)\b/.test(value) ? [value.split(' ')[0]!] : [];
  });
}
