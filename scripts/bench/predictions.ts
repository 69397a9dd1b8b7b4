import {
  createSessionIndex,
  type SessionIndex,
} from '../../plugins/recommendations/session-knn/session-index.js';
import { seeded } from '../../src/kit/random.js';
import { createVmisKnn } from '../evaluate/vmis-knn.js';
import { type BenchRow, interleave } from './measure.js';
import { createMapVmisKnn } from './predictions-map.js';

const m = 500;
const k = 500;
const limit = 21;
const queriesPerRound = 2_000;
const comparedQueries = 1_000;
/** Ours adds in 32 bits. */
const tolerance = 1e-4;

/** One prediction of plain VMIS-kNN among a million sessions. */
export function predictionsRow(sessionCount = 1_000_000): BenchRow {
  return {
    name: 'one session-kNN prediction',
    against: 'the published algorithm on maps and heaps',
    goal: '≥ 10 × faster (≤ 0.1), same top 1, ≥ 99 % overlap',
    async run(progress) {
      progress(`${sessionCount} sessions, synthetic`);
      const sessions = syntheticSessions(sessionCount);
      const index = createSessionIndex({ sessionsPerItem: m, sessionsMax: 2 ** 22 });
      const before = process.cpuUsage();
      for (const session of sessions) append(index, session);
      const built = process.cpuUsage(before);
      const ours = createVmisKnn(index, { m, k });
      progress('the same into maps');
      const theirs = createMapVmisKnn(sessions, { m, k });
      const queries = prefixes(syntheticSessions(queriesPerRound, 99));

      progress('comparing answers');
      let sameTop = 0;
      let shared = 0;
      let expected = 0;
      for (const query of queries.slice(0, comparedQueries)) {
        const mine = ours(query, limit).items;
        const published = new Map(theirs(query, Number.POSITIVE_INFINITY));
        const scores = [...published.values()];
        if ((published.get(mine[0] ?? -1) ?? -1) >= (scores[0] ?? 0) - tolerance) sameTop++;
        // Items that tie for the last place are equally right.
        const last = (scores[limit - 1] ?? 0) - tolerance;
        shared += mine.filter((item) => (published.get(item) ?? -1) >= last).length;
        expected += Math.min(limit, scores.length);
      }
      progress('measuring');
      const measured = await interleave(
        { run: () => queries.forEach((query) => void ours(query, limit)), operations: queries.length },
        { run: () => queries.forEach((query) => void theirs(query, limit)), operations: queries.length },
      );
      return {
        ...measured,
        details: {
          'times faster': measured.theirsMicros / measured.oursMicros,
          'same top 1, %': (100 * sameTop) / comparedQueries,
          'overlap of the 21, %': (100 * shared) / expected,
          'bytes per interaction': index.bytes() / index.interactions,
          'learning one interaction, µs': (built.user + built.system) / index.interactions,
          clicks: index.interactions,
        },
      };
    },
  };
}

function append(index: SessionIndex, session: readonly number[]): void {
  const number = index.begin();
  for (const item of session) index.append(number, item);
}

/** All but the last click of each. */
function prefixes(sessions: readonly (readonly number[])[]): number[][] {
  return sessions.map((session) => session.slice(0, -1));
}

/** Five clicks on average, near each other among 100,000 items of very different popularity. */
function syntheticSessions(count: number, seed = 1): number[][] {
  const items = 100_000;
  const random = seeded(seed);
  const popular = () => Math.floor(items * random() ** 3);
  return Array.from({ length: count }, () => {
    const length = 2 + Math.floor(-Math.log(1 - random()) * 3.5);
    let at = popular();
    return Array.from({ length: Math.min(length, 40) }, () => {
      at = random() < 0.8 ? (at + Math.floor(random() * 20)) % items : popular();
      return at;
    });
  });
}
