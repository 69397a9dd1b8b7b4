import type { Catalog } from '../../src/ports/catalog.js';
import type { Consent, Permit } from '../../src/ports/consent.js';
import type { Customers } from '../../src/ports/customers.js';
import type { Events } from '../../src/ports/events.js';
import type { Profiles } from '../../src/ports/profiles.js';
import type { EventCondition, LeafCondition } from './conditions.js';
import type { Evidence } from './evaluate.js';
import { createEventMeasure, windowStartMs } from './event-measure.js';

export interface EvidenceNeeds {
  readonly catalog: Catalog;
  readonly customers: Customers;
  readonly consent: Consent;
  readonly events: Events;
  readonly profiles: Profiles;
}

/** Reads what the conditions look at, each source once. Events are read from the beginning of the longest window. */
export async function readEvidence(
  { catalog, customers, consent, events, profiles }: EvidenceNeeds,
  permit: Permit<'PERSONALIZATION'>,
  leaves: readonly LeafCondition[],
  atMs: number,
): Promise<Evidence> {
  const { shopper } = permit;
  const { customerId } = shopper;
  const conditions = leaves.filter((leaf): leaf is EventCondition => 'event' in leaf);
  const measures = new Map(conditions.map((each) => [each, createEventMeasure(each, catalog)]));
  const needsLifecycle = leaves.some((leaf) => 'lifecycle' in leaf);
  const needsProfile = needsLifecycle || leaves.some((leaf) => 'trait' in leaf || 'profile' in leaf);

  async function readEvents(): Promise<void> {
    if (conditions.length === 0) return;
    const fromMs = Math.min(...conditions.map((each) => windowStartMs(each, atMs)));
    const types = [...new Set(conditions.flatMap((each) => each.event))];
    const all = [...measures.values()];
    await events.scan(permit, { fromMs: Math.max(0, fromMs), types }, (event) => {
      for (const measure of all) measure.add(event);
    });
  }

  async function readPerson(): Promise<Pick<Evidence, 'profile' | 'lifecycle'>> {
    const profile = customerId === null || !needsProfile ? null : await customers.get(customerId);
    const lifecycle =
      profile === null || !needsLifecycle
        ? null
        : await profiles.lifecycle(permit, profile.createdAtMs, atMs);
    return { profile, lifecycle };
  }

  const [person, consents] = await Promise.all([readPerson(), consent.states(shopper), readEvents()]);
  return { atMs, ...person, consents, measures };
}
