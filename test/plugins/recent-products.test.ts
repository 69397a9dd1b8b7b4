import { expect } from 'chai';
import { createRecentProducts, recentMax } from '../../plugins/recommendations/limits/recent-products.js';

describe('recent products', () => {
  it('are the newest of each session', () => {
    const recent = createRecentProducts(64);
    for (let item = 0; item < 3 * recentMax; item++)
      for (const namer of [5, 2 ** 40 + 5]) recent.add(recent.placeOf(namer), item);
    for (const namer of [5, 2 ** 40 + 5]) {
      const place = recent.placeOf(namer);
      const own = [...recent.items.subarray(place * recentMax, place * recentMax + recent.count(place))];
      expect(own.sort((a, b) => a - b)).to.deep.equal(
        Array.from({ length: recentMax }, (_, at) => 2 * recentMax + at),
      );
      expect(recent.hasOf(namer, 3 * recentMax - 1)).to.equal(true);
      expect(recent.hasOf(namer, 0)).to.equal(false);
    }
  });

  it('are forgotten of a session that was not there for long, when others need its place', () => {
    const recent = createRecentProducts(64);
    for (let namer = 1; namer <= 1_000; namer++) {
      recent.add(recent.placeOf(namer), 7);
      recent.placeOf(1);
    }
    expect(recent.hasOf(1, 7)).to.equal(true);
    expect(recent.hasOf(1_000, 7)).to.equal(true);
    const kept = Array.from({ length: 998 }, (_, at) => at + 2).filter((namer) => recent.hasOf(namer, 7));
    expect(kept).to.have.lengthOf.at.most(63);
    expect(recent.count(recent.placeOf(2_000))).to.equal(0);
  });
});
