import type { Shelf } from '../../../src/ports/catalog.js';
import type {
  Candidates,
  RankingContext,
  Recommender,
  RecommenderModel,
} from '../../../src/ports/recommenders.js';
import type { Models } from '../learning/models.js';
import type { RecommenderName } from './recommender-names.js';

/** A recommender of this plugin: proposes at once, and its weights can be learned. */
export interface OwnRecommender extends Recommender {
  readonly name: RecommenderName;
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
