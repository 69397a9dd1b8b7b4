import { LRUCache } from 'lru-cache';
import { atMost } from '../../../src/kit/bounded.js';
import { fingerprint } from '../../../src/kit/fingerprint.js';
import { isFromStorefront, type ShopEvent } from '../../../src/ports/events.js';
import { createDecisionIds, type DecisionIds } from '../serving/decision-id.js';
import type { Part, Storable } from '../snapshots/stored.js';
import { type Bandit, createBandit } from './bandit.js';
import { createTrialLimits, type SavedTrialLimits, type TrialClaim } from './trial-limits.js';

/** The last of so many places is where things are tried out. */
export const placesATrial = 10;
const rememberedMax = 20_000;
const attributionMs = 7 * 86_400_000;
/** Showings that a dismissal counts like. */
const dismissalShowings = 3;

/**
 * How products did in the places where things are tried out, from what was shown, clicked, dismissed and bought, joined by decision. Only those
 * places count, so that all are compared under the same conditions.
 */
export interface Trials extends Storable, Pick<Bandit, 'choose'> {
  /** From an event that may teach. `mayCount` says whether one showing more of a product counts, by its id. */
  learn(event: ShopEvent, mayCount?: (productId: string) => boolean): void;
}

interface TrialsPart extends Part {
  readonly name: 'bandit';
  readonly json: ReturnType<Bandit['save']>;
}

interface LimitsPart extends Part {
  readonly name: 'limits';
  readonly json: SavedTrialLimits;
}

interface Click {
  readonly placement: string;
  readonly atMs: number;
}

/** Each counts once. */
interface ReplyCounts {
  readonly clicked: boolean;
  readonly dismissed: boolean;
}

export function createTrials(decisions: DecisionIds = createDecisionIds()): Trials {
  const bandit = createBandit();
  const limits = createTrialLimits();
  /** By session, decision and product: the replies to a product that was shown. */
  const shown = new LRUCache<string, ReplyCounts>(atMost(rememberedMax));
  /** By session and product. */
  const clicked = new LRUCache<string, Click>(atMost(rememberedMax));

  /** A storefront may say when something happened, but not when it was received. */
  function admits(kind: TrialClaim['kind'], amount: number, event: ShopEvent, placement: string, id: string) {
    const trusted = !isFromStorefront(event);
    const atMs = trusted ? event.atMs : event.receivedAtMs;
    return limits.admit({ kind, placement, productId: id, amount, atMs, trusted });
  }

  function learnShown(event: ShopEvent, placement: string, mayCount: (productId: string) => boolean): void {
    const { sessionId, decisionId, position, productIds } = event;
    for (const [at, id] of productIds.entries()) {
      if (((position ?? 1) + at) % placesATrial !== 0) continue;
      const key = `${fingerprint(sessionId)} ${decisionId} ${id}`;
      if (shown.has(key) || !mayCount(id) || !admits('trials', 1, event, placement, id)) continue;
      shown.set(key, { clicked: false, dismissed: false });
      bandit.count(placement, id, { trials: 1, successes: 0 });
    }
  }

  function learnReply(event: ShopEvent, placement: string): void {
    const { type, sessionId, decisionId, productIds, atMs } = event;
    const session = fingerprint(sessionId);
    for (const id of productIds) {
      const key = `${session} ${decisionId} ${id}`;
      const before = shown.get(key);
      if (before === undefined) continue;
      if (type === 'PRODUCT_DISMISSED') {
        if (before.dismissed) continue;
        shown.set(key, { ...before, dismissed: true });
        if (admits('trials', dismissalShowings, event, placement, id))
          bandit.count(placement, id, { trials: dismissalShowings, successes: 0 });
      } else if (!before.clicked) {
        shown.set(key, { ...before, clicked: true });
        if (!admits('successes', 1, event, placement, id)) continue;
        bandit.count(placement, id, { trials: 0, successes: 1 });
        clicked.set(`${session} ${id}`, { placement, atMs });
      }
    }
  }

  /** What was clicked and then bought has succeeded twice. */
  function learnBought({ sessionId, productIds, atMs }: ShopEvent): void {
    if (clicked.size === 0) return;
    const session = fingerprint(sessionId);
    for (const id of productIds) {
      const key = `${session} ${id}`;
      const click = clicked.get(key);
      clicked.delete(key);
      const afterMs = click === undefined ? -1 : atMs - click.atMs;
      if (afterMs >= 0 && afterMs <= attributionMs) {
        bandit.count(click!.placement, id, { trials: 1, successes: 1 });
      }
    }
  }

  return {
    choose: bandit.choose,
    learn(event, mayCount = () => true) {
      const { type } = event;
      if (type === 'ORDER_COMPLETED') return learnBought(event);
      const decision = decisions.read(event.decisionId);
      if (!decision?.placement.explores) return;
      const { name } = decision.placement;
      if (type === 'RECOMMENDATION_SHOWN')
        learnShown(event, name, (id) => decision.shows(id) && mayCount(id));
      else if (type === 'RECOMMENDATION_CLICKED' || type === 'PRODUCT_DISMISSED') learnReply(event, name);
    },
    save: (): Iterable<TrialsPart | LimitsPart> => [
      { name: 'bandit', json: bandit.save() },
      { name: 'limits', json: limits.save() },
    ],
    restore(part) {
      if (part.name === 'limits') limits.restore((part as LimitsPart).json);
      else bandit.restore((part as TrialsPart).json);
    },
  };
}
