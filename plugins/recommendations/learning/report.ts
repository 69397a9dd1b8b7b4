import { createDailyQuotas } from '../../../src/kit/daily-quotas.js';
import { fingerprint } from '../../../src/kit/fingerprint.js';
import { isFromStorefront, type ShopEvent } from '../../../src/ports/events.js';
import type { PlacementReport } from '../../../src/ports/recommendations.js';
import { createNetworkShares } from '../limits/network-shares.js';
import { createDecisionIds, type DecisionIds } from '../serving/decision-id.js';
import type { Part, Storable } from '../snapshots/stored.js';

const dayMs = 86_400_000;
export const reportDaysMax = 90;
const attributionMs = 7 * dayMs;
const clickingSessionsMax = 50_000;
const clicksPerSessionMax = 20;
const sessionsPerPart = 2_000;
/** The most products that count of one session and of one network in a day; the quotas' numbers differ from those of `admission.ts`. */
const ofSession = { shown: { number: 8, max: 480 }, clicked: { number: 9, max: 30 } } as const;
const ofNetwork = { shown: { least: 5_000, share: 0.05 }, clicked: { least: 200, share: 0.05 } } as const;

const reported: ReadonlySet<ShopEvent['type']> = new Set([
  'RECOMMENDATION_SHOWN',
  'RECOMMENDATION_CLICKED',
  'ORDER_COMPLETED',
]);

/** Counts what recommendations led to, from events that name the decision that showed them. */
export interface Report extends Storable {
  /** `newestMs`: the newest plausible receipt of the log; by default the event's time. Days long before it are forgotten. */
  learn(event: ShopEvent, newestMs?: number): void;
  read(days: number, nowMs: number): readonly PlacementReport[];
}

interface Counts {
  shown: number;
  clicked: number;
  bought: number;
}

interface Click {
  readonly placement: string;
  readonly atMs: number;
}

interface DaysPart extends Part {
  readonly name: 'days';
  readonly newestDay: number;
  readonly counts: readonly (readonly [day: number, placement: string, counts: Counts])[];
}

/** Clicks of some sessions that wait for a purchase, the oldest first. */
interface ClicksPart extends Part {
  readonly name: 'clicks';
  readonly sessions: readonly (readonly [
    session: number,
    clicks: readonly (readonly [productId: string, Click])[],
  ])[];
}

/** A storefront says when something happened only within a day of its receipt, so that it writes no days that are over. */
function happenedMs(event: ShopEvent): number {
  return isFromStorefront(event) ? Math.max(event.atMs, event.receivedAtMs - dayMs) : event.atMs;
}

/** `quotas` are the caller's to store. What a restart forgets of the networks is a part of one day. */
export function createReport(
  decisions: DecisionIds = createDecisionIds(),
  quotas = createDailyQuotas(),
): Report {
  const days = new Map<number, Map<string, Counts>>();
  /** By the session's fingerprint, then by product. */
  const clicks = new Map<number, Map<string, Click>>();
  /** Goes on from the last one that went: beginning anew would pass all that are gone. */
  const oldestClicks = clicks.keys();
  let newestDay = 0;
  const networks = {
    shown: createNetworkShares(ofNetwork.shown),
    clicked: createNetworkShares(ofNetwork.clicked),
  };

  /** Returns the number of products that count, by the session and the network that report them. */
  function admit(event: ShopEvent, what: 'shown' | 'clicked', by: number): number {
    const { sessionId, network = 0, receivedAtMs } = event;
    const own = quotas.take(fingerprint(sessionId), 0, ofSession[what], by, receivedAtMs);
    return Math.floor(networks[what].take(network, Math.floor(own), receivedAtMs));
  }

  function count(placement: string, atMs: number, what: keyof Counts, by: number): void {
    const day = Math.floor(atMs / dayMs);
    if (day <= newestDay - reportDaysMax) return;
    let ofDay = days.get(day);
    if (!ofDay) {
      ofDay = new Map();
      days.set(day, ofDay);
    }
    let counts = ofDay.get(placement);
    if (!counts) {
      counts = { shown: 0, clicked: 0, bought: 0 };
      ofDay.set(placement, counts);
    }
    counts[what] += by;
  }

  function click(event: ShopEvent, placement: string): void {
    const session = fingerprint(event.sessionId);
    let ofSession = clicks.get(session);
    if (ofSession) clicks.delete(session);
    else ofSession = new Map();
    if (clicks.size >= clickingSessionsMax) clicks.delete(oldestClicks.next().value!);
    clicks.set(session, ofSession);
    for (const id of event.productIds) {
      ofSession.delete(id);
      if (ofSession.size >= clicksPerSessionMax) ofSession.delete(ofSession.keys().next().value!);
      ofSession.set(id, { placement, atMs: happenedMs(event) });
    }
  }

  function buy(event: ShopEvent): void {
    if (clicks.size === 0) return;
    const ofSession = clicks.get(fingerprint(event.sessionId));
    if (!ofSession) return;
    for (const id of new Set(event.productIds)) {
      const clicked = ofSession.get(id);
      if (!clicked) continue;
      ofSession.delete(id);
      const atMs = happenedMs(event);
      const afterMs = atMs - clicked.atMs;
      if (afterMs >= 0 && afterMs <= attributionMs) count(clicked.placement, atMs, 'bought', 1);
    }
  }

  return {
    learn(event, newestMs = event.atMs) {
      if (!event.learn || !reported.has(event.type)) return;
      const today = Math.floor(newestMs / dayMs);
      if (today !== newestDay) {
        newestDay = today;
        for (const old of days.keys()) if (old <= today - reportDaysMax) days.delete(old);
      }
      if (event.type === 'ORDER_COMPLETED') return buy(event);
      const decision = decisions.read(event.decisionId);
      if (decision === null) return;
      const placement = decision.placement.name;
      const what = event.type === 'RECOMMENDATION_SHOWN' ? 'shown' : 'clicked';
      const productIds = event.productIds.filter(decision.shows);
      const { length } = productIds;
      const admitted = isFromStorefront(event) ? admit(event, what, length) : length;
      if (admitted <= 0) return;
      count(placement, happenedMs(event), what, admitted);
      if (what === 'clicked') click({ ...event, productIds }, placement);
    },
    read(daysBack, nowMs) {
      const today = Math.floor(nowMs / dayMs);
      const sums = new Map<string, Counts>();
      for (const [day, ofDay] of days) {
        if (day > today || day <= today - daysBack) continue;
        for (const [placement, counts] of ofDay) {
          const sum = sums.get(placement) ?? { shown: 0, clicked: 0, bought: 0 };
          sum.shown += counts.shown;
          sum.clicked += counts.clicked;
          sum.bought += counts.bought;
          sums.set(placement, sum);
        }
      }
      return [...sums]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([placement, counts]) => ({ placement, ...counts }));
    },

    save() {
      const counted: DaysPart = {
        name: 'days',
        newestDay,
        counts: [...days].flatMap(([day, ofDay]) =>
          Array.from(ofDay, ([placement, counts]) => [day, placement, { ...counts }] as const),
        ),
      };
      const waiting = Array.from(clicks, ([session, products]) => [session, [...products]] as const);
      return (function* (): Generator<DaysPart | ClicksPart> {
        yield counted;
        for (let from = 0; from < waiting.length; from += sessionsPerPart)
          yield { name: 'clicks', sessions: waiting.slice(from, from + sessionsPerPart) };
      })();
    },
    restore(part) {
      if (part.name === 'days') {
        const stored = part as DaysPart;
        newestDay = stored.newestDay;
        for (const [day, placement, counts] of stored.counts) {
          const ofDay = days.get(day) ?? new Map<string, Counts>();
          days.set(day, ofDay.set(placement, { ...counts }));
        }
        return;
      }
      for (const [session, products] of (part as ClicksPart).sessions) clicks.set(session, new Map(products));
    },
  };
}
