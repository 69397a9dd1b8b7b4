import { customerName, type PersonName, sessionName } from '../../src/person-ids.js';
import type {
  Consent,
  ProcessingRestriction,
  RecordedPerson,
  RecordingUse,
  UseAt,
} from '../../src/ports/consent.js';
import type { Shopper } from '../../src/ports/customers.js';

type Restricted = Pick<
  Consent,
  'permit' | 'personalization' | 'recording' | 'mayLearn' | 'remaining' | 'withdrawnSince'
>;

const unusable: RecordingUse = { learn: false, permitted: false };
const unusableAt: UseAt = () => unusable;

/** Puts restrictions above decisions: what is known of a restricted person is stored, and used for nothing. */
export function restrictable<C extends Consent>(
  consent: C,
  restrictions: () => readonly ProcessingRestriction[],
): C {
  const isRestricted = (names: readonly PersonName[]): boolean =>
    restrictions().some((restriction) => restriction.isRestricted(names));
  const isNow = (shopper: Shopper): boolean => isRestricted(namesOf(shopper));

  const own: Restricted = {
    permit: (shopper, purpose) => (isNow(shopper) ? Promise.resolve(null) : consent.permit(shopper, purpose)),
    personalization: async (shopper) =>
      isNow(shopper) ? { applied: false, reason: 'RESTRICTED' } : consent.personalization(shopper),
    async recording(shoppers, sinceMs) {
      const uses = await consent.recording(shoppers, sinceMs);
      return shoppers.some(isNow) ? uses.map((use, at) => (isNow(shoppers[at]!) ? unusableAt : use)) : uses;
    },
    async mayLearn(shoppers) {
      const may = await consent.mayLearn(shoppers);
      return may.map((learns, at) => learns && !isNow(shoppers[at]!));
    },
    async remaining(people) {
      const uses = await consent.remaining(people);
      return uses.map((use, at) => (isRestricted(recordedNames(people[at]!)) ? unusable : use));
    },
    withdrawnSince: async (sinceMs) =>
      restrictions().some((restriction) => restriction.restrictedSince(sinceMs)) ||
      consent.withdrawnSince(sinceMs),
  };
  return { ...consent, ...own };
}

function namesOf({ sessionId, customerId, linkedTo, person }: Shopper): readonly PersonName[] {
  const customer = customerId ?? linkedTo;
  const customers = person?.members ?? (customer === undefined ? [] : [customer]);
  return [sessionName(sessionId), ...customers.map(customerName)];
}

function recordedNames({ sessionId, customerId }: RecordedPerson): readonly PersonName[] {
  return [customerId === null ? sessionName(sessionId) : customerName(customerId)];
}
