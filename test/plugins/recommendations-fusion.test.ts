import { expect } from 'chai';
import fc from 'fast-check';
import { causesOf, createCauses } from '../../plugins/recommendations/explain/reasons.js';
import { createBandit } from '../../plugins/recommendations/exploration/bandit.js';
import { createExploration, type Explored } from '../../plugins/recommendations/exploration/exploration.js';
import { createTrials } from '../../plugins/recommendations/exploration/trials.js';
import { createModels } from '../../plugins/recommendations/learning/models.js';
import { createFusion, type Part } from '../../plugins/recommendations/ranking/fusion.js';
import { placements } from '../../plugins/recommendations/ranking/placements.js';
import type { Ranked } from '../../plugins/recommendations/ranking/ranked.js';
import { createRecommenders } from '../../plugins/recommendations/recommenders/recommenders.js';
import { blankProfile } from '../../plugins/recommendations/serving/profile.js';
import { rankingContextOf } from '../../plugins/recommendations/serving/ranking-context.js';
import { drawBeta, seedOf } from '../../src/kit/beta.js';
import type { Shelf } from '../../src/ports/catalog.js';
import type { EventType, ShopEvent } from '../../src/ports/events.js';
import type { RankingContext } from '../../src/ports/recommenders.js';
import { createRandom } from '../support/boot.js';
import { decisionOf } from '../support/decision.js';

const dayMs = 86_400_000;

describe('the fusion of recommenders', () => {
  it('takes a session as it was where its last click is the page, and else puts the page and the cart at its end', () => {
    const shelf = { categories: () => [], idOf: String, size: 9 } as unknown as Shelf;
    const session = (pageItem: number, cart: number[]) =>
      rankingContextOf({
        placement: placements.get('product')!,
        profile: { ...blankProfile, session: [1, 2, 1] },
        pageItem,
        cart,
        storeId: null,
        sessionKey: null,
        customerId: null,
        nowMs: 0,
        shelf,
      }).context.session;
    expect(session(1, [])).to.deep.equal([1, 2, 1]);
    expect(session(2, [])).to.deep.equal([1, 1, 2]);
    expect(session(3, [])).to.deep.equal([1, 2, 1, 3]);
    expect(session(1, [4])).to.deep.equal([2, 4, 1]);
  });

  it('names as first reason whatever gave most, and no cause that gave less than a later one', () => {
    const shelf = { categories: () => ['c'], brand: () => 'b' } as unknown as Shelf;
    const recommenders = createRecommenders({ models: createModels(shelf), shelf });
    const causeOf = createCauses(recommenders);
    const share = fc.record({
      name: fc.constantFrom(...recommenders.map(({ name }) => name)),
      scores: fc.array(fc.double({ min: 0.01, max: 9, noNaN: true }), { minLength: 4, maxLength: 4 }),
      weight: fc.double({ min: 0.01, max: 5, noNaN: true }),
    });
    fc.assert(
      fc.property(
        fc.uniqueArray(share, { selector: ({ name }) => name, minLength: 1, maxLength: 6 }),
        (lists) => {
          const fusion = createFusion();
          const parts = lists.map(
            ({ name, weight, scores }): Part => ({
              name,
              weight,
              // Without a cause, what a session speaks for is not named.
              candidates: { items: [10, 11, 12, 13], scores, causes: [20, 20, 20, 20], length: 4 },
            }),
          );
          const pool = fusion.fuse(parts);
          for (let place = 0; place < pool.length; place++) {
            const shares = pool.sharesOf(place);
            const ranked = { item: pool.items[place]!, score: pool.scores[place]!, shares };
            const context = { profile: blankProfile, categoryIds: ['c'] } as unknown as RankingContext;
            const [first] = causesOf(ranked, context, causeOf);
            const most = Math.max(...shares.map(({ amount }) => amount));
            const codes = shares
              .filter(({ amount }) => amount === most)
              .map((share) => causeOf(share, pool.items[place]!, context).code);
            expect(codes).to.include(first!.code);
            // By hand: weight × ln(1 + share of the recommender's own list / 0.001).
            const byHand = Math.max(
              ...lists.map(({ weight, scores }) => {
                const sum = scores.reduce((all, score) => all + score, 0);
                return weight * Math.log(1 + scores[place]! / sum / 1e-3);
              }),
            );
            expect(most).to.be.closeTo(byHand, 1e-9);
          }
        },
      ),
    );
  });
});

describe('what is tried out', () => {
  const names = (items: readonly Ranked[]) => items.map(({ item }) => item);

  function lists(share: number, trials = createTrials()) {
    const exploration = createExploration(
      share,
      () => trials,
      (item) => `p${item}`,
    );
    return (nowMs: number, more: Partial<Explored> = {}) => {
      const first = more.first ?? 25;
      const fusion = createFusion();
      const items = Array.from({ length: 60 }, (_, item) => item);
      const scores = items.map((item) => 60 - item);
      const pool = fusion.fuse([
        {
          name: 'popular',
          weight: 1,
          candidates: { items, scores, causes: items.map(() => -1), length: 60 },
        },
      ]);
      const ranked: Ranked[] = items
        .slice(0, first)
        .map((item) => ({ item, score: pool.scores[item]!, shares: pool.sharesOf(item) }));
      exploration.place(ranked, {
        pool,
        newest: [90, 91],
        suits: (item) => item !== 91,
        placement: 'home',
        storeId: null,
        nowMs,
        first,
        ...more,
      });
      return ranked;
    };
  }

  const hours = Array.from({ length: 200 }, (_, hour) => hour * 3_600_000);

  it('has the last place of ten and no other, is new at times, and never what does not suit', () => {
    const list = lists(0.1);
    const plain = Array.from({ length: 25 }, (_, item) => item);
    const tried = new Set<number>();
    for (const atMs of hours) {
      const ranked = list(atMs);
      const items = names(ranked);
      expect(items).to.have.lengthOf(25);
      expect(new Set(items).size).to.equal(25);
      expect(items.slice(0, 9)).to.deep.equal(plain.slice(0, 9));
      const moved = [items[9]!, items[19]!];
      const others = items.filter((item) => !moved.includes(item));
      expect(others).to.deep.equal([...others].sort((a, b) => a - b));
      for (let at = 1; at < 25; at++) expect(ranked[at]!.score).to.be.at.most(ranked[at - 1]!.score);
      expect(names(list(atMs, { first: 12 })).slice(0, 10)).to.deep.equal(items.slice(0, 10));
      expect(names(list(atMs, { first: 9 }))).to.deep.equal(plain.slice(0, 9));
      tried.add(items[9]!);
      if (items[9] === 90) expect(ranked[9]!.shares[0]!.name).to.equal('newest');
    }
    expect(tried.size).to.be.greaterThan(5);
    expect([...tried])
      .to.include(90)
      .and.not.to.include(91);
  });

  it('is the same for everybody in a place and a moment, and other things at other times and places', () => {
    const list = lists(0.1);
    const [here, there] = ['berne', 'basel'].map((storeId) =>
      hours.map((atMs) => names(list(atMs, { storeId }))),
    );
    expect(hours.map((atMs) => names(list(atMs + 9 * 60_000, { storeId: 'berne' })))).to.deep.equal(here);
    expect(there).not.to.deep.equal(here);
  });

  it('is as much as the shop wants: nothing, or in part of the moments', () => {
    const changed = (share: number) => {
      const list = lists(share);
      return hours.filter((atMs) => names(list(atMs)).some((item, at) => item !== at)).length;
    };
    expect(changed(0)).to.equal(0);
    expect(changed(0.05)).to.be.within(50, 150);
    expect(changed(0.1)).to.be.greaterThan(150);
  });

  const tens = Array.from({ length: 12 }, (_, at) => `p${at + 1}`);
  let events = 0;
  const event = (type: EventType, productIds: string[], more: Partial<ShopEvent> = {}) =>
    ({
      id: `e${++events}`,
      type,
      sessionId: 'ada',
      productIds,
      decisionId: decisionOf('home', [...tens, 'q', 'z']),
      position: null,
      atMs: 0,
      learn: true,
      ...more,
    }) as ShopEvent;

  it('counts what was shown there, clicked, dismissed and bought, once for each decision', () => {
    const trials = createTrials();
    const saved = () =>
      (Array.from(trials.save(), (part) => part)[0] as unknown as { json: Record<string, unknown> }).json;
    trials.learn(event('RECOMMENDATION_SHOWN', tens));
    trials.learn(event('RECOMMENDATION_SHOWN', tens));
    trials.learn(event('RECOMMENDATION_CLICKED', ['p9', 'p10']));
    trials.learn(event('RECOMMENDATION_CLICKED', ['p10']));
    expect(saved()).to.deep.equal({ home: [['p10', 1, 1]] });
    trials.learn(event('ORDER_COMPLETED', ['p10', 'p9'], { decisionId: null, atMs: 6 * dayMs }));
    expect(saved()).to.deep.equal({ home: [['p10', 2, 2]] });
    trials.learn(event('RECOMMENDATION_SHOWN', ['q'], { sessionId: 'bea', position: 10 }));
    trials.learn(event('PRODUCT_DISMISSED', ['q'], { sessionId: 'bea' }));
    trials.learn(event('PRODUCT_DISMISSED', ['z'], { sessionId: 'bea' }));
    trials.learn(
      event('RECOMMENDATION_SHOWN', ['q'], { position: 10, decisionId: decisionOf('reorder', ['q']) }),
    );
    expect(saved()).to.deep.equal({
      home: [
        ['p10', 2, 2],
        ['q', 4, 0],
      ],
    });
    const again = createTrials();
    for (const part of trials.save()) again.restore(part, new Int32Array(0));
    expect(Array.from(again.save())).to.deep.equal(Array.from(trials.save()));
  });

  it('stays when it is clicked and goes when it is not', () => {
    const bandit = createBandit();
    const arms = ['greedy', 'good', 'bad'];
    const chosen = (round: number) => arms[bandit.choose('home', arms, [3, 2, 2], seedOf(`round ${round}`))]!;
    const random = createRandom(7);
    const rates: Record<string, number> = { greedy: 0.03, good: 0.12, bad: 0.01 };
    const shown: Record<string, number> = { greedy: 0, good: 0, bad: 0 };
    for (let round = 0; round < 8000; round++) {
      const arm = chosen(round);
      if (round >= 6000) shown[arm]!++;
      bandit.count('home', arm, { trials: 1, successes: random() < rates[arm]! ? 1 : 0 });
    }
    expect(shown.good).to.be.greaterThan(1900);
    expect(chosen(1)).to.equal(chosen(1));
  });

  it('is drawn from the distribution it says', () => {
    const draws = Array.from({ length: 4000 }, (_, seed) => drawBeta(0.9, 29, seed * 7919));
    const mean = draws.reduce((sum, draw) => sum + draw, 0) / draws.length;
    expect(mean).to.be.closeTo(0.9 / 29.9, 0.002);
    const variance = draws.reduce((sum, draw) => sum + (draw - mean) ** 2, 0) / draws.length;
    expect(variance).to.be.closeTo((0.9 * 29) / (29.9 ** 2 * 30.9), 1e-4);
  });
});
