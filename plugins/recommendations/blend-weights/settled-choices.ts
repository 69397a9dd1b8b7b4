import { isFromStorefront, type ShopEvent } from '../../../src/ports/events.js';
import { settledAfterMs } from '../limits/settled-sessions.js';
import type { Choice } from './choices.js';

/** People who are remembered. Those heard of first are forgotten, and their choices with them if they did not count yet. */
const peopleMax = 4096;
const heldMax = 8;

/** Holds choices back until the session of their person has gone on long enough, as `settled-sessions.ts` does with events. */
export interface SettledChoices {
  /** To be called for each event of a person, before the choices made with it are taken. */
  heard(person: string, event: ShopEvent): void;
  take(person: string, choice: Choice): void;
}

interface Known {
  readonly firstMs: number;
  /** Null once their choices count. */
  held: Choice[] | null;
}

export function createSettledChoices(keep: (choice: Choice) => void): SettledChoices {
  const people = new Map<string, Known>();

  return {
    heard(person, event) {
      let known = people.get(person);
      if (known === undefined) {
        if (people.size >= peopleMax) people.delete(people.keys().next().value!);
        known = { firstMs: event.receivedAtMs, held: [] };
        people.set(person, known);
      }
      if (known.held === null) return;
      if (isFromStorefront(event) && event.receivedAtMs - known.firstMs < settledAfterMs) return;
      for (const choice of known.held) keep(choice);
      known.held = null;
    },
    take(person, choice) {
      const known = people.get(person);
      if (known === undefined) return;
      if (known.held === null) keep(choice);
      else if (known.held.length < heldMax) known.held.push(choice);
    },
  };
}
