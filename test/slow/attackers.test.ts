import { expect } from 'chai';
import { assembleRanking } from '../../plugins/recommendations/assembly.js';
import { placements } from '../../plugins/recommendations/ranking/placements.js';
import { blankProfile } from '../../plugins/recommendations/serving/profile.js';
import { rankingContextOf } from '../../plugins/recommendations/serving/ranking-context.js';
import { eventOf, shopOf } from '../../scripts/evaluate/shop-log.js';
import type { ShopEvent } from '../../src/ports/events.js';
import { createRandom, createTestClock } from '../support/boot.js';

const products = 500;
const target = products - 1;
const popular = 0;
const days = 14;
const honestADay = 6_000 / days;
const dayMs = 86_400_000;
const beganMs = Date.UTC(2026, 0, 1);
const shown = 100;

type Deed = readonly [type: ShopEvent['type'], item: number];

/** Popularity follows Zipf's law with an exponent of 0.8, but for the target, which nobody looks at. */
const weights = Array.from({ length: products - 1 }, (_, rank) => (rank + 1) ** -0.8);
const sum = weights.reduce((all, weight) => all + weight, 0);

function picked(random: () => number): number {
  let left = random() * sum;
  for (const [item, weight] of weights.entries()) {
    left -= weight;
    if (left < 0) return item;
  }
  return 0;
}

/** People look at two to eight products; some put one into the cart and order it. */
function deedsOf(random: () => number): Deed[] {
  const seen = Array.from({ length: 2 + Math.floor(random() * 7) }, () => picked(random));
  const deeds: Deed[] = seen.map((item) => ['PRODUCT_VIEWED', item]);
  if (random() < 0.15) deeds.push(['PRODUCT_ADDED_TO_CART', seen[0]!]);
  if (random() < 0.05) deeds.push(['ORDER_COMPLETED', seen[0]!]);
  return deeds;
}

/** Shows the target beside the most popular product in every way that counts. */
const attack: readonly Deed[] = [
  ['PRODUCT_VIEWED', popular],
  ['PRODUCT_VIEWED', target],
  ['SEARCH_RESULT_CLICKED', target],
  ['PRODUCT_ADDED_TO_CART', target],
  ['ORDER_COMPLETED', target],
];

interface Attack {
  /** Of all sessions of the two weeks. */
  readonly share: number;
  /** In how many days, the last ones, they come. */
  readonly during: number;
  /** Whether all of it is one session. */
  readonly isOne?: boolean;
  /** Honest sessions a day, each in a network of its own. */
  readonly honest?: number;
  /** Networks that the made-up ones come from; absent: each from its own. */
  readonly networks?: number;
}

function eventsUnder({
  share,
  during,
  isOne = false,
  honest: aDay = honestADay,
  networks,
}: Attack): ShopEvent[] {
  const honest = Math.round(aDay * days);
  const random = createRandom(7);
  const sessions: {
    readonly atMs: number;
    readonly name: string;
    readonly deeds: readonly Deed[];
    readonly network: number;
  }[] = [];
  for (let n = 0; n < honest; n++)
    sessions.push({
      atMs: beganMs + random() * days * dayMs,
      name: `h${n}`,
      deeds: deedsOf(random),
      network: networkOf(n),
    });
  for (let n = 0; n < (honest * share) / (1 - share); n++) {
    const atMs = beganMs + (days - during + random() * during) * dayMs;
    sessions.push({
      atMs,
      name: isOne ? 'attacker' : `a${n}`,
      deeds: attack,
      network: networkOf(-1 - (networks === undefined ? n : n % networks)),
    });
  }
  return sessions
    .flatMap(({ atMs, name, deeds, network }) =>
      deeds.map(([type, item], at) => {
        const happenedMs = Math.round(atMs + at * 15_000);
        const id = `storefront-0:${name}-${happenedMs}`;
        return eventOf({ id, type, sessionId: name, productIds: [`p${item}`], atMs: happenedMs, network }, 0);
      }),
    )
    .sort((a, b) => a.atMs - b.atMs);
}

/** A print from 1 to 4,095, as of `ShopEvent`. */
const networkOf = (n: number): number => (((n % 4_095) + 4_095) % 4_095) + 1;

/** The ranks of the target, from 1; Infinity where it is not among the first 100. */
function ranksAfter(
  events: readonly ShopEvent[],
): Record<'home' | 'trending' | 'similar' | 'elsewhere', number> {
  const known = Array.from({ length: products }, (_, item) => ({ id: `p${item}`, title: `Thing${item}` }));
  const { shelf, products: saved } = shopOf(known);
  const clock = createTestClock(beganMs + days * dayMs);
  const { models, ranker } = assembleRanking({
    shelf,
    category: () => null,
    clock,
    repeatPolicies: new Map(),
    exploreShare: 0,
  });
  for (const [item, product] of saved.entries()) models.content.put(item, product);
  const statistics = models.begin();
  models.exchange(statistics);
  statistics.learn(events);

  function rank(name: string, pageItem: number): number {
    const placement = placements.get(name)!;
    const asked = rankingContextOf({
      placement,
      profile: blankProfile,
      pageItem,
      cart: [],
      storeId: null,
      sessionKey: null,
      customerId: null,
      nowMs: clock.nowMs(),
      shelf,
    });
    const { items } = ranker.rank({ placement, first: shown, ...asked });
    const at = items.findIndex(({ item }) => item === target);
    return at < 0 ? Number.POSITIVE_INFINITY : at + 1;
  }
  return {
    home: rank('home', -1),
    trending: rank('trending', -1),
    similar: rank('similar', popular),
    elsewhere: rank('similar', 40),
  };
}

describe('a product that made-up sessions push', () => {
  const rows: Record<string, string | number>[] = [];
  const attacks: Attack[] = [
    { share: 0, during: days },
    { share: 0.01, during: days },
    { share: 0.01, during: 1 },
    { share: 0.2, during: 1, isOne: true },
    { share: 0.05, during: days },
    { share: 0.05, during: 1 },
    { share: 0.2, during: days },
    { share: 0.2, during: 1 },
    { share: 0.2, during: days, networks: 2 },
    { share: 0.01, during: days, honest: 100 },
    { share: 0.05, during: 1, honest: 100, networks: 2 },
    { share: 0.01, during: days, honest: 30 },
    { share: 0.01, during: 1, honest: 30 },
    { share: 0.05, during: 1, honest: 30 },
    { share: 0.05, during: 3, honest: 30 },
    { share: 0.05, during: days, honest: 30, networks: 2 },
    { share: 0.2, during: 1, honest: 30, networks: 2 },
  ];
  for (const each of attacks) {
    const { share, during, isOne = false, honest = honestADay, networks = 'any' } = each;
    it(`${share * 100} % of sessions within ${during} days${isOne ? ', all one' : ''}, beside ${Math.round(honest)} a day, from ${networks} networks`, () => {
      const ranks = ranksAfter(eventsUnder(each));
      rows.push({
        'sessions %': share * 100,
        days: during,
        'one session': String(isOne),
        honest: Math.round(honest),
        networks,
        ...ranks,
      });
      if (networks !== 'any') {
        for (const name of ['home', 'trending', 'similar'] as const)
          expect(ranks[name], name).to.be.greaterThan(10);
        return;
      }
      if (during === 1)
        for (const name of ['home', 'trending', 'similar'] as const)
          expect(ranks[name], name).to.be.greaterThan(10);
      if (honest < honestADay) return;
      expect(ranks.elsewhere, 'lists of other products').to.be.greaterThan(10);
      if (isOne) expect(ranks.similar, 'beside the popular one').to.be.greaterThan(10);
      if (share > 0.01 && !isOne) return;
      for (const name of ['home', 'trending'] as const) expect(ranks[name], name).to.be.greaterThan(10);
    });
  }
  after(() => {
    process.stdout.write(
      '\n    rank of the pushed product of 500; similar: to the product it was shown beside\n',
    );
    for (const row of rows) process.stdout.write(`    ${JSON.stringify(row)}\n`);
  });
});
