import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { RapportError } from '../errors.js';

/** The documents that a shop's frontends were built with. */
export interface TrustedDocuments {
  textOf(id: string): string | undefined;
  hasText(text: string): boolean;
}

/**
 * Reads a manifest: an object of texts by hash, as codegen and Relay write it, or Apollo's `{ "format": "apollo-persisted-query-manifest", … }`.
 * Rejects for a file that is neither, or has an id that is not the SHA-256 of its text.
 */
export async function readTrustedDocuments(fileName: string): Promise<TrustedDocuments> {
  let json: unknown;
  try {
    json = JSON.parse(await readFile(fileName, 'utf8'));
  } catch (error) {
    throw new Error(`RAPPORT_TRUSTED_DOCUMENTS: ${fileName} cannot be read: ${(error as Error).message}`, {
      cause: error,
    });
  }
  const texts = textsOf(json);
  if (texts === null || texts.size === 0) {
    throw new Error(
      `RAPPORT_TRUSTED_DOCUMENTS: ${fileName} must hold an object of documents by SHA-256, or a manifest of Apollo`,
    );
  }
  for (const [id, text] of texts) {
    if (createHash('sha256').update(text).digest('hex') !== id)
      throw new Error(`RAPPORT_TRUSTED_DOCUMENTS: ${id} in ${fileName} is not the SHA-256 of its document`);
  }
  const known = new Set(texts.values());
  return { textOf: (id) => texts.get(id), hasText: (text) => known.has(text) };
}

function textsOf(json: unknown): Map<string, string> | null {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return null;
  const { operations } = json as { operations?: unknown };
  const entries: readonly (readonly unknown[])[] = Array.isArray(operations)
    ? operations.map((operation: { id?: unknown; body?: unknown } | null) => [operation?.id, operation?.body])
    : Object.entries(json);
  const texts = entries.filter((entry): entry is readonly [string, string] =>
    entry.every((part) => typeof part === 'string'),
  );
  return texts.length === entries.length ? new Map(texts) : null;
}

export function untrusted(): RapportError {
  return new RapportError(
    'denied',
    'GRAPHQL_DOCUMENT_UNTRUSTED',
    'This shop answers only operations of its manifest of trusted documents; send one of them by its text or by extensions.persistedQuery.sha256Hash.',
    { httpStatus: 403 },
  );
}
