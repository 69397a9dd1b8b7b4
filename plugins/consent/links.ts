import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Host } from '../../src/plugin.js';
import type { ConsentDecision, Purpose } from '../../src/ports/consent.js';
import type { CollectionSpec, Document, Store } from '../../src/ports/store.js';

interface StoredKey extends Document {
  readonly secret: string;
}

const keysSpec: CollectionSpec<StoredKey> = { name: 'consent-link-keys', indexes: {}, watched: false };
const keyId = 'current';
/** 128 bits of a digest: nobody finds another token of one. */
const signatureBytes = 16;
const tokenMax = 12_000;

/** The content of a link that was sent to a customer. Its bearer acts for them, in this one matter. */
export interface ConsentLink {
  readonly kind: 'unsubscribe' | 'confirm';
  readonly customerId: string;
  readonly purpose: Purpose;
  /** The language of its page, BCP 47. */
  readonly locale: string;
  readonly madeAtMs: number;
  /** The decision that a confirmation enters. */
  readonly grant?: Pick<
    ConsentDecision,
    'noticeVersion' | 'evidence' | 'expiresAtMs' | 'language' | 'jurisdiction' | 'expression'
  >;
}

/** Signs links, so that nobody can make one for another customer or purpose. */
export interface ConsentLinks {
  write(link: ConsentLink): string;
  /** null: it was not written here, or was changed. */
  read(token: string): ConsentLink | null;
}

/** Opens the key of links, which all processes share. The first start makes it. */
export async function openConsentLinks(store: Store, { ids }: Pick<Host, 'ids'>): Promise<ConsentLinks> {
  const keys = await store.collection(keysSpec);
  // Each id has 80 random bits.
  const made = { id: keyId, secret: `${ids.next()}${ids.next()}` };
  const stored = await keys.update(keyId, (current) => current ?? made);
  return createConsentLinks((stored ?? made).secret);
}

export function createConsentLinks(secret: string): ConsentLinks {
  const signatureOf = (payload: string) =>
    createHmac('sha256', secret).update(payload).digest().subarray(0, signatureBytes);

  return {
    write(link) {
      const payload = Buffer.from(JSON.stringify(link)).toString('base64url');
      return `${payload}.${signatureOf(payload).toString('base64url')}`;
    },
    read(token) {
      const [payload = '', signature = '', ...rest] = token.slice(0, tokenMax).split('.');
      const given = Buffer.from(signature, 'base64url');
      const isWritten = given.toString('base64url') === signature && given.length === signatureBytes;
      if (rest.length > 0 || !isWritten || !timingSafeEqual(given, signatureOf(payload))) return null;
      return JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as ConsentLink;
    },
  };
}
