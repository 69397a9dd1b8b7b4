import { isDeepStrictEqual } from 'node:util';
import { describeError } from '../../src/errors.js';
import type { Host } from '../../src/plugin.js';
import type { Catalog } from '../../src/ports/catalog.js';
import type { Consent } from '../../src/ports/consent.js';
import type { Events, ShopEvent } from '../../src/ports/events.js';
import type { Collection, Store } from '../../src/ports/store.js';
import {
  addRating,
  type PersonRating,
  personRating,
  type RatingsByPerson,
  type RatingsDocument,
  ratingFrom,
  ratingsIn,
  withRatings,
} from './rating-columns.js';

const dayMs = 24 * 3_600_000;
/** All ratings are counted anew from the log after so long, without what was erased from it. */
const builtMsMax = 14 * dayMs;
/** A start reads the log from so long before its position: longer than another process takes to count what it recorded. */
const overlapMs = 600_000;
const againMs = 5_000;
/** Rated codes that no product has. What names further ones counts when all is counted anew. */
const waitingMax = 1_000;
const idsPerCall = 1_000;

/** How far the log has been counted: one document. */
interface Position {
  readonly id: string;
  readonly countedUntilMs: number;
  readonly builtAtMs: number;
  /** When withdrawals of consent were looked for. */
  readonly checkedAtMs: number;
  /** The setting with which all was counted. */
  readonly peopleMin?: number;
}

interface Collections {
  readonly documents: Collection<RatingsDocument>;
  readonly positions: Collection<Position>;
}

async function openCollections(store: Store): Promise<Collections> {
  return {
    documents: await store.collection<RatingsDocument>({
      name: 'ratings',
      indexes: { byWaiting: { fields: ['waiting'] } },
      shardBy: 'id',
      watched: false,
    }),
    positions: await store.collection<Position>({ name: 'ratings-position', indexes: {}, watched: false }),
  };
}

interface RatingsParts {
  readonly store: Store;
  readonly catalog: Pick<Catalog, 'resolve' | 'setShopperRatings'>;
  readonly events: Pick<Events, 'watch' | 'replay'>;
  readonly consent: Pick<Consent, 'withdrawnSince'>;
  readonly host: Host;
  readonly peopleMin: number;
}

export interface Ratings {
  start(): Promise<void>;
  /** Counts what was rated before its product was saved. */
  productsChanged(ids: readonly string[]): Promise<void>;
  /** Counts everything anew if that is due, and stores how far the log has been counted. */
  check(): Promise<void>;
  close(): Promise<void>;
}

/** Counts the ratings in events, and sets the result in the catalog. */
export function createRatings({ store, catalog, events, consent, host, peopleMin }: RatingsParts): Ratings {
  const { clock, log } = host;
  const waitingIds = new Set<string>();
  let opened: Collections | null = null;
  let arrived: ShopEvent[] = [];
  /** Events received from here on could not be counted, and are read from the log. */
  let missedFromMs = Number.POSITIVE_INFINITY;
  let last: Promise<void> = Promise.resolve();
  let stopped = false;
  let cancelAgain = (): void => undefined;
  let stopWatching = (): void => undefined;

  const documents = (): Collection<RatingsDocument> => opened!.documents;
  const idOf = (code: string): string => catalog.resolve(code)?.productId ?? code;

  /** One after the other, so that no older count replaces a newer one. */
  function inTurn(work: () => Promise<void>): Promise<void> {
    const next = last.then(work);
    last = next.catch(() => undefined);
    return next;
  }

  function byProduct(batch: readonly ShopEvent[]): Map<string, PersonRating[]> {
    const found = new Map<string, PersonRating[]>();
    for (const event of batch) {
      if (event.type !== 'PRODUCT_RATED') continue;
      for (const id of new Set(event.productIds.map(idOf))) {
        const ratings = found.get(id);
        if (ratings) ratings.push(personRating(event));
        else found.set(id, [personRating(event)]);
      }
    }
    return found;
  }

  /** `ratingsOf` makes the ratings of a product of those that are kept. */
  async function keep(id: string, ratingsOf: (kept: PersonRating[]) => PersonRating[]): Promise<void> {
    const waiting = idOf(id) !== id || catalog.resolve(id) === null;
    if (waiting && waitingIds.size >= waitingMax && !waitingIds.has(id)) return;
    const document = await documents().update(
      id,
      (current) => {
        const next = withRatings(id, waiting, ratingsOf(current ? ratingsIn(current) : []));
        return isDeepStrictEqual(next, current) ? undefined : next;
      },
      { skipDamaged: true },
    );
    if (waiting && document) waitingIds.add(id);
    else waitingIds.delete(id);
    if (!waiting)
      await catalog.setShopperRatings([{ productId: id, rating: ratingFrom(document, peopleMin) }]);
  }

  async function count(batch: readonly ShopEvent[]): Promise<void> {
    for (const [id, added] of byProduct(batch)) await keep(id, (kept) => [...kept, ...added]);
  }

  async function countArrived(): Promise<void> {
    const batch = arrived;
    arrived = [];
    try {
      await count(batch);
    } catch (error) {
      for (const { receivedAtMs } of batch) missedFromMs = Math.min(missedFromMs, receivedAtMs);
      readAgain(error);
    }
  }

  function readAgain(error: unknown): void {
    if (stopped) return;
    log.warn('ratings could not be counted; they are read from the log again', {
      err: describeError(error),
      inMs: againMs,
    });
    cancelAgain();
    cancelAgain = clock.after(againMs, () => void inTurn(countMissed).catch(readAgain));
  }

  async function countMissed(): Promise<void> {
    const fromMs = missedFromMs;
    for await (const batch of events.replay({ fromMs })) {
      if (stopped) return;
      await count(batch);
    }
    missedFromMs = Number.POSITIVE_INFINITY;
  }

  /** Counts the whole log: without what was erased from it and what people taught who have withdrawn their consent. */
  async function countAnew(): Promise<void> {
    const beganMs = clock.nowMs();
    const found = new Map<string, RatingsByPerson>();
    let unknown = 0;
    for await (const batch of events.replay()) {
      if (stopped) return;
      for (const [id, ratings] of byProduct(batch)) {
        if (!found.has(id) && catalog.resolve(id) === null && ++unknown > waitingMax) continue;
        const byPerson = found.get(id) ?? new Map();
        found.set(id, byPerson);
        for (const rating of ratings) addRating(byPerson, rating);
      }
    }
    const ids = new Set(found.keys());
    for await (const page of documents().scan()) for (const { id } of page) ids.add(id);
    for (const id of ids) {
      // Ratings that arrive meanwhile stay.
      const isLater = ({ receivedAtMs }: PersonRating) => receivedAtMs >= beganMs;
      await keep(id, (kept) => [...(found.get(id)?.values() ?? []), ...kept.filter(isLater)]);
    }
    if (stopped) return;
    missedFromMs = Number.POSITIVE_INFINITY;
    await storePosition({ builtAtMs: beganMs, checkedAtMs: beganMs, peopleMin });
  }

  /** Gives what was rated under a code to the product that has it by now. */
  async function moveWaiting(code: string): Promise<void> {
    const waiting = await documents().get(code);
    const id = idOf(code);
    const moved = waiting === null ? [] : ratingsIn(waiting);
    await keep(id, (kept) => (id === code ? kept : [...kept, ...moved]));
    if (id !== code) await documents().remove([code]);
    waitingIds.delete(code);
  }

  async function position(): Promise<Position> {
    const stored = await opened!.positions.get('position');
    return stored ?? { id: 'position', countedUntilMs: 0, builtAtMs: 0, checkedAtMs: 0 };
  }

  function isOutdated(stored: Position): boolean {
    const { builtAtMs } = stored;
    const isOld = builtAtMs < store.people.erasedUntilMs() || clock.nowMs() - builtAtMs > builtMsMax;
    return stored.peopleMin !== peopleMin || isOld;
  }

  async function storePosition(changes: Partial<Position> = {}): Promise<void> {
    const countedUntilMs = Math.min(clock.nowMs(), missedFromMs);
    await opened!.positions.put([{ ...(await position()), countedUntilMs, ...changes }]);
  }

  return {
    async start() {
      opened = await openCollections(store);
      if (host.role === 'gateway') return;
      const { items } = await documents().find({
        index: 'byWaiting',
        equals: [1],
        limit: waitingMax,
        skipDamaged: true,
      });
      for (const { id } of items) waitingIds.add(id);
      stopWatching = events.watch((batch) => {
        const rated = batch.filter(({ type }) => type === 'PRODUCT_RATED');
        if (rated.length === 0) return;
        arrived.push(...rated);
        if (arrived.length === rated.length) void inTurn(countArrived);
      }, 'ANALYTICS');
      const stored = await position();
      missedFromMs = Math.max(0, stored.countedUntilMs - overlapMs);
      void inTurn(isOutdated(stored) ? countAnew : countMissed).catch(readAgain);
    },
    productsChanged: (ids) =>
      inTurn(async () => {
        for (const code of [...waitingIds]) if (catalog.resolve(code) !== null) await moveWaiting(code);
        for (let at = 0; at < ids.length; at += idsPerCall) {
          const kept = await documents().getMany(ids.slice(at, at + idsPerCall), { skipDamaged: true });
          const rated = kept.filter((document) => document !== null && document.waiting === undefined);
          await catalog.setShopperRatings(
            rated.map((document) => ({ productId: document!.id, rating: ratingFrom(document, peopleMin) })),
          );
        }
      }),
    check: () =>
      inTurn(async () => {
        const nowMs = clock.nowMs();
        const stored = await position();
        const { checkedAtMs } = stored;
        if (isOutdated(stored)) await countAnew();
        else if (nowMs - checkedAtMs < dayMs) await storePosition();
        else if (await consent.withdrawnSince(checkedAtMs)) await countAnew();
        else await storePosition({ checkedAtMs: nowMs });
      }),
    async close() {
      stopped = true;
      cancelAgain();
      stopWatching();
      await last;
      if (host.role === 'gateway' || opened === null) return;
      await storePosition().catch((error: unknown) =>
        log.warn('could not store how far ratings were counted; the next start reads more of the log', {
          err: describeError(error),
        }),
      );
    },
  };
}

/** Takes all ratings that were counted from the catalog. If the plugin is enabled again, it counts the whole log anew. */
export async function removeRatings({
  store,
  catalog,
  host,
}: Pick<RatingsParts, 'store' | 'catalog' | 'host'>): Promise<void> {
  const { documents, positions } = await openCollections(store);
  if (host.role === 'gateway') return;
  for await (const page of documents.scan()) {
    const ids = page.map(({ id }) => id);
    await catalog.setShopperRatings(ids.map((productId) => ({ productId, rating: null })));
    await documents.remove(ids);
  }
  await positions.remove(['position']);
}
