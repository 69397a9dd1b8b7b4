import { expect } from 'chai';
import { createExploration } from '../../plugins/recommendations/exploration/exploration.js';
import { createModels, type Models } from '../../plugins/recommendations/learning/models.js';
import { placements } from '../../plugins/recommendations/ranking/placements.js';
import { createRanker } from '../../plugins/recommendations/ranking/ranking.js';
import { createRecommenders } from '../../plugins/recommendations/recommenders/recommenders.js';
import { blankProfile } from '../../plugins/recommendations/serving/profile.js';
import type { Candidates, RankingContext, ShopperProfile } from '../../src/ports/recommenders.js';
import { shelfOf } from './shelf.js';

/** A product for each recommender, by its name. */
const names = createRecommenders({ models: createModels(shelfOf([])), shelf: shelfOf([]) }).map(
  ({ name }) => name,
);
const shelf = shelfOf([
  ...names.map((name) => ({ id: name, brand: `brand of ${name}`, categories: [`of ${name}`] })),
  { id: 'looked at' },
]);
const numberOf = (id: string) => shelf.numberOf(id);
const only = (id: string): Candidates => ({ items: [numberOf(id)], scores: [1], causes: [-1], length: 1 });
const predicted = (id: string, cause: number) => ({
  items: Int32Array.of(numberOf(id)),
  scores: Float32Array.of(0),
  causes: Int32Array.of(cause),
  vouched: Uint8Array.of(1),
  length: 1,
});

/** Each recommender proposes one product, which is named after it. */
function modelsOfOneEach(): Models {
  const models = createModels(shelf);
  return {
    ...models,
    session: { ...models.session, predict: () => predicted('session', 0) },
    people: { ...models.people, predict: () => predicted('nextPurchase', numberOf('looked at')) },
    boughtTogether: { ...models.boughtTogether, complete: () => only('boughtTogether') },
    content: { ...models.content, row: () => only('similar') },
    relations: {
      ...models.relations,
      row: (_, [kind]) => only(kind === 'SUBSTITUTE' ? 'relatedAlternatives' : 'relatedAdditions'),
    },
    replenishment: { ...models.replenishment, first: () => only('buyAgain') },
    popularity: {
      ...models.popularity,
      overall: () => only('popular'),
      inStore: () => only('popularInStore'),
      ofBrand: () => only('favouriteBrands'),
      inCategory: (id) => only(id === 'of popularInCategory' ? 'popularInCategory' : 'favouriteCategories'),
    },
    trend: { ...models.trend, overall: () => only('trending') },
    newest: { ...models.newest, items: [numberOf('newest')] },
  };
}

const profile: ShopperProfile = {
  ...blankProfile,
  blank: false,
  session: [numberOf('looked at')],
  viewed: [numberOf('recentlyViewed')],
  buyer: 'ada',
  categories: [{ name: 'of favouriteCategories', weight: 1 }],
  brands: [{ name: 'brand of favouriteBrands', weight: 1 }],
};
const context: RankingContext = {
  profile,
  seeds: [{ item: numberOf('looked at'), weight: 1 }],
  session: profile.session,
  sessionKey: null,
  storeId: 'zurich',
  customerId: 'ada',
  categoryIds: ['of popularInCategory'],
  nowMs: 0,
};

/** The recommenders of each placement, weightiest first; equal ones in alphabetical order. */
const expected: Readonly<Record<string, readonly string[]>> = {
  home: [
    'session',
    'buyAgain',
    'nextPurchase',
    'boughtTogether',
    'favouriteCategories',
    'popularInStore',
    'similar',
    'favouriteBrands',
    'popular',
    'newest',
  ],
  product: ['session', 'similar', 'boughtTogether', 'popularInCategory'],
  cart: ['boughtTogether', 'relatedAdditions', 'session', 'buyAgain', 'nextPurchase', 'similar', 'popular'],
  'search-empty': ['session', 'favouriteCategories', 'popular', 'popularInStore', 'similar', 'newest'],
  reorder: ['buyAgain'],
  'post-purchase': ['boughtTogether', 'relatedAdditions', 'nextPurchase', 'session', 'popular', 'similar'],
  similar: ['relatedAlternatives', 'similar', 'session'],
  'bought-together': ['relatedAdditions', 'boughtTogether', 'session'],
  'recently-viewed': ['recentlyViewed'],
  trending: ['trending', 'popularInStore'],
};

describe('the recommenders of each placement', () => {
  const models = modelsOfOneEach();
  const recommenders = createRecommenders({ models, shelf });
  const ranker = createRanker({
    recommenders,
    models,
    shelf,
    floor: { offer: () => undefined },
    mayRepeat: () => true,
    exploration: createExploration(
      0,
      () => ({ choose: () => 0 }),
      (item) => shelf.idOf(item),
    ),
  });

  it('are those that this test knows', () => {
    expect([...placements.keys()]).to.have.members(Object.keys(expected));
  });

  for (const placement of placements.values()) {
    it(`${placement.name}: weigh in this order, and nobody else proposes anything`, () => {
      const { items } = ranker.rank({
        placement,
        context,
        excluded: new Set(),
        avoided: new Set(),
        first: 20,
      });
      expect(items.map(({ item }) => shelf.idOf(item))).to.deep.equal(expected[placement.name]);
    });
  }
});
