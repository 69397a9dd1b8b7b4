import type { RapportClientError } from './api.js';

interface GraphqlError {
  readonly message: string;
  readonly path?: readonly (string | number)[];
  readonly extensions?: {
    readonly code?: string;
    readonly kind?: string;
    readonly retryAfterSeconds?: number;
  };
}

/** A failure of a request, as the client's promises reject with it. */
export class Failure extends Error implements RapportClientError {
  readonly code: string;
  readonly kind: string;
  readonly retryAfterSeconds: number | null;
  readonly status: number;
  readonly errors: readonly GraphqlError[];

  constructor(
    message: string,
    {
      code,
      kind,
      retryAfterSeconds = null,
      status = 0,
      errors = [],
    }: {
      code: string;
      kind: string;
      retryAfterSeconds?: number | null;
      status?: number;
      errors?: readonly GraphqlError[];
    },
  ) {
    super(message);
    this.name = 'RapportClientError';
    this.code = code;
    this.kind = kind;
    this.retryAfterSeconds = retryAfterSeconds;
    this.status = status;
    this.errors = errors;
  }

  /** True if the same request may succeed later. */
  get isTemporary(): boolean {
    return this.kind === 'unavailable' || this.kind === 'limited';
  }
}

/** The kinds of statuses that come without an error of GraphQL, as from a proxy. */
function kindOfStatus(status: number): string {
  if (status === 401 || status === 403) return 'denied';
  if (status === 429) return 'limited';
  return status === 408 || status >= 500 ? 'unavailable' : 'invalid';
}

export function failureOf(
  errors: readonly GraphqlError[],
  status: number,
  retryAfter: string | null,
): Failure {
  const [first] = errors;
  const { code, kind, retryAfterSeconds } = first?.extensions ?? {};
  const seconds = retryAfterSeconds ?? Number(retryAfter ?? Number.NaN);
  return new Failure(first?.message ?? `The gateway answered with the status ${status}.`, {
    code: code ?? 'CLIENT_STATUS',
    kind: kind ?? kindOfStatus(status),
    retryAfterSeconds: Number.isFinite(seconds) ? seconds : null,
    status,
    errors,
  });
}
