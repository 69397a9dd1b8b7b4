/** The time after which a request fails. */
const answerMsMax = 10_000;

/** @typedef {'key' | 'gone' | 'refused'} Trouble */

export class GatewayError extends Error {
  /**
   * @param {Trouble} trouble `key`: it takes another key; `gone`: nobody answered; `refused`: the gateway said no.
   * @param {string} message
   */
  constructor(trouble, message) {
    super(message);
    this.trouble = trouble;
  }
}

/**
 * Sends one operation to `/graphql` of the same origin. Resolves to what was answered, with errors beside the data;
 * rejects with a GatewayError when there is no data at all.
 *
 * @template T
 * @param {string} key
 * @param {import('./types.d.ts').Operation<T>} operation
 * @param {Readonly<Record<string, unknown>>} variables
 * @returns {Promise<{ data: T, errors: readonly string[], exchange: import('./types.d.ts').Exchange }>}
 */
export async function ask(key, { name, query }, variables) {
  const startMs = performance.now();
  /** @type {Response} */
  let response;
  /** @type {{ data?: T | null, errors?: readonly { message: string }[] }} */
  let answer;
  try {
    response = await fetch('/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json', 'x-api-key': key },
      body: JSON.stringify({ query, variables }),
      signal: AbortSignal.timeout(answerMsMax),
    });
    answer = await response.json();
  } catch {
    throw new GatewayError('gone', 'The gateway does not answer just now.');
  }
  const milliseconds = performance.now() - startMs;
  const errors = (answer.errors ?? []).map(({ message }) => message);
  if (response.status === 401) throw new GatewayError('key', errors[0] ?? 'This key is not accepted.');
  if (!answer.data)
    throw new GatewayError('refused', errors[0] ?? `The gateway answered ${response.status}.`);
  return { data: answer.data, errors, exchange: { name, query, variables, answer, milliseconds } };
}
