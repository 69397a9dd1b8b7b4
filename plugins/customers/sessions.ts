import type { Context } from '../../src/context.js';
import { RapportError } from '../../src/errors.js';
import { retried } from '../../src/kit/retry.js';
import type { Host } from '../../src/plugin.js';
import type { Handover } from '../../src/ports/customers.js';
import type { Collection } from '../../src/ports/store.js';
import {
  type Claim,
  confirmed,
  earliest,
  heardIn,
  isLate,
  type Link,
  linked,
  pastOf,
  type Resolved,
  resolved,
} from './links.js';

/** A sign-in or sign-out is given up after this time if others with the same id keep coming first. */
const contendedMaxMs = 5_000;

/** Signs session ids in and out. Each change is one compare-and-set of the id's document. */
export interface Sessions {
  /** Reads from the store which session an id stands for now. */
  current(id: string): Promise<Resolved>;
  /** True if the claim would link the session to a customer that it is not linked to, because no newer claim exists. */
  wouldLink(id: string, claim: Claim): Promise<boolean>;
  /**
   * Links the context's session to a customer. If it has another one, the id stands for a new session from now on. What is
   * older than the link or the sign-out that holds changes nothing. False if the session is not the customer's after it.
   */
  link(context: Context, claim: Claim): Promise<boolean>;
  /**
   * An id for a session that was just signed in, known to nobody but the customer. The same one when asked again,
   * and the context's own id if it was made here. A new anonymous one if the sign-in does not hold any more.
   */
  renew(context: Context, claim: Claim): Promise<string>;
  /**
   * Ends the context's session: its id stands for a new one from now on. Returns a new anonymous id. With `customerId`, proven by the
   * caller, the session that was signed in from it or to it ends, too.
   */
  end(context: Context, customerId: string | null): Promise<string>;
}

/** `handOver` is called before another session takes the place of one, and again after it. */
export function createSessions(
  links: Collection<Link>,
  host: Pick<Host, 'clock' | 'ids' | 'random'>,
  handOver: (handover: Handover) => Promise<void>,
): Sessions {
  const { clock, ids } = host;
  const current = (id: string) => resolved((each) => links.get(each), id);

  /** The customer was said to be here again, so what was said in between is late. */
  async function confirm(sessionId: string, claim: Claim): Promise<void> {
    await links.update(sessionId, (link) =>
      link?.customerId === claim.customerId ? confirmed(link, claim) : undefined,
    );
  }

  /** Puts `next` in the place of the session that an id stands for. False if the id stands for another one by now. */
  async function replace(id: string, { sessionId, link }: Resolved, next: string): Promise<boolean> {
    const nowMs = clock.nowMs();
    const stored = await links.update(id, (now) =>
      (now?.replacedBy ?? id) === sessionId
        ? {
            ...(now ?? { id, customerId: null, linkedAtMs: nowMs, pastOf: null }),
            replacedBy: next,
            replacedAtMs: nowMs,
            before: heardIn(now, link),
          }
        : undefined,
    );
    return stored?.replacedBy === next;
  }

  /** Runs `change` with what takes the place of a session, and hands over before and after. */
  async function handing(handover: Handover, change: () => Promise<boolean>): Promise<boolean> {
    await handOver(handover);
    const done = await change();
    if (done) await handOver(handover);
    return done;
  }

  function handoverOf(context: Context, reason: Handover['reason'], left: Resolved, to: readonly string[]) {
    const { sessionId: from, link } = left;
    const isFirst = reason === 'sign-in' || link === null;
    const untilMs = isFirst ? Number.POSITIVE_INFINITY : pastOf(link).untilMs;
    return { context, reason, from, to, customerId: link?.customerId ?? null, untilMs };
  }

  /** Ends the session that an id stands for, if it is still the counterpart of `sessionId`. */
  async function endOther(
    context: Context,
    id: string,
    customerId: string,
    sessionId: string,
  ): Promise<void> {
    const other = await current(id);
    const { link } = other;
    if (link?.customerId !== customerId || (link.renewedAs ?? sessionId) !== sessionId) return;
    const next = ids.next();
    await handing(handoverOf(context, 'sign-out', other, [next]), () => replace(id, other, next));
  }

  /** True if the current link, or the sign-out before it, is newer than the claim. */
  async function isOutdated(id: string, claim: Claim, link: Link | null): Promise<boolean> {
    const own = link?.id === id ? link : await links.get(id);
    const said = { atMs: earliest(claim, heardIn(own, link)), source: claim.source };
    if (link !== null) return isLate(said, holding(link));
    return own?.replacedAtMs !== undefined && said.atMs < own.replacedAtMs;
  }

  /** Tries again while others change the same id. */
  async function contended<T>(attempt: () => Promise<T | undefined>): Promise<T> {
    const value = await retried(host, contendedMaxMs, attempt);
    if (value !== undefined) return value;
    throw new RapportError(
      'conflict',
      'CUSTOMERS_CONTENDED',
      'Too many sign-ins and sign-outs with this session id arrive at once; send it again.',
    );
  }

  return {
    current,

    async wouldLink(id, claim) {
      const { link } = await current(id);
      return link?.customerId !== claim.customerId && !(await isOutdated(id, claim, link));
    },

    async link(context, claim) {
      const id = context.sessionId;
      return contended(async () => {
        const now = await current(id);
        const { sessionId, link } = now;
        const nowMs = clock.nowMs();
        const isTheirs = link?.customerId === claim.customerId;
        const isVouched = isTheirs && link.byToken === true && !claim.byToken;
        if (!isVouched && (await isOutdated(id, claim, link))) return isTheirs;
        if (link === null) {
          const [added] = await links.insert([linked(sessionId, claim, nowMs)]);
          return added || undefined;
        }
        if (isTheirs) {
          const holds = holding(link);
          if (claim.atMs > holds.atMs || claim.source !== holds.source || isVouched)
            await confirm(sessionId, claim);
          return true;
        }
        const next = ids.next();
        await links.insert([linked(next, claim, nowMs)]);
        const handover = handoverOf(context, 'replacement', now, [next]);
        if (await handing(handover, () => replace(id, now, next))) return true;
        await links.remove([next]);
        return undefined;
      });
    },

    async renew(context, claim) {
      const id = context.sessionId;
      const { customerId } = claim;
      const own = await links.get(id);
      if (own?.replacedBy === undefined && own?.signedInFrom !== undefined && own.customerId === customerId)
        return id;
      return contended(async () => {
        const now = await current(id);
        const { sessionId, link } = now;
        // Signed out, or signed in by another customer, since the sign-in.
        if (link?.customerId !== customerId) return ids.next();
        const { renewedAs } = link;
        const before = renewedAs === undefined ? null : await links.get(renewedAs);
        if (before?.customerId === customerId && before.replacedBy === undefined) return before.id;
        const next = ids.next();
        await links.insert([{ ...linked(next, claim, clock.nowMs()), byToken: false, signedInFrom: id }]);
        const done = await handing(handoverOf(context, 'sign-in', now, [next]), async () => {
          const stored = await links.update(sessionId, (then) =>
            then !== null && then.renewedAs === renewedAs ? { ...then, renewedAs: next } : undefined,
          );
          return stored?.renewedAs === next;
        });
        if (done) {
          // A sign-out at the same time either reads the new id or is read here.
          if ((await current(id)).sessionId !== sessionId) await endOther(context, next, customerId, next);
          return next;
        }
        await links.remove([next]);
        return undefined;
      });
    },

    async end(context, customerId) {
      const id = context.sessionId;
      const fresh = ids.next();
      const { sessionId, link } = await contended(async () => {
        const now = await current(id);
        const next = ids.next();
        const owner = now.link?.customerId ?? null;
        const reason = owner !== null && owner === customerId ? 'sign-out' : 'replacement';
        const handover = handoverOf(context, reason, now, [next, fresh]);
        // Read after the end, so that no sign-in at the same time is missed.
        return (await handing(handover, () => replace(id, now, next)))
          ? { sessionId: now.sessionId, link: await links.get(now.sessionId) }
          : undefined;
      });
      if (customerId === null || link?.customerId !== customerId) return fresh;
      for (const other of [link.renewedAs, link.signedInFrom]) {
        if (other !== undefined) await endOther(context, other, customerId, sessionId);
      }
      return fresh;
    },
  };
}

/** When, and through which key, the customer of a link was last said to be here. */
function holding({ saidAtMs, linkedAtMs, source }: Link): Pick<Claim, 'atMs' | 'source'> {
  return { atMs: saidAtMs ?? linkedAtMs, source: source ?? '' };
}
