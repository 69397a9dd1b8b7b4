import { z } from 'zod';
import { type RecommenderName, recommenderNames } from '../recommenders/recommender-names.js';

/** Placements that learn together: what to look at next, beside what lies on the page, beside what is in the cart. */
export const families = ['home', 'product', 'cart'] as const;
export type Family = (typeof families)[number];

/** Neither nothing nor everything: no recommender is silenced or made the only one by what a log says. */
const exponentMax = 3;

/**
 * What a shop's log taught about a family, by recommender. The exponential of the value is the factor on the weight that the placement
 * has by default, so a weight is never negative.
 */
export type Factors = Readonly<Partial<Record<RecommenderName, number>>>;
export type LearnedWeights = Readonly<Partial<Record<Family, Factors>>>;

export interface FusionWeights {
  /** The factor on a recommender's default weight; 1 while nothing is learned. */
  factor(family: Family, recommender: RecommenderName): number;
  /** From the next ranking on. */
  use(learned: LearnedWeights): void;
}

const names: ReadonlySet<string> = new Set(recommenderNames);
/** Factors of recommenders that do not exist any more are left out. */
const factorsSchema = z
  .record(z.string(), z.number().min(-100).max(100))
  .transform((all) => Object.fromEntries(Object.entries(all).filter(([name]) => names.has(name))));
const schema = z.partialRecord(z.enum(families), factorsSchema);

export function createFusionWeights(): FusionWeights {
  let learned: LearnedWeights = {};
  return {
    factor: (family, recommender) => factorOf(learned[family]?.[recommender] ?? 0),
    use(weights) {
      learned = weights;
    },
  };
}

export function factorOf(exponent: number): number {
  return Math.exp(Math.max(-exponentMax, Math.min(exponentMax, exponent)));
}

/** Weights as they were stored; throws for anything else. */
export function readLearnedWeights(stored: unknown): LearnedWeights {
  return schema.parse(stored) as LearnedWeights;
}
