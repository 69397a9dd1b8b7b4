import type { Shelf } from '../../../src/ports/catalog.js';
import type {
  Candidates,
  RankingContext,
  Recommender,
  RecommenderModel,
} from '../../../src/ports/recommenders.js';
import type { Models } from '../learning/models.js';

/** A recommender of this plugin: proposes at once. */
export interface OwnRecommender extends Recommender {
  create(): OwnModel;
}

export interface OwnModel extends RecommenderModel {
  propose(context: RankingContext, limit: number): Candidates;
}

/** Everything that recommenders read. */
export interface Sources {
  readonly models: Models;
  readonly shelf: Shelf;
}
