import { fingerprint } from '../../src/kit/fingerprint.js';
import type { ShopEvent } from '../../src/ports/events.js';
import type { PlacementReport } from '../../src/ports/recommendations.js';
import { createDecisionIds, type DecisionIds } from './decision-id.js';
import { isFromStorefront } from './event-origin.js';
import type { Part, Storable } from './models/stored.js';

const dayMs = 86_400_000;
export const reportDaysMax = 90;
const attributionMs = 7 * dayMs;
const clickingSessionsMax = 50_000;
const clicksPerSessionMax = 20;
const sessionsPerPart = 2_000;
/** Whom events of a storefront come from: what counts of them in a day, in products. */
const dailyMax = {
  session: { shown: 500, clicked: 30 },
  network: { shown: 5_000, clicked: 200 },
} as const;
/** A network that many share, as one of a provider, counts for up to this part of what all others did that day, if that is more. */
const networkShare = 0.05;
const sendersMax = 50_000;

interface Allowance {
  day: number;
  shown: number;
  clicked: number;
}

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

/** Clicks that wait for a purchase, the oldest first: of each session as many products as `lengths` says. */
interface ClicksPart extends Part {
  readonly name: 'clicks';
  readonly sessions: Float64Array;
  readonly lengths: Int32Array;
  readonly clicks: readonly (readonly [productId: string, placement: string, atMs: number])[];
}

/** A storefront says when something happened only within a day of its receipt, so that it writes no days that are over. */
function happenedMs(event: ShopEvent): number {
  return isFromStorefront(event) ? Math.max(event.atMs, event.receivedAtMs - dayMs) : event.atMs;
}

export function createReport(decisions: DecisionIds = createDecisionIds()): Report {
  const days = new Map<number, Map<string, Counts>>();
  /** By the session's fingerprint, then by product. */
  const clicks = new Map<number, Map<string, Click>>();
  let newestDay = 0;
  /** By session and by network. What a restart forgets of them is a part of one day. */
  const senders = new Map<string, Allowance>();
  const total: Allowance = { day: 0, shown: 0, clicked: 0 };

  function senderOf(key: string, day: number): Allowance {
    const known = senders.get(key);
    if (known?.day === day) return known;
    senders.delete(key);
    if (senders.size >= sendersMax) senders.delete(senders.keys().next().value!);
    const sender = { day, shown: 0, clicked: 0 };
    senders.set(key, sender);
    return sender;
  }

  /** How many of so many products count, by who says so. */
  function admit(
    { sessionId, network, receivedAtMs }: ShopEvent,
    what: 'shown' | 'clicked',
    by: number,
  ): number {
    const day = Math.floor(receivedAtMs / dayMs);
    if (total.day !== day) Object.assign(total, { day, shown: 0, clicked: 0 });
    const session = senderOf(`session ${fingerprint(sessionId)}`, day);
    let admitted = Math.min(by, dailyMax.session[what] - session[what]);
    if (network !== undefined) {
      const all = senderOf(`network ${network}`, day);
      const most = Math.max(dailyMax.network[what], networkShare * (total[what] - all[what]));
      admitted = Math.max(0, Math.min(admitted, Math.floor(most) - all[what]));
      all[what] += admitted;
    }
    session[what] += admitted;
    total[what] += admitted;
    return admitted;
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
    if (clicks.size >= clickingSessionsMax) clicks.delete(clicks.keys().next().value!);
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
      if (!event.learn) return;
      const today = Math.floor(newestMs / dayMs);
      if (today !== newestDay) {
        newestDay = today;
        for (const old of days.keys()) if (old <= today - reportDaysMax) days.delete(old);
      }
      if (event.type === 'ORDER_COMPLETED') return buy(event);
      if (event.type !== 'RECOMMENDATION_SHOWN' && event.type !== 'RECOMMENDATION_CLICKED') return;
      const decision = decisions.read(event.decisionId, event.receivedAtMs);
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
      const sessions = Float64Array.from(clicks.keys());
      const lengths = new Int32Array(sessions.length);
      const waiting: (readonly [string, Click])[] = [];
      let row = 0;
      for (const products of clicks.values()) {
        lengths[row++] = products.size;
        for (const product of products) waiting.push(product);
      }
      return (function* (): Generator<DaysPart | ClicksPart> {
        yield counted;
        for (let from = 0, at = 0; from < sessions.length; from += sessionsPerPart) {
          const some = lengths.slice(from, from + sessionsPerPart);
          const end = some.reduce((sum, length) => sum + length, at);
          yield {
            name: 'clicks',
            sessions: sessions.slice(from, from + sessionsPerPart),
            lengths: some,
            clicks: waiting.slice(at, end).map(([id, { placement, atMs }]) => [id, placement, atMs] as const),
          };
          at = end;
        }
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
      const stored = part as ClicksPart;
      for (let row = 0, at = 0; row < stored.sessions.length; at += stored.lengths[row++]!) {
        const products = stored.clicks.slice(at, at + stored.lengths[row]!);
        clicks.set(
          stored.sessions[row]!,
          new Map(products.map(([id, placement, atMs]) => [id, { placement, atMs }])),
        );
      }
    },
  };
}
