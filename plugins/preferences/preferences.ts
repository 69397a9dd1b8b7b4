import { isRapportError, RapportError, type UserError, userError } from '../../src/errors.js';
import { customerName, type PersonName, sessionName } from '../../src/person-ids.js';
import type { Host } from '../../src/plugin.js';
import { type Consent, claimantOf, type Permit } from '../../src/ports/consent.js';
import { customersOf, type Shopper } from '../../src/ports/customers.js';
import type { Events, ShopEvent } from '../../src/ports/events.js';
import type { PreferenceChange, Preferences } from '../../src/ports/preferences.js';
import type { Queue } from '../../src/ports/queue.js';
import type { Store } from '../../src/ports/store.js';
import { type Changes, dismissalName, openChanges, type Value } from './changes.js';
import { readInput } from './input.js';
import { type Items, itemsOfPerson, itemsOfSessions, itemsWith, stateOf } from './values.js';

export const historyMax = 1_000;
const dismissedMax = 1_000;

export interface PreferencesPlugin extends Preferences {
  open(): Promise<void>;
  catchUp(subject: PersonName): Promise<void>;
  /** Products that the shopper dismissed and did not take back, newest first; null: personalization is not permitted. */
  dismissed(shopper: Shopper): Promise<readonly ShopEvent[] | null>;
}

/** Preferences over their history; `open` opens it, before anything else is called. */
export function createPreferences(
  needs: {
    readonly store: Store;
    readonly queue: Queue;
    readonly consent: Consent;
    readonly events: Events;
  },
  host: Host,
): PreferencesPlugin {
  let log: Changes;

  const permitOf = (shopper: Shopper): Promise<Permit<'PERSONALIZATION'> | null> =>
    needs.consent.permit(shopper, 'PERSONALIZATION');

  async function itemsOf(shopper: Shopper): Promise<Items> {
    const customers = customersOf(shopper);
    const found = await log.items([...customers.map(customerName), ...shopper.sessionIds.map(sessionName)]);
    const anonymous = itemsOfSessions(found.slice(customers.length), shopper.pastUntilMs);
    if (customers.length === 0) return anonymous;
    const members = customers.map((customerId, i) => ({ customerId, items: found[i]! }));
    return itemsWith(itemsOfPerson(members, shopper.person ?? { joinedAtMs: () => 0 }), anonymous);
  }

  /** Records dismissals and their undoing where all recommendations and searches read them. */
  async function recordDismissals(
    { context }: Shopper,
    products: readonly { readonly productId: string; readonly dismissed: boolean }[],
  ): Promise<readonly UserError[]> {
    if (products.length === 0) return [];
    const { userErrors } = await needs.events.record(
      context,
      products.map(({ productId, dismissed }) => ({
        messageId: host.ids.next(),
        type: dismissed ? 'PRODUCT_DISMISSED' : 'PRODUCT_UNDISMISSED',
        productIds: [productId],
      })),
    );
    return userErrors.map(({ code, message, path }) =>
      userError(code, message, ['preferences', 'notForMe', path[1] ?? 0, 'productId']),
    );
  }

  return {
    async of(shopper) {
      refuseUncertain(shopper);
      return stateOf(await itemsOf(shopper));
    },

    async set(shopper, input) {
      refuseUncertain(shopper);
      const { values, paused, notForMe, userErrors } = readInput(input);
      const faults: UserError[] = [...userErrors];
      const { caller, channel } = shopper.context;
      const { customerId } = shopper;
      // A pause goes first, so that nothing else of the call is learned.
      if (paused !== null) await needs.consent.pause(shopper, paused);
      const isPermitted = notForMe.length === 0 || (await permitOf(shopper)) !== null;
      if (!isPermitted) faults.push(notPermitted());
      const dismissals = isPermitted ? notForMe : [];
      const changes = new Map<string, Value>([
        ...values,
        ...dismissals.map(({ productId, dismissed }) => [dismissalName(productId), dismissed] as const),
      ]);
      if (changes.size > 0) {
        const subject = customerId === null ? sessionName(shopper.sessionId) : customerName(customerId);
        const about = { channel, source: caller.source, claimedBy: claimantOf(caller, customerId) };
        const fact = { type: 'preferences.changed', subject, origin: caller.source } as const;
        try {
          await log.append(subject, changes, about, (write) => needs.queue.publishing([fact], write));
        } catch (error) {
          if (!isRapportError(error, 'invalid')) throw error;
          return { userErrors: [...faults, userError(error.code, error.message, error.inputPath ?? [])] };
        }
      }
      faults.push(...(await recordDismissals(shopper, dismissals)));
      return { userErrors: faults };
    },

    async history(shopper) {
      refuseUncertain(shopper);
      const customers = customersOf(shopper);
      const subjects = customers.length > 0 ? customers.map(customerName) : [sessionName(shopper.sessionId)];
      const [pauses, ...own] = await Promise.all([
        needs.consent.pauses(shopper),
        ...subjects.map((subject) => log.history(subject, historyMax)),
      ]);
      const paused = pauses.map(
        ({ paused: value, channel, source, claimedBy, atMs }): PreferenceChange => ({
          name: 'personalizationPaused',
          value,
          channel,
          source,
          claimedBy,
          atMs,
        }),
      );
      return [...own.flat(), ...paused].sort((a, b) => b.atMs - a.atMs).slice(0, historyMax);
    },

    async dismissed(shopper) {
      const permit = await permitOf(shopper);
      if (permit === null) return null;
      return needs.events.history(permit, { limit: dismissedMax, types: ['PRODUCT_DISMISSED'] });
    },

    catchUp: (subject) => log.catchUp(subject),

    async open() {
      log = await openChanges(needs.store, host);
    },
  };
}

function notPermitted(): UserError {
  return userError(
    'PREFERENCES_NOT_PERMITTED',
    'Personalization is not permitted or is paused, so a dismissal would not be kept; get consent first, or resume.',
    ['preferences', 'notForMe'],
  );
}

function refuseUncertain(shopper: Shopper): void {
  if (!shopper.uncertain) return;
  throw new RapportError(
    'unavailable',
    'PREFERENCES_UNAVAILABLE',
    'The customer of this session cannot be read at the moment, so no preference was read or changed; try again shortly.',
    { retryAfterSeconds: 5 },
  );
}
