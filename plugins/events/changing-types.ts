import type { EventType, ShopEvent } from '../../src/ports/events.js';
import { orderChangeTypes } from './order-changes.js';

/** For a type, the type of older events that it undoes for the products that it names. */
export const undoneTypes: Readonly<Partial<Record<EventType, EventType>>> = {
  PRODUCT_UNDISMISSED: 'PRODUCT_DISMISSED',
  WISHLIST_REMOVED: 'WISHLIST_ADDED',
};

/** True if an event changes how other events are listed. */
export function changesOthers({ type }: Pick<ShopEvent, 'type'>): boolean {
  return changingTypes.has(type);
}
const changingTypes: ReadonlySet<EventType> = new Set([
  ...orderChangeTypes,
  ...(Object.keys(undoneTypes) as EventType[]),
]);

/** The types, and those that change events of these types. */
export function withChanging(types: readonly EventType[]): readonly EventType[] {
  const changing = (Object.keys(undoneTypes) as EventType[]).filter((type) =>
    types.includes(undoneTypes[type]!),
  );
  if (types.includes('ORDER_COMPLETED')) changing.push(...orderChangeTypes);
  return changing.length === 0 ? types : [...new Set([...types, ...changing])];
}
