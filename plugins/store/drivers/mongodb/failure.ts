import { isRapportError, RapportError } from '../../../../src/errors.js';

/** Whatever MongoDB or the way to it throws means, to a caller: wait, or do without. */
export function unavailable(cause: unknown): RapportError {
  if (isRapportError(cause)) return cause;
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new RapportError('unavailable', 'STORE_UNAVAILABLE', `the store cannot answer now: ${reason}`, {
    retryAfterSeconds: 1,
    cause,
  });
}

const duplicateKey = 11_000;

export function isDuplicate(error: unknown): boolean {
  return (error as { readonly code?: unknown }).code === duplicateKey;
}
