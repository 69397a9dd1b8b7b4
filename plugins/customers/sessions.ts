import type { Host } from '../../src/plugin.js';
import type { Collection } from '../../src/ports/store.js';
import { type Claim, isLate, type Link, linked, type Resolved, resolved } from './links.js';

/** Several sign-ins and sign-outs with one id at once. */
const attemptsMax = 20;

/** Signs session ids in and out. Each change is one compare-and-set of the id's document. */
export interface Sessions {
  /** Reads from the store which session an id stands for now. */
  current(id: string): Promise<Resolved>;
  /** True if the claim would link the session to a customer that it is not linked to, because no newer claim exists. */
  wouldLink(id: string, claim: Claim): Promise<boolean>;
  /**
   * Links the session of an id to a customer. If it has another one, the id stands for a new session from now on. What is
   * older than the link or the sign-out that holds changes nothing.
   */
  link(id: string, claim: Claim): Promise<void>;
  /**
   * An id for a session that was just signed in, known to nobody but the customer. The same one when asked again,
   * and `id` itself if it was made here. A new anonymous one if the sign-in does not hold any more.
   */
  renew(id: string, claim: Claim): Promise<string>;
  /**
   * Ends the session of an id: the id stands for a new one from now on. With `customerId`, proven by the caller, the session that
   * was signed in from it or to it ends, too.
   */
  end(id: string, customerId: string | null): Promise<void>;
}

export function createSessions(
  links: Collection<Link>,
  { clock, ids }: Pick<Host, 'clock' | 'ids'>,
): Sessions {
  const current = (id: string) => resolved((each) => links.get(each), id);

  function replaced(link: Link | null, id: string, replacedBy: string): Link {
    const nowMs = clock.nowMs();
    const base = link ?? { id, customerId: null, linkedAtMs: nowMs, pastOf: null };
    return { ...base, replacedBy, replacedAtMs: nowMs };
  }

  /** The customer was said to be here again, so what was said in between is late. */
  async function confirm(sessionId: string, { customerId, atMs, source }: Claim): Promise<void> {
    await links.update(sessionId, (link) =>
      link?.customerId === customerId ? { ...link, saidAtMs: atMs, source } : undefined,
    );
  }

  async function endOf(id: string, customerId: string): Promise<void> {
    await links.update(id, (link) =>
      link?.customerId === customerId && link.replacedBy === undefined
        ? replaced(link, id, ids.next())
        : undefined,
    );
  }

  /** True if the current link, or the sign-out before it, is newer than the claim. */
  async function isOutdated(id: string, claim: Claim, link: Link | null): Promise<boolean> {
    if (link !== null) return isLate(claim, holding(link));
    const replacedAtMs = (await links.get(id))?.replacedAtMs;
    return replacedAtMs !== undefined && claim.atMs < replacedAtMs;
  }

  return {
    current,

    async wouldLink(id, claim) {
      const { link } = await current(id);
      return link?.customerId !== claim.customerId && !(await isOutdated(id, claim, link));
    },

    async link(id, claim) {
      for (let attempt = 0; attempt < attemptsMax; attempt++) {
        const { sessionId, link } = await current(id);
        const nowMs = clock.nowMs();
        if (await isOutdated(id, claim, link)) return;
        if (link === null) {
          const [added] = await links.insert([linked(sessionId, claim, nowMs)]);
          if (added) return;
          continue;
        }
        if (link.customerId === claim.customerId) {
          const holds = holding(link);
          if (claim.atMs > holds.atMs || claim.source !== holds.source) await confirm(sessionId, claim);
          return;
        }
        const next = ids.next();
        await links.insert([linked(next, claim, nowMs)]);
        const stored = await links.update(id, (now) =>
          (now?.replacedBy ?? id) === sessionId ? replaced(now, id, next) : undefined,
        );
        if (stored?.replacedBy === next) return;
        await links.remove([next]);
      }
    },

    async renew(id, claim) {
      const { customerId } = claim;
      const own = await links.get(id);
      if (own?.replacedBy === undefined && own?.signedInFrom !== undefined && own.customerId === customerId)
        return id;
      for (let attempt = 0; attempt < attemptsMax; attempt++) {
        const { sessionId, link } = await current(id);
        // Signed out, or signed in by another customer, since the sign-in.
        if (link?.customerId !== customerId) break;
        const { renewedAs } = link;
        const before = renewedAs === undefined ? null : await links.get(renewedAs);
        if (before?.customerId === customerId && before.replacedBy === undefined) return before.id;
        const next = ids.next();
        await links.insert([{ ...linked(next, claim, clock.nowMs()), signedInFrom: sessionId }]);
        const stored = await links.update(sessionId, (now) =>
          now !== null && now.renewedAs === renewedAs ? { ...now, renewedAs: next } : undefined,
        );
        if (stored?.renewedAs === next) {
          // A sign-out at the same time either reads the new id or is read here.
          if ((await current(id)).sessionId !== sessionId) await endOf(next, customerId);
          return next;
        }
        await links.remove([next]);
      }
      return ids.next();
    },

    async end(id, customerId) {
      const { sessionId } = await current(id);
      await links.update(id, (now) => replaced(now, id, ids.next()));
      if (customerId === null) return;
      // Read after the end, so that no sign-in at the same time is missed.
      const link = await links.get(sessionId);
      if (link?.customerId !== customerId) return;
      for (const other of [link.renewedAs, link.signedInFrom]) {
        if (other !== undefined) await endOf(other, customerId);
      }
    },
  };
}

/** When, and through which key, the customer of a link was last said to be here. */
function holding({ saidAtMs, linkedAtMs, source }: Link): Pick<Claim, 'atMs' | 'source'> {
  return { atMs: saidAtMs ?? linkedAtMs, source: source ?? '' };
}
