import type { Contributed } from '../../src/contributed.js';
import type { Clock } from '../../src/plugin.js';
import type { Catalog } from '../../src/ports/catalog.js';
import {
  changesOf,
  nothingChanged,
  type RankingChange,
  type RankingRule,
  rerankingOf,
  withPins,
} from '../../src/ports/ranking.js';
import type { Facet, Requester, SearchAnswer, SearchQuery } from '../../src/ports/search.js';
import type { DriverChange, DriverQuery, EngineAnswer } from '../../src/ports/search-driver.js';
import type { ProductReference } from '../../src/ports/variants.js';

/** Pinned products of one query. Drivers return no more at once. */
const pinsMax = 100;
const facetValuesMax = 100;

interface RuleParts {
  readonly rules: () => readonly Contributed<RankingRule>[];
  readonly catalog: Catalog;
  readonly clock: Clock;
  /** The products that people click who search for a text, the most clicked first. */
  clickedFor(text: string, locale: string): readonly string[];
  answer(query: DriverQuery): Promise<EngineAnswer>;
}

/** The product that a text names by a code is pinned before all others. It is no rule, and so it is not among the applied ones. */
const first = ({ productId }: ProductReference): RankingChange => ({
  ruleId: '',
  target: { ids: [productId] },
  effect: { pin: 1 },
});

/** The answer to a query, before its warnings are known. */
export type FoundProducts = Omit<SearchAnswer, 'warnings'>;

export interface RuledSearch {
  /**
   * The changes of the query hold beside those of the rules. The product that the text names by a code comes first, if it passes the
   * filter and no rule hides it.
   */
  search(query: DriverQuery, named: ProductReference | null): Promise<FoundProducts>;
  /** The rules that hide products from a search for this text. `degraded`: a rule was left out. */
  visibility(
    text: string,
    requester: Requester | undefined,
  ): Promise<{ readonly changes: readonly DriverChange[]; readonly degraded: boolean }>;
}

const decidesVisibility = ({ effect }: RankingChange): boolean => typeof effect === 'string';

/**
 * Searches with the ranking rules that hold for a query. Drivers hide, raise and lower products before they cut the page. Pinned products
 * are found by a query of their own, so that filters hold for them too. If the shopper chose a sort, only `hide` and `only` apply.
 */
export function createRuledSearch({ rules, catalog, clock, clickedFor, answer }: RuleParts): RuledSearch {
  return {
    async search(query, named) {
      const { changes, redirect, degraded } = await changesFor(query);
      const held = query.sort === 'RELEVANCE' ? changes : changes.filter(decidesVisibility);
      const { found, pinned } = await answerWith(
        [...(named ? [first(named)] : []), ...held, ...learned(query)],
        query,
      );
      const isNamed = named !== null && pinned.has(named.productId);
      return {
        ...found,
        ...(isNamed ? { named, correctedQuery: null } : {}),
        degraded: found.degraded || degraded,
        redirect: redirect?.url ?? null,
        appliedRules: [...new Set([...(redirect ? [redirect] : []), ...held].map(({ ruleId }) => ruleId))],
      };
    },
    async visibility(text, requester) {
      const { changes, degraded } = await changesFor({ text, filter: {}, requester });
      return { changes: changes.filter(decidesVisibility).flatMap(forDriver), degraded };
    },
  };

  /** Products that people click come first, behind those that rules pin. Sold-out ones stay where they are. */
  function learned({ text, locale, sort, storeId, searchAsWritten }: DriverQuery): RankingChange[] {
    if (sort !== 'RELEVANCE' || searchAsWritten || text.trim() === '') return [];
    const { numberOf, inStock, inStore } = catalog.shelf;
    const isInStock = (item: number): boolean =>
      item >= 0 && (storeId === null ? inStock(item) : inStore(item, storeId));
    return clickedFor(text, locale)
      .filter((id) => isInStock(numberOf(id)))
      .map((id, at) => ({ ruleId: '', target: { ids: [id] }, effect: { pin: at + 1 } }));
  }

  async function changesFor({
    requester,
    text,
    filter,
  }: Pick<SearchQuery, 'requester' | 'text' | 'filter'>): ReturnType<typeof changesOf> {
    const contributed = rules();
    if (contributed.length === 0) return nothingChanged;
    return changesOf(contributed, {
      ...(requester ?? { shopper: null, permit: null, atMs: clock.nowMs() }),
      surface: text.trim() === '' ? { kind: 'browse', filter } : { kind: 'search', query: text, filter },
    });
  }

  /**
   * Searches with pinned products. They match whatever the words find, so that they are counted by a query of their own. `pinned`: those
   * that pass the filter.
   */
  async function answerWith(
    changes: readonly RankingChange[],
    query: DriverQuery,
  ): Promise<{ readonly found: EngineAnswer; readonly pinned: ReadonlySet<string> }> {
    const ruled: DriverQuery = { ...query, changes: [...query.changes, ...changes.flatMap(forDriver)] };
    const wanted = changes.flatMap(({ target, effect }) =>
      typeof effect === 'object' && 'pin' in effect ? (target.ids ?? []) : [],
    );
    const ids = [...new Set(wanted)].slice(0, pinsMax);
    if (ids.length === 0) return { found: await answer(ruled), pinned: new Set() };
    const about = (effect: 'only' | 'hide'): DriverChange => ({ filter: { ids }, categoryIds: null, effect });
    const { offset, limit } = query;
    const own = await answer({
      ...ruled,
      text: '',
      order: undefined,
      changes: [...ruled.changes, about('only')],
      offset: 0,
      limit: pinsMax,
    });
    const pinned = new Set(own.ids);
    const { shelf } = catalog;
    const pins = rerankingOf(changes, catalog).pins((item) => pinned.has(shelf.idOf(item)));
    const before = pins.filter(({ place }) => place < offset).length;
    const within = pins.filter(({ place }) => place >= offset && place < offset + limit).length;
    const others = await answer({
      ...ruled,
      changes: [...ruled.changes, about('hide')],
      offset: offset - before,
      limit: limit - within,
    });
    const placed = pins.flatMap(({ place, item }, i) => {
      // If there are fewer others than the place, the product follows the last one.
      const at = Math.min(place, others.total + i) - offset;
      return at >= 0 && at < limit ? [{ place: at, entry: shelf.idOf(item) }] : [];
    });
    const found = {
      ...others,
      ids: withPins(others.ids, placed).slice(0, limit),
      total: others.total + own.total,
      facets: others.facets.map((facet, i) => sum(facet, own.facets[i])),
      degraded: others.degraded || own.degraded,
    };
    return { found, pinned };
  }

  function forDriver({ target, effect }: RankingChange): DriverChange[] {
    if (typeof effect === 'object' && 'pin' in effect) return [];
    const { categoryId = null } = target;
    const categoryIds = categoryId === null ? null : catalog.descendants(categoryId);
    return [{ filter: target, categoryIds, effect }];
  }
}

/** The counts of a facet over two sets of products that have none in common. */
function sum(facet: Facet, other: Facet | undefined): Facet {
  const added = new Map(facet.values.map((each) => [each.value, each]));
  for (const each of other?.values ?? []) {
    const known = added.get(each.value);
    // A value that is not on a full list may be counted in it, but not shown.
    if (known || facet.values.length < facetValuesMax)
      added.set(each.value, { ...each, count: each.count + (known?.count ?? 0) });
  }
  const values = [...added.values()].sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1));
  const bounds = [facet, other ?? facet];
  const mins = bounds.flatMap(({ min }) => min ?? []);
  const maxs = bounds.flatMap(({ max }) => max ?? []);
  return {
    name: facet.name,
    values: values.slice(0, facetValuesMax),
    min: mins.length > 0 ? Math.min(...mins) : null,
    max: maxs.length > 0 ? Math.max(...maxs) : null,
  };
}
