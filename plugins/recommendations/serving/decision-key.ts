import type { Host } from '../../../src/plugin.js';
import type { CollectionSpec, Document, Store } from '../../../src/ports/store.js';
import { getDerived } from '../snapshots/derived-documents.js';
import type { DecisionKey } from './decision-id.js';

interface StoredKey extends Document, DecisionKey {}

const keysSpec: CollectionSpec<StoredKey> = {
  name: 'recommendation-decision-keys',
  indexes: {},
  watched: false,
};
const keyId = 'current';

/**
 * Reads the key of decision ids, which all processes share. The first start makes it. If it is damaged, a new one is made, and events about
 * lists of before do not count any more.
 */
export async function openDecisionKey(
  store: Store,
  { clock, ids }: Pick<Host, 'clock' | 'ids'>,
): Promise<DecisionKey> {
  const keys = await store.collection(keysSpec);
  const known = await getDerived(keys, keyId);
  if (known !== null) return known;
  // Each id has 80 random bits.
  const made = { id: keyId, secret: `${ids.next()}${ids.next()}`, madeAtMs: clock.nowMs() };
  const [added] = await keys.insert([made]);
  return added ? made : ((await keys.get(keyId)) ?? made);
}
