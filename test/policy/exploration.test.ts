import { expect } from 'chai';
import { createBandit } from '../../plugins/recommendations/exploration/bandit.js';
import { createExploration, exploreShareMax } from '../../plugins/recommendations/exploration/exploration.js';
import { createTrialLimits } from '../../plugins/recommendations/exploration/trial-limits.js';
import { createTrials } from '../../plugins/recommendations/exploration/trials.js';
import { createFusion } from '../../plugins/recommendations/ranking/fusion.js';
import type { Ranked } from '../../plugins/recommendations/ranking/ranked.js';
import { decisionOf } from '../support/decision.js';
import { eventOf } from '../support/shop-event.js';

const dayMs = 86_400_000;
const draws = 400;

/** How often the first of two arms is shown. */
function shareOfFirst(
  strengths: readonly [number, number],
  trials: (bandit: ReturnType<typeof createBandit>) => void = () => undefined,
): number {
  const bandit = createBandit();
  trials(bandit);
  let first = 0;
  for (let seed = 0; seed < draws; seed++)
    if (bandit.choose('home', ['a', 'b'], strengths, Math.imul(seed, 0x9e3779b1) >>> 0) === 0) first++;
  return first / draws;
}

/** Each test fails if the constant that it is about becomes three times as large or as small. */
describe('the bandit', () => {
  it('lets what the blend says count like some thirty showings', () => {
    // The weaker one is clicked twice as often as usual. After a few showings the blend decides, after many the clicks do.
    const clicked = (showings: number) =>
      shareOfFirst([1, 0.5], (bandit) => {
        bandit.count('home', 'b', { trials: showings, successes: showings * 0.3 });
        bandit.count('home', 'a', { trials: showings, successes: showings * 0.03 });
      });
    expect(clicked(0), 'nothing is known').to.be.within(0.6, 0.85);
    expect(clicked(20), 'two thirds of the prior').to.be.lessThan(0.15);
    expect(clicked(6), 'much less than the prior').to.be.within(0.2, 0.45);
  });

  it('expects three clicks in a hundred showings of what nobody knows, until a hundred showings say otherwise', () => {
    const beside = (trials: number, successes: number) =>
      shareOfFirst([1, 1], (bandit) => bandit.count('home', 'b', { trials, successes }));
    // One click in sixty showings is a little less than that: about every second draw prefers the unknown one.
    expect(beside(60, 1)).to.be.within(0.42, 0.6);
    // Three hundred showings, a tenth of them clicked, let as much be expected of the unknown one.
    expect(beside(300, 30)).to.be.within(0.25, 0.37);
  });

  it('takes the weakest of a list for a quarter as good as the strongest', () => {
    expect(shareOfFirst([1, 0.01])).to.be.closeTo(shareOfFirst([1, 0.25]), 1e-9);
    expect(shareOfFirst([1, 0.01])).to.be.within(0.8, 0.99);
  });

  it('remembers some two thousand showings of a product, so that what is liked now outweighs what was', () => {
    const bandit = createBandit();
    for (let n = 0; n < 20_000; n++) bandit.count('home', 'a', { trials: 1, successes: n % 5 === 0 ? 1 : 0 });
    const [[, trials, successes]] = bandit.save().home as [[string, number, number]];
    expect(trials).to.be.within(800, 2_500);
    expect(successes / trials).to.be.closeTo(0.2, 0.01);
  });
});

describe('trials', () => {
  const choices = (teach: (trials: ReturnType<typeof createTrials>) => void) => {
    const trials = createTrials();
    teach(trials);
    const saved = [...trials.save()][0];
    return JSON.parse(JSON.stringify(saved)).json.home as [string, number, number][] | undefined;
  };
  const shown = (position: number) =>
    eventOf('RECOMMENDATION_SHOWN', 0, ['a'], { decisionId: decisionOf('home', ['a']), position });

  it('happen in every tenth place only', () => {
    expect(choices((trials) => trials.learn(shown(10)))).to.deep.equal([['a', 1, 0]]);
    expect(choices((trials) => trials.learn(shown(20)))).to.deep.equal([['a', 1, 0]]);
    for (const position of [3, 5, 9, 11, 15])
      expect(
        choices((trials) => trials.learn(shown(position))),
        String(position),
      ).to.equal(undefined);
    expect(exploreShareMax).to.equal(0.1);
  });

  it('learn of one day of storefronts no more than a product is used to', () => {
    const counted = (forged: number) =>
      choices((trials) => {
        const learn = (type: 'RECOMMENDATION_SHOWN' | 'RECOMMENDATION_CLICKED', n: string, atMs: number) =>
          trials.learn({
            ...eventOf(type, atMs, ['a'], {
              decisionId: decisionOf('home', ['a'], n),
              position: 10,
              sessionId: n,
            }),
            id: `storefront-0:${n}`,
          });
        for (let day = 0; day < 14; day++)
          for (let n = 0; n < 15; n++) {
            learn('RECOMMENDATION_SHOWN', `h${day}-${n}`, day * dayMs);
            if (n === 0 && day % 2 === 0) learn('RECOMMENDATION_CLICKED', `h${day}-${n}`, day * dayMs);
          }
        for (let n = 0; n < forged; n++) {
          learn('RECOMMENDATION_SHOWN', `f${n}`, 14 * dayMs);
          learn('RECOMMENDATION_CLICKED', `f${n}`, 14 * dayMs);
        }
      })![0]!;
    expect(counted(0)).to.deep.equal(['a', 210, 7]);
    const [, trials, successes] = counted(200);
    expect(successes).to.be.within(8, 9);
    expect(trials).to.be.within(240, 300);
  });

  it('learn how often products are clicked where honest people click more than once a day', () => {
    const limits = createTrialLimits();
    const admitted = (kind: 'trials' | 'successes', productId: string, day: number, amount: number) =>
      Array.from({ length: amount }, () =>
        limits.admit({ kind, placement: 'home', productId, amount: 1, atMs: day * dayMs, trusted: false }),
      ).filter(Boolean).length;
    for (let day = 0; day < 30; day++) {
      let [trials, successes] = [0, 0];
      for (let n = 0; n < 20; n++) {
        trials += admitted('trials', `p${n}`, day, 60);
        successes += admitted('successes', `p${n}`, day, 10);
      }
      if (day >= 3) expect(successes / trials, `day ${day}`).to.be.closeTo(1 / 6, 0.01);
    }
  });

  it('let a burst of clicks that goes on for days become usual gradually', () => {
    const limits = createTrialLimits();
    const clicks = (day: number, amount: number) =>
      Array.from({ length: amount }, () =>
        limits.admit({
          kind: 'successes',
          placement: 'home',
          productId: 'a',
          amount: 1,
          atMs: day * dayMs,
          trusted: false,
        }),
      ).filter(Boolean).length;
    for (let day = 0; day < 30; day++) clicks(day, 1);
    const counted = [30, 31, 32].map((day) => clicks(day, 200));
    expect(counted[0]).to.equal(2);
    expect(counted[1]).to.be.within(2, 4);
    expect(counted[2]).to.be.within(3, 8);
  });

  it('take a product for known again after a day, also after a restart', () => {
    const limits = createTrialLimits();
    const of = (each: typeof limits, day: number) =>
      Array.from({ length: 500 }, () =>
        each.admit({
          kind: 'trials',
          placement: 'home',
          productId: 'a',
          amount: 1,
          atMs: day * dayMs,
          trusted: false,
        }),
      ).filter(Boolean).length;
    const first = of(limits, 100);
    expect(first).to.be.within(10, 40);
    const again = createTrialLimits();
    again.restore(structuredClone(limits.save()));
    expect(of(again, 100)).to.equal(0);
    expect(of(again, 101)).to.be.within(2 * first, 6 * first);
  });

  it('fail three times with one dismissal, and succeed again with an order within a week of the click', () => {
    const [dismissed] = choices((trials) => {
      trials.learn(shown(10));
      trials.learn(eventOf('PRODUCT_DISMISSED', 1, ['a'], { decisionId: decisionOf('home', ['a']) }));
    })!;
    expect(dismissed![1] - 1).to.be.within(2, 5);
    const successes = (days: number) =>
      choices((trials) => {
        trials.learn(shown(10));
        trials.learn(eventOf('RECOMMENDATION_CLICKED', 0, ['a'], { decisionId: decisionOf('home', ['a']) }));
        trials.learn(eventOf('ORDER_COMPLETED', days * dayMs, ['a']));
      })![0]![2];
    expect(successes(5)).to.equal(2);
    expect(successes(10)).to.equal(1);
  });
});

describe('the place of trials', () => {
  /** Which arms a place has, of forty products in the pool and 60 newest. */
  function arms(nowMs = 0, share = exploreShareMax) {
    const offered: string[][] = [];
    const seeds: number[] = [];
    const exploration = createExploration(
      share,
      () => ({
        choose(_placement, ids, _strengths, seed) {
          offered.push([...ids]);
          seeds.push(seed);
          return 0;
        },
      }),
      String,
    );
    const candidates = {
      items: Array.from({ length: 40 }, (_, at) => at),
      scores: Array.from({ length: 40 }, (_, at) => 40 - at),
      causes: Array.from({ length: 40 }, () => -1),
      length: 40,
    };
    const pool = createFusion().fuse([{ name: 'popular', weight: 1, candidates }]);
    const items: Ranked[] = Array.from({ length: 12 }, (_, item) => ({
      item,
      score: pool.scores[item]!,
      shares: pool.sharesOf(item),
    }));
    exploration.place(items, {
      pool,
      newest: Array.from({ length: 60 }, (_, at) => 100 + at),
      suits: () => true,
      placement: 'home',
      storeId: null,
      nowMs,
      first: 12,
    });
    return { offered, seeds };
  }

  it('goes to what stands there, ten of the next best, or three of the newest', () => {
    const [ids] = arms().offered;
    expect(ids![0]).to.equal('9');
    const newest = ids!.filter((each) => Number(each) >= 100);
    expect(newest.length).to.be.within(2, 6);
    expect(ids!.length - newest.length - 1).to.be.within(6, 20);
  });

  it('shows everybody the same for ten minutes', () => {
    const minuteMs = 60_000;
    const [seed] = arms(0).seeds;
    expect(arms(5 * minuteMs).seeds[0]).to.equal(seed);
    expect(arms(15 * minuteMs).seeds[0]).not.to.equal(seed);
  });
});
