import type { Host } from '../../../src/plugin.js';
import type { CollectionSpec, Document, Store } from '../../../src/ports/store.js';
import { getDerived } from '../snapshots/derived-documents.js';

interface StoredKey extends Document {
  readonly secret: string;
}

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
export async function openDecisionKey(store: Store, { ids }: Pick<Host, 'ids'>): Promise<string> {
  const keys = await store.collection(keysSpec);
  const known = await getDerived(keys, keyId);
  if (known !== null) return known.secret;
  // Each id has 80 random bits.
  const made = { id: keyId, secret: `${ids.next()}${ids.next()}` };
  const [added] = await keys.insert([made]);
  return (added ? made : ((await keys.get(keyId)) ?? made)).secret;
}
