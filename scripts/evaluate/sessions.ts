import { basename, resolve } from 'node:path';
import {
  createSessionModel,
  prefixesToLearn,
  type SessionModel,
  sessionIdleMs,
} from '../../plugins/recommendations/models/session-model.js';
import type { Evaluation } from './evaluation.js';
import { createNumbering, readLines } from './files.js';
import { createRankTally, rankOf } from './metrics.js';
import { learnAloud, type Progress } from './progress.js';

const cutoff = 20;
/** Asked for more than counts, so that equal scores beyond the cutoff count against us. */
const asked = 40;

/**
 * The next click: `train.txt`, one session a line, and `test.tsv`, a prefix and what came next. P@20 and MRR@20 in
 * percent over all items. The sessions are replayed into the model that serves, which then learns from its own
 * newest sessions; nothing of the test is learned.
 */
export async function evaluateSessions(directory: string, progress: Progress): Promise<Evaluation> {
  const items = createNumbering();
  const train = readLines(directory, 'train.txt').map((line) => items.list(line));
  const catalogSize = items.size;
  const tests = readLines(directory, 'test.tsv').map((line) => {
    const [prefix = '', target = ''] = line.split('\t');
    return { session: items.list(prefix), target: items.number(target) };
  });

  const model = createSessionModel();
  const replaySeconds = replay(model, train);
  progress(`replayed ${model.interactions} clicks in ${replaySeconds.toFixed(1)} s`);
  const prefixes = model.interactions - model.sessions;
  const learningSeconds = prefixes >= prefixesToLearn ? await learnAloud(model, progress) : 0;

  const tally = createRankTally(cutoff, catalogSize);
  const own = createRankTally(cutoff, catalogSize);
  const before = process.cpuUsage();
  const predictions = tests.map(({ session }, at) => {
    if (at % 10_000 === 0) progress(`asked ${at} of ${tests.length}`);
    return model.predict(session, asked);
  });
  const spent = process.cpuUsage(before);
  for (const [at, { session, target }] of tests.entries()) {
    const { items: ranked, scores } = predictions[at]!;
    tally.add(rankOf(ranked, scores, target), ranked);
    own.add(ownRank(session, target), []);
  }
  const { interactions } = model;
  return {
    task: 'sessions',
    dataset: basename(resolve(directory)),
    metrics: { 'P@20': 100 * tally.hitRate(), 'MRR@20': 100 * tally.reciprocalRank() },
    microsecondsPerQuery: (spent.user + spent.system) / tests.length,
    details: {
      queries: tests.length,
      sessions: model.sessions,
      interactions,
      items: catalogSize,
      'bytes per interaction, index': model.bytes() / interactions,
      'bytes per interaction, all': (model.bytes() + model.workingBytes()) / interactions,
      'replay, µs per interaction': (1e6 * replaySeconds) / interactions,
      'learning, s': learningSeconds,
      'catalog shown, %': 100 * tally.coverage(),
      'shown: share of the top 1 % of items, %': 100 * tally.concentration(),
      "P@20 of the session's own items": 100 * own.hitRate(),
      "MRR@20 of the session's own items": 100 * own.reciprocalRank(),
      'P@20 gained over them': 100 * (tally.hitRate() - own.hitRate()),
      'MRR@20 gained over them': 100 * (tally.reciprocalRank() - own.reciprocalRank()),
    },
  };
}

/** There are no times: sessions come one after the other, long enough apart. CPU seconds. */
function replay(model: SessionModel, sessions: readonly (readonly number[])[]): number {
  const before = process.cpuUsage();
  for (const [at, session] of sessions.entries()) {
    const startMs = at * 2 * sessionIdleMs;
    const key = String(at);
    for (const item of session) model.add(key, item, startMs);
  }
  const spent = process.cpuUsage(before);
  return (spent.user + spent.system) / 1e6;
}

/** Where the target comes if the session's own items are ranked by how often, then how recently they came. */
function ownRank(session: readonly number[], target: number): number {
  const strength = new Map<number, number>();
  for (const [at, item] of session.entries()) {
    strength.set(item, Math.floor(strength.get(item) ?? 0) + 1 + (at + 1) / (session.length + 1));
  }
  const mine = strength.get(target);
  if (mine === undefined) return 0;
  let rank = 0;
  for (const other of strength.values()) if (other >= mine) rank++;
  return rank;
}
