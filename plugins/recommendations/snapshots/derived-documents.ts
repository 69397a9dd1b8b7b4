import { isRapportError } from '../../../src/errors.js';
import type { Collection, Document } from '../../../src/ports/store.js';

/*
 * Documents that can be made again from others: snapshots, leases, learned weights. A damaged one, which the store logs by name, is
 * removed and reads as missing, so that it neither stops a start nor a write.
 */

/** Whether the store read a document that is not what was written. */
export function isDamaged(error: unknown): boolean {
  return isRapportError(error, 'unavailable') && error.code === 'STORE_DAMAGED';
}

export async function getDerived<D extends Document>(
  collection: Collection<D>,
  id: string,
): Promise<D | null> {
  try {
    return await collection.get(id);
  } catch (error) {
    if (!isDamaged(error)) throw error;
    await collection.remove([id]);
    return null;
  }
}

/** All of them in the order of their ids. `discard` removes a damaged one, and what belongs to it. */
export async function scanDerived<D extends Document>(
  collection: Collection<D>,
  discard: (id: string) => Promise<unknown> = (id) => collection.remove([id]),
): Promise<D[]> {
  const damaged: string[] = [];
  const found: D[] = [];
  for await (const page of collection.scan({ skipDamaged: (id) => void damaged.push(id) }))
    found.push(...page);
  for (const id of damaged) await discard(id);
  return found;
}
