import type { Shelf } from '../../../src/ports/catalog.js';
import type { ShopperProfile } from '../../../src/ports/recommenders.js';
import type { Models } from '../learning/models.js';
import type { Habit } from './replenishment/gap-features.js';
import type { Due, Replenishment } from './replenishment/replenishment.js';

type Purchases = ShopperProfile['purchases'];

/** When a person buys again what they have bought, as far as their history, and that of others, says. */
export interface BuyAgain {
  /** Null for what they have not bought. The purchases of one history are one object, and are not changed. */
  due(item: number, purchases: Purchases, nowMs: number): Due | null;
}

export function createBuyAgain(
  models: Pick<Models, 'replenishment'>,
  shelf: Pick<Shelf, 'categories'>,
): BuyAgain {
  return {
    due(item, purchases, nowMs) {
      const timesMs = purchases.get(item);
      if (timesMs === undefined) return null;
      const { replenishment } = models;
      const habit = habitOf(purchases, replenishment, shelf);
      return replenishment.due({ item, timesMs }, shelf.categories(item), nowMs, habit);
    },
  };
}

const habits = new WeakMap<Purchases, { readonly by: Replenishment; readonly habit: Habit }>();

/** A person's habit comes from all that they bought, and one answer asks for it many times: once a history. */
export function habitOf(purchases: Purchases, by: Replenishment, shelf: Pick<Shelf, 'categories'>): Habit {
  const known = habits.get(purchases);
  if (known?.by === by) return known.habit;
  const habit = by.habitOf(purchases, shelf.categories);
  habits.set(purchases, { by, habit });
  return habit;
}
