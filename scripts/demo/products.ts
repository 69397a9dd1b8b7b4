import type { CategoryInput } from '../import/categories.js';
import type { ProductInput } from '../import/product-input.js';
import { categories, lines, sellers, stores } from './assortment.js';
import type { Chance } from './chance.js';
import { colours, type Kind, type Line, type ProductColour, type Text } from './line.js';
import { colourOf, imageOf } from './pictures.js';

const dayMs = 86_400_000;

export interface DemoCategory extends CategoryInput {
  readonly translations: readonly { readonly locale: string; readonly name: string }[];
}

/** A product and what the simulation knows of it. */
export interface DemoProduct {
  readonly input: ProductInput;
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
  const drawn = {
    motif: kind.motif,
    colour: colour?.drawn ?? colourOf(number),
    initials: `${brand[0]}${series[0]}`.toUpperCase(),
  };
  const input: ProductInput = {
    id,
    sku: `FB-${String(lineNumber).padStart(2, '0')}${String(number).padStart(3, '0')}`,
    status: chance.happens(0.99) ? 'ACTIVE' : 'DRAFT',
    title: title('en'),
    description: `${line.about.en} ${facts.map(({ name, value }) => `${name}: ${spoken(value)}`).join(', ')}.`,
    brand,
    categoryIds: [line.category.id],
    prices: pricesOf(priceEur, chance),
    options: line.option ? [line.option] : [],
    attributes: [
      ...facts,
      ...(colour ? [{ name: 'Colour', value: colour.name.en }] : []),
      ...(size === null ? [] : [{ name: line.sizes!.attribute, value: size }]),
    ],
    media: [imageOf(drawn, title('en'))],
    sellers: chance.happens(0.8) ? [sellers[0], ...(chance.happens(0.15) ? [sellers[1]] : [])] : [sellers[1]],
    translations,
    speakable: line.speakable ?? true,
    createdAt: new Date(nowMs - ageDays(chance) * dayMs).toISOString(),
    stock: stockOf(chance),
  };
  // A long tail: a few products of a line get most of the attention, as in every shop.
  return { input, line, kind, brand, priceEur, appeal: 1 / (1 + number) ** 0.8 };
}

/** One in twenty is new this month, the others came over two years. */
function ageDays(chance: Chance): number {
  return chance.happens(0.05) ? chance.whole(1, 29) : chance.whole(70, 730);
}

/** As prices are written: whole and ninety from 20 up, to five cents below. */
function rounded(eur: number): number {
  if (eur >= 200) return Math.round(eur / 10) * 10 - 1;
  if (eur >= 20) return Math.round(eur) - 0.1;
  return Math.max(0.95, Math.round(eur * 2) / 2 - 0.05);
}

function pricesOf(eur: number, chance: Chance): NonNullable<ProductInput['prices']> {
  const reduction = chance.happens(0.15) ? chance.pick([0.1, 0.2, 0.3]) : 0;
  const amounts = { EUR: eur, CHF: rounded(eur * 1.08), USD: rounded(eur * 1.16) };
  const prices = Object.entries(amounts).map(([currency, amount]) => ({
    currency,
    amount: (amount * (1 - reduction)).toFixed(2),
    ...(reduction > 0 ? { listAmount: amount.toFixed(2) } : {}),
  }));
  if (!chance.happens(0.03)) return prices;
  return [
    ...prices,
    { currency: 'EUR', amount: (eur * 0.75).toFixed(2), listAmount: eur.toFixed(2), storeId: 'lyon' },
  ];
}

function stockOf(chance: Chance): NonNullable<ProductInput['stock']> {
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
