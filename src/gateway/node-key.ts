import type { System } from '../boot.js';
import type { Host } from '../plugin.js';
import type { CollectionSpec, Document } from '../ports/store.js';

interface StoredKey extends Document {
  readonly secret: string;
}

const keysSpec: CollectionSpec<StoredKey> = { name: 'node-id-keys', indexes: {}, watched: false };
const keyId = 'current';

/**
 * Reads the key of node ids, which all processes share. The first start makes it. If it is damaged, a new one is made, and clients have to fetch
 * anew what they kept. Without a store the key is that of the process.
 */
export async function openNodeKey(system: System, { ids }: Pick<Host, 'ids'>): Promise<string> {
  // Each id has 80 random bits.
  const secret = `${ids.next()}${ids.next()}`;
  if (!system.plugins.some(({ plugin }) => plugin.provides === 'store')) return secret;
  const keys = await system.port('store').collection(keysSpec);
  const [known] = await keys.getMany([keyId], { skipDamaged: true });
  if (known) return known.secret;
  const made = { id: keyId, secret };
  const stored = await keys.update(keyId, (current) => current ?? made, { skipDamaged: true });
  return (stored ?? made).secret;
}
