import { fingerprint } from '../../../src/kit/fingerprint.js';
import { heapBytesOfRecord } from '../../../src/kit/heap-bytes.js';
import type { Clock } from '../../../src/plugin.js';
import type { Shelf } from '../../../src/ports/catalog.js';
import { isFromStorefront, type ShopEvent } from '../../../src/ports/events.js';
import { withoutProperties } from '../learning/without-properties.js';
import { type Family, families } from '../ranking/fusion-weights.js';
import { placements } from '../ranking/placements.js';
import type { Ranker } from '../ranking/ranking.js';
import { createDecisionIds, type DecisionIds } from '../serving/decision-id.js';
import { blankProfile, profileOf } from '../serving/profile.js';
import { type Choice, choiceOf } from './choices.js';
import { choosing, chosenFrom, leavePage } from './chosen-from.js';
import { createKeptChoices } from './kept-choices.js';
import { createSampledShoppers, type SampledShopper } from './sampled-shoppers.js';
import { createSettledChoices } from './settled-choices.js';
import { createShadowQueue, type ShadowRequest } from './shadow-queue.js';
import { type Moment, type ShadowRanking, shadowRankingIn } from './shadow-ranking.js';

const eventsAPersonMax = 40;
/** Their bytes, as `heapBytesOfRecord` counts them. Usual ones take a tenth of it. */
const bytesAPersonMax = 64 * 1_024;
const storesMax = 32;
/** Orders without an observed cart are ranked when they arrive, at most so many a second. */
const ordersASecondMax = 2;

/**
 * Observes the choices of a sample of the shoppers, for each family of placements. After an event of such a shopper it ranks for them
 * (a shadow ranking), and their next choice becomes an example with that ranking. So nothing that the models learn later leaks
 * into an example, and an event costs no prediction when it arrives. The sampling rate falls with the number of rankings, so that
 * examples reach far back.
 */
export interface ChoiceLog {
  /** Before the models learn from the event. */
  observe(event: ShopEvent): void;
  /** Of each family oldest first. */
  choices(): Choice[];
  /** How many there were since the last new start, those included that are forgotten. */
  readonly seen: number;
  /** Drops all choices, since a recommender has changed, and samples everybody again. */
  startAnew(): void;
  stop(): void;
}

export function createChoiceLog(
  ranker: Pick<Ranker, 'gather'>,
  shelf: Shelf,
  clock: Clock,
  decisions: DecisionIds = createDecisionIds(),
): ChoiceLog {
  const kept = createKeptChoices();
  const settled = createSettledChoices(kept.keep);
  const shoppers = createSampledShoppers(clock);
  const requests = createShadowQueue(clock, rankFor);
  /** By store what somebody is shown of whom nothing is known. */
  const newcomers = new Map<string | null, ShadowRanking>();
  let second = Number.NaN;
  let ordersInSecond = 0;

  function rankFor({ placement, family, of, after }: ShadowRequest): void {
    const profile = of === null ? blankProfile : profileOf(of.events, shelf, after.atMs);
    const pageItem = placement.needsPage ? (profile.session.at(-1) ?? -1) : -1;
    const isShown = after.type === 'RECOMMENDATION_SHOWN';
    if (placement.needsPage && pageItem < 0) return;
    const shown = isShown ? after.productIds.map((id) => shelf.numberOf(id)) : null;
    const cart = placement.name === 'cart' ? profile.cart.toReversed() : [];
    const found = predict(family, { placement, event: after, profile, pageItem, cart, shown });
    if (of === null) {
      newcomers.set(after.storeId, found);
      if (newcomers.size > storesMax) newcomers.delete(newcomers.keys().next().value!);
      return;
    }
    if (isShown) of.shownFrom = { family, ranking: found };
    else of.rankings.set(family, found);
    shoppers.wasRanked(of);
  }

  function predict(family: Family, moment: Moment): ShadowRanking {
    shoppers.countRequest(family);
    return shadowRankingIn(moment, ranker, shelf);
  }

  function take(event: ShopEvent, family: Family, item: number, { alternatives }: ShadowRanking): void {
    const person = personOf(event);
    const source = isFromStorefront(event) && event.network ? event.network : fingerprint(person);
    const choice = choiceOf(alternatives, family, item, source);
    if (choice) settled.take(person, choice);
  }

  /** Keeps what was chosen from earlier rankings. */
  function settle(event: ShopEvent, one: SampledShopper): void {
    const item = shelf.numberOf(event.productIds[0] ?? '');
    if (item < 0) return;
    if (event.type !== 'RECOMMENDATION_CLICKED' && one.events.length === 0) {
      const shownToAny = newcomers.get(event.storeId);
      if (shownToAny) take(event, 'home', item, shownToAny);
      newcomers.delete(event.storeId);
      return;
    }
    for (const { family, ranking } of chosenFrom(event, item, one)) take(event, family, item, ranking);
  }

  /** An order that nobody was seen to fill a cart for, from a till, a telephone, an import: what goes with the rest of it. */
  function considerOrder(event: ShopEvent, one: SampledShopper, person: string): void {
    const now = Math.floor(event.receivedAtMs / 1000);
    if (now !== second) {
      second = now;
      ordersInSecond = 0;
    }
    if (event.productIds.length < 2 || ordersInSecond >= ordersASecondMax) return;
    if (!shoppers.samples(person, 'cart')) return;
    const items = [...new Set(event.productIds.map((id) => shelf.numberOf(id)))].filter((item) => item >= 0);
    if (items.length < 2) return;
    ordersInSecond++;
    const profile = profileOf(one.events, shelf, event.atMs);
    if (profile.cart.length > 0) return;
    const placement = placements.get('cart')!;
    const cart = items.slice(0, -1);
    const found = predict('cart', { placement, event, profile, pageItem: -1, cart, shown: null });
    take(event, 'cart', items.at(-1)!, found);
  }

  function observeShown(event: ShopEvent, one: SampledShopper, person: string): void {
    const decision = decisions.read(event.decisionId);
    if (decision === null) return;
    const { placement, shows } = decision;
    const shown = { ...event, productIds: event.productIds.filter(shows) };
    one.shown = shown;
    one.shownFrom = null;
    const { family } = placement;
    if (family === null || !shoppers.samples(person, family)) return;
    requests.add({ placement, family, of: one, after: shown });
  }

  function remember(one: SampledShopper, event: ShopEvent): void {
    one.events.unshift(event);
    one.bytes += heapBytesOfRecord(event);
    while (one.events.length > eventsAPersonMax || (one.bytes > bytesAPersonMax && one.events.length > 1))
      one.bytes -= heapBytesOfRecord(one.events.pop()!);
  }

  function requestAll(event: ShopEvent, one: SampledShopper, person: string): void {
    for (const family of families) {
      if (!shoppers.samples(person, family)) continue;
      if (family === 'cart' && event.type !== 'PRODUCT_ADDED_TO_CART') continue;
      requests.add({ placement: placements.get(family)!, family, of: one, after: event });
    }
  }

  return {
    observe(whole) {
      // A choice is held against the history of its person.
      if (!whole.learn || whole.permitted === false) return;
      const person = personOf(whole);
      if (!shoppers.samples(person)) return;
      const event = withoutProperties(whole);
      settled.heard(person, event);
      const one = shoppers.recall(person);
      if (event.type === 'RECOMMENDATION_SHOWN') return observeShown(event, one, person);
      if (choosing.has(event.type)) {
        if (event.type === 'ORDER_COMPLETED') considerOrder(event, one, person);
        settle(event, one);
      }
      if (one.events.length === 0 && shoppers.samples(person, 'home'))
        requests.add({ placement: placements.get('home')!, family: 'home', of: null, after: event });
      remember(one, event);
      if (one.rankings.size > 0) leavePage(one, event);
      if (choosing.has(event.type)) requestAll(event, one, person);
    },
    choices: kept.choices,
    startAnew() {
      kept.clear();
      shoppers.startAnew();
      newcomers.clear();
    },
    get seen() {
      return kept.seen();
    },
    stop: requests.stop,
  };
}

const personOf = ({ customerId, sessionId }: ShopEvent) => customerId ?? sessionId;
