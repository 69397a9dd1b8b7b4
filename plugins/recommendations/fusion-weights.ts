import { z } from 'zod';
import type { Host } from '../../src/plugin.js';
import type { CollectionSpec, Document, Store } from '../../src/ports/store.js';
import { type RecommenderName, recommenderNames } from './placements.js';
import { situationFeatures } from './situation-features.js';

/** Placements that learn together: what to look at next, beside what lies on the page, beside what is in the cart. */
export const families = ['home', 'product', 'cart'] as const;
export type Family = (typeof families)[number];

/** Neither nothing nor everything: no recommender is silenced or made the only one by what a log says. */
const exponentMax = 3;

/**
 * What a shop's log taught about a family: by recommender, a constant and then one value for each situation feature. The
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

/** What is in use, and how many choices it was learned from; one document, so that every process has the same. */
interface Stored extends Document {
  readonly learned: LearnedWeights;
  readonly choices: number;
  readonly atMs: number;
}

const spec: CollectionSpec<Stored> = { name: 'recommendation-fusion', indexes: {} };
const currentId = 'current';
const factorsSchema = z.partialRecord(
  z.enum(recommenderNames),
  z.array(z.number().min(-100).max(100)).length(1 + situationFeatures.length),
);
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

/** The factor that values from `from` on give in a situation. */
export function factorOf(values: ArrayLike<number>, from: number, features: ArrayLike<number>): number {
  let exponent = values[from]!;
  for (let at = 0; at < features.length; at++) exponent += values[from + 1 + at]! * features[at]!;
  return Math.exp(Math.max(-exponentMax, Math.min(exponentMax, exponent)));
}

export interface StoredFusionWeights {
  /** In use in every process within a second. */
  save(learned: LearnedWeights, choices: number): Promise<void>;
  stop(): void;
}

/** Takes the stored weights into use, now and whenever somebody stores others; what cannot be read changes nothing. */
export async function openFusionWeights(
  store: Store,
  weights: FusionWeights,
  { clock, log }: Pick<Host, 'clock' | 'log'>,
): Promise<StoredFusionWeights> {
  const kept = await store.collection(spec);
  function take(document: Stored | null): void {
    if (document === null) return;
    const read = schema.safeParse(document.learned);
    if (read.success) weights.use(read.data as LearnedWeights);
    else log.warn('the stored weights of the fusion cannot be used', { reason: read.error.message });
  }
  const stop = kept.watch((changes) => {
    for (const { document } of changes) take(document);
  });
  take(await kept.get(currentId));
  return {
    stop,
    save: (learned, choices) => kept.put([{ id: currentId, learned, choices, atMs: clock.nowMs() }]),
  };
}
