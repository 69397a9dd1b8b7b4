import type { ClientOptions } from './api.js';
import type { Environment } from './environment.js';
import { Failure, failureOf } from './failure.js';

export type Variables = Readonly<Record<string, unknown>>;

interface SendOptions {
  /** Sends it as GET, which shared caches can keep. */
  readonly get?: boolean;
  /** Goes on after the page was left. */
  readonly keepalive?: boolean;
  /** Times it is sent again after a temporary failure. If omitted, 2. */
  readonly retries?: number;
}

export interface Answer<T> {
  readonly data: T;
  /** The errors of fields that are null because they failed; null if none did. */
  readonly failure: Failure | null;
}

/** Sends operations to the gateway. */
export interface Transport {
  /** Rejects with a `Failure` if there is no data. */
  send<T>(query: string, variables: Variables, options?: SendOptions): Promise<Answer<T>>;
  headers(): Promise<Record<string, string>>;
  readonly url: string;
}

const retryAfterMs = 300;
/** A shopper waits for a query, so longer pauses are left to the page. */
const pauseMsMax = 3_000;

export function createTransport(options: ClientOptions, environment: Environment): Transport {
  const { key, token, timeoutMs = 10_000 } = options;
  const url = `${options.url}${options.url.endsWith('/') ? '' : '/'}graphql`;

  async function headers(): Promise<Record<string, string>> {
    const bearer = (await token?.()) ?? null;
    return {
      accept: 'application/json',
      'x-api-key': key,
      ...(bearer === null ? {} : { authorization: `Bearer ${bearer}` }),
    };
  }

  async function once<T>(
    query: string,
    variables: Variables,
    { get, keepalive }: SendOptions,
  ): Promise<Answer<T>> {
    const abort = new AbortController();
    const cancel = environment.after(timeoutMs, () => abort.abort());
    const sent = get
      ? [`${url}?${new URLSearchParams({ query, variables: JSON.stringify(variables) })}`, {}]
      : [url, { method: 'POST', body: JSON.stringify({ query, variables }) }];
    const [address, init] = sent as [string, RequestInit];
    try {
      const own = await headers();
      if (!get) own['content-type'] = 'application/json';
      const response = await environment.fetch(address, {
        ...init,
        headers: own,
        signal: abort.signal,
        credentials: 'omit',
        ...(keepalive ? { keepalive } : {}),
      });
      const body = (await response.json().catch(() => ({}))) as {
        data?: T | null;
        errors?: ConstructorParameters<typeof Failure>[1]['errors'];
      };
      const failure =
        body.errors || !response.ok || body.data == null
          ? failureOf(body.errors ?? [], response.status, response.headers.get('retry-after'))
          : null;
      if (failure && Object.values(body.data ?? {}).every((part) => part === null)) throw failure;
      return { data: body.data!, failure };
    } catch (error) {
      if (error instanceof Failure) throw error;
      const late = abort.signal.aborted;
      throw new Failure(late ? `No response within ${timeoutMs} ms.` : 'The gateway could not be reached.', {
        code: late ? 'CLIENT_TIMEOUT' : 'CLIENT_NETWORK',
        kind: 'unavailable',
      });
    } finally {
      cancel();
    }
  }

  return {
    url,
    headers,
    async send<T>(query: string, variables: Variables, sendOptions: SendOptions = {}): Promise<Answer<T>> {
      for (
        let retriesLeft = sendOptions.retries ?? 2, pauseMs = retryAfterMs;
        ;
        retriesLeft--, pauseMs *= 2
      ) {
        try {
          return await once<T>(query, variables, sendOptions);
        } catch (error) {
          const { isTemporary, retryAfterSeconds } = error as Failure;
          const waitMs = Math.max(pauseMs, (retryAfterSeconds ?? 0) * 1_000);
          if (!isTemporary || retriesLeft === 0 || waitMs > pauseMsMax) throw error;
          await new Promise<void>((resolve) =>
            environment.after(waitMs * (0.5 + environment.random()), resolve),
          );
        }
      }
    },
  };
}
