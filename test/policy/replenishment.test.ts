import { expect } from 'chai';
import { createRepeatRule } from '../../plugins/recommendations/ranking/repeat-rule.js';
import {
  featureCount,
  fillFeatures,
  noHabit,
} from '../../plugins/recommendations/recommenders/replenishment/gap-features.js';
import { createPurchaseHazard } from '../../plugins/recommendations/recommenders/replenishment/purchase-hazard.js';
import { createShopGaps } from '../../plugins/recommendations/recommenders/replenishment/shop-gaps.js';
import { shelfOf } from './shelf.js';

const dayMs = 86_400_000;

/** Each test fails if the constant that it is about becomes three times as large or as small. */
describe('how soon something is bought again', () => {
  function chance(days: number, intervalDays: number, dueRatio = days / intervalDays): number {
    const soon = createPurchaseHazard();
    soon.since(0, days * dayMs);
    return soon.chance(Math.log(intervalDays), dueRatio);
  }

  it('is the chance of two weeks', () => {
    expect(chance(0, 14, 1)).to.be.within(0.4, 0.6);
    expect(chance(0, 140, 1)).to.be.within(0.03, 0.12);
  });

  it('is lowered by two fifths right after a purchase, and not at all once it is due', () => {
    expect(chance(0, 14, 0) / chance(0, 14, 1)).to.be.within(0.4, 0.8);
    expect(chance(11, 14) / chance(11, 14, 1)).to.be.greaterThan(0.97);
    expect(chance(13, 14)).to.equal(chance(13, 14, 1));
  });

  it('lets it come again when four fifths of the interval are over', () => {
    const mayRepeat = (dueRatio: number) =>
      createRepeatRule({
        shelf: shelfOf([{ id: 'a' }]),
        buyAgain: { due: () => ({ item: 0, dueRatio, intervalDays: 10, expected: null, score: 1 }) },
        category: () => null,
        repeatPolicies: new Map(),
      })(0, new Map([[0, [0]]]), 'replenish', 0);
    expect(mayRepeat(0.7)).to.equal(false);
    expect(mayRepeat(0.9)).to.equal(true);
  });
});

describe('an interval between purchases', () => {
  it('follows the person at this product by half once there are six of them', () => {
    const features = new Float64Array(featureCount);
    fillFeatures(features, 0, 0, noHabit, { count: 6, sumOfLogs: 6 });
    expect(features[4]).to.be.within(0.35, 0.65);
  });

  it('follows the person at other products by half once there are ten of them', () => {
    const features = new Float64Array(featureCount);
    fillFeatures(features, 0, 0, { gaps: 10, deviation: 10 }, { count: 0, sumOfLogs: 0 });
    expect(features[3]).to.be.within(0.35, 0.65);
  });

  it('follows the product, and its category, by half once there are ten of them', () => {
    const gaps = createShopGaps();
    for (let n = 0; n < 2_000; n++) gaps.learn(1, [], 0, 0);
    for (let n = 0; n < 10; n++) gaps.learn(2, ['tea'], 1, 0);
    expect(gaps.meanOf(3, ['tea'])).to.be.within(0.35, 0.65);
    expect(gaps.meanOf(2, [])).to.be.within(0.35, 0.65);
  });
});

describe('what others buy again just now', () => {
  const gaps = createShopGaps();
  gaps.learn(1, [], 0, 0);
  const others = (days: number) => gaps.demandAt(1, days * dayMs) - gaps.demandAt(2, 0);

  it('fades to a third in two weeks', () => {
    expect(others(14) / others(0)).to.be.within(0.2, 0.6);
  });

  it('is half a purchase at least', () => {
    expect(gaps.demandAt(2, 0) / others(0)).to.be.within(0.25, 1);
  });
});
