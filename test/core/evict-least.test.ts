import { expect } from 'chai';
import { evictLeast } from '../../src/kit/evict-least.js';

describe('an entry that gives way in a full map', () => {
  it('is one of little value, whichever are newest', () => {
    const map = new Map<string, number>();
    for (let n = 0; n < 400; n++) map.set(`known ${n}`, 10);
    for (let n = 0; n < 5_000; n++) {
      if (map.size >= 500) evictLeast(map, (value) => value);
      map.set(`flood ${n}`, 1);
    }
    expect(map.size).to.equal(500);
    expect([...map.values()].filter((value) => value === 10).length).to.be.greaterThan(380);
    expect(evictLeast(new Map([[1, 'only']]), () => 0)).to.equal('only');
    expect(() => evictLeast(new Map(), () => 0)).to.throw(RangeError);
  });
});
