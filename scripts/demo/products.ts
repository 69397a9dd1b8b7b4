import type { CategoryInput } from '../import/categories.js';
import type { ImportedStock } from '../import/imported-product.js';
import { categories, lines, sellers, stores } from './assortment.js';
import type { Chance } from './chance.js';
import { gtinOf, handleOf } from './codes.js';
import { ratingOf, tagsOf } from './details.js';
import { colours, type Kind, type Line, type ProductColour, type Text } from './line.js';
import { colourOf, imagesOf } from './pictures.js';
import { pricesOf, rounded } from './prices.js';
import type { DemoProductInput } from './product-input.js';
import { type Bare, colourName, optionInputOf, optionsOf, secondColourOf, variantsOf } from './variants.js';

const dayMs = 86_400_000;

export interface DemoCategory extends CategoryInput {
  readonly translations: readonly { readonly locale: string; readonly name: string }[];
}

/** A product and what the simulation knows of it. */
export interface DemoProduct {
  readonly input: DemoProductInput;
  readonly line: Line;
  readonly kind: Kind;
  readonly brand: string;
  readonly priceEur: number;
  /** How much of the line's attention it gets, before taste. */
  readonly appeal: number;
}

export function demoCategories(): DemoCategory[] {
  return categories.map(({ id, parentId, name }) => ({
    id,
    parentId,
    name: name.en,
    translations: [
      { locale: 'de', name: name.de },
      { locale: 'fr', name: name.fr },
    ],
  }));
}

export function demoProducts(chance: Chance, nowMs: number): DemoProduct[] {
  return lines.flatMap((line, lineNumber) => {
    const designs = designsOf(line);
    const chosen: Design[] = [];
    while (chosen.length < line.products && designs.length > 0) {
      chosen.push(designs.splice(chance.whole(0, designs.length - 1), 1)[0]!);
    }
    return chosen.map((design, i) => productOf(line, design, lineNumber + 1, i + 1, chance, nowMs));
  });
}

interface Design {
  readonly brand: string;
  readonly series: string;
  readonly kind: Kind;
  readonly size: number | null;
  readonly colour: ProductColour | null;
}

/** Every brand has its own series; each series may have each kind in each size and colour. */
function designsOf(line: Line): Design[] {
  const found: Design[] = [];
  line.series.forEach((series, i) => {
    const brand = line.brands[i % line.brands.length]!;
    for (const kind of line.kinds) {
      for (const size of line.sizes?.values ?? [null]) {
        for (const colour of line.coloured ? colours : [null])
          found.push({ brand, series, kind, size, colour });
      }
    }
  });
  return found;
}

function productOf(
  line: Line,
  { brand, series, kind, size, colour }: Design,
  lineNumber: number,
  number: number,
  chance: Chance,
  nowMs: number,
): DemoProduct {
  const id = `${line.category.id}-${String(number).padStart(2, '0')}`;
  const growth = line.sizes && size ? (size / line.sizes.values[0]!) ** line.sizes.grows : 1;
  const priceEur = rounded((kind.fromEur + (kind.toEur - kind.fromEur) * chance.next() ** 1.5) * growth);
  const facts = Object.entries(line.facts).map(([name, values]) => ({ name, value: chance.pick(values) }));
  const title = (language: keyof Text) =>
    [
      `${brand} ${series} ${kind.noun[language]}`,
      size === null ? null : `${size} ${line.sizes!.unit[language]}`,
      colour?.name[language] ?? null,
    ]
      .filter((part) => part !== null)
      .join(', ');
  const translations = (['de', 'fr'] as const).map((language) => ({
    locale: language,
    title: capital(title(language)),
    description: line.about[language],
  }));
  // The parts that chance decides are drawn in this order, so that the same seed goes on giving the same shop.
  const status = chance.happens(0.99) ? 'ACTIVE' : 'DRAFT';
  const prices = pricesOf(priceEur, line, chance, nowMs);
  const productSellers = chance.happens(0.8)
    ? [sellers[0], ...(chance.happens(0.15) ? [sellers[1]] : [])]
    : [sellers[1]];
  const createdAt = new Date(nowMs - ageDays(chance) * dayMs).toISOString();
  const stock = stockOf(chance);
  const sku = `FB-${String(lineNumber).padStart(2, '0')}${String(number).padStart(3, '0')}`;
  const bare: Bare = { id, sku, lineNumber, number, line, colour, prices, stock };
  const options = optionsOf(bare).map(optionInputOf);
  const variants = variantsOf(bare);
  const input: DemoProductInput = {
    id,
    handle: handleOf(title('en')),
    sku,
    status,
    title: title('en'),
    description: `${line.about.en} ${facts.map(({ name, value }) => `${name}: ${spoken(value)}`).join(', ')}.`,
    brand,
    categoryIds: [line.category.id],
    tags: tagsOf(facts),
    prices,
    options,
    variants,
    attributes: [
      ...facts,
      ...(colour ? [{ name: 'Colour', value: colour.name.en }] : []),
      ...(size === null ? [] : [{ name: line.sizes!.attribute, value: size }]),
    ],
    media: imagesOf(
      {
        motif: kind.motif,
        colour: colour?.drawn ?? colourOf(number),
        initials: `${brand[0]}${series[0]}`.toUpperCase(),
      },
      title('en'),
      options.find(({ name }) => name === colourName.en),
      secondColourOf(bare)?.drawn,
    ),
    sellers: productSellers,
    translations,
    speakable: line.speakable ?? true,
    createdAt,
    ...ratingOf(lineNumber, number),
    ...(line.sizes?.grams && size !== null ? { contents: { value: size, unit: 'G' } } : {}),
    ...(variants.length === 0 ? { gtin: gtinOf(lineNumber, number, 0), stock } : {}),
  };
  // A long tail: a few products of a line get most of the attention, as in every shop.
  return { input, line, kind, brand, priceEur, appeal: 1 / (1 + number) ** 0.8 };
}

/** One in twenty is new this month, the others came over two years. */
function ageDays(chance: Chance): number {
  return chance.happens(0.05) ? chance.whole(1, 29) : chance.whole(70, 730);
}

function stockOf(chance: Chance): ImportedStock[] {
  if (chance.happens(0.02)) return [{ quantity: 0 }, ...stores.map((storeId) => ({ storeId, quantity: 0 }))];
  const online = chance.happens(0.95) ? chance.whole(3, 400) : 0;
  return [
    { quantity: online },
    ...stores.map((storeId) => ({ storeId, quantity: chance.happens(0.55) ? chance.whole(1, 24) : 0 })),
  ];
}

function spoken(value: string | number | boolean): string {
  return typeof value === 'boolean' ? (value ? 'yes' : 'no') : String(value);
}

function capital(title: string): string {
  return title.charAt(0).toUpperCase() + title.slice(1);
}
