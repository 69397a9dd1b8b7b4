import { basename, resolve } from 'node:path';
import { purchasesToLearn } from '../../plugins/recommendations/next-basket/people-model.js';
import { askAll } from './ask.js';
import { baselines } from './baselines.js';
import { attributeDistance } from './beyond.js';
import { sequenceMetrics } from './compare.js';
import type { Evaluation } from './evaluation.js';
import { createNumbering, hasFile, streamLines } from './files.js';
import { judgeBeside } from './judge.js';
import { createLog } from './log.js';
import { createShopPeople, type History, learnAsTheShop, readSequences } from './people.js';
import type { Progress } from './progress.js';
import { byDecile, byHistory, byItemAge, byLastItem, byPopularity, byRepeat } from './slicings.js';

const cutoff = 10;
/** Asked for more than counts, so that equal scores beyond the cutoff count against us. */
const asked = 40;
/** One to ask for, one that published methods validate on, and something to go by. */
const historyMin = 3;

/**
 * The next purchase, leaving out the last one: `sequences.txt`, a person and their purchases in time order on each
 * line. The model learns from all but the last two of each person's; the last is asked for, given all before it.
 * HR@10 and NDCG@10 over all items. With an `items.tsv` (item_id, attribute_ids) diversity goes by attributes.
 */
export async function evaluateSequences(directory: string, progress: Progress): Promise<Evaluation> {
  const items = createNumbering();
  const all = await readSequences(directory, items);
  const people = all.filter((history) => history.length >= historyMin);
  const leftOut = all.length - people.length;
  if (people.length === 0)
    throw new Error(`${directory}: nobody in sequences.txt has ${historyMin} purchases or more`);

  const { model, learn } = createShopPeople();
  const learned = people.map((history) => history.slice(0, -2));
  for (const [person, history] of learned.entries()) learn(String(person), history);
  progress(`learned ${model.purchases} purchases of ${people.length} people`);
  const learningSeconds = model.purchases >= purchasesToLearn ? await learnAsTheShop(model, progress) : 0;

  const queries = people.map((history, cluster) => ({
    history: itemsOf(history.slice(0, -1)),
    target: itemsOf(history.slice(-1))[0]!,
    cluster,
  }));
  const ours = askAll(
    queries,
    (_, person) => {
      const history = people[person]!;
      return model.predict(history.slice(0, -1), history.at(-1)!.atMs, asked, String(person));
    },
    { cutoff, progress },
  );
  const log = createLog(learned.map(itemsOf), items.size);
  const attributes = await readAttributes(directory, items);
  const judged = judgeBeside(
    {
      queries,
      ours,
      others: baselines(log, asked),
      metrics: sequenceMetrics,
      log,
      slicings: [
        byHistory(queries, 'purchases so far', [2, 5, 10, 20]),
        byRepeat(queries, 'history'),
        byPopularity(queries, log),
        byDecile(queries, log),
        byItemAge(queries, log, 'people'),
        byLastItem(queries, log, 'people'),
      ],
      ...(attributes
        ? {
            diversity: {
              name: "Jaccard's distance of their attributes",
              distance: attributeDistance(attributes),
            },
          }
        : {}),
    },
    progress,
  );
  return {
    task: 'sequences',
    dataset: basename(resolve(directory)),
    microsecondsPerQuery: ours.microsecondsPerQuery,
    ...judged,
    details: {
      people: people.length,
      ...(leftOut > 0 ? { [`people with fewer than ${historyMin} purchases, left out`]: leftOut } : {}),
      purchases: model.purchases,
      items: items.size,
      'targets nobody bought before (unreachable)': queries.filter(({ target }) => log.support(target) === 0)
        .length,
      'p50 µs, wall': ours.p50Micros,
      'p99 µs, wall': ours.p99Micros,
      'bytes per purchase': model.bytes() / model.purchases,
      'learning, s': learningSeconds,
      'catalog shown, %': judged.beyond['coverage, %']!,
      'shown: share of the top 1 % of items, %': judged.beyond['top 1 %, %']!,
    },
  };
}

const itemsOf = (history: History): number[] => history.flatMap(({ items }) => items);

/** By item number; null where there are none. */
async function readAttributes(
  directory: string,
  items: ReturnType<typeof createNumbering>,
): Promise<(readonly number[] | undefined)[] | null> {
  if (!hasFile(directory, 'items.tsv')) return null;
  const attributes: (readonly number[] | undefined)[] = [];
  const known = new Map([...items.names()].map((name, number) => [name, number]));
  const words = createNumbering();
  let columns: { item: number; attributes: number } | undefined;
  for await (const line of streamLines(directory, 'items.tsv')) {
    const cells = line.split('\t');
    if (columns === undefined) {
      columns = { item: cells.indexOf('item_id'), attributes: cells.indexOf('attribute_ids') };
      if (columns.item < 0 || columns.attributes < 0) return null;
      continue;
    }
    const item = known.get(cells[columns.item] ?? '');
    if (item !== undefined)
      attributes[item] = words.list((cells[columns.attributes] ?? '').replaceAll(',', ' '));
  }
  return attributes;
}
