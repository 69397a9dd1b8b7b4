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

  it('keep nobody out for longer than six bursts take to flow in, whatever is owed', () => {
    let nowMs = 1_000_000;
    const buckets = createBuckets({ perSecond: 10, burst: 50 }, { nowMs: () => nowMs }, 100);
    buckets.owe('a', 1_000_000);
    buckets.set('b', 3_600_000);
    for (let passed = 0; passed < 30; passed++) {
      expect(buckets.fullInMs('a')).to.equal(buckets.fullInMsMax - passed * 1_000);
      nowMs += 1_000;
    }
    expect(buckets.take('a', 50)).to.equal(0);
    expect(buckets.take('b', 50)).to.equal(0);
  });
});
