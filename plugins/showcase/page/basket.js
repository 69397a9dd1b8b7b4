import { createCard } from './card.js';
import { byId, element, icon, showKeyed } from './dom.js';
import { priceWord } from './words.js';

/** @typedef {import('./types.d.ts').Product} Product */

/**
 * The basket of each shopper, with products that go with it. A basket is the frontend's own: the gateway only
 * learns of it by events and by the `cart` of a question.
 *
 * @param {(deed: import('./types.d.ts').Deed) => void} act
 */
export function createBasket(act) {
  /** @type {Map<string, Map<string, Product>>} */
  const baskets = new Map();
  let decisionId = '';
  let shopper = '';

  /** @param {string} session */
  function of(session) {
    let basket = baskets.get(session);
    if (!basket) {
      basket = new Map();
      baskets.set(session, basket);
    }
    return basket;
  }

  byId('buy-basket').addEventListener('click', () => {
    const [product, ...others] = of(shopper).values();
    if (product) act({ kind: 'buy', product, others, channel: 'web' });
  });

  return {
    /** @param {string} session */
    ids: (session) => [...of(session).keys()],
    /**
     * @param {string} session
     * @param {Product} product
     */
    add: (session, product) => void of(session).set(product.id, product),
    /**
     * @param {string} session
     * @param {string} id
     */
    remove: (session, id) => void of(session).delete(id),
    /**
     * @param {string} session
     * @param {import('./types.d.ts').List | null} goesWith
     * @param {{ locale: string }} place
     */
    show(session, goesWith, { locale }) {
      shopper = session;
      decisionId = goesWith?.decisionId ?? '';
      const products = [...of(session).values()];
      byId('basket').hidden = products.length === 0;
      if (products.length === 0) return;
      showKeyed(
        byId('basket-list'),
        products,
        ({ id }) => id,
        () => {
          /** @type {Product} */
          let product;
          const title = element('span');
          const price = element('b');
          const remove = element(
            'button',
            {
              type: 'button',
              class: 'action',
              onclick: () => act({ kind: 'uncart', product, channel: 'web' }),
            },
            icon('dismiss'),
          );
          return {
            node: element('li', {}, title, price, remove),
            update(now) {
              product = now;
              title.textContent = now.title;
              price.textContent = priceWord(now.price, locale);
              remove.setAttribute('aria-label', `Take out of the basket: ${now.title}`);
            },
          };
        },
      );
      showKeyed(
        byId('basket-with'),
        (goesWith?.items ?? []).map((item) => ({ product: item.product, item, locale })),
        ({ product }) => product.id,
        () =>
          createCard(
            'row',
            (kind, { product, item }) =>
              act({
                kind,
                product,
                channel: 'web',
                decisionId,
                ...(item ? { position: item.position } : {}),
              }),
            ['cart', 'dismiss'],
          ),
      );
    },
  };
}
