import type { Step } from '../learning-to-rank/learn-fusion.js';
import { type Comparison, createComparison } from '../learning-to-rank/paired-comparison.js';
import { contextFeatures } from '../ranking/context-features.js';
import {
  type Factors,
  type Family,
  factorOf,
  families,
  type LearnedWeights,
} from '../ranking/fusion-weights.js';
import { type RecommenderName, recommenderNames } from '../recommenders/recommender-names.js';
import type { Choice } from './choices.js';

/** A family that can learn from fewer choices keeps the weights in use. */
const choicesMin = 50;
const rounds = 60;
/** Standard deviations of the prior: of the logarithm of a factor, and of the effect of a context feature on it. */
const constantDeviation = 0.5;
const featureDeviation = 0.1;
/** The share of the sources, those that chose last, whose choices are held out of learning, for evaluation; and the fewest. */
const heldOutShare = 0.2;
const heldOutSourcesMin = 5;
/** With fewer sources to learn from, a family keeps the weights in use. */
const teachersMin = 5;
/** The most that one source has of the choices of a family: so many, this share, or as many as half of the sources have. */
const choicesASourceMin = 4;
const sourceShare = 0.05;
const choicesAStep = 100;

const values = 1 + contextFeatures.length;
const scaleAt = recommenderNames.length * values;

export interface LearnedFusion {
  /** Null if the weights in use are better for every family, or if there are too few choices. */
  readonly weights: LearnedWeights | null;
  /** Mean reciprocal ranks of what was taken, on the newest choices of the families that were learned. */
  readonly comparison: Comparison;
}

/**
 * The weights under which the observed choices are likeliest: a multinomial logit over each choice's alternatives (listwise softmax
 * cross-entropy), maximum a posteriori with the default weights as the prior. Optimised by iRprop⁻ (Igel, Hüsken 2000), which needs no
 * step size. The same choices give the same weights. Each step takes about a millisecond. A family keeps the weights in use if the new
 * ones are worse on what is held out by more than the standard error.
 *
 * No source of choices evaluates what it taught: the sources that chose last evaluate, each with one vote, and all others teach.
 */
export function* learnFusionWeights(
  choices: readonly Choice[],
  inUse: LearnedWeights,
): Generator<Step, LearnedFusion> {
  const learned: Partial<Record<Family, Factors>> = { ...inUse };
  const all = createComparison();
  for (const family of families) {
    const own = withoutExcess(choices.filter((choice) => choice.family === family));
    const sources = [...bySource(own.toReversed())];
    const evaluating = Math.max(heldOutSourcesMin, Math.ceil(sources.length * heldOutShare));
    const teachers = new Set(sources.slice(evaluating).map(([source]) => source));
    const taught = own.filter(({ source }) => teachers.has(source));
    if (taught.length < choicesMin || teachers.size < teachersMin) continue;
    const parameters = yield* fitted(taught, family);
    const before = parametersOf(inUse[family]);
    const ranks = sources
      .slice(0, evaluating)
      .map(([, some]) => [meanRank(some, parameters), meanRank(some, before)] as const);
    const comparison = createComparison();
    for (const pair of ranks) comparison.add(...pair);
    const { gain, error } = comparison.result();
    if (gain < -error) continue;
    learned[family] = factorsOf(parameters);
    for (const pair of ranks) all.add(...pair);
  }
  const comparison = all.result();
  return { weights: comparison.questions === 0 ? null : learned, comparison };
}

/** Leaves out the oldest choices of a source that has more than its share. */
function withoutExcess(choices: readonly Choice[]): Choice[] {
  const numbers = Array.from(bySource(choices).values(), ({ length }) => length).sort((a, b) => a - b);
  const usual = numbers[Math.floor((numbers.length - 1) / 2)] ?? 0;
  const max = Math.max(choicesASourceMin, Math.floor(sourceShare * choices.length), usual);
  const counts = new Map<number, number>();
  const newestFirst = choices.toReversed().filter(({ source }) => {
    const count = (counts.get(source) ?? 0) + 1;
    counts.set(source, count);
    return count <= max;
  });
  return newestFirst.reverse();
}

/** In the order of each source's first choice. */
function bySource(choices: readonly Choice[]): Map<number, Choice[]> {
  const sources = new Map<number, Choice[]>();
  for (const choice of choices) {
    const own = sources.get(choice.source);
    if (own) own.push(choice);
    else sources.set(choice.source, [choice]);
  }
  return sources;
}

function meanRank(choices: readonly Choice[], parameters: Float64Array): number {
  return choices.reduce((sum, choice) => sum + reciprocalRank(choice, parameters), 0) / choices.length;
}

function factorsOf(parameters: Float64Array): Factors {
  const factors: Partial<Record<RecommenderName, number[]>> = {};
  for (const [at, name] of recommenderNames.entries()) {
    const of = parameters.slice(at * values, (at + 1) * values);
    if (of.some((value) => value !== 0)) factors[name] = Array.from(of, (value) => Number(value.toFixed(4)));
  }
  return factors;
}

function parametersOf(factors: Factors = {}): Float64Array {
  const parameters = new Float64Array(scaleAt + 1);
  for (const [at, name] of recommenderNames.entries()) parameters.set(factors[name] ?? [], at * values);
  return parameters;
}

function* fitted(choices: readonly Choice[], family: Family): Generator<Step, Float64Array> {
  /** By recommender a constant and one value for each feature; at last the scale of all scores, which ranks nothing. */
  const parameters = new Float64Array(scaleAt + 1);
  const gradient = new Float64Array(scaleAt + 1);
  const before = new Float64Array(scaleAt + 1);
  const steps = new Float64Array(scaleAt + 1).fill(0.05);
  for (let round = 0; round < rounds; round++) {
    addPrior(parameters, gradient);
    for (const [at, choice] of choices.entries()) {
      addChoice(choice, parameters, gradient);
      if (at % choicesAStep === choicesAStep - 1)
        yield { stage: `weights of ${family}`, done: round / rounds };
    }
    for (let at = 0; at <= scaleAt; at++) {
      const agreement = gradient[at]! * before[at]!;
      if (agreement > 0) steps[at] = Math.min(0.5, steps[at]! * 1.2);
      else if (agreement < 0) {
        steps[at] = Math.max(1e-4, steps[at]! * 0.5);
        gradient[at] = 0;
      }
      parameters[at]! -= Math.sign(gradient[at]!) * steps[at]!;
      before[at] = gradient[at]!;
    }
    yield { stage: `weights of ${family}`, done: (round + 1) / rounds };
  }
  return parameters;
}

function addPrior(parameters: Float64Array, gradient: Float64Array): void {
  for (let at = 0; at < scaleAt; at++) {
    const deviation = at % values === 0 ? constantDeviation : featureDeviation;
    gradient[at] = parameters[at]! / (deviation * deviation);
  }
  gradient[scaleAt] = 0;
}

/** Of what was taken; all that scores as much counts before it. */
function reciprocalRank(choice: Choice, parameters: Float64Array): number {
  const { recommenders, alternatives, amounts, features, taken } = choice;
  const width = recommenders.length;
  const factors = recommenders.map((at) => factorOf(parameters, at * values, features));
  const scoreOf = (row: number) => {
    let score = 0;
    for (let column = 0; column < width; column++) score += factors[column]! * amounts[row * width + column]!;
    return score;
  };
  const own = scoreOf(taken);
  let rank = 0;
  for (let row = 0; row < alternatives; row++) if (row === taken || scoreOf(row) >= own) rank++;
  return 1 / rank;
}

let scores = new Float64Array(256);

/** Adds the gradient of the negative logarithm of the likelihood. */
function addChoice(choice: Choice, parameters: Float64Array, gradient: Float64Array): void {
  const { recommenders, alternatives, amounts, features, handicaps, taken } = choice;
  const width = recommenders.length;
  if (scores.length < alternatives) scores = new Float64Array(alternatives * 2);
  const scale = Math.exp(parameters[scaleAt]!);
  const factors = recommenders.map((at) => scale * factorOf(parameters, at * values, features));
  let highest = Number.NEGATIVE_INFINITY;
  for (let row = 0; row < alternatives; row++) {
    let score = handicaps === null ? 0 : handicaps[row]!;
    for (let column = 0; column < width; column++) score += factors[column]! * amounts[row * width + column]!;
    scores[row] = score;
    if (score > highest) highest = score;
  }
  let sum = 0;
  for (let row = 0; row < alternatives; row++) {
    scores[row] = Math.exp(scores[row]! - highest);
    sum += scores[row]!;
  }
  for (let column = 0; column < width; column++) {
    let expected = 0;
    for (let row = 0; row < alternatives; row++) expected += scores[row]! * amounts[row * width + column]!;
    const by = factors[column]! * (expected / sum - amounts[taken * width + column]!);
    const from = recommenders[column]! * values;
    gradient[from]! += by;
    for (let at = 0; at < features.length; at++) gradient[from + 1 + at]! += by * features[at]!;
    gradient[scaleAt]! += by;
  }
}
