import type { Context } from '../../src/context.js';
import { RapportError, type UserError } from '../../src/errors.js';
import type { Consent, UseAt } from '../../src/ports/consent.js';
import type { Customers, Shopper } from '../../src/ports/customers.js';
import type { Effect, ShopEvent } from '../../src/ports/events.js';
import type { Batch, Print } from './batch.js';
import { forEachOf, linesOf } from './lines.js';
import type { NewEvent } from './unstamped.js';

/** Lines of people that take effect at the same time. */
const linesAtOnce = 50;

/** Contexts and effects of the events of a call, by the place of an event in the call. */
export interface Stamped {
  /** The one of all events; null: they have several. */
  readonly context: Context | null;
  /** One for all, or one for each. */
  readonly contexts: Context | readonly Context[];
  /** May be shorter. */
  readonly effects: readonly (Effect | null)[];
}

/** One event of a call, before it is known whose it is. */
interface Element {
  readonly event: NewEvent;
  readonly context: Context;
  readonly effect: Effect | null;
  readonly print: Print;
}

type Refuse = (print: Print, errors: readonly UserError[]) => void;

export interface Stamping {
  /**
   * Sets the person and the permitted uses of events. Effects happen in the order of the events of the same people: events before one
   * get the person as it was before, later ones as it is then. Resolves to those that an effect keeps out, and reports why to `refuse`. Throws
   * `unavailable`.
   */
  stamp(batch: Batch, call: Stamped, refuse: Refuse): Promise<ReadonlySet<ShopEvent>>;
}

const nobody: ReadonlySet<ShopEvent> = new Set();

export function createStamping(customers: Customers, consent: Consent): Stamping {
  async function attributeAll(
    events: readonly NewEvent[],
    contextAt: (at: number) => Context,
  ): Promise<ReadonlySet<ShopEvent>> {
    const contexts: Context[] = [];
    const sinceMs: number[] = [];
    const numberOf = createNumbering(contexts);
    const numbers = events.map((event, at) => {
      const atMs = momentOf(event);
      const number = numberOf(contextAt(at));
      if (number === sinceMs.length) sinceMs.push(atMs);
      else if (atMs < sinceMs[number]!) sinceMs[number] = atMs;
      return number;
    });
    const shoppers = await Promise.all(contexts.map((context) => customers.recognise(context)));
    if (shoppers.some((shopper) => shopper.uncertain)) throw uncertain();
    const uses = await consent.recording(shoppers, sinceMs);
    for (let at = 0; at < events.length; at++) {
      const number = numbers[at]!;
      attribute(events[at]!, shoppers[number]!, uses[number]!);
    }
    return nobody;
  }

  /** The same for events of one context, as most are: without lists and numbers. */
  async function attributeSame(
    events: readonly NewEvent[],
    context: Context,
  ): Promise<ReadonlySet<ShopEvent>> {
    const shopper = await customers.recognise(context);
    if (shopper.uncertain) throw uncertain();
    let sinceMs = Number.POSITIVE_INFINITY;
    for (let at = 0; at < events.length; at++) sinceMs = Math.min(sinceMs, momentOf(events[at]!));
    const [use] = await consent.recording([shopper], [sinceMs]);
    for (let at = 0; at < events.length; at++) attribute(events[at]!, shopper, use!);
    return nobody;
  }

  async function attributeLine(
    line: readonly Element[],
    refuse: Refuse,
    refused: Set<ShopEvent>,
  ): Promise<void> {
    let since: NewEvent[] = [];
    // A shopper is kept for each context object, so there are new ones after each effect.
    let contexts: Context[] = [];
    let copies = new Map<Context, Context>();
    let linkAtMs = 0;
    for (const { effect, context, event, print } of line) {
      if (effect !== null) {
        await attributeSince(since, contexts);
        since = [];
        contexts = [];
        copies = new Map();
        linkAtMs = Math.max(linkAtMs, event.atMs);
        const errors = await effect.run({ ...context }, event.atMs, linkAtMs);
        if (errors.length > 0) {
          refused.add(event);
          refuse(print, errors);
          continue;
        }
      }
      const own = copies.get(context) ?? { ...context };
      copies.set(context, own);
      since.push(event);
      contexts.push(own);
    }
    await attributeSince(since, contexts);
  }

  async function attributeSince(events: readonly NewEvent[], contexts: readonly Context[]): Promise<void> {
    if (events.length > 0) await attributeAll(events, (at) => contexts[at]!);
  }

  async function attributeLines(
    elements: readonly Element[],
    refuse: Refuse,
  ): Promise<ReadonlySet<ShopEvent>> {
    const refused = new Set<ShopEvent>();
    const lines = linesOf(elements, ({ context, effect }) => [
      `s${context.sessionId}`,
      ...(context.customerId === null ? [] : [`c${context.customerId}`]),
      ...(effect?.people ?? []),
    ]);
    await forEachOf(lines, linesAtOnce, (line) => attributeLine(line, refuse, refused));
    return refused;
  }

  return {
    stamp({ events, prints }, { context, contexts, effects }, refuse) {
      const contextAt = (at: number): Context => (isList(contexts) ? contexts[prints[at]!.place]! : contexts);
      const effectOf = ({ place }: Print): Effect | null => effects[place] ?? null;
      if (effects.length === 0 || prints.every((print) => effectOf(print) === null))
        return context === null ? attributeAll(events, contextAt) : attributeSame(events, context);
      const elements = events.map((event, at): Element => {
        const print = prints[at]!;
        return { event, context: contextAt(at), effect: effectOf(print), print };
      });
      return attributeLines(elements, refuse);
    },
  };
}

function attribute(event: NewEvent, { sessionId, customerId }: Shopper, use: UseAt): void {
  const { learn, permitted } = use(momentOf(event));
  event.sessionId = sessionId;
  event.customerId = customerId;
  event.learn = learn;
  event.permitted = permitted;
}

function uncertain(): RapportError {
  return new RapportError(
    'unavailable',
    'EVENTS_UNAVAILABLE',
    'whose events these are cannot be read at the moment; send all of them again shortly',
    { retryAfterSeconds: 5 },
  );
}

export function isList(contexts: Context | readonly Context[]): contexts is readonly Context[] {
  return Array.isArray(contexts);
}

/** Adds what is new to a list and answers the place in it. Mostly all are the same one, which takes no map. */
function createNumbering<T>(list: T[]): (thing: T) => number {
  let places: Map<T, number> | null = null;
  let last = -1;
  return (thing) => {
    if (last >= 0 && list[last] === thing) return last;
    if (last >= 0) places ??= new Map([[list[last]!, last]]);
    last = places?.get(thing) ?? list.push(thing) - 1;
    places?.set(thing, last);
    return last;
  };
}

/** When it happened, as far as that is known to be before its receipt. */
function momentOf({ atMs, receivedAtMs }: ShopEvent): number {
  return atMs < receivedAtMs ? atMs : Number.POSITIVE_INFINITY;
}
