import type { Channel } from '../../src/context.js';
import type { EventType } from '../../src/ports/events.js';
import { stores } from './assortment.js';
import type { Chance } from './chance.js';
import type { Person } from './people.js';
import type { DemoProduct } from './products.js';
import { otherWords, type Theme, themes } from './themes.js';

const dayMs = 86_400_000;
const minuteMs = 60_000;
export const historyDays = 60;
const viewsMax = 25;
/** No visit is longer, so none ends in the future. */
const visitMsMax = 2 * 60 * minuteMs;

/** Something a simulated shopper did. */
export interface Deed {
  readonly sessionId: string;
  readonly customerId: string | null;
  readonly channel: Channel;
  readonly storeId: string | null;
  readonly locale: string;
  readonly currency: string;
  readonly atMs: number;
  readonly type: EventType;
  readonly productIds?: readonly string[];
  readonly quantity?: readonly number[];
  readonly value?: number;
  readonly query?: string;
  readonly queryId?: string;
  readonly position?: number;
}

/** Notes a deed, some seconds after the one before unless it says when; answers the moment. */
type Note = (deed: Pick<Deed, 'type'> & Partial<Deed>) => number;

type Who = Pick<Deed, 'sessionId' | 'customerId' | 'channel' | 'storeId' | 'locale' | 'currency'>;

/** The planted preferences of a shopper: themes, and weights of each line's products with one favourite brand. */
interface Taste {
  readonly themes: readonly Theme[];
  readonly leanings: Map<string, number[]>;
}

interface Simulation {
  /** A shopper nobody knows, over the whole time. */
  stranger(number: number): Deed[];
  person(person: Person): Deed[];
}

export function createSimulation(
  products: readonly DemoProduct[],
  chance: Chance,
  nowMs: number,
): Simulation {
  const byLine = new Map<string, DemoProduct[]>();
  for (const product of products) {
    if (product.input.status !== 'ACTIVE') continue;
    const line = product.line.category.id;
    byLine.set(line, [...(byLine.get(line) ?? []), product]);
  }
  let queries = 0;

  function tasteFor(first: Theme): Taste {
    const second = chance.happens(0.25) ? [themes[chance.weighted(themes.map(({ weight }) => weight))]!] : [];
    return { themes: [first, ...second], leanings: new Map() };
  }

  /** The weights of a line's products for a taste: by appeal, and higher for the favourite brand. */
  function leanings(line: string, taste: Taste): number[] {
    let weights = taste.leanings.get(line);
    if (!weights) {
      const favourite = chance.pick(byLine.get(line)!).brand;
      weights = byLine.get(line)!.map(({ appeal, brand }) => (brand === favourite ? 3 * appeal : appeal));
      taste.leanings.set(line, weights);
    }
    return weights;
  }

  /** One product of a line; after another of the line rather what is like it. */
  function choose(line: string, taste: Taste, before: DemoProduct | null): DemoProduct {
    const members = byLine.get(line)!;
    const weights = leanings(line, taste);
    if (before?.line !== members[0]!.line) return members[chance.weighted(weights)]!;
    const near = weights.map((weight, i) => {
      const product = members[i]!;
      return product === before ? 0 : product.kind === before.kind ? 4 * weight : weight;
    });
    return members[chance.weighted(near)]!;
  }

  function visit(who: Who, taste: Taste, startMs: number): Deed[] {
    const deeds: Deed[] = [];
    let atMs = startMs;
    const add: Note = (deed) => {
      atMs += chance.whole(5, 90) * 1_000;
      deeds.push({ ...who, atMs, ...deed });
      return atMs;
    };
    const theme = taste.themes[chance.happens(0.8) ? 0 : taste.themes.length - 1]!;
    const lineIds = Object.keys(theme.lines);
    let line = lineIds[chance.weighted(Object.values(theme.lines))]!;
    let seen = choose(line, taste, null);
    if (chance.happens(0.25)) search(line, seen, add);
    const cart: DemoProduct[] = [];
    const views = Math.min(1 + chance.geometric(3.5), viewsMax);
    for (let i = 0; i < views; i++) {
      add({ type: 'PRODUCT_VIEWED', productIds: [seen.input.id] });
      if (chance.happens(0.14)) {
        cart.push(seen);
        add({ type: 'PRODUCT_ADDED_TO_CART', productIds: [seen.input.id], quantity: [1] });
        const sets = theme.together.filter((each) => each.includes(line));
        if (sets.length > 0 && chance.happens(0.6)) line = chance.pick(chance.pick(sets));
      }
      seen = choose(line, taste, seen);
    }
    if (cart.length > 0 && chance.happens(0.55)) order(cart, add);
    return deeds;
  }

  function search(line: string, found: DemoProduct, add: Note): void {
    const strange = otherWords[line];
    if (strange && chance.happens(0.4)) {
      // Their own word finds nothing; with the shop's word they find it after all.
      add({ type: 'PRODUCT_SEARCHED', query: chance.pick(strange), queryId: `demo-query-${++queries}` });
    }
    const queryId = `demo-query-${++queries}`;
    const query = chance.happens(0.3) ? `${found.brand} ${found.kind.noun.en}` : found.kind.noun.en;
    add({ type: 'PRODUCT_SEARCHED', query: query.toLowerCase(), queryId });
    add({
      type: 'SEARCH_RESULT_CLICKED',
      query: query.toLowerCase(),
      queryId,
      productIds: [found.input.id],
      position: 1 + chance.geometric(1.5),
    });
  }

  function order(cart: readonly DemoProduct[], add: Note): void {
    const bought = [...new Set(cart)];
    const orderedMs = add({
      type: 'ORDER_COMPLETED',
      productIds: bought.map(({ input }) => input.id),
      quantity: bought.map(() => 1),
      value: Math.round(bought.reduce((sum, { priceEur }) => sum + priceEur, 0) * 100) / 100,
      currency: 'EUR',
    });
    for (const { input } of bought) {
      const ratedMs = orderedMs + chance.whole(2 * 24 * 60, 7 * 24 * 60) * minuteMs;
      if (!chance.happens(0.2) || ratedMs > nowMs) continue;
      const value = chance.pick([2, 3, 4, 4, 5, 5, 5]);
      add({ type: 'PRODUCT_RATED', productIds: [input.id], value, atMs: ratedMs });
    }
  }

  /** Purchases of a product that is used up, about as often as it is used up. */
  function supplies(who: Who, taste: Taste): Deed[] {
    const line = Object.keys(taste.themes[0]!.lines).find((id) => byLine.get(id)?.[0]?.line.lastsDays);
    if (!line) return [];
    const product = choose(line, taste, null);
    const everyMs = product.line.lastsDays! * dayMs;
    const deeds: Deed[] = [];
    let atMs = Math.floor(nowMs - historyDays * dayMs + chance.next() * everyMs * 0.5);
    while (atMs < nowMs - dayMs) {
      let stepMs = atMs;
      order([product], (deed) => {
        stepMs += minuteMs;
        deeds.push({ ...who, atMs: stepMs, ...deed });
        return stepMs;
      });
      atMs += Math.floor(everyMs * (0.9 + chance.next() * 0.2));
    }
    return deeds;
  }

  /** A little denser toward the present. */
  const anyMoment = () =>
    Math.floor(nowMs - visitMsMax - (historyDays * dayMs - visitMsMax) * chance.next() ** 1.2);

  return {
    stranger(number) {
      const inStore = chance.happens(0.12);
      const who: Who = {
        sessionId: `shopper-${number}`,
        customerId: null,
        channel: inStore ? 'KIOSK' : chance.happens(0.65) ? 'WEB' : 'APP',
        storeId: inStore ? chance.pick(stores) : null,
        locale: chance.pick(['en', 'en', 'de', 'fr']),
        currency: 'EUR',
      };
      const taste = tasteFor(themes[chance.weighted(themes.map(({ weight }) => weight))]!);
      const visits = Array.from({ length: 1 + chance.geometric(1.6) }, () => visit(who, taste, anyMoment()));
      return [...visits.flat(), ...(chance.happens(0.1) ? supplies(who, taste) : [])];
    },
    person({ id, sessions, theme, visits, lately, locale, currency }) {
      const taste = tasteFor(themes.find(({ name }) => name === theme)!);
      const own = { ...taste, themes: taste.themes.slice(0, 1) };
      const whoIn = (number: number): Who => {
        const session = sessions[number % sessions.length]!;
        return {
          sessionId: session.id,
          customerId: id,
          channel: session.channel,
          storeId: null,
          locale,
          currency,
        };
      };
      const walks = Array.from({ length: visits }, (_, i) =>
        visit(whoIn(i), own, Math.floor(nowMs - ((visits - 1 - i) * 4 + chance.next()) * dayMs - visitMsMax)),
      );
      const latest = lately.flatMap((line, i) => {
        const first = choose(line, own, null);
        return [first, choose(line, own, first)].map(
          ({ input }, j): Deed => ({
            ...whoIn(0),
            atMs: nowMs - visitMsMax + (2 * i + j) * minuteMs,
            type: 'PRODUCT_VIEWED',
            productIds: [input.id],
          }),
        );
      });
      return [...walks.flat(), ...latest, ...(visits > 0 ? supplies(whoIn(0), own) : [])];
    },
  };
}
