import { expect } from 'chai';
import { createBuckets } from '../../src/gateway/token-bucket.js';

describe('Token buckets', () => {
  it('let a burst through, then as much as flows in, and say when to try again', () => {
    let nowMs = 1_000_000;
    const buckets = createBuckets({ perSecond: 10, burst: 50 }, { nowMs: () => nowMs }, 100);
    for (let i = 0; i < 50; i++) expect(buckets.take('a', 1)).to.equal(0);
    expect(buckets.take('a', 1)).to.equal(1);
    expect(buckets.take('b', 1)).to.equal(0);
    expect(buckets.take('a', 30)).to.equal(3);
    nowMs += 1_000;
    let taken = 0;
    while (buckets.take('a', 1) === 0) taken++;
    expect(taken).to.equal(10);
  });

  it('let through what is larger than a whole bucket, and count what is owed', () => {
    let nowMs = 1_000_000;
    const buckets = createBuckets({ perSecond: 10, burst: 50 }, { nowMs: () => nowMs }, 100);
    expect(buckets.take('a', 80)).to.equal(0);
    expect(buckets.take('a', 1)).to.equal(4);
    buckets.owe('a', 5);
    expect(buckets.take('a', 1)).to.equal(4);
    nowMs += 3_600_000;
    expect(buckets.take('a', 50)).to.equal(0);
  });

  it('bear a clock that is set back', () => {
    let nowMs = 400 * 86_400_000;
    const buckets = createBuckets({ perSecond: 10, burst: 50 }, { nowMs: () => nowMs }, 100);
    for (let i = 0; i < 50; i++) buckets.take('a', 1);
    nowMs = 0;
    expect(buckets.take('a', 1)).to.be.within(1, 30);
  });
});
