import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { RapportError } from '../errors.js';
import { shownValue } from '../kit/shown-value.js';
import type { TrackedRequest } from './request-context.js';
import { type TrustedDocuments, untrusted } from './trusted-documents.js';

/** Texts that clients registered, all together. A client sends the text again when its own is gone. */
const registeredBytesMax = 16 * 1_024 * 1_024;
const hashShape = /^[0-9a-f]{64}$/;

/** The parameters of a GraphQL request that name its document. */
export interface DocumentParameters {
  readonly query?: unknown;
  readonly extensions?: unknown;
}

/**
 * Documents that clients send by their SHA-256 alone: those of the shop's manifest, and those that a client registered by sending text and hash
 * together (automatic persisted queries, as Apollo and urql have them).
 */
export interface PersistedDocuments {
  /**
   * The text of the document: as it was sent, or by its hash; undefined if there is neither. Throws `missing`
   * (`PERSISTED_QUERY_NOT_FOUND`) for an unknown hash, and `invalid` for one that is not that of the text.
   */
  textOf(parameters: DocumentParameters, sender: Pick<TrackedRequest, 'caller' | 'anonymous'>): unknown;
}

/** `only`: STOREFRONT keys may send the documents of the manifest alone. */
export function createPersistedDocuments(
  trusted: TrustedDocuments | null,
  only: boolean,
): PersistedDocuments {
  if (only && !trusted)
    throw new Error(
      'RAPPORT_TRUSTED_DOCUMENTS_ONLY needs RAPPORT_TRUSTED_DOCUMENTS, the file of the manifest',
    );
  const registered = new LRUCache<string, string>({
    maxSize: registeredBytesMax,
    sizeCalculation: (text) => 2 * text.length + 128,
  });

  return {
    textOf({ query, extensions }, { caller, anonymous }) {
      const hash = hashOf(extensions);
      const text = typeof query === 'string' && query !== '' ? query : undefined;
      const isOpen = !only || caller.role !== 'STOREFRONT';
      if (text !== undefined) {
        if (!isOpen && !trusted?.hasText(text)) throw untrusted();
        if (hash === null) return text;
        if (createHash('sha256').update(text).digest('hex') !== hash) throw mismatch(hash);
        // Without a key nothing is kept.
        if (isOpen && !anonymous) registered.set(hash, text);
        return text;
      }
      if (hash === null) return query;
      const known = trusted?.textOf(hash) ?? (isOpen ? registered.get(hash) : undefined);
      if (known === undefined) throw isOpen ? notFound() : untrusted();
      return known;
    },
  };
}

/** `extensions.persistedQuery.sha256Hash`; null if there is none. Throws for one that is no hash. */
function hashOf(extensions: unknown): string | null {
  const { persistedQuery } = (extensions ?? {}) as { persistedQuery?: unknown };
  if (typeof persistedQuery !== 'object' || persistedQuery === null) return null;
  const { version, sha256Hash } = persistedQuery as Record<string, unknown>;
  if (
    (version === undefined || version === 1) &&
    typeof sha256Hash === 'string' &&
    hashShape.test(sha256Hash)
  )
    return sha256Hash;
  throw new RapportError(
    'invalid',
    'PERSISTED_QUERY_INVALID',
    `extensions.persistedQuery has the version ${shownValue(version)} and the sha256Hash ${shownValue(sha256Hash)}; it must have the version 1 and a hash of 64 hexadecimal digits in lower case`,
  );
}

/** Apollo's and urql's clients recognise this message and send the text. */
function notFound(): RapportError {
  return new RapportError('missing', 'PERSISTED_QUERY_NOT_FOUND', 'PersistedQueryNotFound', {
    httpStatus: 200,
  });
}

function mismatch(hash: string): RapportError {
  return new RapportError(
    'invalid',
    'PERSISTED_QUERY_HASH',
    `The sha256Hash ${hash} is not that of the query that came with it.`,
  );
}
