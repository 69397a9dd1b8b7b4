import type { Step } from '../learning-to-rank/learn-fusion.js';
import { type Comparison, createComparison } from '../learning-to-rank/paired-comparison.js';
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
/** Standard deviation of the prior of the logarithm of a factor. */
const priorDeviation = 0.5;
/** The share of the sources, those that chose last, whose choices are held out of learning, for evaluation; and the fewest. */
const heldOutShare = 0.2;
const heldOutSourcesMin = 5;
/** With fewer sources to learn from, a family keeps the weights in use. */
const teachersMin = 5;
/** The most that one source has of the choices of a family: so many, this share, or as many as half of the sources have. */
const choicesASourceMin = 4;
const sourceShare = 0.05;
const choicesAStep = 100;

/** The place of the scale of all scores, behind the recommenders. It ranks nothing. */
const scaleAt = recommenderNames.length;

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
  const factors: Partial<Record<RecommenderName, number>> = {};
  for (const [at, name] of recommenderNames.entries())
    if (parameters[at] !== 0) factors[name] = Number(parameters[at]!.toFixed(4));
  return factors;
}

function parametersOf(factors: Factors = {}): Float64Array {
  const parameters = new Float64Array(scaleAt + 1);
  for (const [at, name] of recommenderNames.entries()) parameters[at] = factors[name] ?? 0;
  return parameters;
}

function* fitted(choices: readonly Choice[], family: Family): Generator<Step, Float64Array> {
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
  for (let at = 0; at < scaleAt; at++) gradient[at] = parameters[at]! / (priorDeviation * priorDeviation);
  gradient[scaleAt] = 0;
}

/** Of what was taken; all that scores as much counts before it. */
function reciprocalRank(choice: Choice, parameters: Float64Array): number {
  const { recommenders, alternatives, amounts, taken } = choice;
  const width = recommenders.length;
  const factors = recommenders.map((at) => factorOf(parameters[at]!));
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
  const { recommenders, alternatives, amounts, handicaps, taken } = choice;
  const width = recommenders.length;
  if (scores.length < alternatives) scores = new Float64Array(alternatives * 2);
  const scale = Math.exp(parameters[scaleAt]!);
  const factors = recommenders.map((at) => scale * factorOf(parameters[at]!));
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
    gradient[recommenders[column]!]! += by;
    gradient[scaleAt]! += by;
  }
}
