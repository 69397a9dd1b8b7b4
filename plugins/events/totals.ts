import type { EventTotal, ShopEvent, TotalsOptions } from '../../src/ports/events.js';
import type { Collection, Page } from '../../src/ports/store.js';
import { endsAt, namesOf, type Person, passesOver } from './history.js';
import { customerKey, fromEntry, isOf, type LogEntry } from './log-entry.js';
import { newestFirst } from './recent.js';

const entriesPerRead = 64;

/** The events that an entry of a person's index may still bring, newest first. Holds as many in memory as overlap in time. */
async function* personEvents(
  log: Collection<LogEntry>,
  name: string,
  fromMs: number,
): AsyncGenerator<ShopEvent> {
  let waiting: ShopEvent[] = [];
  let after: string | null = null;
  do {
    const page: Page<LogEntry> = await log.find({
      index: 'byPerson',
      skipDamaged: true,
      equals: [name],
      from: fromMs,
      descending: true,
      limit: entriesPerRead,
      ...(after === null ? {} : { after }),
    });
    for (const entry of page.items) {
      // All that follow are of this moment or earlier.
      const ready = waiting.filter(({ atMs }) => atMs > entry.untilMs);
      waiting = waiting.filter(({ atMs }) => atMs <= entry.untilMs);
      yield* ready.sort(newestFirst);
      for (const event of fromEntry(entry))
        if (isOf(name, event) && event.atMs >= fromMs) waiting.push(event);
    }
    after = page.next;
  } while (after !== null);
  yield* waiting.sort(newestFirst);
}

/** Counts what `mergeHistory` would list, without a limit. */
export async function totalsOf(
  log: Collection<LogEntry>,
  person: Person,
  { types, fromMs, toMs = Number.POSITIVE_INFINITY, by }: TotalsOptions,
  isPermitted: (event: ShopEvent) => boolean,
): Promise<readonly EventTotal[]> {
  const totals = new Map<
    string,
    { key: string; events: number; quantity: number; values: Record<string, number> }
  >();

  function add(key: string, quantity: number, { value, currency }: ShopEvent): void {
    let total = totals.get(key);
    if (total === undefined) {
      total = { key, events: 0, quantity: 0, values: {} };
      totals.set(key, total);
    }
    total.events++;
    total.quantity += quantity;
    // The value of an order is not split between its products.
    if (value === null || by === 'product') return;
    const unit = currency ?? '';
    total.values[unit] = (total.values[unit] ?? 0) + value;
  }

  function count(event: ShopEvent): void {
    const quantityAt = (at: number): number => event.quantities?.[at] ?? 1;
    const quantity = event.productIds.reduce((sum, _, at) => sum + quantityAt(at), 0);
    if (by === undefined) add('', quantity, event);
    else if (by === 'type') add(event.type, quantity, event);
    else if (by === 'day') add(new Date(event.atMs).toISOString().slice(0, 10), quantity, event);
    else for (const [productId, of] of quantitiesOf(event, quantityAt)) add(productId, of, event);
  }

  for (const [i, name] of namesOf(person).entries()) {
    const isCustomer = person.customerId !== null && name === customerKey(person.customerId);
    const untilMs = person.pastUntilMs[i] ?? Number.POSITIVE_INFINITY;
    for await (const event of personEvents(log, name, fromMs)) {
      if (passesOver(event, person, untilMs)) continue;
      if (endsAt(event, person)) break;
      // An event of the customer is in the list of its session, too.
      if (isCustomer === (event.customerId === null)) continue;
      if (event.atMs >= toMs || !isPermitted(event) || (types && !types.includes(event.type))) continue;
      count(event);
    }
  }
  return [...totals.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
}

/** The quantity of each product, which an event may list twice. */
function quantitiesOf(event: ShopEvent, quantityAt: (at: number) => number): Map<string, number> {
  const quantities = new Map<string, number>();
  for (const [at, productId] of event.productIds.entries())
    quantities.set(productId, (quantities.get(productId) ?? 0) + quantityAt(at));
  return quantities;
}
