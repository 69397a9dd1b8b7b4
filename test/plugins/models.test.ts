import { expect } from 'chai';
import fc from 'fast-check';
import { defaultPeopleFusionLearnedFor } from '../../plugins/recommendations/next-basket/default-people-fusion.js';
import { peopleNames } from '../../plugins/recommendations/next-basket/people-ranker.js';
import { createCandidateSearch } from '../../plugins/recommendations/session-knn/candidates.js';
import { defaultFusionLearnedFor } from '../../plugins/recommendations/session-knn/default-fusion.js';
import { sessionNames } from '../../plugins/recommendations/session-knn/features.js';
import { createNeighbourSearch } from '../../plugins/recommendations/session-knn/neighbours.js';
import {
  createSessionIndex,
  type SessionIndex,
} from '../../plugins/recommendations/session-knn/session-index.js';
import {
  createSessionModel,
  type SessionModel,
} from '../../plugins/recommendations/session-knn/session-model.js';
import { voteCount } from '../../plugins/recommendations/session-knn/votes.js';
import { createVmisKnn } from '../../scripts/evaluate/vmis-knn.js';
import { fastLog } from '../../src/kit/fast-log.js';
import { fingerprint } from '../../src/kit/fingerprint.js';
import { runs } from '../support/runs.js';

const minuteMs = 60_000;

function indexOf(
  sessions: readonly (readonly number[])[],
  options = { sessionsPerItem: 8, sessionsMax: 100 },
) {
  const index = createSessionIndex(options);
  for (const session of sessions) {
    const number = index.begin();
    for (const item of session) index.append(number, item);
  }
  return index;
}

/** The sessions an item's list holds, oldest first. */
function listOf(index: SessionIndex, item: number): number[] {
  const total = index.itemSessions[item]!;
  const held = Math.min(total, index.options.sessionsPerItem);
  return Array.from({ length: held }, (_, back) => {
    const place = (total - held + back) % index.options.sessionsPerItem;
    return index.listCells[index.listStart[item]! + place]!;
  });
}

function itemsOf(index: SessionIndex, session: number): number[] {
  const slot = session % index.options.sessionsMax;
  const start = index.sessionStart[slot]!;
  return Array.from(index.sessionCells.subarray(start, start + index.sessionLength[slot]!));
}

function learnSessions(model: SessionModel, sessions: readonly (readonly number[])[]): void {
  for (const [at, session] of sessions.entries()) {
    for (const item of session) model.add(`s${at}`, item, at * 1000);
  }
}

describe('session index', () => {
  it('holds every session and, for each item, its newest sessions, whatever the order of clicks', () => {
    const clicks = fc.array(fc.tuple(fc.nat(5), fc.nat(6)), { maxLength: 120 });
    fc.assert(
      fc.property(clicks, (pairs) => {
        const index = createSessionIndex({ sessionsPerItem: 3, sessionsMax: 100 });
        const running = Array.from({ length: 6 }, () => index.begin());
        const sessions: number[][] = running.map(() => []);
        const lists = new Map<number, number[]>();
        for (const [session, item] of pairs) {
          if (sessions[session]!.length === 64) continue;
          if (!sessions[session]!.includes(item)) lists.set(item, [...(lists.get(item) ?? []), session]);
          sessions[session]!.push(item);
          index.append(session, item);
        }
        for (const session of running) expect(itemsOf(index, session)).to.deep.equal(sessions[session]);
        for (const [item, list] of lists) expect(listOf(index, item)).to.deep.equal(list.slice(-3));
      }),
    );
  });

  it('forgets the oldest sessions when it is full and uses their room again', () => {
    const index = indexOf([], { sessionsPerItem: 4, sessionsMax: 10 });
    const bytesAfter = (sessions: number): number => {
      for (let at = 0; at < sessions; at++) {
        const number = index.begin();
        for (let item = 0; item < 5; item++) index.append(number, (at + item) % 50);
      }
      return index.bytes();
    };
    const before = bytesAfter(1000);
    expect(bytesAfter(20_000)).to.equal(before);
    expect(itemsOf(index, index.sessions - 1)).to.have.length(5);
  });
});

describe('VMIS-kNN', () => {
  it('gives the scores worked out by hand from the paper', () => {
    // Items 1 and 2 of the running session [1, 2] weigh 1/2 and 2/2. Session 0 shares 1: 0.5, newest in common at
    // place 1, so × 0.9. Session 1 shares both: 1.5. Session 2 shares 2: 1. Rarity ln(4 / sessions with the item).
    const knn = createVmisKnn(
      indexOf([
        [1, 3],
        [1, 2, 4],
        [2, 3],
        [5, 6],
      ]),
      { m: 10, k: 10 },
    );
    const { items, scores } = knn([1, 2], 4);
    const expected = new Map([
      [4, 1.5 * Math.log(4)],
      [2, 2.5 * Math.log(2)],
      [1, (1.5 + 0.45) * Math.log(2)],
      [3, (1 + 0.45) * Math.log(2)],
    ]);
    expect([...items]).to.deep.equal([4, 2, 1, 3]);
    for (const [at, item] of items.entries()) expect(scores[at]).to.be.closeTo(expected.get(item)!, 1e-5);
  });

  it('keeps the k most similar of the m newest sessions, of equal ones the newer', () => {
    const index = indexOf([
      [1, 2, 10],
      [1, 11],
      [1, 12],
      [1, 13],
      [7, 8],
    ]);
    // m = 3 leaves out session 0, the most similar of all; k = 2 leaves out session 1.
    expect([...createVmisKnn(index, { m: 3, k: 2 })([1], 9).items]).to.have.members([1, 12, 13]);
  });

  it('knows nothing about unknown items', () => {
    const knn = createVmisKnn(indexOf([[1, 2]]), { m: 5, k: 5 });
    expect(knn([], 5).items).to.have.length(0);
    expect(knn([99, -1, Number.NaN], 5).items).to.have.length(0);
  });
});

describe('votes of the neighbours', () => {
  const voting = { stepFading: 3, backward: 0.6, self: 0.6 };
  const clicks = fc.array(fc.array(fc.nat(12), { minLength: 1, maxLength: 12 }), {
    minLength: 1,
    maxLength: 30,
  });

  it('are those written down one by one: near, wide, sharp, next, before, chain, rule, pair', () => {
    fc.assert(
      fc.property(clicks, fc.array(fc.nat(12), { minLength: 1, maxLength: 8 }), (sessions, asked) => {
        const index = indexOf(sessions);
        const search = createNeighbourSearch(index, {
          sessionsRead: 50,
          readsMax: 1_000,
          itemsAsked: 20,
          kept: 20,
          itemFading: 2,
          ageFading: 1,
        });
        const { candidates, find } = createCandidateSearch(index, search, voting, 40);
        search.find(asked, -1);
        if (search.query.count === 0) return;
        find();
        const { query, neighbours } = search;
        const placeOf = (item: number) => query.items.subarray(0, query.count).indexOf(item);
        const held = (item: number) => index.itemSessions[item]!;
        const votes = new Map<number, number[]>();
        const met = new Map<number, { clicks: number; places: Set<number> }>();
        for (let at = 0; at < neighbours.count; at++) {
          const session = itemsOf(index, neighbours.slots[at]!);
          const weight = neighbours.weights[at]!;
          const fresh = neighbours.freshness[at]!;
          const anchor = session.lastIndexOf(query.items[neighbours.anchors[at]!]!);
          const common = session.map(placeOf).filter((place) => place >= 0);
          const together = common
            .map(
              (place) => Math.exp(-query.distances[place]! / 3) / Math.sqrt(held(query.items[place]!) + 10),
            )
            .reduce((sum, value) => sum + value, 0);
          for (const [click, item] of session.entries()) {
            const row = votes.get(item) ?? new Array<number>(voteCount).fill(0);
            votes.set(item, row);
            const seen = met.get(item) ?? { clicks: 0, places: new Set() };
            met.set(item, seen);
            seen.clicks++;
            for (const place of common) seen.places.add(place);
            const step = click - anchor;
            row[0]! +=
              step > 0
                ? weight * Math.exp(-(step - 1) / 3)
                : step < 0
                  ? 0.6 * weight * Math.exp(-(-step - 1) / 3)
                  : 0.6 * weight;
            row[1]! += weight;
            if (step > 0) row[2]! += weight ** 3 / step;
            if (neighbours.anchors[at] === 0 && step === 1) row[3]! += fresh;
            if (neighbours.anchors[at] === 0 && step === -1) row[4]! += fresh;
            for (let earlier = 0; earlier < click; earlier++) {
              const place = placeOf(session[earlier]!);
              if (place < 0) continue;
              const share = (fresh * Math.exp(-query.distances[place]! / 2)) / (held(session[earlier]!) + 1);
              if (earlier === click - 1) row[5]! += share;
              row[6]! += share * Math.exp(-(click - earlier - 1) / 1.5);
            }
            row[7]! += fresh * together;
          }
        }
        const sessionsRounded = 2 ** (Math.floor(Math.log2(index.sessions) * 8) / 8);
        for (const [item, row] of votes) {
          row[0]! *= Math.sqrt(Math.log(1 + sessionsRounded / held(item)));
          row[7]! /= Math.sqrt(held(item) + 10);
        }
        const sums = Array.from({ length: voteCount }, (_, column) =>
          [...votes.values()].reduce((sum, row) => sum + row[column]!, 0),
        );
        const chosen = Array.from(candidates.items.subarray(0, candidates.count));
        expect(chosen).to.have.members([
          ...new Set([...votes.keys(), ...query.items.subarray(0, query.count)]),
        ]);
        for (const [at, item] of chosen.entries()) {
          expect(candidates.clicks[at]).to.equal(met.get(item)?.clicks ?? 0);
          expect(candidates.covers[at]).to.equal(met.get(item)?.places.size ?? 0);
          for (let column = 0; column < voteCount; column++) {
            const share = sums[column]! > 0 ? (votes.get(item)?.[column] ?? 0) / sums[column]! : 0;
            expect(candidates.votes[at * voteCount + column]).to.be.closeTo(share, 1e-4);
          }
        }
      }),
    );
  });

  it('become logarithms that are right to the third digit', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-30, max: 1e30, noNaN: true }), (value) => {
        expect(fastLog(value)).to.be.closeTo(Math.log(value), 6e-4);
      }),
    );
  });
});

describe('session model', () => {
  const sessions = [
    [1, 2, 3],
    [4, 2, 3],
    [5, 6],
    [1, 2, 3],
    [7, 6, 8],
  ];

  it('answers differently after a single click', () => {
    const model = createSessionModel();
    learnSessions(model, sessions);
    expect([...model.predict([5], 10).items]).not.to.include(9);
    model.add('s2', 9, 2000);
    expect([...model.predict([5], 10).items]).to.include(9);
  });

  it('answers the same whether clicks came session by session or interleaved', () => {
    const one = createSessionModel();
    const other = createSessionModel();
    learnSessions(one, sessions);
    // All sessions begin in the same order, then go on click by click.
    for (let click = 0; click < 3; click++) {
      for (const [at, session] of sessions.entries()) {
        if (click < session.length) other.add(`s${at}`, session[click]!, at * 1000);
      }
    }
    for (const query of [[2], [1, 2], [6], [5, 6]]) {
      expect([...other.predict(query, 5).items].sort()).to.deep.equal(
        [...one.predict(query, 5).items].sort(),
      );
    }
  });

  it('gives the same question the same answer until something is learned, and never another than one worked out anew', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            fc.record({ visitor: fc.nat(3), item: fc.nat(9) }),
            fc.record({ ask: fc.array(fc.nat(9), { minLength: 1, maxLength: 3 }), visitor: fc.nat(3) }),
          ),
          { maxLength: 60 },
        ),
        (steps) => {
          const keeping = createSessionModel({ predictionsCached: 3, runningMax: 16 });
          const anew = createSessionModel({ predictionsCached: 0, runningMax: 16 });
          for (const [atMs, step] of steps.entries()) {
            const key = `visitor ${step.visitor}`;
            if ('item' in step) {
              for (const model of [keeping, anew]) model.add(key, step.item, atMs);
              continue;
            }
            for (const who of [key, undefined]) {
              const first = keeping.predict(step.ask, 5, who);
              expect(first).to.deep.equal(anew.predict(step.ask, 5, who));
              expect(keeping.predict(step.ask, 5, who)).to.equal(first);
            }
          }
        },
      ),
      { numRuns: runs(40) },
    );
  });

  it('ends a session after 30 idle minutes', () => {
    const model = createSessionModel();
    model.add('a', 1, 0);
    model.add('a', 2, 30 * minuteMs);
    expect(model.sessions).to.equal(1);
    model.add('a', 3, 61 * minuteMs);
    expect(model.sessions).to.equal(2);
  });

  it('names the item of the session that caused each answer', () => {
    const model = createSessionModel();
    learnSessions(model, [
      [1, 10],
      [1, 10],
      [2, 20],
      [2, 20],
    ]);
    const session = [1, 2];
    const { items, causes } = model.predict(session, 4);
    const causeOf = (item: number) => session[causes[items.indexOf(item)]!];
    expect(causeOf(10)).to.equal(1);
    expect(causeOf(20)).to.equal(2);
    expect(causeOf(2)).to.equal(2);
  });

  it('never shares evidence with a product that was looked at in no common session', () => {
    const model = createSessionModel();
    learnSessions(model, sessions);
    const { items, causes } = model.predict([1, 5], 60);
    for (const [at, item] of items.entries()) {
      const cause = [1, 5][causes[at]!]!;
      expect(sessions.some((session) => session.includes(item) && session.includes(cause))).to.equal(true);
    }
  });

  it('does not take a running session for its own neighbour', () => {
    const model = createSessionModel();
    learnSessions(model, sessions);
    model.add('me', 5, 10_000);
    model.add('me', 1, 10_001);
    const before = createSessionModel();
    learnSessions(before, sessions);
    expect([...model.predict([5, 1], 10, 'me').items]).to.have.members([...before.predict([5, 1], 10).items]);
  });

  it('answers within bounds for any session', () => {
    const model = createSessionModel();
    learnSessions(model, sessions);
    const anything = fc.array(fc.oneof(fc.integer(), fc.nat(10), fc.constant(Number.NaN)), {
      maxLength: 300,
    });
    fc.assert(
      fc.property(anything, fc.integer({ min: -1, max: 100 }), (session, limit) => {
        const { items, scores, causes, length } = model.predict(session, limit);
        expect(length).to.equal(items.length).and.to.be.at.most(Math.max(0, limit));
        expect(new Set(items).size).to.equal(length);
        expect([...scores]).to.deep.equal([...scores].sort((a, b) => b - a));
        for (const cause of causes) expect(cause).to.be.within(-1, session.length - 1);
      }),
    );
  });

  it('refuses items that are no dense numbers', () => {
    const model = createSessionModel();
    for (const item of [-1, 1.5, Number.NaN, 2 ** 31]) {
      expect(() => model.add('a', item, 0)).to.throw(RangeError, 'whole number');
    }
    expect(model.interactions).to.equal(0);
  });

  it('learns the same weights from the same sessions, in short steps, and uses them', () => {
    const learn = () => {
      const model = createSessionModel();
      learnSessions(
        model,
        Array.from({ length: 300 }, (_, at) => [at % 7, (at % 7) + 10, (at % 3) + 20]),
      );
      const learning = model.learn();
      let step = learning.next();
      let steps = 0;
      for (; !step.done; step = learning.next()) steps++;
      expect(steps).to.be.greaterThan(10);
      model.use(step.value);
      return { learned: step.value, answer: [...model.predict([3], 3).items] };
    };
    const first = learn();
    const second = learn();
    expect(second.learned).to.deep.equal(first.learned);
    expect(first.answer).to.include(13).and.to.deep.equal(second.answer);
  });

  it('ships weights that were learned for the features of today', () => {
    for (const [{ features, contexts }, learnedFor] of [
      [sessionNames, defaultFusionLearnedFor],
      [peopleNames, defaultPeopleFusionLearnedFor],
    ] as const) {
      expect(fingerprint(JSON.stringify({ features, contexts }))).to.equal(learnedFor);
    }
  });

  it('refuses weights that were learned for other features', () => {
    const model = createSessionModel();
    learnSessions(model, sessions);
    const fusion = { features: ['x'], contexts: [], hidden: 1 };
    expect(() => model.use({ fusion, vectors: null } as never)).to.throw(RangeError, 'learn them anew');
  });
});
