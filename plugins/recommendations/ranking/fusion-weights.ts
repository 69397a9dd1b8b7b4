import { z } from 'zod';
import { type RecommenderName, recommenderNames } from '../recommenders/recommender-names.js';
import { contextFeatures } from './context-features.js';

/** Placements that learn together: what to look at next, beside what lies on the page, beside what is in the cart. */
export const families = ['home', 'product', 'cart'] as const;
export type Family = (typeof families)[number];

/** Neither nothing nor everything: no recommender is silenced or made the only one by what a log says. */
const exponentMax = 3;

/**
 * What a shop's log taught about a family: by recommender, a constant and then one value for each context feature. The
 * exponential of their sum is the factor on the weight that the placement has by default, so a weight is never negative.
 */
export type Factors = Readonly<Partial<Record<RecommenderName, readonly number[]>>>;
export type LearnedWeights = Readonly<Partial<Record<Family, Factors>>>;

export interface FusionWeights {
  /** The factor on a recommender's default weight; 1 while nothing is learned. `features` as of `featuresOf`. */
  factor(family: Family, recommender: RecommenderName, features: readonly number[]): number;
  /** Whether anything is learned for the family: else the features need not be known. */
  knows(family: Family): boolean;
  /** From the next ranking on. */
  use(learned: LearnedWeights): void;
}

const names: ReadonlySet<string> = new Set(recommenderNames);
/** Factors of recommenders that do not exist any more are left out. */
const factorsSchema = z
  .record(z.string(), z.array(z.number().min(-100).max(100)).length(1 + contextFeatures.length))
  .transform((all) => Object.fromEntries(Object.entries(all).filter(([name]) => names.has(name))));
const schema = z.partialRecord(z.enum(families), factorsSchema);

export function createFusionWeights(): FusionWeights {
  let learned: LearnedWeights = {};
  return {
    factor(family, recommender, features) {
      const values = learned[family]?.[recommender];
      return values === undefined ? 1 : factorOf(values, 0, features);
    },
    knows: (family) => learned[family] !== undefined,
    use(weights) {
      learned = weights;
    },
  };
}

/** The factor that values from `from` on give in a context. */
export function factorOf(values: ArrayLike<number>, from: number, features: ArrayLike<number>): number {
  let exponent = values[from]!;
  for (let at = 0; at < features.length; at++) exponent += values[from + 1 + at]! * features[at]!;
  return Math.exp(Math.max(-exponentMax, Math.min(exponentMax, exponent)));
}

/** Weights as they were stored; throws for anything else. */
export function readLearnedWeights(stored: unknown): LearnedWeights {
  return schema.parse(stored) as LearnedWeights;
}
