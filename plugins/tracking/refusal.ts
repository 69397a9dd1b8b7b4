/** Ends a whole request with an HTTP status; the code and message go into the answer's body. */
export class Refusal extends Error {
  readonly status: 400 | 401 | 403 | 408 | 413 | 429 | 503;
  readonly code: string;

  constructor(status: Refusal['status'], code: string, message: string) {
    super(message);
    this.name = 'Refusal';
    this.status = status;
    this.code = code;
  }
}
