import { basename, resolve } from 'node:path';
import {
  createSessionModel,
  prefixesToLearn,
  type SessionModel,
  sessionIdleMs,
} from '../../plugins/recommendations/session-knn/session-model.js';
import { askAll } from './ask.js';
import { baselines, ownItems } from './baselines.js';
import { columnsOf, means, sessionMetrics } from './compare.js';
import type { Evaluation } from './evaluation.js';
import { judgeBeside } from './judge.js';
import { createLog } from './log.js';
import { learnAloud, type Progress } from './progress.js';
import { readSessionFiles } from './session-files.js';
import { byDecile, byHistory, byItemAge, byLastItem, byPopularity, byRepeat } from './slicings.js';

const cutoff = 20;
/** Asked for more than counts, so that equal scores beyond the cutoff count against us. */
const asked = 40;

/**
 * The next click: `train.txt`, one session a line, and `test.tsv`, a prefix and what came next. P@20 and MRR@20 in
 * percent over all items. The sessions are replayed into the model that serves, which then learns from its own
 * newest sessions; nothing of the test is learned.
 */
export async function evaluateSessions(directory: string, progress: Progress): Promise<Evaluation> {
  const { train, tests, catalogSize, leftOut } = await readSessionFiles(directory, progress);
  const model = createSessionModel({ predictionsCached: 0 });
  const replaySeconds = replay(model, train);
  progress(`replayed ${model.interactions} clicks in ${replaySeconds.toFixed(1)} s`);
  const prefixes = model.interactions - model.sessions;
  const learningSeconds = prefixes >= prefixesToLearn ? await learnAloud(model, progress) : 0;

  const ours = askAll(tests, (session) => model.predict(session, asked), { cutoff, progress });
  const log = createLog(train, catalogSize);
  const judged = judgeBeside(
    {
      queries: tests,
      ours,
      others: baselines(log, asked),
      metrics: sessionMetrics,
      log,
      slicings: [
        byHistory(tests, 'clicks so far', [1, 2, 3, 6]),
        byRepeat(tests, 'session'),
        byPopularity(tests, log),
        byDecile(tests, log),
        byItemAge(tests, log, 'sessions'),
        byLastItem(tests, log, 'sessions'),
      ],
    },
    progress,
  );
  const own = means(columnsOf(askAll(tests, ownItems, { cutoff }), sessionMetrics));
  const { interactions } = model;
  return {
    task: 'sessions',
    dataset: basename(resolve(directory)),
    microsecondsPerQuery: ours.microsecondsPerQuery,
    ...judged,
    details: {
      queries: tests.length,
      'sessions asked about': new Set(tests.map(({ cluster }) => cluster)).size,
      ...(leftOut > 0 ? { 'lines left out': leftOut } : {}),
      sessions: model.sessions,
      interactions,
      items: catalogSize,
      'targets never seen in training (unreachable)': tests.filter(({ target }) => target >= catalogSize)
        .length,
      'p50 µs, wall': ours.p50Micros,
      'p99 µs, wall': ours.p99Micros,
      'bytes per interaction, index': model.bytes() / interactions,
      'replay, µs per interaction': (1e6 * replaySeconds) / interactions,
      'learning, s': learningSeconds,
      'catalog shown, %': judged.beyond['coverage, %']!,
      'shown: share of the top 1 % of items, %': judged.beyond['top 1 %, %']!,
      "P@20 of the session's own items": own['P@20']!,
      "MRR@20 of the session's own items": own['MRR@20']!,
      'P@20 gained over them': judged.metrics['P@20']! - own['P@20']!,
      'MRR@20 gained over them': judged.metrics['MRR@20']! - own['MRR@20']!,
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
