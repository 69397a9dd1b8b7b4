import type { Contributed } from '../../../src/contributed.js';
import type { Product, Shelf } from '../../../src/ports/catalog.js';
import type { Recommender } from '../../../src/ports/recommenders.js';
import { shippedWeights, type Weights } from '../model-registry/weights.js';
import type { TieOrder } from '../recommenders/candidates.js';
import { createContributedModels } from '../recommenders/contributed-models.js';
import { createNewest, type Newest } from '../recommenders/newest.js';
import { createRelations, type Relations } from '../recommenders/related/relations.js';
import { type Content, createContent } from '../recommenders/similar/content.js';
import type { DecisionIds } from '../serving/decision-id.js';
import { createStatistics, type LearnedModels, type Statistics, type TrustOptions } from './statistics.js';

const newestMax = 2000;

const learnedOf = ({ names, learn, save, restore, ...models }: Statistics): LearnedModels => models;

/**
 * Everything a ranking is made from, in the memory of the process. What was learned from events is exchanged as a whole when it
 * was built anew, so read it from here each time.
 */
export interface Models extends LearnedModels {
  readonly content: Content;
  readonly newest: Newest;
  readonly relations: Relations;
  /** Takes over a product as it was saved, and one that was removed. */
  put(item: number, product: Product): void;
  remove(item: number): void;
  readonly tie: TieOrder;
  /** Statistics that have learned nothing. */
  begin(): Statistics;
  exchange(statistics: Statistics): void;
  /** What was learned beyond counts; read it from here each time, too. */
  readonly weights: Weights;
  use(weights: Weights): void;
}

/** `contributed`: the recommenders of other plugins, which are known from the start on. */
export function createModels(
  shelf: Shelf,
  trust?: TrustOptions,
  nowMs?: () => number,
  decisions?: DecisionIds,
  contributed: () => readonly Contributed<Recommender>[] = () => [],
): Models {
  const tie: TieOrder = (a, b) => (a === b ? 0 : shelf.idOf(a) < shelf.idOf(b) ? -1 : 1);
  const content = createContent(tie);
  const newest = createNewest(newestMax, tie);
  const relations = createRelations(shelf.numberOf);
  const begin = () =>
    createStatistics(
      shelf,
      tie,
      content.row,
      trust,
      nowMs,
      decisions,
      createContributedModels(contributed(), shelf),
    );
  const models: Models & { weights: Weights } = {
    ...learnedOf(begin()),
    weights: shippedWeights,
    content,
    newest,
    relations,
    tie,
    put(item, product) {
      content.put(item, product);
      newest.put(item, product.createdAtMs);
      relations.put(item, product);
    },
    remove(item) {
      content.remove(item);
      relations.remove(item);
    },
    begin,
    exchange(next) {
      next.session.use(models.weights.session);
      next.people.use(models.weights.people);
      Object.assign(models, learnedOf(next));
    },
    use(next) {
      models.session.use(next.session);
      models.people.use(next.people);
      models.weights = next;
    },
  };
  return models;
}
