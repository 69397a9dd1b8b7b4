import type { Shelf } from '../../../src/ports/catalog.js';
import type { ItemVectors } from '../models/item-vectors.js';
import type { Learned } from '../models/learn-sessions.js';
import { type Part, type Renumbering, renumbered } from '../models/stored.js';
import { type ProductsPart, productParts, renumberedBy } from '../snapshots/products.js';

const itemsPerPart = 4_096;

/** What is learned beyond counts. */
export interface Weights {
  /** Of the session model; null: those that ship with the product. */
  readonly session: Learned | null;
  /** Of the placements' mixture, as plain values; null: those that ship. */
  readonly placements: unknown;
}

export const shippedWeights: Weights = { session: null, placements: null };

interface WeightsPart extends Part {
  readonly name: 'weights';
  readonly placements: unknown;
  readonly fusion: Learned['fusion'] | null;
  readonly vectors: Omit<ItemVectors, 'vectors'> | null;
}

/** Vectors of some items, from the item `first` on. */
interface VectorsPart extends Part {
  readonly name: 'vectors';
  readonly first: number;
  readonly vectors: Int8Array;
}

export function* weightParts({ session, placements }: Weights, shelf: Shelf): Generator<Part> {
  const vectors = session?.vectors ?? null;
  if (vectors !== null) yield* productParts(shelf, vectors.items);
  yield {
    name: 'weights',
    placements,
    fusion: session?.fusion ?? null,
    vectors: vectors && { dimensions: vectors.dimensions, items: vectors.items, weights: vectors.weights },
  } satisfies WeightsPart as Part;
  if (vectors === null) return;
  for (let first = 0; first < vectors.items; first += itemsPerPart) {
    const from = first * vectors.dimensions;
    const some = vectors.vectors.slice(from, from + itemsPerPart * vectors.dimensions);
    yield { name: 'vectors', first, vectors: some } satisfies VectorsPart as Part;
  }
}

/** Products that are no more lose their vectors; new ones have none yet. */
export async function readWeights(parts: AsyncIterable<Part>, shelf: Shelf): Promise<Weights> {
  let renumbering: Renumbering = new Int32Array(0);
  let head: WeightsPart | null = null;
  let vectors: ItemVectors | null = null;
  for await (const part of parts) {
    if (part.name === 'products') renumbering = renumberedBy(part as ProductsPart, shelf, renumbering);
    else if (part.name === 'weights') {
      head = part as WeightsPart;
      vectors = head.vectors && { ...head.vectors, ...emptyVectors(head.vectors.dimensions, shelf.size) };
    } else if (vectors !== null) place(part as VectorsPart, vectors, renumbering);
  }
  if (head === null) throw new Error('it holds no weights');
  return {
    session: head.fusion && { fusion: head.fusion, vectors },
    placements: head.placements,
  };
}

function emptyVectors(dimensions: number, items: number): Pick<ItemVectors, 'items' | 'vectors'> {
  return { items, vectors: new Int8Array(items * dimensions) };
}

function place(part: VectorsPart, { dimensions, vectors }: ItemVectors, renumbering: Renumbering): void {
  const count = part.vectors.length / dimensions;
  for (let at = 0; at < count; at++) {
    const item = renumbered(part.first + at, renumbering);
    if (item < 0) continue;
    const from = at * dimensions;
    for (let column = 0; column < dimensions; column++) {
      vectors[item * dimensions + column] = part.vectors[from + column]!;
    }
  }
}
