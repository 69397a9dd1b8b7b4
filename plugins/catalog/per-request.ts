import type { Request } from '../../src/context.js';
import { batchMax } from './faults.js';

interface Batch<V> {
  readonly ids: string[];
  readonly read: Promise<readonly V[]>;
}

/** Collects the ids that one request wants before the next turn, and reads them at once. `read` returns values in the order of the ids. */
export function batchedPerRequest<V>(
  read: (ids: readonly string[]) => Promise<readonly V[]>,
): (request: Request, id: string) => Promise<V> {
  const batches = new WeakMap<Request, Batch<V>>();
  return async (request, id) => {
    let batch = batches.get(request);
    if (!batch || batch.ids.length === batchMax) {
      const ids: string[] = [];
      const begun = Promise.resolve().then(() => {
        if (batches.get(request)?.ids === ids) batches.delete(request);
        return read(ids);
      });
      batch = { ids, read: begun };
      batches.set(request, batch);
    }
    const at = batch.ids.push(id) - 1;
    return (await batch.read)[at]!;
  };
}
