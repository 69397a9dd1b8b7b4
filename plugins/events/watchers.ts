import { RapportError } from '../../src/errors.js';
import type { Events, RecordedPurpose, ShopEvent } from '../../src/ports/events.js';

type Listener = (events: readonly ShopEvent[]) => void;

const permits: Readonly<Record<RecordedPurpose, (event: ShopEvent) => boolean>> = {
  ANALYTICS: ({ learn }) => learn,
  PERSONALIZATION: ({ permitted }) => permitted,
};

/** Passes events to listeners by purpose: each gets only the events that were permitted for its purpose. */
export function createWatchers(): Pick<Events, 'watch'> & { pass(events: readonly ShopEvent[]): void } {
  const groups = Object.entries(permits).map(([purpose, permitted]) => ({
    purpose,
    permitted,
    listeners: new Set<Listener>(),
  }));
  return {
    watch(listener, purpose) {
      const group = groups.find((one) => one.purpose === purpose);
      if (group === undefined) {
        throw new RapportError(
          'invalid',
          'EVENTS_PURPOSE_INVALID',
          `events are watched for ${Object.keys(permits).join(' or ')}, not for ${JSON.stringify(purpose)}`,
        );
      }
      const { listeners } = group;
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    pass(events) {
      for (const { listeners, permitted } of groups) {
        if (listeners.size === 0) continue;
        const passed = permittedOf(events, permitted);
        if (passed.length > 0) for (const listener of listeners) listener(passed);
      }
    },
  };
}

/** Mostly all of them. */
function permittedOf(
  events: readonly ShopEvent[],
  permitted: (event: ShopEvent) => boolean,
): readonly ShopEvent[] {
  for (let at = 0; at < events.length; at++) if (!permitted(events[at]!)) return events.filter(permitted);
  return events;
}
