import { createCipheriv, createDecipheriv, hash } from 'node:crypto';
import { RapportError } from '../errors.js';
import { shownValue } from '../kit/shown-value.js';

/** A longer text is not read. An id of a listing with 1,000 filter values has about 50,000 characters. */
const charactersMax = 200_000;
/** Of the code in front of an id: 96 bits. */
const codeCharacters = 16;
/** Characters that hold the type of an id. */
const typeCharacters = 256;
/** Characters that take a unit of work to read: they are decoded, encoded again and hashed. */
export const idCharactersOfUnit = 128;
const cipher = 'aes-256-gcm';
const nonceBytes = 12;
const tagBytes = 16;

/** The content of a node id. */
export interface NodeIdContent {
  readonly type: string;
  /** A sealed view; null for objects that depend on no context. */
  readonly view: string | null;
  readonly key: readonly unknown[];
}

/**
 * Writes and reads node ids. A keyed hash protects each of them, so that what is read is what this shop wrote; the view in it is encrypted.
 * The same content always has the same id.
 */
export interface NodeIds {
  write(content: NodeIdContent): string;
  /** Throws `invalid` for a text that `write` did not return. */
  read(nodeId: string): NodeIdContent;
  /** The type that an id names, which may be forged; null for no id. */
  typeOf(nodeId: string): string | null;
  /** Encrypts the parts of a view. */
  seal(parts: readonly unknown[]): string;
  unseal(sealed: string): readonly unknown[];
  /** Replaces the key, which all processes of a shop share. */
  use(secret: string): void;
}

export function createNodeIds(secret: string): NodeIds {
  let key = secret;
  let cipherKey = cipherKeyOf(secret);

  /** Nested as in HMAC, which takes five times as long for so short a text. */
  function codeOf(payload: string): string {
    const inner = hash('sha256', `${key}.${payload}`, 'base64url');
    return hash('sha256', `${key}.${inner}`, 'base64url').slice(0, codeCharacters);
  }

  return {
    write({ type, view, key: own }) {
      const payload = JSON.stringify([type, view, ...own]);
      return codeOf(payload) + Buffer.from(payload).toString('base64url');
    },
    read(nodeId) {
      const payload = payloadOf(nodeId);
      if (payload === null || codeOf(payload) !== nodeId.slice(0, codeCharacters)) throw foreign(nodeId);
      const [type, view, ...own] = JSON.parse(payload) as [string, string | null, ...unknown[]];
      return { type, view, key: own };
    },
    typeOf(nodeId) {
      // Looked at for each id that is sent, before its caller is charged.
      const beginning = nodeId.slice(codeCharacters, codeCharacters + typeCharacters);
      return /^\["(\w+)"/.exec(Buffer.from(beginning, 'base64url').toString())?.[1] ?? null;
    },
    seal(parts) {
      const text = JSON.stringify(parts);
      // The nonce follows from the text, so that equal views have equal ids. Different texts have different nonces.
      const nonce = hash('sha256', `${key}.view.${text}`, 'buffer').subarray(0, nonceBytes);
      const encrypting = createCipheriv(cipher, cipherKey, nonce);
      const sealed = [nonce, encrypting.update(text, 'utf8'), encrypting.final(), encrypting.getAuthTag()];
      return Buffer.concat(sealed).toString('base64url');
    },
    unseal(sealed) {
      const bytes = Buffer.from(sealed, 'base64url');
      const decrypting = createDecipheriv(cipher, cipherKey, bytes.subarray(0, nonceBytes));
      decrypting.setAuthTag(bytes.subarray(-tagBytes));
      const text = Buffer.concat([
        decrypting.update(bytes.subarray(nonceBytes, -tagBytes)),
        decrypting.final(),
      ]);
      return JSON.parse(text.toString()) as readonly unknown[];
    },
    use(other) {
      key = other;
      cipherKey = cipherKeyOf(other);
    },
  };
}

function cipherKeyOf(secret: string): Buffer {
  return hash('sha256', `${secret}.views`, 'buffer');
}

/** null for what is not written as base64url writes it, so that an object has one id only. */
function payloadOf(nodeId: string): string | null {
  if (nodeId.length > charactersMax) return null;
  const coded = nodeId.slice(codeCharacters);
  const payload = Buffer.from(coded, 'base64url').toString();
  return Buffer.from(payload).toString('base64url') === coded ? payload : null;
}

function foreign(nodeId: string): RapportError {
  return new RapportError(
    'invalid',
    'NODE_ID_INVALID',
    `nodeId ${shownValue(nodeId)} is damaged, or this shop did not make it; use the \`nodeId\` of an object that it returned`,
    { path: ['nodeId'] },
  );
}
