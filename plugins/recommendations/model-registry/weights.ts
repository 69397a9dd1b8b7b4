import type { Shelf } from '../../../src/ports/catalog.js';
import { type FusionNames, fusionFits } from '../learning-to-rank/fusion-json.js';
import type { ItemVectors } from '../learning-to-rank/item-vectors.js';
import { peopleNames } from '../next-basket/people-ranker.js';
import { sessionNames } from '../session-knn/features.js';
import type { Learned } from '../session-knn/learn-sessions.js';
import { type ProductsPart, productParts, remapOf } from '../snapshots/products.js';
import { type IdRemap, type Part, remapped } from '../snapshots/stored.js';

const itemsPerPart = 4_096;

/** What is learned beyond counts, by what learns it; null: what ships with the product. */
export interface Weights {
  /** What comes next in a session. */
  readonly session: Learned | null;
  /** What a person buys next. */
  readonly people: Learned | null;
}

/** Each is learned, judged, put into use and taken back by itself. */
export const setNames = ['session', 'people'] as const satisfies readonly (keyof Weights)[];
export type SetName = (typeof setNames)[number];

export const shippedWeights: Weights = { session: null, people: null };

/** The inputs that the weights of a set belong to. */
const inputNames: Readonly<Record<SetName, FusionNames>> = { session: sessionNames, people: peopleNames };

interface ModelPart extends Part {
  readonly name: 'model';
  readonly fusion: Learned['fusion'];
  readonly vectors: Omit<ItemVectors, 'vectors'> | null;
}

/** Vectors of some items, from the item `first` on. */
interface VectorsPart extends Part {
  readonly name: 'vectors';
  readonly first: number;
  readonly vectors: Int8Array;
}

export function* partsOf({ fusion, vectors }: Learned, shelf: Shelf): Generator<Part> {
  if (vectors !== null) yield* productParts(shelf, vectors.items);
  yield {
    name: 'model',
    fusion,
    vectors: vectors && { dimensions: vectors.dimensions, items: vectors.items, weights: vectors.weights },
  } satisfies ModelPart as Part;
  if (vectors === null) return;
  for (let first = 0; first < vectors.items; first += itemsPerPart) {
    const from = first * vectors.dimensions;
    const some = vectors.vectors.slice(from, from + itemsPerPart * vectors.dimensions);
    yield { name: 'vectors', first, vectors: some } satisfies VectorsPart as Part;
  }
}

/**
 * Reads weights of a set from their parts. Products that are no more lose their vectors; new ones have none yet. Resolves to null if the
 * weights belong to inputs that this version of the product does not have: they have to be learned again. Throws for what is no set of weights.
 */
export async function readWeights(
  set: SetName,
  parts: AsyncIterable<Part>,
  shelf: Shelf,
): Promise<Learned | null> {
  let remap: IdRemap = new Int32Array(0);
  let model: ModelPart | null = null;
  let vectors: ItemVectors | null = null;
  for await (const part of parts) {
    if (part.name === 'products') remap = remapOf(part as ProductsPart, shelf, remap);
    else if (part.name === 'model') {
      model = part as ModelPart;
      vectors = model.vectors && { ...model.vectors, ...emptyVectors(model.vectors.dimensions, shelf.size) };
    } else if (vectors !== null) place(part as VectorsPart, vectors, remap);
  }
  if (model === null) throw new Error('it holds no model');
  return fusionFits(model.fusion, inputNames[set]) ? { fusion: model.fusion, vectors } : null;
}

function emptyVectors(dimensions: number, items: number): Pick<ItemVectors, 'items' | 'vectors'> {
  return { items, vectors: new Int8Array(items * dimensions) };
}

function place(part: VectorsPart, { dimensions, vectors }: ItemVectors, remap: IdRemap): void {
  const count = part.vectors.length / dimensions;
  for (let at = 0; at < count; at++) {
    const item = remapped(part.first + at, remap);
    if (item < 0) continue;
    const from = at * dimensions;
    for (let column = 0; column < dimensions; column++) {
      vectors[item * dimensions + column] = part.vectors[from + column]!;
    }
  }
}
