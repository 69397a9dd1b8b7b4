import type { Events, ListOrigin } from './api.js';
import type { EventQueue } from './event-queue.js';

/** The events of a shop by what happened, over the queue that sends them. */
export function createEvents(queue: EventQueue): Events {
  const { add } = queue;
  /** The ids of the list, without anything else that it has. */
  const joinedTo = (origin: ListOrigin | undefined) =>
    !origin ? {} : 'decisionId' in origin ? { decisionId: origin.decisionId } : { queryId: origin.queryId };
  return {
    track: add,
    viewed: (id, origin) => add({ type: 'PRODUCT_VIEWED', productIds: [id], ...joinedTo(origin) }),
    shown: ({ decisionId, items }) =>
      add({ type: 'RECOMMENDATION_SHOWN', decisionId, productIds: items.map(({ product }) => product.id) }),
    clicked: (list, { position, product }) =>
      add({
        type: 'decisionId' in list ? 'RECOMMENDATION_CLICKED' : 'SEARCH_RESULT_CLICKED',
        ...joinedTo(list),
        position,
        productIds: [product.id],
      }),
    addedToCart: (id, quantity = 1, origin) =>
      add({ type: 'PRODUCT_ADDED_TO_CART', productIds: [id], quantity: [quantity], ...joinedTo(origin) }),
    removedFromCart: (id, quantity = 1) =>
      add({ type: 'PRODUCT_REMOVED_FROM_CART', productIds: [id], quantity: [quantity] }),
    ordered: (order) => add({ type: 'ORDER_COMPLETED', ...order }),
    searched: (query, queryId) =>
      add({ type: 'PRODUCT_SEARCHED', query, ...(queryId === undefined ? {} : { queryId }) }),
    rated: (id, value) => add({ type: 'PRODUCT_RATED', productIds: [id], value }),
    dismissed: (id) => add({ type: 'PRODUCT_DISMISSED', productIds: [id] }),
    flush: queue.flush,
    get waiting() {
      return queue.size;
    },
  };
}
