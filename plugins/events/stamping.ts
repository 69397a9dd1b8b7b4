import type { Context } from '../../src/context.js';
import { RapportError, type UserError } from '../../src/errors.js';
import type { Consent } from '../../src/ports/consent.js';
import type { Customers } from '../../src/ports/customers.js';
import type { Effect, ShopEvent } from '../../src/ports/events.js';
import { forEachOf, linesOf } from './lines.js';

/** How many lines of people take effect at the same time. */
const linesAtOnce = 50;

/** An event that is still to be stamped with who did it, and what it may be used for. */
type NewEvent = { -readonly [K in keyof ShopEvent]: ShopEvent[K] };

/** One event of a call, before it is known whose it is. */
export interface Element {
  readonly event: NewEvent;
  readonly context: Context;
  readonly effect: Effect | null;
  /** In the call. */
  readonly place: number;
}

export interface Stamping {
  /**
   * Stamps events with who did them. Effects happen in the order of the elements of the same people: what comes before one is
   * stamped as it was before, what follows as it is then. `refuse` is told of those that an effect keeps out. Throws `unavailable`.
   */
  stamp(
    elements: readonly Element[],
    refuse: (element: Element, errors: readonly UserError[]) => void,
  ): Promise<void>;
}

export function createStamping(customers: Customers, consent: Consent): Stamping {
  async function stampAll(elements: readonly Pick<Element, 'event' | 'context'>[]): Promise<void> {
    if (elements.length === 0) return;
    const sinceMs = new Map<Context, number>();
    for (const { event, context } of elements) {
      const atMs = momentOf(event);
      const since = sinceMs.get(context);
      if (since === undefined || atMs < since) sinceMs.set(context, atMs);
    }
    const contexts = [...sinceMs.keys()];
    const shoppers = await Promise.all(contexts.map((context) => customers.recognise(context)));
    if (shoppers.some((shopper) => shopper.uncertain)) {
      throw new RapportError(
        'unavailable',
        'EVENTS_UNAVAILABLE',
        'whose events these are cannot be read at the moment; send all of them again shortly',
        { retryAfterSeconds: 5 },
      );
    }
    const uses = await consent.recording(shoppers, [...sinceMs.values()]);
    const places = new Map(contexts.map((context, i) => [context, i]));
    for (const { event, context } of elements) {
      const i = places.get(context)!;
      const { learn, permitted } = uses[i]!(momentOf(event));
      event.sessionId = shoppers[i]!.sessionId;
      event.customerId = shoppers[i]!.customerId;
      event.learn = learn;
      event.permitted = permitted;
    }
  }

  async function stampLine(
    line: readonly Element[],
    refuse: (element: Element, errors: readonly UserError[]) => void,
  ): Promise<void> {
    let since: Pick<Element, 'event' | 'context'>[] = [];
    // A shopper is kept for each context object, so there are new ones after each effect.
    let contexts = new Map<Context, Context>();
    let linkAtMs = 0;
    for (const element of line) {
      const { effect, context, event } = element;
      if (effect !== null) {
        await stampAll(since);
        since = [];
        contexts = new Map();
        linkAtMs = Math.max(linkAtMs, event.atMs);
        const errors = await effect.run({ ...context }, event.atMs, linkAtMs);
        if (errors.length > 0) {
          refuse(element, errors);
          continue;
        }
      }
      const own = contexts.get(context) ?? { ...context };
      contexts.set(context, own);
      since.push({ event, context: own });
    }
    await stampAll(since);
  }

  return {
    async stamp(elements, refuse) {
      if (elements.every(({ effect }) => effect === null)) return stampAll(elements);
      const lines = linesOf(elements, ({ context, effect }) => [
        `s${context.sessionId}`,
        ...(context.customerId === null ? [] : [`c${context.customerId}`]),
        ...(effect?.people ?? []),
      ]);
      await forEachOf(lines, linesAtOnce, (line) => stampLine(line, refuse));
    },
  };
}

/** When it happened, as far as that is known to be before its receipt. */
function momentOf({ atMs, receivedAtMs }: ShopEvent): number {
  return atMs < receivedAtMs ? atMs : Number.POSITIVE_INFINITY;
}
