import { createCard } from './card.js';
import { byId, element, showKeyed } from './dom.js';
import { createFacets } from './facets.js';
import { createSuggestions } from './suggestions.js';
import { countWord } from './words.js';

/** @typedef {import('./types.d.ts').SearchAnswer} Answer */

const sorts = /** @type {const} */ ([
  ['RELEVANCE', 'Best first'],
  ['PRICE_ASC', 'Cheapest first'],
  ['PRICE_DESC', 'Dearest first'],
  ['NEWEST', 'Newest first'],
]);

/**
 * @param {object} parts
 * @param {(variables: Readonly<Record<string, unknown>>) => Promise<Answer | null>} parts.find
 * @param {(prefix: string) => Promise<readonly import('./types.d.ts').Suggestion[]>} parts.suggest
 * @param {(query: string, queryId: string) => void} parts.searched tells of a search that was typed
 * @param {(deed: import('./types.d.ts').Deed) => void} parts.act
 * @param {() => string} parts.locale
 */
export function createSearch({ find, suggest, searched, act, locale }) {
  const input = /** @type {HTMLInputElement} */ (byId('query'));
  const sort = /** @type {HTMLSelectElement} */ (byId('sort'));
  for (const [value, label] of sorts) sort.append(element('option', { value }, label));
  sort.addEventListener('change', () => void again());
  const facets = createFacets(() => void again());
  const suggestions = createSuggestions(input, suggest, () => void start());
  /** The last search; empty before the first. */
  let query = '';
  let asked = 0;
  /** @type {Answer | null} */
  let answer = null;

  byId('search').addEventListener('submit', (event) => {
    event.preventDefault();
    suggestions.close();
    void start();
  });

  async function start() {
    query = input.value.trim();
    facets.clear();
    await again();
    if (query && answer?.search) searched(query, answer.search.queryId);
  }

  /** The same search once more, for the current shopper. */
  async function again() {
    const found = byId('found');
    if (!query) {
      found.hidden = true;
      return;
    }
    const turn = ++asked;
    const now = await find({ query, filter: facets.filter(), sort: sort.value });
    if (turn !== asked || !now) return;
    answer = now;
    found.hidden = false;
    show(now);
  }

  /** @param {Answer} now */
  function show({ search, instead }) {
    const word = byId('found-word');
    word.replaceChildren();
    byId('query-id').textContent = search?.queryId ?? '';
    if (!search) word.textContent = 'Search has no answer just now.';
    else {
      const count = search.total === 0 ? 'Nothing' : countWord(search.total, 'product', 'products');
      word.append(element('b', {}, count), ' for ');
      if (search.correctedQuery) {
        word.append(element('mark', {}, search.correctedQuery), ', instead of ', element('s', {}, query));
      } else word.append(element('mark', {}, query));
      if (search.appliedSynonyms.length > 0) word.append(`, also as ${search.appliedSynonyms.join(', ')}`);
      if (search.total === 0) word.append(instead?.items.length ? '. Perhaps one of these:' : '.');
      else if (search.personalized) word.append(', in the order of this shopper’s taste');
      else word.append(', in the order for everybody');
      facets.show(search.facets);
    }
    const isInstead = search?.total === 0;
    const products = isInstead
      ? (instead?.items ?? [])
      : (search?.products.nodes ?? []).map((product) => ({ product }));
    showKeyed(
      byId('results'),
      products.map((each, at) => ({ ...each, at, locale: locale() })),
      ({ product }) => product.id,
      () => {
        let at = 0;
        const card = createCard(
          'card',
          (kind, { product, item }) =>
            act({
              kind,
              product,
              channel: 'web',
              position: at + 1,
              ...(item
                ? { decisionId: answer?.instead?.decisionId ?? '' }
                : { queryId: answer?.search?.queryId ?? '' }),
            }),
          ['cart', 'buy', 'dismiss'],
        );
        return {
          node: card.node,
          /** @param {{ product: import('./types.d.ts').Product, at: number, locale: string }} each */
          update(each) {
            at = each.at;
            const item = /** @type {import('./types.d.ts').Item} */ (/** @type {unknown} */ (each));
            card.update({ product: each.product, locale: each.locale, ...(isInstead ? { item } : {}) });
          },
        };
      },
    );
  }

  return { again };
}
