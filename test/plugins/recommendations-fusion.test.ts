import { expect } from 'chai';
import fc from 'fast-check';
import type { Choice } from '../../plugins/recommendations/blend-weights/choices.js';
import { alternativesOf, choiceOf } from '../../plugins/recommendations/blend-weights/choices.js';
import { createKeptChoices } from '../../plugins/recommendations/blend-weights/kept-choices.js';
import {
  type LearnedFusion,
  learnFusionWeights,
} from '../../plugins/recommendations/blend-weights/learn-fusion-weights.js';
import { causesOf, createCauses } from '../../plugins/recommendations/explain/reasons.js';
import { createBandit } from '../../plugins/recommendations/exploration/bandit.js';
import { createExploration, type Explored } from '../../plugins/recommendations/exploration/exploration.js';
import { createTrials } from '../../plugins/recommendations/exploration/trials.js';
import { createModels } from '../../plugins/recommendations/learning/models.js';
import { createFusion, type Part } from '../../plugins/recommendations/ranking/fusion.js';
import {
  createFusionWeights,
  type LearnedWeights,
  readLearnedWeights,
} from '../../plugins/recommendations/ranking/fusion-weights.js';
import { placements } from '../../plugins/recommendations/ranking/placements.js';
import type { Ranked } from '../../plugins/recommendations/ranking/ranked.js';
import { recommenderNames } from '../../plugins/recommendations/recommenders/recommender-names.js';
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

function judged(choices: readonly Choice[], inUse: LearnedWeights): LearnedFusion {
  const steps = learnFusionWeights(choices, inUse);
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

function learn(choices: readonly Choice[]): LearnedWeights {
  return judged(choices, {}).weights ?? {};
}

let sources = 0;

/** Ten alternatives; `right` says which of the two recommenders put the taken one first. */
function choice(right: 'session' | 'popular', random: () => number): Choice {
  const amounts = Float32Array.from({ length: 20 }, () => random());
  const taken = Math.floor(random() * 10);
  amounts[taken * 2 + (right === 'session' ? 0 : 1)] = 0.9;
  return {
    family: 'home',
    recommenders: [recommenderNames.indexOf('session'), recommenderNames.indexOf('popular')],
    alternatives: 10,
    amounts,
    handicaps: null,
    taken,
    source: ++sources,
  };
}

describe('the fusion of recommenders', () => {
  describe('learns from what was chosen', () => {
    const factors = (learned: LearnedWeights) => {
      const weights = createFusionWeights();
      weights.use(learned);
      return (['session', 'popular'] as const).map((name) => weights.factor('home', name));
    };

    it('whom to believe more, the more so the more was chosen, and the same each time', () => {
      const of = (count: number) => {
        const random = createRandom(3);
        return Array.from({ length: count }, () => choice('session', random));
      };
      const learned = learn(of(600));
      const [session, popular] = factors(learned);
      expect(session! / popular!).to.be.greaterThan(3);
      expect(popular).to.be.greaterThan(0);
      const [few, fewPopular] = factors(learn(of(60)));
      expect(few! / fewPopular!).to.be.within(1, session! / popular!);
      expect(learn(of(600))).to.deep.equal(learned);
      expect(learn(of(49))).to.deep.equal({});
    });

    it('and holds it against what is in use, on the newest choices, which neither has learned from', () => {
      const random = createRandom(5);
      const choices = Array.from({ length: 500 }, () => choice('session', random));
      const better = judged(choices, {}).comparison;
      expect(better.questions).to.equal(100);
      expect(better.gain).to.be.closeTo(better.now - better.before, 1e-9);
      expect(better.gain).to.be.greaterThan(3 * better.error);
      const { weights } = judged(choices, {});
      expect(judged(choices, weights!).comparison.gain).to.be.closeTo(0, 0.01);
      const misled = Array.from({ length: 500 }, (_, at) => choice(at < 400 ? 'popular' : 'session', random));
      expect(judged(misled, weights!)).to.deep.include({ weights: null });
      expect(judged([], {}).weights).to.equal(null);
    });

    it('and believes no network that chooses for a thousand', () => {
      const random = createRandom(8);
      const honest = Array.from({ length: 300 }, () => choice('session', random));
      const forged = Array.from({ length: 1_000 }, () => ({ ...choice('popular', random), source: 77 }));
      const kept = createKeptChoices();
      for (const each of [...honest, ...forged]) kept.keep(each);
      expect(kept.seen()).to.be.below(350);
      for (const choices of [kept.choices(), [...honest, ...forged], [...forged, ...honest]]) {
        const [session, popular] = factors(learn(choices));
        expect(session! / popular!).to.be.greaterThan(2);
      }
      expect(learn(forged)).to.deep.equal({});
      const few = forged.map((each, at) => ({ ...each, source: at % 4 }));
      expect(judged(few, {}).weights).to.equal(null);
    });

    it('from people who come back, and keeps what is in use where too few choices could teach', () => {
      const from = (count: number, people: number) => {
        const random = createRandom(9);
        return Array.from({ length: count }, (_, at) => ({
          ...choice('session', random),
          source: 1 + (at % people),
        }));
      };
      for (const [count, people] of [
        [600, 100],
        [600, 30],
        [100, 12],
      ] as const) {
        const [session, popular] = factors(learn(from(count, people)));
        expect(session! / popular!, `${count} of ${people}`).to.be.greaterThan(1.5);
      }
      const inUse = learn(from(600, 100));
      expect(judged(from(60, 12), inUse).weights).to.equal(null);
    });

    it('from a list that was shown only what was in it, and more where it stood low', () => {
      const fusion = createFusion();
      const candidates = { items: [1, 2, 3], scores: [3, 2, 1], causes: [-1, -1, -1], length: 3 };
      const pool = fusion.fuse([{ name: 'popular', weight: 1, candidates }]);
      const chosen = (item: number, shown: readonly number[] | null) =>
        choiceOf(alternativesOf(pool, shown), 'home', item, 1);
      expect(chosen(9, null)).to.equal(null);
      expect(chosen(3, [1, 2])).to.equal(null);
      expect(chosen(3, null)!.alternatives).to.equal(3);
      const found = chosen(3, [1, 3])!;
      expect(found.alternatives).to.equal(2);
      expect(found.handicaps![found.taken]).to.be.closeTo(-Math.log(2), 1e-6);
    });
  });

  it('leaves out learned weights of a recommender that does not exist any more', () => {
    const stored = { home: { session: 1, gone: 1 } };
    expect(readLearnedWeights(stored)).to.deep.equal({ home: { session: 1 } });
    expect(() => readLearnedWeights({ home: { session: [1] } })).to.throw();
  });

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
    const share = fc.record({
      name: fc.constantFrom(...recommenderNames),
      scores: fc.array(fc.double({ min: 0.01, max: 9, noNaN: true }), { minLength: 4, maxLength: 4 }),
      weight: fc.double({ min: 0.01, max: 5, noNaN: true }),
    });
    const shelf = { categories: () => ['c'], brand: () => 'b' } as unknown as Shelf;
    const causeOf = createCauses(
      createRecommenders({ models: createModels(shelf), shelf }).map((each) => ({
        ...each,
        ...each.create(),
      })),
    );
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
