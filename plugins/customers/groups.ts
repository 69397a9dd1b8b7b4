import { isRapportError } from '../../src/errors.js';
import type { Clock } from '../../src/plugin.js';
import type { Customer, CustomerGroups } from '../../src/ports/customers.js';
import type { Collection } from '../../src/ports/store.js';
import { createCachedReads } from './cache.js';

const customersMax = 50_000;
const freshMs = 60_000;
const groupTrait = 'customerGroup';

/** Reads the customer group of profiles, through a cache that follows their changes. A trait that a customer set names no group. */
export function createCustomerGroups(profiles: Collection<Customer>, clock: Clock): CustomerGroups {
  const groups = createCachedReads<string | null>({
    entriesMax: customersMax,
    freshMs,
    clock,
    async read(id) {
      const [customer] = await profiles.getMany([id], { skipDamaged: true });
      const group = customer?.traits[groupTrait];
      const isTrusted = customer?.origins?.[`trait:${groupTrait}`]?.server === true;
      return isTrusted && typeof group === 'string' && group !== '' ? group : null;
    },
  });
  profiles.watch((changes) => {
    for (const { id } of changes) groups.forget(id);
  });
  return {
    async groupOf(customerId) {
      try {
        return await groups.get(customerId);
      } catch (error) {
        if (isRapportError(error, 'unavailable')) return null;
        throw error;
      }
    },
  };
}
