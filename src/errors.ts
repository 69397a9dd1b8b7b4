/** What the caller can do about a failure: change the request, sign in, accept absence, read again, wait, wait or do without. */
export type ErrorKind = 'invalid' | 'denied' | 'missing' | 'conflict' | 'limited' | 'unavailable';

export interface ErrorDetails {
  /** Where in the input the fault lies, e.g. `['products', 3, 'prices', 0, 'amount']`. */
  readonly path?: readonly (string | number)[];
  /** When trying again makes sense, for `limited` and `unavailable`. */
  readonly retryAfterSeconds?: number;
  readonly cause?: unknown;
}

/**
 * The only error that reaches a caller as it is. Every other one is a defect: it is logged with its cause
 * and answered as `INTERNAL`.
 *
 * `code` is stable and reads `CAPABILITY_WHAT`; `message` names what was wrong and what is allowed.
 */
export class RapportError extends Error {
  readonly kind: ErrorKind;
  readonly code: string;
  /** Not named `path`: graphql-js takes an error with one for its own. */
  readonly inputPath: readonly (string | number)[] | undefined;
  readonly retryAfterSeconds: number | undefined;

  constructor(kind: ErrorKind, code: string, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'RapportError';
    this.kind = kind;
    this.code = code;
    this.inputPath = details.path;
    this.retryAfterSeconds = details.retryAfterSeconds;
  }
}

/** What a mutation answers for one element that its caller's user can fix. */
export interface UserError {
  readonly code: string;
  readonly message: string;
  readonly path: readonly string[];
}

export function userError(code: string, message: string, path: readonly (string | number)[]): UserError {
  return { code, message, path: path.map(String) };
}
