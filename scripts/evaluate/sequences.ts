import { basename, resolve } from 'node:path';
import { createPurchaseModel } from '../../plugins/recommendations/models/purchases.js';
import { prefixesToLearn } from '../../plugins/recommendations/models/session-model.js';
import type { Evaluation } from './evaluation.js';
import { createNumbering, readLines } from './files.js';
import { createRankTally, rankOf } from './metrics.js';
import { learnAloud, type Progress } from './progress.js';

const cutoff = 10;
/** Asked for more than counts, so that equal scores beyond the cutoff count against us. */
const asked = 40;

/**
 * The next purchase, leaving out the last one: `sequences.txt`, a person and their purchases in time order on each
 * line. The model learns from all but the last two of each person's; the last is asked for, given all before it.
 * HR@10 and NDCG@10 over all items.
 */
export async function evaluateSequences(directory: string, progress: Progress): Promise<Evaluation> {
  const items = createNumbering();
  const people = readLines(directory, 'sequences.txt')
    .map((line) => items.list(line.slice(line.search(/\s/)).trim()))
    .filter((history) => history.length > 2);

  const model = createPurchaseModel();
  for (const [person, history] of people.entries()) {
    for (const item of history.slice(0, -2)) model.add(String(person), item, 0);
  }
  progress(`learned ${model.interactions} purchases of ${people.length} people`);
  const learningSeconds = model.interactions >= prefixesToLearn ? await learnAloud(model, progress) : 0;

  const tally = createRankTally(cutoff, items.size);
  const before = process.cpuUsage();
  const predictions = people.map((history, person) =>
    model.predict(history.slice(0, -1), asked, String(person)),
  );
  const spent = process.cpuUsage(before);
  for (const [person, history] of people.entries()) {
    const { items: ranked, scores } = predictions[person]!;
    tally.add(rankOf(ranked, scores, history.at(-1)!), ranked);
  }
  return {
    task: 'sequences',
    dataset: basename(resolve(directory)),
    metrics: { 'HR@10': tally.hitRate(), 'NDCG@10': tally.ndcg() },
    microsecondsPerQuery: (spent.user + spent.system) / people.length,
    details: {
      people: people.length,
      purchases: model.interactions,
      items: items.size,
      'bytes per purchase, index': model.bytes() / model.interactions,
      'learning, s': learningSeconds,
      'catalog shown, %': 100 * tally.coverage(),
      'shown: share of the top 1 % of items, %': 100 * tally.concentration(),
    },
  };
}
