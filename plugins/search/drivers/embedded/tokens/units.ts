import { fold } from './tokenizer.js';

/** A unit of measure with all its names, and how many of the first unit of its dimension it is. */
interface Unit {
  readonly dimension: number;
  readonly factor: number;
  readonly names: readonly string[];
}

/**
 * Units by dimension, each with its factor and names. The runtime knows more names of units of ECMA-402 (Unicode CLDR), which are in
 * parentheses. Inches are not converted to feet: nobody means a cable of 2 ft by a screen of 24 in.
 */
const dimensions = [
  '1 (millimeter) 10 (centimeter) 1000 (meter) 1000000 (kilometer)',
  '1 (gram) gr 1000 (kilogram) kilo kilos',
  '1 (milliliter) 1000 (liter)',
  '1 (megabyte) 1000 (gigabyte) 1000000 (terabyte)',
  '1 (inch) in',
  '1 (foot) ft',
  '1 (yard)',
  '1 (ounce)',
  '1 (pound) lbs',
  '1 (gallon)',
  '1 v volt volts voltios',
  '1 w watt watts vatios 1000 kw kilowatt',
  '1 ma 1000 a amp amps ampere amperes',
  '1 mah 1000 ah amperestunden',
  '1 hz hertz',
  '1 mhz 1000 ghz',
];

function unitsOf(language: string): Unit[] {
  return dimensions.flatMap((line, dimension) => {
    const units: { dimension: number; factor: number; names: string[] }[] = [];
    for (const word of line.split(' ')) {
      if (/^\d/.test(word)) units.push({ dimension, factor: Number(word), names: [] });
      else if (word.startsWith('(')) units.at(-1)!.names.push(...namesOf(word.slice(1, -1), language));
      else units.at(-1)!.names.push(word);
    }
    return units;
  });
}

/** The names of a unit in a language and in English. */
function namesOf(unit: string, language: string): string[] {
  const names = new Set<string>();
  for (const locale of ['en', language]) {
    for (const unitDisplay of ['long', 'short', 'narrow'] as const) {
      const format = new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay });
      for (const amount of [1, 2])
        for (const { type, value } of format.formatToParts(amount))
          if (type === 'unit') names.add(fold(value));
    }
  }
  return [...names].filter((name) => /^\p{L}+$/u.test(name));
}

/** By language, then name. */
const known = new Map<string, ReadonlyMap<string, readonly [Unit, readonly Unit[]]>>();

function namedIn(language: string): ReadonlyMap<string, readonly [Unit, readonly Unit[]]> {
  let named = known.get(language);
  if (!named) {
    const units = unitsOf(language);
    const alike = (unit: Unit): Unit[] => units.filter(({ dimension }) => dimension === unit.dimension);
    named = new Map(units.flatMap((unit) => unit.names.map((name) => [name, [unit, alike(unit)]] as const)));
    known.set(language, named);
  }
  return named;
}

/** The same measure in all names of its unit, and in other units: "2 tb" is "2000 gb". Empty for a word that is no unit. */
export function sameMeasures(
  language: string,
  amount: string,
  word: string,
): readonly (readonly [string, string])[] {
  const [unit, alike] = namedIn(language).get(word) ?? [null, []];
  return alike.flatMap((other) => {
    const converted = other === unit ? amount : convert(amount, unit!.factor / other.factor);
    return converted === null ? [] : other.names.map((name) => [converted, name] as const);
  });
}

/** null for a fraction such as 3⁄4, and for a result with more than two decimals. */
function convert(amount: string, factor: number): string | null {
  const exact = Number(amount) * factor;
  const rounded = Math.round(exact * 100) / 100;
  return Math.abs(rounded - exact) < 1e-9 * rounded ? String(rounded) : null;
}
