import { assembleRanking } from '../../plugins/recommendations/assembly.js';
import { purchasesToLearn } from '../../plugins/recommendations/next-basket/people-model.js';
import { type Placement, placements } from '../../plugins/recommendations/ranking/placements.js';
import { profileOf } from '../../plugins/recommendations/serving/profile.js';
import { rankingContextOf } from '../../plugins/recommendations/serving/ranking-context.js';
import { prefixesToLearn } from '../../plugins/recommendations/session-knn/session-model.js';
import type { ShopEvent } from '../../src/ports/events.js';
import { asksOf } from './asks.js';
import { createEventClock } from './event-clock.js';
import { learnAsTheShop } from './people.js';
import { finished, type Progress } from './progress.js';
import type { ShopLog } from './shop-log.js';

const cutoff = 10;
const tailShare = 0.2;
const eventsRemembered = 200;

export interface PlacementFigures {
  readonly placement: string;
  /** `served`, `only session` … */
  readonly ranking: string;
  readonly asks: number;
  readonly hitRate: number;
  readonly reciprocalRank: number;
  /** Mean share of pairs in a list that differ: by half in brand, by half in category. */
  readonly dissimilarity: number;
  /** Share of products that were shown at least once. */
  readonly coverage: number;
  readonly microseconds: number;
  /** For each list the place of what was taken, from 1, 0 if it was not shown; in the same order for all rankings of a placement. */
  readonly ranks: readonly number[];
  /** For each list who it was for. */
  readonly shoppers: readonly string[];
}

interface Ranking {
  readonly name: string;
  /** In place of what the placement has. */
  readonly change: (placement: Placement) => Placement | null;
  readonly diversity?: number;
}

/**
 * Whole rankings of the placements, on a log replayed into the serving code: each list that could have been asked for in its last fifth is
 * compared with what the shopper took next, before the models learn it. At most `asksMax` lists, spread evenly.
 */
export async function evaluatePlacements(
  log: ShopLog,
  progress: Progress,
  asksMax = 3000,
  diversities: readonly number[] = [],
  single = true,
): Promise<readonly PlacementFigures[]> {
  const { shelf } = log;
  const clock = createEventClock();
  const parts = assembleRanking({
    shelf,
    category: log.category,
    clock,
    repeatPolicies: new Map(),
    exploreShare: 0,
  });
  const statistics = parts.models.begin();
  parts.models.exchange(statistics);
  for (const [item, product] of log.products.entries()) parts.models.put(item, product);
  const proposers = parts.recommenders.filter(({ blend }) =>
    ['home', 'product', 'cart'].some((placement) => placement in blend),
  );
  const tailFrom = Math.floor(log.events.length * (1 - tailShare));
  const people = new Map<string, ShopEvent[]>();
  const remember = (event: ShopEvent) => {
    const person = event.customerId ?? event.sessionId;
    const events = people.get(person) ?? [];
    people.set(person, [event, ...events.slice(0, eventsRemembered - 1)]);
  };
  const { session, people: buyers } = parts.models;
  let refitAt = prefixesToLearn;
  let peopleRefitAt = purchasesToLearn;
  for (const event of log.events.slice(0, tailFrom)) {
    clock.goTo(event.atMs);
    statistics.learn([event]);
    remember(event);
    if (buyers.purchases >= peopleRefitAt) {
      peopleRefitAt = buyers.purchases * 1.5;
      await learnAsTheShop(buyers, progress);
    }
    if (session.interactions < refitAt) continue;
    refitAt = session.interactions * 1.5;
    session.use(finished(session.learn()));
    progress(`the session model learned at ${session.interactions} interactions`);
  }
  const same = (placement: Placement) => placement;
  const rankings: Ranking[] = [
    { name: 'served', change: same },
    ...(single ? proposers : []).map(
      ({ name, blend }): Ranking => ({
        name: `only ${name}`,
        change: (placement) => (placement.name in blend ? { ...placement, blend: { [name]: 1 } } : null),
      }),
    ),
    ...diversities.map((diversity): Ranking => ({ name: `diversity ${diversity}`, change: same, diversity })),
  ];
  const tallies = new Map<string, ReturnType<typeof createTally>>();
  const stride = Math.max(1, Math.floor((log.events.length - tailFrom) / asksMax));
  for (const [at, event] of log.events.slice(tailFrom).entries()) {
    clock.goTo(event.atMs);
    if (at % stride === 0) {
      const before = people.get(event.customerId ?? event.sessionId) ?? [];
      const profile = profileOf(before, shelf, event.atMs);
      for (const ask of asksOf(event, profile, before[0]?.atMs ?? 0, shelf)) {
        const known = ask.placement === 'cart' ? profileOf(sinceCart(before), shelf, event.atMs) : profile;
        for (const ranking of rankings) {
          const placement = ranking.change(placements.get(ask.placement)!);
          if (!placement) continue;
          const began = process.cpuUsage();
          const asked = rankingContextOf({
            placement,
            profile: known,
            pageItem: ask.pageItem,
            cart: ask.cart,
            storeId: event.storeId,
            sessionKey: event.sessionId,
            customerId: event.customerId,
            nowMs: event.atMs,
            shelf,
          });
          const { items } = parts.ranker.rank({
            placement,
            ...asked,
            first: cutoff,
            ...(ranking.diversity === undefined ? {} : { diversity: ranking.diversity }),
          });
          const took = process.cpuUsage(began);
          const key = JSON.stringify([ask.placement, ranking.name]);
          const tally = tallies.get(key) ?? createTally(log);
          tallies.set(key, tally);
          tally.add(
            items.map(({ item }) => item),
            ask.taken,
            took.user + took.system,
            event.customerId ?? event.sessionId,
          );
        }
      }
    }
    statistics.learn([event]);
    remember(event);
  }
  return [...tallies]
    .map(([key, tally]): PlacementFigures => {
      const [placement, ranking] = JSON.parse(key) as [string, string];
      return { placement, ranking, ...tally.read() };
    })
    .sort((a, b) => (a.placement < b.placement ? -1 : a.placement > b.placement ? 1 : 0));
}

/** As it was when the cart changed last: what joins it next is mostly looked at just before, and then it would be no guess. */
function sinceCart(before: readonly ShopEvent[]): readonly ShopEvent[] {
  const changed = before.findIndex(({ type }) => type === 'PRODUCT_ADDED_TO_CART');
  return changed < 0 ? before : before.slice(changed);
}

function createTally({ shelf }: ShopLog) {
  const shown = new Set<number>();
  let asks = 0;
  let hits = 0;
  let reciprocal = 0;
  let unlike = 0;
  let micros = 0;
  const ranks: number[] = [];
  const shoppers: string[] = [];
  return {
    add(items: readonly number[], taken: number, microseconds: number, shopper: string): void {
      asks++;
      shoppers.push(shopper);
      micros += microseconds;
      const rank = items.indexOf(taken) + 1;
      ranks.push(rank);
      if (rank > 0) {
        hits++;
        reciprocal += 1 / rank;
      }
      let pairs = 0;
      let differing = 0;
      for (const [at, item] of items.entries()) {
        shown.add(item);
        for (const other of items.slice(0, at)) {
          pairs++;
          if (shelf.brand(item) !== shelf.brand(other)) differing += 0.5;
          if (shelf.categories(item)[0] !== shelf.categories(other)[0]) differing += 0.5;
        }
      }
      unlike += pairs === 0 ? 0 : differing / pairs;
    },
    read: () => ({
      asks,
      hitRate: hits / asks,
      reciprocalRank: reciprocal / asks,
      dissimilarity: unlike / asks,
      coverage: shown.size / shelf.size,
      microseconds: micros / asks,
      ranks,
      shoppers,
    }),
  };
}
