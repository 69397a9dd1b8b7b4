import type { FusionWeights } from './fusion-net.js';

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
type ByArray<T> = Readonly<Record<(typeof arrays)[number], T>>;

/** Fusion weights as they are kept and shipped. The names guard against weights learned for other features. */
export interface FusionJson extends FusionNames, ByArray<readonly number[]> {
  readonly hidden: number;
}

function mapped<From, To>(from: ByArray<From>, of: (values: From) => To): ByArray<To> {
  return Object.fromEntries(arrays.map((name) => [name, of(from[name])])) as ByArray<To>;
}

export function fusionToJson(weights: FusionWeights, { features, contexts }: FusionNames): FusionJson {
  const rounded = (values: Float32Array) => Array.from(values, (value) => Number(value.toPrecision(5)));
  return { features, contexts, hidden: weights.hidden, ...mapped(weights, rounded) };
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
  return {
    features: names.features.length,
    contexts: names.contexts.length,
    hidden: json.hidden,
    ...mapped(json, (values) => Float32Array.from(values)),
  };
}
