import type { Consent, RecordedPerson } from '../../src/ports/consent.js';
import type { ShopEvent } from '../../src/ports/events.js';

/**
 * Applies the refusals that are in force now to events of the log: leaves out those of people who refuse ANALYTICS, and marks those of
 * people who refuse PERSONALIZATION as not permitted.
 */
export async function stillPermitted(
  events: readonly ShopEvent[],
  consent: Pick<Consent, 'remaining'>,
): Promise<readonly ShopEvent[]> {
  const people: RecordedPerson[] = [];
  const numbers = new Map<string, number>();
  const numberOf = ({ sessionId, customerId, channel }: ShopEvent): number => {
    const key = `${channel}\n${sessionId}\n${customerId ?? ''}`;
    const known = numbers.get(key);
    if (known !== undefined) return known;
    numbers.set(key, people.length);
    return people.push({ sessionId, customerId, channel }) - 1;
  };
  const whose = events.map(numberOf);
  const uses = await consent.remaining(people);
  if (uses.every(({ learn, permitted }) => learn && permitted)) return events;
  return events.flatMap((event, at) => {
    const { learn, permitted } = uses[whose[at]!]!;
    if (!learn) return [];
    return permitted || !event.permitted ? [event] : [{ ...event, permitted: false }];
  });
}
