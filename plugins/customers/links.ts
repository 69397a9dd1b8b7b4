import { customerName, type PersonName, sessionIdIn, sessionName } from '../../src/person-ids.js';
import type { Clock } from '../../src/plugin.js';
import type { Collection, CollectionSpec, Document, Page } from '../../src/ports/store.js';
import { createCachedReads } from './cache.js';

/** How many sessions of a person are looked at. */
export const sessionsMax = 50;
const linksCachedMax = 100_000;
const listsCachedMax = 20_000;
/** How long a link may be believed when notices of other processes do not arrive. */
const freshMs = 5_000;
const heardMax = 8;
/** Links read in one call of the store. */
const readMax = 1_000;
/** A clock is right if it is off by no more. */
const clockOffMaxMs = 60_000;
const heldMaxMs = 30 * 86_400_000;

/** A customer who was said to be here through one key, and how far behind their clock was then. */
export type Heard = Pick<Link, 'source' | 'clockBehindMs'> & { readonly customerId: string };

/** The state of a session id. A session has one customer at most, for good. */
export interface Link extends Document {
  /** null: signed out before anybody signed in. */
  readonly customerId: string | null;
  /** When it was linked, by our clock. */
  readonly linkedAtMs: number;
  /** When the customer was last said to be here, and through which key. Absent in links of earlier versions. */
  readonly saidAtMs?: number;
  readonly source?: string;
  /** Milliseconds that the sender's own clock was behind. Absent if it sent no time. */
  readonly clockBehindMs?: number;
  /**
   * Only the customer's token says so, in a session whose id anybody may know or have chosen: a session id of a server does not stand for
   * the customer.
   */
  readonly byToken?: boolean;
  /** Whose the anonymous part of the session is; null in old links of sessions that changed hands. */
  readonly pastOf: string | null;
  /** The session that this id stands for now, after a sign-out or the sign-in of another customer. Never known to a client. */
  readonly replacedBy?: string;
  readonly replacedAtMs?: number;
  /** Customers of the id before it stood for its session, the latest first. */
  readonly before?: readonly Heard[];
  /** The id that a sign-in in this session returned. */
  readonly renewedAs?: string;
  /** This id was made at a sign-in with the id named here. */
  readonly signedInFrom?: string;
}

export const linksSpec: CollectionSpec<Link> = {
  name: 'customer-links',
  indexes: { byPast: { fields: ['pastOf', 'linkedAtMs'] } },
  shardBy: 'id',
  person: {
    names: namesIn,
    find: { ids: (name) => [sessionIdIn(name)].filter((id) => id !== null) },
    scattered: true,
    without(link, isErased) {
      const { id, linkedAtMs, replacedBy, replacedAtMs, before = [] } = link;
      const isOfErased = link.customerId !== null && isErased(customerName(link.customerId));
      // A device goes on with an id that was signed out, so where it leads stays.
      if (replacedBy === undefined && (isOfErased || isErased(sessionName(id)))) return [];
      const others = before.filter(({ customerId }) => !isErased(customerName(customerId)));
      if (!isOfErased) return [{ ...link, before: others }];
      const kept: Link = { id, customerId: null, linkedAtMs, pastOf: null, before: others };
      return [
        { ...kept, ...(replacedBy && { replacedBy }), ...(replacedAtMs !== undefined && { replacedAtMs }) },
      ];
    },
    only({ before, ...link }, isTheirs) {
      if (link.customerId === null || !isTheirs(customerName(link.customerId))) return undefined;
      return before === undefined
        ? link
        : { ...link, before: before.filter(({ customerId }) => isTheirs(customerName(customerId))) };
    },
  },
};

/** An id that stands for another session is nobody's: a device may go on with it. */
function namesIn({ id, customerId, pastOf, replacedBy, before = [] }: Link): PersonName[] {
  const customers = [customerId, pastOf, ...before.map((heard) => heard.customerId)];
  const names: PersonName[] = customers.filter((one) => one !== null).map(customerName);
  if (replacedBy === undefined) names.push(sessionName(id));
  return names;
}

/** A session of a customer, and until when its anonymous events are theirs. */
export interface Past {
  readonly sessionId: string;
  readonly untilMs: number;
  readonly linkedAtMs: number;
}

/** The session that an id stands for, and its link; null: anonymous. */
export interface Resolved {
  readonly sessionId: string;
  readonly link: Link | null;
}

export interface Links {
  resolve(id: string): Promise<Resolved>;
  /** Sessions whose anonymous part is this customer's, the newest link first, at most 50. */
  pastsOf(customerId: string): Promise<readonly Past[]>;
  /** All sessions whose anonymous part is this customer's, from the store. */
  sessionsOf(customerId: string): AsyncIterable<string>;
  /** For each session, its customer or null, from the store. A damaged link is left out. */
  linkedTo(sessionIds: readonly string[]): Promise<readonly (string | null)[]>;
  close(): void;
}

/** Who says that a session is a customer's, and when. */
export interface Claim {
  readonly customerId: string;
  readonly atMs: number;
  readonly source: string;
  /** The time by the sender's own clock. */
  readonly deviceAtMs?: number;
  /** Only the customer's token says so, no server. */
  readonly byToken: boolean;
}

/** The part of the last claim that a link keeps. */
export function saidBy({
  atMs,
  source,
  deviceAtMs,
}: Claim): Pick<Link, 'saidAtMs' | 'source' | 'clockBehindMs'> {
  const said = { saidAtMs: atMs, source };
  return deviceAtMs === undefined ? said : { ...said, clockBehindMs: atMs - deviceAtMs };
}

/** The link of a session that a customer signs in to for the first time. */
export function linked(sessionId: string, claim: Claim, nowMs: number): Link {
  const { customerId, byToken } = claim;
  return { id: sessionId, customerId, linkedAtMs: nowMs, ...saidBy(claim), byToken, pastOf: customerId };
}

/** A link whose customer was said to be here again. What a server said about the session stays, however late it comes. */
export function confirmed(link: Link, claim: Claim): Link {
  const byToken = link.byToken === true && claim.byToken;
  if (claim.atMs < (link.saidAtMs ?? link.linkedAtMs)) return { ...link, byToken };
  const { clockBehindMs: _, ...rest } = link;
  return { ...rest, ...saidBy(claim), byToken };
}

/** Customers of the id after `link` is left, which `own` (the document of the id) led to. */
export function heardIn(own: Link | null, link: Link | null): readonly Heard[] {
  const before = own?.before ?? [];
  if (link === null || link.customerId === null) return before;
  const { customerId, source, clockBehindMs } = link;
  const others = before.filter((one) => one.customerId !== customerId || one.source !== source);
  const last = {
    customerId,
    ...(source === undefined ? {} : { source }),
    ...(clockBehindMs === undefined ? {} : { clockBehindMs }),
  };
  return [last, ...others].slice(0, heardMax);
}

/**
 * When something was said, at the earliest. A client that repeats its time of sending makes an old message look new, so its own clock is
 * read as it was off when the same customer was last heard through the same key. No clock says anything about another customer's claim.
 */
export function earliest({ customerId, source, atMs, deviceAtMs }: Claim, heard: readonly Heard[]): number {
  const last = heard.find((one) => one.customerId === customerId && one.source === source);
  if (deviceAtMs === undefined || last === undefined) return atMs;
  const isRightNow = Math.abs(atMs - deviceAtMs) <= clockOffMaxMs;
  const heldMs = atMs - deviceAtMs - (last.clockBehindMs ?? 0);
  // A claim that seems older than any client keeps one comes from a clock that was set anew.
  return isRightNow || heldMs <= 0 || heldMs > heldMaxMs ? atMs : atMs - heldMs;
}

/**
 * Whether something said is older than what holds. Of one moment, the later call of one source wins, and the greater name of two
 * sources, so that the order of arrival from several sources does not matter.
 */
export function isLate(
  said: { readonly atMs: number; readonly source: string },
  holds: { readonly atMs: number; readonly source: string },
): boolean {
  return said.atMs < holds.atMs || (said.atMs === holds.atMs && said.source < holds.source);
}

/** Resolves a session id to the session it stands for, by following its links. */
export async function resolved(read: (id: string) => Promise<Link | null>, id: string): Promise<Resolved> {
  const link = await read(id);
  const replacedBy = link?.replacedBy;
  return replacedBy === undefined
    ? { sessionId: id, link }
    : { sessionId: replacedBy, link: await read(replacedBy) };
}

/**
 * An id that a client made up may be known to others, so only what was done before the sign-in counts. An id made at a
 * sign-in went to the customer alone.
 */
export function pastOf({ id, linkedAtMs, signedInFrom }: Link): Past {
  const untilMs = signedInFrom === undefined ? linkedAtMs : Number.POSITIVE_INFINITY;
  return { sessionId: id, untilMs, linkedAtMs };
}

/** Reads links through caches that follow every change of the collection. */
export function createLinks(collection: Collection<Link>, clock: Clock): Links {
  const links = createCachedReads({
    entriesMax: linksCachedMax,
    freshMs,
    clock,
    read: (id) => collection.get(id),
  });
  const lists = createCachedReads({
    entriesMax: listsCachedMax,
    freshMs,
    clock,
    async read(customerId) {
      const page = await collection.find({
        index: 'byPast',
        equals: [customerId],
        descending: true,
        limit: sessionsMax,
      });
      return page.items.map(pastOf);
    },
  });
  const close = collection.watch((changes) => {
    for (const { id, document } of changes) {
      links.forget(id);
      // Of a removed link we no longer know whose list held it.
      if (document === null) lists.clear();
      else if (document.pastOf !== null) lists.forget(document.pastOf);
    }
  });
  return {
    resolve: (id) => resolved(links.get, id),
    pastsOf: lists.get,
    async *sessionsOf(customerId) {
      let after: string | null = null;
      do {
        const page: Page<Link> = await collection.find({
          index: 'byPast',
          equals: [customerId],
          limit: readMax,
          skipDamaged: true,
          ...(after === null ? {} : { after }),
        });
        for (const { id } of page.items) yield id;
        after = page.next;
      } while (after !== null);
    },
    async linkedTo(sessionIds) {
      const found: (string | null)[] = [];
      for (let from = 0; from < sessionIds.length; from += readMax) {
        const some = sessionIds.slice(from, from + readMax);
        for (const link of await collection.getMany(some, { skipDamaged: true }))
          found.push(link?.customerId ?? null);
      }
      return found;
    },
    close,
  };
}
