import { expect } from 'chai';
import { causesOf, createCauses } from '../../plugins/recommendations/explain/reasons.js';
import { createExploration } from '../../plugins/recommendations/exploration/exploration.js';
import { createModels, type Models } from '../../plugins/recommendations/learning/models.js';
import { diversify } from '../../plugins/recommendations/ranking/diversity.js';
import { createFusion } from '../../plugins/recommendations/ranking/fusion.js';
import { placements } from '../../plugins/recommendations/ranking/placements.js';
import { createRanker } from '../../plugins/recommendations/ranking/ranking.js';
import { createRecommenders } from '../../plugins/recommendations/recommenders/recommenders.js';
import { blankProfile } from '../../plugins/recommendations/serving/profile.js';
import { rankingContextOf } from '../../plugins/recommendations/serving/ranking-context.js';
import type { RankingContext } from '../../src/ports/recommenders.js';
import { type OnShelf, shelfOf } from './shelf.js';

const tie = (a: number, b: number) => a - b;
const causes = (length: number) => new Array<number>(length).fill(-1);

/** Ranks what the session model proposes with these likelihoods, for a shopper who has clicked so often and seen some of it. */
function ranked(
  likelihoods: readonly number[],
  options: {
    readonly seen?: readonly number[];
    readonly clicks?: number;
    readonly products?: readonly OnShelf[];
    readonly placement?: string;
    readonly first?: number;
  } = {},
): { readonly items: readonly number[]; readonly scores: readonly number[] } {
  const { seen = [], clicks = 1, placement = 'home', first = likelihoods.length } = options;
  const shelf = shelfOf(options.products ?? likelihoods.map((_, at) => ({ id: `p${at}` })));
  const models = createModels(shelf);
  const session = Array.from({ length: clicks }, () => 0);
  const context: RankingContext = {
    profile: { ...blankProfile, blank: false, session, viewed: seen },
    seeds: [],
    session,
    sessionKey: null,
    storeId: null,
    customerId: null,
    categoryIds: [],
    nowMs: 0,
  };
  const predicting: Models = {
    ...models,
    session: {
      ...models.session,
      predict: () => ({
        items: Int32Array.from(likelihoods, (_, at) => at),
        scores: Float32Array.from(likelihoods, (each) => Math.log(each / likelihoods[0]!)),
        causes: new Int32Array(likelihoods.length),
        vouched: new Uint8Array(likelihoods.length).fill(1),
        length: likelihoods.length,
      }),
    },
  };
  const ranker = createRanker({
    recommenders: createRecommenders({ models: predicting, shelf }),
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
  const { items } = ranker.rank({
    placement: placements.get(placement)!,
    context,
    excluded: new Set(),
    avoided: new Set(),
    first,
  });
  return { items: items.map(({ item }) => item), scores: items.map(({ score }) => score) };
}

/**
 * Each test fails if the constant that it is about becomes three times as large or as small. Where products stand is asserted,
 * not the value of the code.
 */
describe('what has been seen', () => {
  const alike = [1, 1, 1, 1, 1, 1, 1, 1];

  it('keeps three quarters of its score on home', () => {
    // The last place is seen; its likelihood decides whether it passes the fresh ones in front of it.
    const placeOf = (likelihood: number) =>
      ranked([1, 1, 1, 1, 1, 1, 1, likelihood], { seen: [7] }).items.indexOf(7);
    expect(placeOf(1), 'as likely as what is fresh').to.equal(7);
    expect(placeOf(2), 'twice as likely').to.equal(7);
    expect(placeOf(40), 'forty times as likely').to.equal(3);
    const { scores } = ranked(alike, { seen: [7] });
    expect(scores[7]! / scores[6]!).to.be.within(0.6, 0.9);
  });

  it('stands behind three products that are fresh, however likely it is', () => {
    const { items } = ranked([1000, 500, 1, 1, 1, 1, 1, 1], { seen: [0, 1] });
    expect(items.indexOf(0)).to.equal(3);
    expect(items.indexOf(1)).to.equal(4);
  });

  it('keeps its place on a product page, in a cart and after a purchase', () => {
    for (const placement of ['product', 'cart', 'post-purchase'])
      expect(ranked([2, 1, 1, 1], { seen: [0], placement }).items[0], placement).to.equal(0);
    expect(ranked([2, 1, 1, 1], { seen: [0], placement: 'search-empty' }).items[0]).to.equal(1);
  });
});

describe('diversity', () => {
  /** The score that is left of the second product, which resembles the first, of 1. */
  function left(diversity: number, second: OnShelf): number {
    const shelf = shelfOf([{ id: 'a', brand: 'one', categories: ['tents'] }, second]);
    const found: number[] = [];
    const pool = { items: Int32Array.of(0, 1), scores: Float64Array.of(1, 1), length: 2 };
    diversify(pool, diversity, shelf, tie, 2, (_, score) => found.push(score) > 0);
    return found[1]!;
  }
  const lost = (second: OnShelf) => 1 / left(1, second) - 1;

  it('lowers a product of the same brand, by half as much one of the same category, and none of another kind', () => {
    expect(lost({ id: 'b', brand: 'one' })).to.be.within(0.8, 1.2);
    expect(lost({ id: 'b', categories: ['tents'] })).to.be.within(0.35, 0.65);
    expect(lost({ id: 'b', brand: 'one', categories: ['tents'] })).to.be.within(1.3, 1.7);
    expect(lost({ id: 'b', brand: 'two', categories: ['lamps'] })).to.equal(0);
  });

  it('chooses among the next forty, so what is far behind does not come first for being different', () => {
    const products = Array.from({ length: 120 }, (_, at) => ({
      id: `p${at}`,
      brand: 'one',
      // From the 30th on there is something else; and so there is from the 100th on.
      categories: [at < 30 ? 'tents' : at < 100 ? 'lamps' : 'knives'],
    }));
    const scores = Float64Array.from(products, (_, at) => 1 - at / 1000);
    const taken: number[] = [];
    const pool = { items: Int32Array.from(products, (_, at) => at), scores, length: 120 };
    diversify(pool, 1, shelfOf(products), tie, 3, (place) => taken.push(place) > 0);
    expect(taken[1]).to.equal(30);
    expect(taken[2]).to.be.lessThan(100);
  });

  it('spreads a list twice as much after one click as after many', () => {
    const products = [
      { id: 'p0', brand: 'one', categories: ['tents'] },
      { id: 'p1', brand: 'one', categories: ['tents'] },
      { id: 'p2', brand: 'two', categories: ['lamps'] },
    ];
    const drop = (clicks: number) => {
      const { items, scores } = ranked([1, 1, 0.02], { clicks, products, placement: 'product' });
      return scores[0]! / scores[items.indexOf(1)]! - 1;
    };
    expect(drop(1) / drop(30)).to.be.within(1.8, 2.1);
  });
});

describe('the blend', () => {
  it('gives a product that takes one part in a thousand of a list next to nothing', () => {
    const share = (probability: number) => {
      const candidates = {
        items: [1, 2],
        scores: [1 - probability, probability],
        causes: causes(2),
        length: 2,
      };
      const { scores } = createFusion().fuse([{ name: 'popular', weight: 1, candidates }]);
      return scores[1]! / scores[0]!;
    };
    expect(share(1e-3)).to.be.within(0.07, 0.13);
    expect(share(1e-4)).to.be.lessThan(0.03);
    expect(share(0.1)).to.be.within(0.6, 0.75);
  });
});

describe('what asks for others', () => {
  const shelf = shelfOf(
    Array.from({ length: 60 }, (_, at) => ({ id: `p${at}`, categories: [`c${at}`, 'x', 'y'] })),
  );
  const context = (cart: readonly number[]) =>
    rankingContextOf({
      placement: placements.get('cart')!,
      profile: { ...blankProfile, blank: false, session: Array.from({ length: 40 }, (_, at) => at % 2) },
      pageItem: -1,
      cart,
      storeId: null,
      sessionKey: null,
      customerId: null,
      nowMs: 0,
      shelf,
    }).context;

  it('is the newest of the cart first, each counting seven tenths of the one after it', () => {
    const { seeds } = context([3, 4, 5]);
    expect(seeds.map(({ item }) => item)).to.deep.equal([5, 4, 3]);
    expect(seeds[1]!.weight / seeds[0]!.weight).to.be.within(0.6, 0.8);
    expect(seeds[2]!.weight / seeds[1]!.weight).to.be.within(0.6, 0.8);
  });

  it('is at most twenty products of a cart, and the newest thirty clicks of a session', () => {
    const { seeds, session } = context(Array.from({ length: 50 }, (_, at) => at));
    expect(seeds.length).to.be.within(15, 30);
    expect(session.length).to.be.within(25, 40);
    expect(session.at(-1)).to.equal(49);
  });

  it('says what is popular in the first two categories of the product, no more', () => {
    expect(context([7]).categoryIds).to.deep.equal(['c7', 'x']);
  });
});

describe('reasons', () => {
  const context: RankingContext = {
    profile: blankProfile,
    seeds: [],
    session: [],
    sessionKey: null,
    storeId: null,
    customerId: null,
    categoryIds: [],
    nowMs: 0,
  };
  const codes = (...amounts: number[]) => {
    const names = ['popular', 'newest', 'popularInStore', 'similar', 'trending'] as const;
    const shares = amounts.map((amount, at) => ({ name: names[at]!, amount, cause: -1 }));
    const shelf = shelfOf([{ id: 'a' }, { id: 'b' }]);
    const causeOf = createCauses(createRecommenders({ models: createModels(shelf), shelf }));
    return causesOf({ item: 1, score: 1, shares }, context, causeOf).length;
  };

  it('are at most three', () => {
    expect(codes(1, 1, 1, 1, 1)).to.equal(3);
    expect(codes(1, 1)).to.equal(2);
  });

  it('leave out what gave less than about a seventh of the score', () => {
    expect(codes(80, 20)).to.equal(2);
    expect(codes(92, 8)).to.equal(1);
  });
});
