import { word } from './words.js';

/** A catalog with variants beside the same without: equal products, and codes and stock for each variant or for the product. */
export const variantsPerProduct = 8;
const sizes = ['S', 'M', 'L', 'XL'];
const colours = ['black', 'white', 'navy', 'green', 'red', 'grey'];
const stores = [undefined, 'basel'] as const;

const gtinDigits = 12;

/** A GTIN-13 with its check digit. */
function gtin(number: number): string {
  const digits = String(200_000_000_000 + number).padStart(gtinDigits, '0');
  let sum = 0;
  for (let at = 0; at < gtinDigits; at++) sum += Number(digits[at]) * (at % 2 === 0 ? 1 : 3);
  return `${digits}${(10 - (sum % 10)) % 10}`;
}

const coloursOf = (n: number) => [colours[n % 6]!, colours[(n + 1) % 6]!];

interface BenchVariant {
  readonly id: string;
  readonly sku: string;
  readonly gtin: string;
  readonly size: string;
  readonly colour: string;
}

export function variantsOf(n: number): BenchVariant[] {
  return coloursOf(n).flatMap((colour, at) =>
    sizes.map((size, i) => {
      const place = at * sizes.length + i;
      return { id: `p${n}-${place}`, sku: `SKU-${n}-${place}`, gtin: gtin(n * 10 + place), size, colour };
    }),
  );
}

export const titleOf = (n: number) => `${word(n)} ${word(n * 7 + 3)} ${word(n * 13 + 5)}`;

export function contentOf(n: number) {
  return {
    title: titleOf(n),
    description: Array.from({ length: 30 }, (_, i) => word(n * 31 + i)).join(' '),
    brand: `Brand ${n % 500}`,
    category: `category-${n % 300}`,
    price: `${(n % 900) + 1}.90`,
  };
}

/** The stock entries of a product: one for each variant, or for itself, and store. */
export function stockOf(n: number, withVariants: boolean, quantity: number) {
  const ids = withVariants ? variantsOf(n).map(({ id }) => id) : [`p${n}`];
  return ids.flatMap((productId) => stores.map((storeId) => ({ productId, storeId, quantity })));
}

export function productOf(n: number, withVariants: boolean) {
  const { category, price, ...content } = contentOf(n);
  const own = withVariants
    ? {
        variants: variantsOf(n).map(({ size, colour, ...codes }) => ({
          ...codes,
          selectedOptions: [
            { name: 'Size', value: size },
            { name: 'Colour', value: colour },
          ],
        })),
      }
    : { sku: `SKU-${n}`, gtin: gtin(n * 10) };
  return {
    id: `p${n}`,
    ...content,
    ...own,
    categoryIds: [category],
    prices: [{ currency: 'EUR', amount: price }],
    attributes: [{ name: 'Material', value: word(n * 3) }],
  };
}

/** A file with a row for each variant, or for each product. */
export function* csvOf(products: number, withVariants: boolean): Generator<string> {
  yield 'group,id,sku,gtin,title,description,brand,category,price,size,colour,stock\n';
  for (let n = 0; n < products; n++) {
    const { title, description, brand, category, price } = contentOf(n);
    const [size = '', colour = ''] = [sizes[n % 4], colours[n % 6]];
    const rows = withVariants
      ? variantsOf(n)
      : [{ id: `p${n}`, sku: `SKU-${n}`, gtin: gtin(n * 10), size, colour }];
    for (const row of rows) {
      const codes = `p${n},${row.id},${row.sku},${row.gtin}`;
      yield `${codes},${title},${description},${brand},${category},${price},${row.size},${row.colour},5\n`;
    }
  }
}

const price = { amount: 'price', currency: { constant: 'EUR' } };

export function mappingOf(withVariants: boolean): object {
  const content = {
    title: 'title',
    description: 'description',
    brand: 'brand',
    categories: { source: { path: 'category' }, separator: '>' },
  };
  if (!withVariants)
    return {
      id: 'group',
      ...content,
      sku: 'sku',
      gtin: 'gtin',
      prices: [price],
      stock: [{ quantity: 'stock' }],
    };
  return {
    id: 'group',
    ...content,
    prices: [price],
    variants: {
      id: 'id',
      sku: 'sku',
      gtin: 'gtin',
      options: [
        { name: { constant: 'Size' }, value: 'size' },
        { name: { constant: 'Colour' }, value: 'colour' },
      ],
      stock: [{ quantity: 'stock' }],
    },
    rows: { same: 'group' },
  };
}
