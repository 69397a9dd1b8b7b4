import {
  createHash,
  createPrivateKey,
  createPublicKey,
  type JsonWebKey,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto';
import type { Host } from '../../src/plugin.js';
import type { CollectionSpec, Document, Store } from '../../src/ports/store.js';

interface StoredSeed extends Document {
  readonly seed: string;
}

const keysSpec: CollectionSpec<StoredSeed> = { name: 'rights-keys', indexes: {}, watched: false };
const keyId = 'receipts';
/** DER of a PKCS #8 private key of Ed25519 (RFC 8410), up to its 32 bytes. */
const pkcs8Head = Buffer.from('302e020100300506032b657004220420', 'hex');
const header = Buffer.from(JSON.stringify({ alg: 'EdDSA', typ: 'erasure-receipt+jwt' })).toString(
  'base64url',
);

/** The content of a receipt. */
export interface Erased {
  readonly id: string;
  readonly erasedAt: string;
  readonly reason: string | null;
  /** Documents by collection. */
  readonly counts: Readonly<Record<string, number>>;
  /** SHA-256 digests of the names of the person, 128 bits in base64url, so that who knows an id can tell whose receipt it is. */
  readonly people: readonly string[];
}

/** Signs and verifies receipts, as compact JWS (RFC 7515) with Ed25519. */
export interface Receipts {
  /** The public key as a JWK, with which anybody can verify a receipt. */
  readonly publicKey: JsonWebKey;
  sign(erased: Erased): string;
  /** null: it was not signed with this shop's key, or was changed. */
  verify(receipt: string): Erased | null;
}

/** Opens the shop's key, which all processes share. The first start makes it. */
export async function openReceipts(store: Store, { ids }: Pick<Host, 'ids'>): Promise<Receipts> {
  const keys = await store.collection(keysSpec);
  let stored = await keys.get(keyId);
  if (stored === null) {
    // Each id has 80 random bits.
    const random = Array.from({ length: 4 }, () => ids.next()).join(' ');
    await keys.insert([{ id: keyId, seed: createHash('sha256').update(random).digest('base64url') }]);
    stored = await keys.get(keyId);
  }
  return createReceipts(Buffer.from(stored!.seed, 'base64url'));
}

/** `seed`: 32 secret bytes. */
export function createReceipts(seed: Buffer): Receipts {
  const key: KeyObject = createPrivateKey({
    key: Buffer.concat([pkcs8Head, seed]),
    format: 'der',
    type: 'pkcs8',
  });
  const publicKey = createPublicKey(key);
  return {
    publicKey: publicKey.export({ format: 'jwk' }),
    sign(erased) {
      const signed = `${header}.${Buffer.from(JSON.stringify(erased)).toString('base64url')}`;
      return `${signed}.${sign(null, Buffer.from(signed), key).toString('base64url')}`;
    },
    verify(receipt) {
      const [head, payload, signature] = receipt.split('.');
      if (head !== header || payload === undefined || signature === undefined) return null;
      const signed = Buffer.from(`${head}.${payload}`);
      const bytes = Buffer.from(signature, 'base64url');
      // A decoder passes over what is added to a signature.
      if (receipt !== `${head}.${payload}.${bytes.toString('base64url')}`) return null;
      if (!verify(null, signed, publicKey, bytes)) return null;
      return JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as Erased;
    },
  };
}
