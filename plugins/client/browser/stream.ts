import type { Subscription, SubscriptionHandlers } from './api.js';
import type { Environment } from './environment.js';
import { Failure, failureOf } from './failure.js';
import type { Transport, Variables } from './transport.js';

const firstPauseMs = 1_000;
const pauseMsMax = 30_000;
/** The gateway sends a sign of life every 12 seconds; a connection that is silent for longer is lost. */
const silenceMsMax = 40_000;

interface StreamEvent {
  readonly name: string;
  readonly data: string;
}

/** The messages in a text of server-sent events, and the rest, which is not complete yet. */
function readEvents(text: string): { readonly events: readonly StreamEvent[]; readonly rest: string } {
  const blocks = text.replace(/\r\n?/g, '\n').split('\n\n');
  const rest = blocks.pop() ?? '';
  const events = blocks.flatMap((block) => {
    const fields = block.split('\n').map((line) => /^(event|data): ?(.*)$/.exec(line));
    const all = (field: string) => fields.flatMap((match) => (match?.[1] === field ? [match[2]!] : []));
    const [name] = all('event');
    return name === undefined ? [] : [{ name, data: all('data').join('\n') }];
  });
  return { events, rest };
}

type Result<T> = {
  readonly data?: T | null;
  readonly errors?: ConstructorParameters<typeof Failure>[1]['errors'];
};

/**
 * Opens a subscription by the protocol of graphql-sse, in its "distinct connections" mode. `EventSource` cannot send headers, so it reads a
 * response of `fetch`. An interrupted stream is opened again.
 */
export function openStream<T>(
  { environment, transport }: { readonly environment: Environment; readonly transport: Transport },
  query: string,
  variables: () => Variables,
  handlers: SubscriptionHandlers<T>,
): Subscription {
  let isOpen = true;
  let abort = new AbortController();
  let cancelPause: (() => void) | null = null;
  let pauseMs = firstPauseMs;

  function end(): void {
    isOpen = false;
    cancelPause?.();
    abort.abort();
  }

  /** An exception of a handler is reported as uncaught, as those of event listeners are, and does not interrupt the stream. */
  function call(handler: () => void): void {
    try {
      handler();
    } catch (error) {
      environment.after(0, () => {
        throw error;
      });
    }
  }

  function fail(failure: Failure): void {
    end();
    call(() => handlers.error?.(failure));
  }

  function receive({ name, data }: StreamEvent): void {
    if (!isOpen) return;
    if (name === 'complete') {
      end();
      call(() => handlers.complete?.());
    } else if (name === 'next') {
      const result = JSON.parse(data) as Result<T>;
      const { data: found } = result;
      if (found != null) {
        pauseMs = firstPauseMs;
        call(() => handlers.next(found));
      } else {
        const failure = failureOf(result.errors ?? [], 200, null);
        // The gateway ends each stream after some time, so that its caller proves again who they are.
        if (failure.isTemporary) throw failure;
        fail(failure);
      }
    }
  }

  async function read(response: Response): Promise<void> {
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    for (;;) {
      const cancel = environment.after(silenceMsMax, () => abort.abort());
      const { done, value } = await reader.read().finally(cancel);
      if (done || !isOpen) return;
      const { events, rest } = readEvents(text + value);
      text = rest;
      for (const event of events) receive(event);
    }
  }

  async function connect(): Promise<void> {
    abort = new AbortController();
    let least = 0;
    try {
      const response = await environment.fetch(transport.url, {
        method: 'POST',
        headers: {
          ...(await transport.headers()),
          accept: 'text/event-stream',
          'content-type': 'application/json',
        },
        body: JSON.stringify({ query, variables: variables() }),
        signal: abort.signal,
        credentials: 'omit',
      });
      if (!response.ok || !response.body) {
        const body = (await response.json().catch(() => ({}))) as Result<T>;
        const failure = failureOf(body.errors ?? [], response.status, response.headers.get('retry-after'));
        if (!failure.isTemporary) return fail(failure);
        least = (failure.retryAfterSeconds ?? 0) * 1_000;
      } else await read(response);
    } catch (error) {
      if (error instanceof Failure) least = (error.retryAfterSeconds ?? 0) * 1_000;
    }
    if (!isOpen) return;
    cancelPause = environment.after(
      Math.max(least, pauseMs * (0.5 + environment.random())),
      () => void connect(),
    );
    pauseMs = Math.min(pauseMs * 2, pauseMsMax);
  }

  void connect();
  return { close: end };
}
