import { expect } from 'chai';
import fc from 'fast-check';
import { createEngine, type Engine } from '../../plugins/search/drivers/embedded/engine.js';
import type { Product } from '../../src/ports/catalog.js';
import type { ProductSort } from '../../src/ports/search.js';
import { productOf, queryOf } from '../contracts/search.js';
import { createRandom } from '../support/boot.js';
import { allInStock } from '../support/live-catalog.js';
import { runs } from '../support/runs.js';

const put = (engine: Engine, product: Product): void => engine.put({ product, categories: [], stock: {} });

/** Comparisons of texts by any collator while `run` runs, and collators made. */
function counted(run: () => void): { comparisons: number; collators: number } {
  const { Collator } = Intl;
  const count = { comparisons: 0, collators: 0 };
  const counting = new Proxy(Collator, {
    construct(target, args) {
      const { compare }: Intl.Collator = Reflect.construct(target, args);
      count.collators++;
      return {
        compare(a: string, b: string) {
          count.comparisons++;
          return compare(a, b);
        },
      };
    },
  });
  Object.assign(Intl, { Collator: counting });
  try {
    run();
  } finally {
    Object.assign(Intl, { Collator });
  }
  return count;
}

const word = fc.constantFrom('lamp', 'Lamp 2', 'lamp 10', 'Äpfel', 'apple', 'zebra', 'ång', 'Öl');
const products = fc.array(
  fc.record({
    id: fc.nat(40),
    title: word,
    swedish: fc.option(word),
    price: fc.option(fc.nat(3)),
    createdAtMs: fc.nat(3),
  }),
  { minLength: 1, maxLength: 60 },
);
type Made = typeof products extends fc.Arbitrary<(infer T)[]> ? T : never;

const made = ({ id, title, swedish, price, createdAtMs }: Made): Product => ({
  ...productOf(`p${id}`, title),
  createdAtMs,
  prices:
    price === null ? [] : [{ amountMinor: price, listAmountMinor: null, currency: 'EUR', storeId: null }],
  translations: swedish === null ? {} : { sv: { title: swedish } },
});

const titleIn = (product: Product, locale: string): string =>
  product.translations[locale]?.title ?? product.title;

function better(sort: ProductSort, locale: string): (a: Product, b: Product) => number {
  const written = new Intl.Collator(locale, { sensitivity: 'base', numeric: true });
  if (sort === 'TITLE') return (a, b) => written.compare(titleIn(a, locale), titleIn(b, locale));
  if (sort === 'NEWEST') return (a, b) => b.createdAtMs - a.createdAtMs;
  const sign = sort === 'PRICE_ASC' ? 1 : -1;
  return (a, b) =>
    Number(a.prices.length === 0) - Number(b.prices.length === 0) ||
    (a.prices.length === 0 ? 0 : sign * (a.prices[0]!.amountMinor - b.prices[0]!.amountMinor));
}

describe('sorted listings', () => {
  it('are pages of the one order, whatever changed since the page before', () => {
    fc.assert(
      fc.property(
        fc.array(products, { minLength: 1, maxLength: 4 }),
        fc.constantFrom<ProductSort>('TITLE', 'PRICE_ASC', 'PRICE_DESC', 'NEWEST'),
        fc.constantFrom('sv', 'en'),
        fc.integer({ min: 1, max: 7 }),
        (rounds, sort, locale, limit) => {
          const engine = createEngine({ language: 'en' }, allInStock);
          const current = new Map<string, Product>();
          const firstSeen: string[] = [];
          for (const round of rounds) {
            for (const product of round.map(made)) {
              if (!firstSeen.includes(product.id)) firstSeen.push(product.id);
              current.set(product.id, product);
              put(engine, product);
            }
            const hasSwedish = [...current.values()].some(({ translations }) => translations.sv);
            const compare = better(sort, hasSwedish ? locale : 'en');
            const whole = [...current.values()]
              .sort((a, b) => compare(a, b) || firstSeen.indexOf(a.id) - firstSeen.indexOf(b.id))
              .map(({ id }) => id);
            const paged: string[] = [];
            for (let offset = 0; offset < whole.length; offset += limit)
              paged.push(...engine.search(queryOf('', { sort, locale, currency: 'EUR', limit, offset })).ids);
            expect(paged).to.deep.equal(whole);
          }
        },
      ),
      { numRuns: runs(150) },
    );
  });

  it('are selected in pages of thousands as in small ones', () => {
    const random = createRandom(3);
    const engine = createEngine({ language: 'en' }, allInStock);
    const prices = Array.from({ length: 3_000 }, () => Math.floor(random() * 700));
    for (const [i, amountMinor] of prices.entries())
      put(engine, {
        ...productOf(`p${i}`, `lamp ${i}`),
        prices: [{ amountMinor, listAmountMinor: null, currency: 'EUR', storeId: null }],
      });
    const whole = prices.map((_, i) => i).sort((a, b) => prices[a]! - prices[b]! || a - b);
    for (const offset of [0, 200, 255, 256, 1_000, 2_950, 2_999, 3_000]) {
      const query = queryOf('', { sort: 'PRICE_ASC', currency: 'EUR', limit: 100, offset });
      expect(engine.search(query).ids).to.deep.equal(whole.slice(offset, offset + 100).map((i) => `p${i}`));
    }
  });

  it('compare titles when they change, not when somebody asks, in the languages the shop writes', () => {
    const random = createRandom(7);
    const engine = createEngine({ language: 'en' }, allInStock);
    const title = (): string => `lamp ${Math.floor(random() * 100_000)}`;
    const query = (locale: string) => queryOf('', { sort: 'TITLE', locale, limit: 100, offset: 2_000 });
    const first = counted(() => {
      for (let i = 0; i < 3_000; i++) put(engine, productOf(`p${i}`, title()));
      engine.search(query('en'));
    });
    expect(first.collators).to.equal(1);
    const later = counted(() => {
      for (const locale of ['sv', 'de', 'de-AT', 'fr', 'pl', 'en-GB', 'en']) engine.search(query(locale));
    });
    expect(later).to.deep.equal({ comparisons: 0, collators: 0 });
    const [one, two] = [productOf('p1', 'aaa'), productOf('p2', 'bbb')];
    put(engine, one);
    put(engine, two);
    expect(engine.search(queryOf('', { sort: 'TITLE', limit: 2 })).ids).to.deep.equal(['p1', 'p2']);
  });

  it('sort many titles in slices, and are right although titles change meanwhile', () => {
    const random = createRandom(9);
    const engine = createEngine({ language: 'en' }, allInStock);
    const titles = new Map<string, string>();
    const change = (i: number): void => {
      const product = productOf(`p${i}`, `lamp ${Math.floor(random() * 1_000_000)}`);
      titles.set(product.id, product.title);
      put(engine, product);
    };
    const query = (offset: number) => queryOf('', { sort: 'TITLE', limit: 100, offset });
    for (const many of [3_000, 4_500]) {
      for (let i = titles.size; i < many; i++) change(i);
      const preparing = engine.preparing(query(0))!;
      let slices = 0;
      for (; !preparing.next().done; slices++) if (slices % 5 === 0) change(Math.floor(random() * many));
      expect(slices).to.be.greaterThan(8);
      expect(engine.preparing(query(0))).to.equal(null);
      const collator = new Intl.Collator('en', { sensitivity: 'base', numeric: true });
      const whole = [...titles]
        .sort(
          ([a, first], [b, second]) =>
            collator.compare(first, second) || Number(a.slice(1)) - Number(b.slice(1)),
        )
        .map(([id]) => id);
      for (const offset of [0, 100, 1_500, many - 100])
        expect(engine.search(query(offset)).ids).to.deep.equal(whole.slice(offset, offset + 100));
    }
  });
});
