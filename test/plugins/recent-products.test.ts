import { expect } from 'chai';
import { createRecentProducts, recentMax } from '../../plugins/recommendations/limits/recent-products.js';

describe('recent products', () => {
  it('are the newest of each session', () => {
    const recent = createRecentProducts(64);
    for (let item = 0; item < 3 * recentMax; item++)
      for (const namer of [5, 2 ** 40 + 5]) recent.add(recent.placeOf(namer), item, item);
    for (const namer of [5, 2 ** 40 + 5]) {
      const place = recent.placeOf(namer);
      const own = new Int32Array(recentMax);
      expect(recent.newest(place, recentMax, own)).to.equal(recentMax);
      expect(Array.from(own, (at) => recent.items[at])).to.deep.equal(
        Array.from({ length: recentMax }, (_, at) => 3 * recentMax - 1 - at),
      );
      expect(recent.newest(place, 3, own)).to.equal(3);
      expect(recent.hasOf(namer, 3 * recentMax - 1)).to.equal(true);
      expect(recent.hasOf(namer, 0)).to.equal(false);
    }
  });

  it('are forgotten of a session that was not there for long, when others need its place', () => {
    const recent = createRecentProducts(64);
    for (let namer = 1; namer <= 1_000; namer++) {
      recent.add(recent.placeOf(namer), 7, 7);
      recent.placeOf(1);
    }
    expect(recent.hasOf(1, 7)).to.equal(true);
    expect(recent.hasOf(1_000, 7)).to.equal(true);
    const kept = Array.from({ length: 998 }, (_, at) => at + 2).filter((namer) => recent.hasOf(namer, 7));
    expect(kept).to.have.lengthOf.at.most(63);
    expect(recent.newest(recent.placeOf(2_000), recentMax, new Int32Array(recentMax))).to.equal(0);
  });
});
