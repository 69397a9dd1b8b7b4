import type { Contributed } from '../../src/contributed.js';
import type { Clock } from '../../src/plugin.js';
import type { Catalog } from '../../src/ports/catalog.js';
import {
  changesOf,
  type RankingChange,
  type RankingRule,
  rerankingOf,
  withPins,
} from '../../src/ports/ranking.js';
import type { Requester, SearchAnswer, SearchQuery } from '../../src/ports/search.js';
import type { DriverChange, DriverQuery, EngineAnswer } from '../../src/ports/search-driver.js';

/** Pinned products of one query. Drivers return no more at once. */
const pinsMax = 100;

export interface RuleParts {
  readonly rules: () => readonly Contributed<RankingRule>[];
  readonly catalog: Catalog;
  readonly clock: Clock;
  answer(query: DriverQuery): Promise<EngineAnswer>;
}

/** The answer to a query, before its warnings are known. */
export type FoundProducts = Omit<SearchAnswer, 'warnings'>;

export interface RuledSearch {
  /** The changes of the query hold beside those of the rules. */
  search(query: DriverQuery): Promise<FoundProducts>;
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
export function createRuledSearch({ rules, catalog, clock, answer }: RuleParts): RuledSearch {
  return {
    async search(query) {
      const { changes, degraded } = await changesFor(query);
      const held = query.sort === 'RELEVANCE' ? changes : changes.filter(decidesVisibility);
      const found = held.length === 0 ? await answer(query) : await answerWith(held, query);
      return {
        ...found,
        degraded: found.degraded || degraded,
        appliedRules: [...new Set(held.map(({ ruleId }) => ruleId))],
      };
    },
    async visibility(text, requester) {
      const { changes, degraded } = await changesFor({ text, filter: {}, requester });
      return { changes: changes.filter(decidesVisibility).flatMap(forDriver), degraded };
    },
  };

  async function changesFor({
    requester,
    text,
    filter,
  }: Pick<SearchQuery, 'requester' | 'text' | 'filter'>): ReturnType<typeof changesOf> {
    const contributed = rules();
    if (contributed.length === 0) return { changes: [], degraded: false };
    return changesOf(contributed, {
      ...(requester ?? { shopper: null, permit: null, atMs: clock.nowMs() }),
      surface: text.trim() === '' ? { kind: 'browse', filter } : { kind: 'search', query: text, filter },
    });
  }

  async function answerWith(
    changes: readonly RankingChange[],
    query: DriverQuery,
  ): ReturnType<RuleParts['answer']> {
    const ruled: DriverQuery = { ...query, changes: [...query.changes, ...changes.flatMap(forDriver)] };
    const pins = await pinsIn(changes, ruled);
    if (pins.length === 0) return answer(ruled);
    const { offset, limit, facets } = query;
    const before = pins.filter(({ place }) => place < offset).length;
    const within = pins.filter(({ place }) => place >= offset && place < offset + limit).length;
    const ids = pins.map(({ id }) => id);
    const [others, counted] = await Promise.all([
      answer({
        ...ruled,
        changes: [...ruled.changes, { filter: { ids }, categoryIds: null, effect: 'hide' }],
        facets: [],
        offset: offset - before,
        limit: limit - within,
      }),
      facets.length > 0 ? answer({ ...ruled, limit: 0 }) : null,
    ]);
    const placed = pins.flatMap(({ place, id }, i) => {
      // If there are fewer others than the place, the product follows the last one.
      const at = Math.min(place, others.total + i) - offset;
      return at >= 0 && at < limit ? [{ place: at, entry: id }] : [];
    });
    return {
      ...others,
      ids: withPins(others.ids, placed).slice(0, limit),
      total: others.total + pins.length,
      facets: counted?.facets ?? [],
    };
  }

  /** The pinned products that the query's filter lets through, by place. */
  async function pinsIn(
    changes: readonly RankingChange[],
    query: DriverQuery,
  ): Promise<readonly { readonly place: number; readonly id: string }[]> {
    const wanted = changes.flatMap(({ target, effect }) =>
      typeof effect === 'object' && 'pin' in effect ? (target.ids ?? []) : [],
    );
    const { ids } = query.filter;
    const allowed = new Set(ids ? wanted.filter((id) => ids.includes(id)) : wanted);
    if (allowed.size === 0) return [];
    const filter = { ...query.filter, ids: [...allowed].slice(0, pinsMax) };
    const shown = new Set(
      (await answer({ ...query, text: '', filter, facets: [], offset: 0, limit: pinsMax })).ids,
    );
    const { shelf } = catalog;
    return rerankingOf(changes, catalog)
      .pins((item) => shown.has(shelf.idOf(item)))
      .map(({ place, item }) => ({ place, id: shelf.idOf(item) }));
  }

  function forDriver({ target, effect }: RankingChange): DriverChange[] {
    if (typeof effect === 'object' && 'pin' in effect) return [];
    const { categoryId = null } = target;
    const categoryIds = categoryId === null ? null : catalog.descendants(categoryId);
    return [{ filter: target, categoryIds, effect }];
  }
}
