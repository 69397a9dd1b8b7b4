import type { FusionWeights } from './fusion-net.js';

/** Fusion weights as they are kept and shipped. The names guard against weights learned for other features. */
export interface FusionJson {
  readonly features: readonly string[];
  readonly contexts: readonly string[];
  readonly hidden: number;
  readonly featureMean: readonly number[];
  readonly featureScale: readonly number[];
  readonly contextMean: readonly number[];
  readonly contextScale: readonly number[];
  readonly skip: readonly number[];
  readonly candidate: readonly number[];
  readonly context: readonly number[];
  readonly bias: readonly number[];
  readonly output: readonly number[];
}

/** What a fusion weighs, in the order of its inputs. */
export interface FusionNames {
  readonly features: readonly string[];
  readonly contexts: readonly string[];
}

const arrays = [
  'featureMean',
  'featureScale',
  'contextMean',
  'contextScale',
  'skip',
  'candidate',
  'context',
  'bias',
  'output',
] as const;

export function fusionToJson(weights: FusionWeights, names: FusionNames): FusionJson {
  const rounded = (values: Float32Array) => Array.from(values, (value) => Number(value.toPrecision(5)));
  return {
    features: names.features,
    contexts: names.contexts,
    hidden: weights.hidden,
    featureMean: rounded(weights.featureMean),
    featureScale: rounded(weights.featureScale),
    contextMean: rounded(weights.contextMean),
    contextScale: rounded(weights.contextScale),
    skip: rounded(weights.skip),
    candidate: rounded(weights.candidate),
    context: rounded(weights.context),
    bias: rounded(weights.bias),
    output: rounded(weights.output),
  };
}

/** Whether these weights belong to the features of this version; others must be learned anew. */
export function fusionFits(json: FusionJson, names: FusionNames): boolean {
  const F = names.features.length;
  const C = names.contexts.length;
  const H = json.hidden;
  const lengths = [F, F, C, C, F, H * F, H * C, H, H];
  return (
    json.features.join() === names.features.join() &&
    json.contexts.join() === names.contexts.join() &&
    arrays.every((name, at) => json[name].length === lengths[at] && json[name].every(Number.isFinite))
  );
}

/** Throws RangeError if the weights are not for these features. */
export function fusionFromJson(json: FusionJson, names: FusionNames): FusionWeights {
  if (!fusionFits(json, names))
    throw new RangeError('the fusion weights belong to other features: learn them anew');
  const typed = (values: readonly number[]) => Float32Array.from(values);
  return {
    features: names.features.length,
    contexts: names.contexts.length,
    hidden: json.hidden,
    featureMean: typed(json.featureMean),
    featureScale: typed(json.featureScale),
    contextMean: typed(json.contextMean),
    contextScale: typed(json.contextScale),
    skip: typed(json.skip),
    candidate: typed(json.candidate),
    context: typed(json.context),
    bias: typed(json.bias),
    output: typed(json.output),
  };
}
