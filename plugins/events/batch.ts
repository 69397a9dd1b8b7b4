import type { ShopEvent } from '../../src/ports/events.js';
import { type Fingerprint, fingerprint } from './fingerprints.js';

/** The fingerprint of an event's id, the digest of its body, and the event's place in the call. */
export interface Print extends Fingerprint {
  readonly place: number;
  readonly body: number;
}

/** Events in their order, and the fingerprint of each one's id. */
export interface Batch {
  readonly events: readonly ShopEvent[];
  readonly prints: readonly Print[];
}

/** A batch of those that pass. */
export function filtered(batch: Batch, passes: (event: ShopEvent, print: Print) => boolean): Batch {
  const { events, prints } = batch;
  let at = 0;
  while (at < events.length && passes(events[at]!, prints[at]!)) at++;
  if (at === events.length) return batch;
  const rest: { events: ShopEvent[]; prints: Print[] } = {
    events: events.slice(0, at),
    prints: prints.slice(0, at),
  };
  for (at++; at < events.length; at++) {
    if (!passes(events[at]!, prints[at]!)) continue;
    rest.events.push(events[at]!);
    rest.prints.push(prints[at]!);
  }
  return rest;
}

export function printOf(id: string, place: number, body: number): Print {
  const print = { high: 0, low: 0, place, body };
  fingerprint(id, print);
  return print;
}

/** Of what has come more than once only the first; `again` is told of each other one, and of the first. */
export function distinct(batch: Batch, again: (event: ShopEvent, print: Print, first: Print) => void): Batch {
  if (batch.events.length < 2) return batch;
  const byLow = new Map<number, Print>();
  let others: Print[] | null = null;
  return filtered(batch, (event, print) => {
    const same = byLow.get(print.low);
    if (same === undefined) {
      byLow.set(print.low, print);
      return true;
    }
    // Others have half a fingerprint in common, by chance.
    const first =
      same.high === print.high
        ? same
        : others?.find(({ high, low }) => high === print.high && low === print.low);
    if (first !== undefined) {
      again(event, print, first);
      return false;
    }
    others ??= [];
    others.push(print);
    return true;
  });
}

/** Each session's events one behind the other, otherwise in their order: who reads one person's history shall not have to read an entry for each of their events. */
export function bySession({ events, prints }: Batch): Batch {
  const sessions = new Map<string, number[]>();
  for (let at = 0; at < events.length; at++) {
    const { sessionId } = events[at]!;
    const places = sessions.get(sessionId);
    if (places) places.push(at);
    else sessions.set(sessionId, [at]);
  }
  const order = [...sessions.values()].flat();
  return { events: order.map((at) => events[at]!), prints: order.map((at) => prints[at]!) };
}
