import { expect } from 'chai';
import { createDailyQuotas } from '../../src/kit/daily-quotas.js';
import { fingerprint } from '../../src/kit/fingerprint.js';
import { seeded } from '../../src/kit/random.js';

const dayMs = 86_400_000;
const six = { number: 1, max: 6 };

describe('what was used of many quotas in a day', () => {
  it('is never less than it was, however many others use theirs', () => {
    const quotas = createDailyQuotas(99);
    const random = seeded(1);
    let taken = 0;
    for (let n = 0; n < 300_000; n++) {
      quotas.take(fingerprint(`other ${n}`), Math.floor(1e9 * random()), { number: n % 4, max: 3 }, 1, 0);
      if (n % 1_000 === 0) taken += quotas.take(7, 8, six, 1, 0);
    }
    expect(taken).to.be.within(1, 6);
    expect(quotas.spend(7, 8, six, 0)).to.equal(false);
  });

  it('is what it was for nearly everybody on a day of 200,000 views', () => {
    const quotas = createDailyQuotas(5);
    const random = seeded(2);
    const counted = new Map<number, number>();
    let asked = 0;
    let cut = 0;
    let over = 0;
    for (let view = 0; view < 200_000; view++) {
      const session = fingerprint(`s${view >> 2}`);
      const network = 1 + (Math.imul(view >> 2, 0x9e3779b1) >>> 20);
      const product = Math.floor(20_000 * random() ** 3);
      for (const [subject, quota] of [
        [session, { number: 0, max: 2 }],
        [network, six],
      ] as const) {
        const key = (subject % 1e9) * 20_000 + product;
        const before = counted.get(key) ?? 0;
        const left = Math.min(1, quota.max - before);
        const taken = quotas.take(subject, product, quota, 1, 0);
        if (taken > left + 1e-9) over++;
        if (taken < left - 1e-9) cut++;
        counted.set(key, before + taken);
        asked++;
      }
    }
    expect(over).to.equal(0);
    expect(cut / asked).to.be.below(0.001);
  });

  it('takes parts of one, up to the maximum, and is whole again the day after', () => {
    const quotas = createDailyQuotas();
    expect([0.5, 1, 3, 3, 1].map((amount) => quotas.take(1, 2, six, amount, 0))).to.deep.equal([
      0.5, 1, 3, 1.5, 0,
    ]);
    expect(quotas.take(1, 2, six, 1, dayMs - 1)).to.equal(0);
    expect(quotas.take(1, 2, { number: 2, max: 6 }, 1, dayMs - 1)).to.equal(1);
    expect(quotas.take(1, 2, six, 1, dayMs)).to.equal(1);
    expect(quotas.take(1, 2, six, 9, dayMs - 1), 'a receipt of the day before').to.equal(5);
    expect(quotas.take(1, 2, six, 1, 400 * dayMs)).to.equal(1);
    expect(quotas.take(1, 2, six, 1, 2 * dayMs), 'a clock that was set back').to.equal(1);
  });

  it('has other neighbours with another key', () => {
    /** The keys of a flood that use up a quota of somebody else's. */
    const victims = (key: number) => {
      const quotas = createDailyQuotas(key);
      for (let n = 0; n < 200_000; n++) quotas.take(n, 0, six, 6, 0);
      return Array.from({ length: 2_000 }, (_, n) => n).filter((n) => quotas.take(1e9 + n, 1, six, 1, 0) < 1);
    };
    const [some, others] = [victims(1), victims(2)];
    expect(some.length).to.be.below(100);
    expect(others.filter((n) => some.includes(n)).length).to.be.below(10);
  });

  it('is stored in pieces', () => {
    const quotas = createDailyQuotas(3);
    quotas.take(1, 2, six, 5, dayMs);
    const { day, cells } = quotas.save();
    const again = createDailyQuotas(3);
    for (let from = 0; from < cells.length; from += 4096)
      again.restore({ day, size: cells.length, from, cells: cells.slice(from, from + 4096) });
    expect(again.take(1, 2, six, 5, dayMs)).to.equal(1);
  });
});
