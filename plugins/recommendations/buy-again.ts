import type { Shelf } from '../../src/ports/catalog.js';
import type { Evidence } from './evidence.js';
import type { Models } from './models.js';
import type { Due, Habit } from './recommenders/replenishment.js';

type Purchases = Evidence['purchases'];

/** When a person buys again what they have bought, as far as their history, and that of others, says. */
export interface BuyAgain {
  /** Null for what they have not bought. The purchases of one history are one object, and are not changed. */
  due(item: number, purchases: Purchases, nowMs: number): Due | null;
}

export function createBuyAgain(
  models: Pick<Models, 'replenishment'>,
  shelf: Pick<Shelf, 'categories'>,
): BuyAgain {
  // A person's pace comes from all that they bought, and one answer asks for many products.
  const habits = new WeakMap<Purchases, Habit>();

  function habitOf(purchases: Purchases): Habit {
    let habit = habits.get(purchases);
    if (habit === undefined) {
      habit = models.replenishment.habitOf(purchases, shelf.categories);
      habits.set(purchases, habit);
    }
    return habit;
  }

  return {
    due(item, purchases, nowMs) {
      const timesMs = purchases.get(item);
      if (timesMs === undefined) return null;
      return models.replenishment.due({ item, timesMs }, shelf.categories(item), nowMs, habitOf(purchases));
    },
  };
}
