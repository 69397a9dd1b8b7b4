import { slugOf } from '../import/categories.js';
import type { ImportedPrice, ImportedStock } from '../import/imported-product.js';
import { type Chance, createChance } from './chance.js';
import { gtinOf } from './codes.js';
import { colours, type Line, type OptionValues, type ProductColour, type Text, text } from './line.js';
import { raisedBy } from './prices.js';
import type { DemoOption, DemoVariant } from './product-input.js';

/** A product before its variants are made. */
export interface Bare {
  readonly id: string;
  readonly sku: string;
  /** Of the line among the lines, and of the product in its line. */
  readonly lineNumber: number;
  readonly number: number;
  readonly line: Line;
  readonly colour: ProductColour | null;
  readonly prices: readonly ImportedPrice[];
  /** As of a product without variants; those of a product have a third of it each, on average. */
  readonly stock: readonly ImportedStock[];
}

/** The name of the option for the colours. */
export const colourName = text('Colour', 'Farbe', 'Couleur');

/** The options that shoppers choose among: those of the line, and two colours if it comes in several. */
export function optionsOf({
  line,
  colour,
  number,
}: Pick<Bare, 'line' | 'colour' | 'number'>): OptionValues[] {
  const second = secondColourOf({ line, colour, number });
  return [
    ...(line.option ? [line.option] : []),
    ...(colour && second
      ? [{ name: colourName, values: [colour.name, inTwo(colour.name, second.name)] }]
      : []),
  ];
}

/** The colour beside its own, of a product that also comes in two colours; null for others. */
export function secondColourOf({
  line,
  colour,
  number,
}: Pick<Bare, 'line' | 'colour' | 'number'>): ProductColour | null {
  if (!colour || !line.twoColoured) return null;
  const others = colours.filter((other) => other !== colour);
  return others[number % others.length]!;
}

export function optionInputOf({ name, values }: OptionValues): DemoOption {
  return {
    name: name.en,
    values: values.map(({ en }) => en),
    translations: (['de', 'fr'] as const).map((locale) => ({
      locale,
      label: name[locale],
      values: values
        .filter((value) => value[locale] !== value.en)
        .map((value) => ({ value: value.en, label: value[locale] })),
    })),
  };
}

/** A variant for each combination of the options; none without options. A store where the product is sold out has none of them. */
export function variantsOf(bare: Bare): DemoVariant[] {
  const options = optionsOf(bare);
  if (options.length === 0) return [];
  const chosen = combinationsOf(options);
  const chance = createChance(bare.lineNumber * 1_000 + bare.number);
  const shares = bare.stock.map(({ quantity }) =>
    shareOut(Math.ceil((quantity * chosen.length) / 3), chosen.length, chance),
  );
  return chosen.map((selected, at) => ({
    id: `${bare.id}-${selected.map(({ value }) => slugOf(value.en)).join('-')}`,
    sku: `${bare.sku}-${String(at + 1).padStart(2, '0')}`,
    gtin: gtinOf(bare.lineNumber, bare.number, at + 1),
    selectedOptions: selected.map(({ name, value }) => ({ name: name.en, value: value.en })),
    ...ownPrices(bare, selected),
    stock: bare.stock.map((level, store) => ({ ...level, quantity: shares[store]![at]! })),
  }));
}

interface Selected {
  readonly name: Text;
  readonly value: Text;
  readonly place: number;
}

function combinationsOf(options: readonly OptionValues[]): Selected[][] {
  return options.reduce<Selected[][]>(
    (combinations, { name, values }) =>
      combinations.flatMap((selected) => values.map((value, place) => [...selected, { name, value, place }])),
    [[]],
  );
}

/** The first values cost what the product does. */
function ownPrices({ line, prices }: Bare, selected: readonly Selected[]): Pick<DemoVariant, 'prices'> {
  const factor = line.option?.factors?.[selected[0]!.place] ?? 1;
  return factor === 1 ? {} : { prices: raisedBy(factor, prices) };
}

/** Shares pieces out by chance, so that some of the variants have none; all pieces are given to one or another. */
function shareOut(pieces: number, variants: number, chance: Chance): number[] {
  const weights = Array.from({ length: variants }, () => (chance.happens(0.15) ? 0 : 0.3 + chance.next()));
  const sum = weights.reduce((total, weight) => total + weight, 0) || 1;
  const shares = weights.map((weight) => Math.floor((pieces * weight) / sum));
  const rest = pieces - shares.reduce((total, share) => total + share, 0);
  const most = weights.indexOf(Math.max(...weights));
  shares[most] = shares[most]! + rest;
  return shares;
}

function inTwo(first: Text, second: Text): Text {
  return text(`${first.en} / ${second.en}`, `${first.de} / ${second.de}`, `${first.fr} / ${second.fr}`);
}
