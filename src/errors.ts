export const errorKinds = ['invalid', 'denied', 'missing', 'conflict', 'limited', 'unavailable'] as const;
/** The kinds of failures, by the caller's remedy: change the request, sign in, accept absence, read again, wait, wait or do without. */
export type ErrorKind = (typeof errorKinds)[number];

export interface ErrorDetails {
  /** Where in the input the fault lies, e.g. `['products', 3, 'prices', 0, 'amount']`. */
  readonly path?: readonly (string | number)[];
  /** When trying again makes sense, for `limited` and `unavailable`. */
  readonly retryAfterSeconds?: number;
  /** The status outside GraphQL, where HTTP has one that is more exact than the kind's. */
  readonly httpStatus?: number;
  readonly cause?: unknown;
}

const statusOfKind: Readonly<Record<ErrorKind, number>> = {
  invalid: 400,
  denied: 401,
  missing: 404,
  conflict: 409,
  limited: 429,
  unavailable: 503,
};

/** In the global registry, so that every copy of this module in a process sets and reads the same mark. */
const brand = Symbol.for('rapport.error');

/**
 * The only error that reaches a caller as it is. Every other one is a defect: it is logged with its cause
 * and answered as `INTERNAL`.
 *
 * `code` is stable and reads `CAPABILITY_WHAT`; `message` names what was wrong and what is allowed.
 * Recognise it with `isRapportError`, never with `instanceof`: a plugin may have loaded its own copy of this module.
 */
export class RapportError extends Error {
  readonly kind: ErrorKind;
  readonly code: string;
  /** Not named `path`: graphql-js takes an error with one for its own. */
  readonly inputPath: readonly (string | number)[] | undefined;
  readonly retryAfterSeconds: number | undefined;
  /** The status of an answer outside GraphQL. */
  readonly httpStatus: number;

  constructor(kind: ErrorKind, code: string, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'RapportError';
    this.kind = kind;
    this.code = code;
    this.inputPath = details.path;
    this.retryAfterSeconds = details.retryAfterSeconds;
    this.httpStatus = details.httpStatus ?? statusOfKind[kind];
    Object.defineProperty(this, brand, { value: true });
  }
}

/** True if an error is a RapportError, from whichever copy of this module; with `kind`, also of that kind. */
export function isRapportError(error: unknown, kind?: ErrorKind): error is RapportError {
  if (typeof error !== 'object' || error === null || !(brand in error)) return false;
  const own = (error as Partial<RapportError>).kind;
  return kind === undefined ? errorKinds.includes(own as ErrorKind) : own === kind;
}

/** An error as it is logged and kept. */
export interface ErrorDescription {
  readonly name: string;
  readonly message: string;
  /** Name, message and frames; null when the value that was thrown has none. */
  readonly stack: string | null;
  readonly code: string | number | null;
  readonly cause: ErrorDescription | null;
}

const messageCharactersMax = 500;
/** A longer text is not read at all, since reading a part of a text that was put together copies all of it. */
const readCharactersMax = 1_000_000;
const framesMax = 20;
const framesCharactersMax = 4_000;
const causesMax = 3;

/**
 * Describes whatever was thrown, for logs and dead letters: bounded, and without the error's other fields, where
 * clients of databases put documents. E-mail addresses in messages are masked. Never throws.
 */
export function describeError(error: unknown, causes = causesMax): ErrorDescription {
  try {
    return describe(error, causes);
  } catch {
    return { name: 'Error', message: 'an error that cannot be read', stack: null, code: null, cause: null };
  }
}

function describe(error: unknown, causes: number): ErrorDescription {
  const fields = (typeof error === 'object' && error !== null ? error : {}) as Readonly<
    Record<string, unknown>
  >;
  const isError = typeof fields.message === 'string';
  const name = isError && typeof fields.name === 'string' ? beginningOf(fields.name, 100) : 'Error';
  const text = isError ? (fields.message as string) : textOf(error);
  const message = masked(text);
  const { code } = fields;
  // The stack repeats the message, and is made when it is first read.
  const stack = text.length > readCharactersMax ? null : fields.stack;
  // The first of several failures that are thrown as one, such as those of all addresses of a host.
  const cause = fields.cause ?? (Array.isArray(fields.errors) ? fields.errors[0] : undefined);
  return {
    name,
    message,
    stack:
      typeof stack === 'string' && stack.length <= 2 * readCharactersMax
        ? `${name}: ${message}\n${framesOf(stack)}`.trimEnd()
        : null,
    code: typeof code === 'string' ? beginningOf(code, 100) : typeof code === 'number' ? code : null,
    cause: cause === undefined || causes === 0 ? null : describeError(cause, causes - 1),
  };
}

/** A value that was thrown and is no error. The text of an array is that of all its elements. */
function textOf(value: unknown): string {
  return Array.isArray(value) ? `an array of ${value.length}` : String(value);
}

/** The first characters of a text and `…`, or the text if it is not longer. A text of more than 1,000,000 characters is not read: returns its length in words. */
export function beginningOf(text: string, charactersMax: number): string {
  if (text.length > readCharactersMax) return `a text of ${text.length} characters`;
  return text.length > charactersMax ? `${text.slice(0, charactersMax)}…` : text;
}

/** The characters between the scheme of a URL and the last `@` before white space or a quotation mark. */
const credentials = /(?<=:\/\/)[^\s"'<>]{1,2000}@/g;

/** A text without the user names and passwords of URLs in it. Hides too much rather than too little of a text that is no valid URL. */
export function withoutCredentials(text: string): string {
  return text.replace(credentials, '…@');
}

function masked(message: string): string {
  return withoutCredentials(beginningOf(message, messageCharactersMax)).replace(
    /[\w.+-]{1,64}@[\w-]{1,63}\.[\w.-]{1,190}/g,
    '[e-mail address]',
  );
}

/** Without the message in front of them, which may be long. */
function framesOf(stack: string): string {
  const start = stack.indexOf('\n    at ');
  if (start < 0) return '';
  return stack
    .slice(start + 1, start + 1 + framesCharactersMax)
    .split('\n', framesMax)
    .join('\n');
}

/** A fault in one element of a mutation that the caller's user can fix. */
export interface UserError {
  readonly code: string;
  readonly message: string;
  readonly path: readonly string[];
}

export function userError(code: string, message: string, path: readonly (string | number)[]): UserError {
  return { code, message, path: path.map(String) };
}
