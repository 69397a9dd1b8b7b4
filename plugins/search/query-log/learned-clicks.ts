import { LRUCache } from 'lru-cache';
import { atMost } from '../../../src/kit/bounded.js';
import { languageOf } from '../../../src/kit/language-of.js';
import { clicksMax, type LoggedQuery, normalised, type ResultClick } from './popular-queries.js';

/** Searches that wait for a click, or for their person to count. */
const searchesMax = 20_000;
/** Queries of all languages together, the latest clicked. */
const queriesMax = 20_000;
/** Products of one query. */
const productsMax = 50;
/** Products that are raised for one query. */
const raisedMax = 5;
/**
 * A result is looked at with a probability of 1 / its position (Joachims, Swaminathan & Schnabel 2017, section 6), so a click further below says
 * more. It counts for three people at most, so that nobody gains by clicking far below.
 */
const weightMax = 3;
/** Clicks that no product has: shares of few clicks are small. */
const priorWeight = 5;
/** The share of the clicks of a query that raises a product: one in ten. One person in a hundred raises nothing. */
const shareMin = 0.1;

type Search = Pick<LoggedQuery, 'id' | 'query' | 'locale'>;

/** A product of a query: the different people who clicked it, and the weight of their clicks. */
interface Clicked {
  people: number;
  weight: number;
}

/**
 * The products that people click when they search for a text. Only searches that count as those of one more person (`popular-queries.ts`) teach, so
 * one person counts once for a query, one network once, and a query gains few people in a day.
 */
export interface LearnedClicks {
  /** A search that may be clicked. */
  searched(search: Search): void;
  /** The person of the search counts as one more. */
  counted(search: Search): void;
  clicked(id: string, click: ResultClick): void;
  /** Takes back what was learned before a restart. */
  remember(entry: LoggedQuery): void;
  /** Products that enough different people clicked, the most clicked first, at most five; none for a query without evidence. */
  of(text: string, locale: string): readonly string[];
}

export function createLearnedClicks(peopleMin: number): LearnedClicks {
  const searches = new LRUCache<string, { readonly key: string; counts: boolean; clicks: ResultClick[] }>(
    atMost(searchesMax),
  );
  const byQuery = new LRUCache<string, Map<string, Clicked>>(atMost(queriesMax));

  function waitingFor({ id, query, locale }: Search) {
    let search = searches.get(id);
    if (!search) {
      search = { key: keyOf(query, locale), counts: false, clicks: [] };
      searches.set(id, search);
    }
    return search;
  }

  function learn(key: string, { productId, position }: ResultClick): void {
    const products = byQuery.get(key) ?? new Map<string, Clicked>();
    byQuery.set(key, products);
    if (!products.has(productId) && products.size >= productsMax) forgetFewest(products);
    const product = products.get(productId) ?? { people: 0, weight: 0 };
    product.people++;
    product.weight += Math.min(weightMax, Math.max(1, position));
    products.set(productId, product);
  }

  return {
    searched: (search) => void waitingFor(search),
    counted(search) {
      const waiting = waitingFor(search);
      if (waiting.counts) return;
      waiting.counts = true;
      for (const click of waiting.clicks) learn(waiting.key, click);
    },
    clicked(id, click) {
      const waiting = searches.get(id);
      if (!waiting || waiting.clicks.length >= clicksMax) return;
      if (waiting.clicks.some(({ productId }) => productId === click.productId)) return;
      waiting.clicks.push(click);
      if (waiting.counts) learn(waiting.key, click);
    },
    remember({ query, locale, askers = [], clicks = [] }) {
      if (askers.length > 0) for (const click of clicks) learn(keyOf(query, locale), click);
    },
    of(text, locale) {
      const query = normalised(text);
      const products = query === null ? undefined : byQuery.get(keyOf(query, locale));
      if (!products) return [];
      let total = priorWeight;
      for (const { weight } of products.values()) total += weight;
      return [...products]
        .filter(([, { people, weight }]) => people >= peopleMin && weight / total >= shareMin)
        .sort(([a, x], [b, y]) => y.weight - x.weight || (a < b ? -1 : 1))
        .slice(0, raisedMax)
        .map(([productId]) => productId);
    },
  };
}

/** Queries of the same words are one, in whatever order. */
function keyOf(query: string, locale: string): string {
  return `${languageOf(locale)} ${query.split(' ').sort().join(' ')}`;
}

function forgetFewest(products: Map<string, Clicked>): void {
  let fewest: string | null = null;
  for (const [productId, { people }] of products)
    if (fewest === null || people < products.get(fewest)!.people) fewest = productId;
  if (fewest !== null) products.delete(fewest);
}
