import { expect } from 'chai';
import { catalog as catalogPlugin } from '../../plugins/catalog/plugin.js';
import { consent } from '../../plugins/consent/plugin.js';
import { customers } from '../../plugins/customers/plugin.js';
import { events } from '../../plugins/events/plugin.js';
import { merchandising } from '../../plugins/merchandising/plugin.js';
import { queue } from '../../plugins/queue/plugin.js';
import { search as searchPlugin } from '../../plugins/search/plugin.js';
import { speech } from '../../plugins/speech/plugin.js';
import { store } from '../../plugins/store/plugin.js';
import type { Facet, ProductFilter, SearchQuery } from '../../src/ports/search.js';
import { createRandom } from '../support/boot.js';
import { bootPeople, type People } from '../support/people.js';
import { runs } from '../support/runs.js';

const words = [
  'wireless',
  'mouse',
  'laptop',
  'bag',
  'black',
  'cable',
  'usb',
  '12v',
  'battery',
  'bags',
  'red',
];
const brands = ['Acme', 'Bolt', 'Cedar', 'under'];
const categories = ['root', 'a', 'b', 'a1', 'a2'];
const colours = ['red', 'black', 'true', '12'];
const facetNames = ['brand', 'category', 'Colour', 'Memory', 'Size', 'price'];

describe('facets and filters of searches', () => {
  let people: People;
  beforeEach(async () => {
    people = await bootPeople([
      store,
      queue,
      catalogPlugin,
      customers,
      consent,
      events,
      speech,
      merchandising,
      searchPlugin,
    ]);
  });
  afterEach(() => people.close());

  const total = runs(10_000);
  it(`a facet counts what is found when its value is chosen, and no filter adds results: ${total} cases`, async () => {
    const random = createRandom(20);
    const integer = (most: number): number => Math.floor(random() * most);
    const one = <T>(list: readonly T[]): T => list[integer(list.length)]!;
    const some = <T>(list: readonly T[], most: number): T[] => [
      ...new Set(Array.from({ length: 1 + integer(most) }, () => one(list))),
    ];
    const maybe = <T>(share: number, make: () => T): T | null => (random() < share ? make() : null);
    const catalog = people.port('catalog');
    const search = people.port('search');
    const tree = [
      ['root', null],
      ['a', 'root'],
      ['b', 'root'],
      ['a1', 'a'],
      ['a2', 'a'],
    ] as const;
    await catalog.saveCategories(tree.map(([id, parentId]) => ({ id, name: id, parentId })));

    const product = (id: string): object => ({
      id,
      title: some(words, 4).join(' '),
      description: maybe(0.3, () => some(words, 5).join(' ')) ?? '',
      brand: maybe(0.8, () => one(brands)),
      categoryIds: some(categories, 2),
      prices: [{ amount: String(5 + integer(30)), currency: one(['EUR', 'EUR', 'USD']) }],
      attributes: [
        ...some(colours, 2).map((value) => ({ name: 'Colour', value })),
        ...(maybe(0.5, () => [{ name: 'Memory', value: one([4, 8, 16]) }]) ?? []),
      ],
      options:
        maybe(0.3, () => [{ name: one(['Size', 'Colour']), values: some(['S', 'M', 'red'], 3) }]) ?? [],
    });
    const filter = (): ProductFilter => ({
      brands: maybe(0.3, () => some(brands, 2)),
      categoryId: maybe(0.2, () => one(categories)),
      attributes: maybe(0.3, () => [{ name: one(['Colour', 'Size']), values: some([...colours, 'S'], 2) }]),
      priceMaxMinor: maybe(0.2, () => 100 * (5 + integer(30))),
      inStock: maybe(0.1, () => random() < 0.5),
    });
    const chosen = (before: ProductFilter, { name }: Facet, value: string): ProductFilter => {
      if (name === 'brand') return { ...before, brands: [value] };
      if (name === 'category') return { ...before, categoryId: value };
      const others = (before.attributes ?? []).filter((attribute) => attribute.name !== name);
      return { ...before, attributes: [...others, { name, values: [value] }] };
    };
    const ask = (text: string, over: Partial<SearchQuery>) =>
      search.search({
        text,
        filter: {},
        sort: 'RELEVANCE',
        facets: [],
        limit: 5,
        offset: 0,
        locale: 'en',
        currency: 'EUR',
        storeId: null,
        preferences: null,
        ...over,
      });

    const wrong: string[] = [];
    for (let cases = 0; cases < total; ) {
      await catalog.save(Array.from({ length: 40 }, (_, i) => product(`p${i}`)));
      for (let queries = 0; queries < 25; queries++) {
        const text = one([
          some(words, 3).join(' '),
          `${one(words)} under ${5 + integer(30)}`,
          some(words, 5).join(' '),
          'mause',
          'p3',
          '',
        ]);
        const held = filter();
        const before = await ask(text, { filter: held, facets: facetNames });
        for (const facet of before.facets) {
          for (const { value, count } of facet.values) {
            cases++;
            const after = await ask(text, { filter: chosen(held, facet, value) });
            if (after.total !== count)
              wrong.push(
                `${text} ${JSON.stringify(held)} ${facet.name}=${value}: ${count}, then ${after.total}`,
              );
          }
        }
        cases++;
        const unfiltered = await ask(text, {});
        const narrowed = { ...held, ...filter() };
        const added = Object.keys(narrowed).filter(
          (key) =>
            held[key as keyof ProductFilter] !== narrowed[key as keyof ProductFilter] &&
            held[key as keyof ProductFilter] !== undefined,
        );
        const further = await ask(text, { filter: added.length > 0 ? held : narrowed });
        if (before.total > unfiltered.total || further.total > before.total)
          wrong.push(
            `${text} ${JSON.stringify(held)}: ${unfiltered.total}, ${before.total}, ${further.total}`,
          );
      }
    }
    expect(wrong.slice(0, 10)).to.deep.equal([]);
  }).timeout(600_000);
});
