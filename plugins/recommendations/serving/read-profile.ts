import { isRapportError } from '../../../src/errors.js';
import type { Consent, Permit } from '../../../src/ports/consent.js';
import type { Shopper } from '../../../src/ports/customers.js';
import type { ShopperProfile } from '../../../src/ports/recommenders.js';
import type { HistoryReader } from './history.js';
import { blankProfile, profileOf } from './profile.js';
import type { VisibleProducts } from './visible-products.js';

export interface ReadProfile {
  /** Blank without a permit, or if the history cannot be read. */
  readonly profile: ShopperProfile;
  readonly permit: Permit<'PERSONALIZATION'> | null;
  /** True if the history could not be read. */
  readonly degraded: boolean;
}

interface ReadProfileParts {
  readonly consent: Consent;
  readonly history: HistoryReader;
}

/** Reads profiles of shoppers, as far as they permit it. Lists of one operation that are made side by side share one reading. */
export function createReadProfile(
  parts: ReadProfileParts,
): (shopper: Shopper, visible: VisibleProducts) => Promise<ReadProfile> {
  const profiles = new WeakMap<Shopper, Promise<ReadProfile>>();
  return (shopper, visible) => {
    let read = profiles.get(shopper);
    if (read === undefined) {
      read = readProfile(shopper, visible, parts);
      profiles.set(shopper, read);
      const forget = () => profiles.delete(shopper);
      read.then(forget, forget);
    }
    return read;
  };
}

async function readProfile(
  shopper: Shopper,
  { ofHistory }: VisibleProducts,
  { consent, history }: ReadProfileParts,
): Promise<ReadProfile> {
  const permit = await consent.permit(shopper, 'PERSONALIZATION');
  if (permit === null) return { profile: blankProfile, permit, degraded: false };
  try {
    const events = await history.read(permit);
    return { profile: profileOf(events, ofHistory, shopper.context.atMs), permit, degraded: false };
  } catch (error) {
    if (!isRapportError(error, 'unavailable')) throw error;
    return { profile: blankProfile, permit, degraded: true };
  }
}
