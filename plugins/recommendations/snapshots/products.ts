import type { Shelf } from '../../../src/ports/catalog.js';
import type { IdRemap, Part } from './stored.js';

const idsPerPart = 8_192;

/** Products are numbered anew by every process, so that their ids come before anything that names their numbers. */
export interface ProductsPart extends Part {
  readonly name: 'products';
  readonly count: number;
  readonly first: number;
  readonly ids: readonly string[];
}

/** The first `count` products of the shelf. */
export function* productParts(shelf: Shelf, count: number): Generator<ProductsPart> {
  for (let first = 0; first < count; first += idsPerPart) {
    const length = Math.min(idsPerPart, count - first);
    const ids = Array.from({ length }, (_, at) => shelf.idOf(first + at));
    yield { name: 'products', count, first, ids };
  }
}

/** Reads the ids back; answers what is to be used from then on. */
export function remapOf(part: ProductsPart, shelf: Shelf, before: IdRemap): IdRemap {
  const remap = part.first === 0 ? new Int32Array(part.count).fill(-1) : before;
  for (const [at, id] of part.ids.entries()) remap[part.first + at] = shelf.numberOf(id);
  return remap;
}
