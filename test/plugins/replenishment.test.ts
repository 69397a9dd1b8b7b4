import { expect } from 'chai';
import { createReplenishment } from '../../plugins/recommendations/recommenders/replenishment/replenishment.js';
import type { Part } from '../../plugins/recommendations/snapshots/stored.js';
import { gauss, seeded } from '../../src/kit/random.js';

const dayMs = 86_400_000;
const bought = (item: number, ...days: number[]) => ({ item, timesMs: days.map((day) => day * dayMs) });

describe('when something is bought again', () => {
  it('follows the person’s own interval', () => {
    const model = createReplenishment();
    const due = (nowDay: number) => model.due(bought(1, 60, 30, 0), [], nowDay * dayMs);
    expect(due(75).intervalDays).to.be.closeTo(30, 1e-3);
    expect(due(75).dueRatio).to.be.closeTo(0.5, 1e-3);
    expect(due(90).score).to.be.greaterThan(due(61).score);
    expect(due(300).score).to.be.lessThan(due(95).score);
    const oftener = model.due(bought(1, 60, 50, 40), [], 75 * dayMs);
    expect(oftener.score).to.be.greaterThan(due(75).score);
  });

  it('follows others, of the product or else of its category, while the person bought once', () => {
    const model = createReplenishment();
    const nothing = model.due(bought(1, 0), ['coffee'], dayMs);
    expect(nothing).to.include({ dueRatio: null, intervalDays: null, expected: null });
    const teach = (item: number, category: string, days: number) => {
      for (let person = 0; person < 40; person++) {
        for (let time = 0; time < 4; time++)
          model.learn(`p${person}`, { item, categoryIds: [category], atMs: time * days * dayMs });
      }
    };
    teach(2, 'coffee', 20);
    teach(3, 'paint', 300);
    const ofCategory = model.due(bought(1, 0), ['coffee'], 10 * dayMs).intervalDays!;
    expect(ofCategory).to.be.within(17, 40);
    expect(model.due(bought(1, 0), ['paint'], 0).intervalDays).to.be.greaterThan(4 * ofCategory);
    teach(1, 'coffee', 5);
    const ofProduct = model.due(bought(1, 0), ['coffee'], 10 * dayMs);
    expect(ofProduct.intervalDays).to.be.within(4, 8);
    expect(ofProduct.dueRatio).to.be.greaterThan(1);
  });

  it('knows a person’s intervals from other products', () => {
    const model = createReplenishment();
    for (let person = 0; person < 50; person++) {
      for (let time = 0; time < 4; time++)
        model.learn(`p${person}`, { item: person % 5, categoryIds: [], atMs: time * 40 * dayMs });
    }
    const others = Array.from({ length: 8 }, (_, item) => bought(item + 10, 20, 10, 0));
    const habit = model.habitOf(
      others.map(({ item, timesMs }) => [item, timesMs] as const),
      () => [],
    );
    expect(habit.gaps).to.equal(16);
    const usual = model.due(bought(1, 0), [], 0).intervalDays!;
    expect(model.due(bought(1, 0), [], 0, habit).intervalDays).to.be.within(0.3 * usual, 0.6 * usual);
  });

  it('tells an interval that holds about as often as it says', () => {
    const model = createReplenishment();
    const random = seeded(3);
    let inside = 0;
    let asked = 0;
    for (let person = 0; person < 3000; person++) {
      const pace = 3 + 0.4 * gauss(random);
      const days = [0];
      for (let time = 0; time < 4; time++)
        days.unshift(days[0]! + Math.exp(pace + 0.5 * gauss(random)) + 0.5);
      if (person >= 1500) {
        const [real, ...known] = days;
        const { expected } = model.due(bought(1, ...known), [], known[0]! * dayMs);
        if (real! * dayMs >= expected!.fromMs && real! * dayMs <= expected!.toMs) inside++;
        expect(expected!.fromMs).to.be.lessThan(expected!.atMs);
        expect(expected!.toMs).to.be.greaterThan(expected!.atMs);
        asked++;
      }
      for (const day of days.reverse())
        model.learn(`p${person}`, { item: 1, categoryIds: [], atMs: day * dayMs });
    }
    expect(inside / asked).to.be.within(0.74, 0.86);
  });

  it('expects nothing that is past: the longer it has not been bought, the later, until nothing can be expected', () => {
    const model = createReplenishment();
    const expectedAt = (nowDay: number) => model.due(bought(1, 60, 30, 0), [], nowDay * dayMs).expected;
    const atMs: number[] = [];
    for (const nowDay of [60, 75, 90, 120, 240]) {
      const { fromMs, atMs: middleMs, toMs } = expectedAt(nowDay)!;
      expect(fromMs)
        .to.be.greaterThan(nowDay * dayMs)
        .and.lessThan(middleMs);
      expect(toMs).to.be.greaterThan(middleMs);
      atMs.push(middleMs);
    }
    expect(atMs).to.deep.equal(atMs.toSorted((a, b) => a - b));
    expect(atMs[0]! / dayMs).to.be.closeTo(90, 1e-3);
    expect(expectedAt(60 + 3000)).to.equal(null);
  });

  it('tells an interval that holds as often as it says, also for who has not come for a while', () => {
    const random = seeded(5);
    const model = createReplenishment();
    const gaps = () => Math.exp(3 + 0.7 * gauss(random)) + 0.5;
    const share = { asked: 0, inside: 0 };
    for (let person = 0; person < 6000; person++) {
      const days = [person / 10];
      for (let time = 0; time < 3; time++) days.push(days.at(-1)! + gaps());
      if (person >= 3000) {
        const [first, second, third, real] = days as [number, number, number, number];
        const nowDay = third + 20;
        if (real > nowDay) {
          const { fromMs, toMs } = model.due(bought(1, third, second, first), [], nowDay * dayMs).expected!;
          share.asked++;
          if (real * dayMs >= fromMs && real * dayMs <= toMs) share.inside++;
        }
      }
      for (const day of days) model.learn(`p${person}`, { item: 1, categoryIds: [], atMs: day * dayMs });
    }
    expect(share.asked).to.be.greaterThan(1000);
    expect(share.inside / share.asked).to.be.within(0.74, 0.86);
  });

  it('tells a wider interval the less is known', () => {
    const model = createReplenishment();
    const random = seeded(7);
    for (let person = 0; person < 400; person++) {
      const pace = 3.4 + 0.8 * gauss(random);
      let day = 0;
      for (let time = 0; time < 10; time++) {
        model.learn(`p${person}`, { item: person % 7, categoryIds: [], atMs: day * dayMs });
        day += Math.exp(pace + 0.2 * gauss(random)) + 0.5;
      }
    }
    const factor = (...days: number[]) => {
      const { fromMs, toMs } = model.due(bought(1, ...days), [], days[0]! * dayMs).expected!;
      return (toMs - days[0]! * dayMs) / (fromMs - days[0]! * dayMs);
    };
    const [once, twice, often] = [factor(0), factor(30, 0), factor(240, 210, 180, 150, 120, 90, 60, 30, 0)];
    expect(once).to.be.greaterThan(1.1 * twice);
    expect(twice).to.be.greaterThan(1.1 * often);
  });

  it('puts what others buy again at present before what they used to', () => {
    const model = createReplenishment();
    const teach = (item: number, fromDay: number) => {
      for (let person = 0; person < 20; person++) {
        for (let time = 0; time < 3; time++)
          model.learn(`p${person}`, { item, categoryIds: [], atMs: (fromDay + 30 * time) * dayMs });
      }
    };
    teach(1, 0);
    teach(2, 300);
    const score = (item: number) => model.due(bought(item, 350), [], 380 * dayMs).score;
    expect(score(2)).to.be.greaterThan(1.5 * score(1));
  });

  it('has first of all that a person bought what is due by each product on its own', () => {
    const model = createReplenishment();
    const random = seeded(11);
    const day = (max: number) => Math.floor(max * random());
    const history = () =>
      new Map(
        Array.from({ length: 150 }, (_, item) => {
          const days = new Set(Array.from({ length: 1 + day(12) }, () => day(600)));
          return [item, [...days].sort((a, b) => b - a).map((at) => at * dayMs)] as const;
        }),
      );
    const categoriesOf = (item: number) => [`c${item % 4}`];
    const tie = (a: number, b: number) => a - b;
    const expectSame = (purchases: ReturnType<typeof history>) => {
      const asked = { nowMs: 610 * dayMs, habit: model.habitOf(purchases, categoriesOf), limit: 60, tie };
      const { items, scores, length } = model.first(purchases, categoriesOf, asked);
      const due = [...purchases]
        .map(([item, timesMs]) => model.due({ item, timesMs }, categoriesOf(item), asked.nowMs, asked.habit))
        .sort((a, b) => b.score - a.score || a.item - b.item)
        .slice(0, 60);
      expect(length).to.equal(60);
      expect(Array.from(items)).to.deep.equal(due.map(({ item }) => item));
      expect(Array.from(scores)).to.deep.equal(due.map(({ score }) => score));
    };
    expectSame(history());
    for (let person = 0; person < 20; person++) {
      for (const [item, timesMs] of history()) {
        for (const atMs of timesMs.toReversed())
          model.learn(`p${person}`, { item, categoryIds: categoriesOf(item), atMs });
      }
    }
    for (let person = 0; person < 20; person++) expectSame(history());
    const nobody = { nowMs: 0, habit: model.habitOf([], categoriesOf), limit: 60, tie };
    expect(model.first([], categoriesOf, nobody).length).to.equal(0);
  });

  it('reads a history of any length', () => {
    const model = createReplenishment();
    const intervalAfter = (times: number, days: number) =>
      model.due(bought(1, ...Array.from({ length: times }, (_, at) => (times - at) * days)), [], 0)
        .intervalDays;
    expect(intervalAfter(1000, 1)).to.be.closeTo(1, 1e-9);
    expect(intervalAfter(300, 36_500)).to.be.closeTo(36_500, 1e-3);
  });

  it('learns from fewer people where there are too many, and from long gaps as well as from short ones', () => {
    const model = createReplenishment();
    for (let time = 0; time < 2; time++) {
      for (let person = 0; person < 60_000; person++) {
        for (let item = 0; item < 5; item++)
          model.learn(`p${person}`, { item, categoryIds: [], atMs: time * 200 * dayMs });
      }
    }
    expect(model.due(bought(1, 0), [], 0).intervalDays).to.be.within(180, 220);
  });

  it('is the same after it was stored, without what is no more', () => {
    const model = createReplenishment();
    const teach = (into: typeof model, from: number) => {
      for (let person = 0; person < 30; person++) {
        for (let item = 0; item < 4; item++) {
          for (let time = from; time < from + 3; time++) {
            into.learn(`p${person}`, {
              item,
              categoryIds: [`c${item % 2}`],
              atMs: time * (10 + item) * dayMs,
            });
          }
        }
      }
    };
    teach(model, 0);
    const parts = [...model.save()].map((part) => structuredClone(part) as Part);
    const restored = createReplenishment();
    for (const part of parts) restored.restore(part, Int32Array.of(0, 1, 2, 3));
    const smaller = createReplenishment();
    for (const part of parts) smaller.restore(part, Int32Array.of(0, -1, 1, 2));
    const answer = (of: typeof model, item: number) =>
      of.due(bought(item, 30, 12), [`c${item % 2}`], 40 * dayMs);
    expect(answer(restored, 2)).to.deep.equal(answer(model, 2));
    expect(answer(smaller, 1).intervalDays).to.be.closeTo(
      model.due(bought(2, 30, 12), ['c1'], 0).intervalDays!,
      1e-9,
    );
    for (const one of [model, restored]) teach(one, 3);
    expect(answer(restored, 3).intervalDays).to.be.closeTo(answer(model, 3).intervalDays!, 1e-9);
  });
});
