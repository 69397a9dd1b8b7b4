import type { ClientOptions, EventLine, ShopEvent } from './api.js';
import type { Environment } from './environment.js';
import { Failure } from './failure.js';
import type { Session } from './session.js';
import type { Store } from './store.js';
import type { Transport, Variables } from './transport.js';

/** Events of one request. The gateway takes 2,500; fewer keep a request under the 64 KB that a page may send while it is left. */
const batchMax = 100;
/** Events that wait, on the device and in memory. The oldest is dropped for a new one. */
const waitingMax = 1_000;
/** The gateway recognises a `messageId` for 7 days, so an older event might count twice. */
const ageMsMax = 6 * 86_400_000;
const firstPauseMs = 1_000;
const pauseMsMax = 300_000;
const beaconCharactersMax = 60_000;
const keyPrefix = 'event:';

interface Waiting {
  readonly sessionId: string;
  readonly context: Variables;
  readonly event: ShopEvent & { readonly messageId: string; readonly at: string };
}

/** Keeps events until the gateway acknowledged them. */
export interface EventQueue {
  add(event: ShopEvent): string;
  flush(): Promise<void>;
  /** Stores what waits on the device, as the session id may be from now on. */
  persist(): void;
  /** Drops what was not sent, also from the device. */
  drop(): void;
  readonly size: number;
  close(): void;
}

interface QueueParts {
  readonly options: ClientOptions;
  readonly environment: Environment;
  readonly store: Store;
  readonly session: Session;
  readonly transport: Transport;
  /** The context of an event without its session. */
  context(): Variables;
}

interface Recorded {
  readonly recordEvents: {
    readonly rejected: number;
    readonly userErrors: readonly {
      readonly code: string;
      readonly message: string;
      readonly path: readonly string[];
    }[];
  } | null;
}

const recordEvents = /* GraphQL */ `mutation Record($context: ShopperContext!, $events: [EventInput!]!, $sentAt: DateTime) {
  recordEvents(context: $context, events: $events, sentAt: $sentAt) { rejected userErrors { code message path } }
}`;

/** The names of Segment's specification, which `/v1/batch` takes without a preflight, as a beacon needs. */
const segmentNames: Readonly<Record<string, string>> = {
  PRODUCT_VIEWED: 'Product Viewed',
  PRODUCT_ADDED_TO_CART: 'Product Added',
  PRODUCT_REMOVED_FROM_CART: 'Product Removed',
  ORDER_COMPLETED: 'Order Completed',
  PRODUCT_SEARCHED: 'Products Searched',
  SEARCH_RESULT_CLICKED: 'Search Result Clicked',
  RECOMMENDATION_SHOWN: 'Recommendation Shown',
  RECOMMENDATION_CLICKED: 'Recommendation Clicked',
  PRODUCT_RATED: 'Product Rated',
  PRODUCT_DISMISSED: 'Product Dismissed',
  ORDER_REFUNDED: 'Order Refunded',
  ORDER_CANCELLED: 'Order Cancelled',
  ORDER_UPDATED: 'Order Updated',
  PRODUCT_LIST_VIEWED: 'Product List Viewed',
  WISHLIST_ADDED: 'Product Added to Wishlist',
  WISHLIST_REMOVED: 'Product Removed from Wishlist',
  CHECKOUT_STARTED: 'Checkout Started',
  PRODUCT_UNDISMISSED: 'Product Undismissed',
};

export function createEventQueue(parts: QueueParts): EventQueue {
  const { options, environment, store, session, transport, context } = parts;
  const { flushAfterMs = 1_000, onError } = options;
  const waiting = new Map<string, Waiting>();
  let cancel: (() => void) | null = null;
  let sending: Promise<void> | null = null;
  let pauseMs = firstPauseMs;
  load();

  /** Another tab may load the same events; they count once. */
  function load(): void {
    const oldestMs = environment.nowMs() - ageMsMax;
    const stored: Waiting[] = [];
    for (const key of store.keys(keyPrefix)) {
      const entry = parsed(store.get(key));
      if (entry && Date.parse(entry.event.at) > oldestMs) stored.push(entry);
      else store.remove(key);
    }
    stored.sort((a, b) => (a.event.at < b.event.at ? -1 : 1));
    for (const entry of stored.slice(-waitingMax)) waiting.set(entry.event.messageId, entry);
    if (waiting.size > 0) sendIn(flushAfterMs);
  }

  function save(entry: Waiting): void {
    if (session.isRemembered) store.set(keyPrefix + entry.event.messageId, JSON.stringify(entry));
  }

  function remove(messageId: string): void {
    waiting.delete(messageId);
    store.remove(keyPrefix + messageId);
  }

  function sendIn(delayMs: number): void {
    cancel ??= environment.after(delayMs, () => {
      cancel = null;
      void flush();
    });
  }

  /** The oldest events of one session, in their order. */
  function nextBatch(): Waiting[] {
    const [first] = waiting.values();
    if (!first) return [];
    const own = [...waiting.values()].filter(({ sessionId }) => sessionId === first.sessionId);
    return own.slice(0, batchMax);
  }

  async function send(batch: readonly Waiting[], keepalive = false): Promise<void> {
    const { sessionId, context: own } = batch[0]!;
    const { data, failure } = await transport.send<Recorded>(
      recordEvents,
      {
        context: { ...own, sessionId },
        events: batch.map(({ event }) => event),
        sentAt: new Date(environment.nowMs()).toISOString(),
      },
      { retries: 0, keepalive },
    );
    if (!data.recordEvents) throw failure;
    for (const { event } of batch) remove(event.messageId);
    const { rejected, userErrors } = data.recordEvents;
    if (rejected === 0) return;
    const [{ code, message } = { code: 'CLIENT_EVENTS_REJECTED', message: '' }] = userErrors;
    onError?.(
      new Failure(`${rejected === 1 ? '1 event was' : `${rejected} events were`} refused: ${message}`, {
        code,
        kind: 'invalid',
        errors: userErrors,
      }),
    );
  }

  async function sendAll(): Promise<void> {
    for (let batch = nextBatch(); batch.length > 0; batch = nextBatch()) {
      if (!environment.isOnline()) return;
      try {
        await send(batch);
        pauseMs = firstPauseMs;
      } catch (error) {
        const failure = error as Failure;
        if (failure.kind === 'invalid') {
          for (const { event } of batch) remove(event.messageId);
          onError?.(failure);
          continue;
        }
        // An unknown key may be put right, so that these events wait as well.
        if (!failure.isTemporary) onError?.(failure);
        const least = (failure.retryAfterSeconds ?? 0) * 1_000;
        sendIn(Math.max(least, pauseMs * (0.5 + environment.random())));
        pauseMs = Math.min(pauseMs * 2, pauseMsMax);
        return;
      }
    }
  }

  function flush(): Promise<void> {
    cancel?.();
    cancel = null;
    sending ??= sendAll().finally(() => {
      sending = null;
    });
    return sending;
  }

  /** The page may be gone before a response arrives, so that all events stay on the device and are sent again with the next page. */
  async function leave(): Promise<void> {
    const batch = nextBatch();
    if (batch.length === 0 || !environment.isOnline()) return;
    const canBeacon = !options.token && batch.every(({ event }) => segmentNames[event.type]);
    const body = canBeacon ? beaconOf(batch, options.key, environment.nowMs()) : '';
    // A browser refuses a beacon if too many bytes wait to be sent already.
    if (
      canBeacon &&
      body.length < beaconCharactersMax &&
      environment.beacon?.(`${transport.url.replace(/graphql$/, '')}v1/batch`, body)
    )
      return;
    await send(batch, true).catch(() => undefined);
  }

  const unwatch = environment.watch({
    leaving: () => void leave(),
    returning() {
      if (waiting.size > 0) void flush();
    },
  });

  return {
    add(event) {
      const messageId = event.messageId ?? environment.newId();
      const at = event.at ?? new Date(environment.nowMs()).toISOString();
      const entry = { sessionId: session.id, context: context(), event: { ...event, messageId, at } };
      if (waiting.size >= waitingMax) {
        const [oldest] = waiting.keys();
        remove(oldest!);
        onError?.(
          new Failure(`${waitingMax} events wait; the oldest was dropped.`, {
            code: 'CLIENT_QUEUE_FULL',
            kind: 'limited',
          }),
        );
      }
      waiting.set(messageId, entry);
      save(entry);
      if (waiting.size >= batchMax && !sending && pauseMs === firstPauseMs) void flush();
      else sendIn(flushAfterMs);
      return messageId;
    },
    flush,
    persist() {
      for (const entry of waiting.values()) save(entry);
    },
    drop() {
      for (const messageId of [...waiting.keys()]) remove(messageId);
    },
    get size() {
      return waiting.size;
    },
    close() {
      cancel?.();
      unwatch();
    },
  };
}

function parsed(text: string | null): Waiting | null {
  try {
    const entry = JSON.parse(text ?? 'null') as Waiting | null;
    return entry?.sessionId && entry.event?.messageId && entry.event.at ? entry : null;
  } catch {
    return null;
  }
}

/** A body of `/v1/batch`. A beacon is sent as `text/plain` and carries no headers, so the key is in the body. */
function beaconOf(batch: readonly Waiting[], key: string, nowMs: number): string {
  const messages = batch.map(({ sessionId, context, event }) => {
    const { type, messageId, at, productIds = [], quantity = [], value, orderId, ...rest } = event;
    const lines: readonly EventLine[] =
      event.lines ??
      productIds.map((productId, i) => ({
        productId,
        quantity: quantity.length === 1 ? quantity[0]! : quantity[i]!,
      }));
    return {
      type: 'track',
      event: segmentNames[type],
      messageId,
      timestamp: at,
      anonymousId: sessionId,
      context: { channel: context.channel, storeId: context.storeId },
      properties: {
        ...rest.properties,
        products: lines.map(({ productId, ...line }) => ({ product_id: productId, ...line })),
        ...(orderId === undefined ? {} : { order_id: orderId }),
        currency: rest.currency,
        query: rest.query,
        query_id: rest.queryId,
        decision_id: rest.decisionId,
        position: rest.position,
        ...(type === 'PRODUCT_RATED' ? { rating: value } : { total: value }),
      },
    };
  });
  return JSON.stringify({ writeKey: key, sentAt: new Date(nowMs).toISOString(), batch: messages });
}
