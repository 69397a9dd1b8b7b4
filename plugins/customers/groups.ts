import { isRapportError } from '../../src/errors.js';
import type { Clock } from '../../src/plugin.js';
import type { Customer, CustomerGroups, Person } from '../../src/ports/customers.js';
import type { Collection } from '../../src/ports/store.js';
import { createCachedReads } from './cache.js';

const customersMax = 50_000;
const freshMs = 60_000;
const groupTrait = 'customerGroup';

interface Group {
  readonly name: string | null;
  readonly setAtMs: number;
}

/**
 * Reads the customer group of profiles, through a cache that follows their changes. A trait that a customer set names no group. Of a
 * merged person, the group that was set last holds.
 */
export function createCustomerGroups(
  profiles: Collection<Customer>,
  personOf: (customerId: string) => Promise<Person>,
  clock: Clock,
): CustomerGroups {
  const groups = createCachedReads<Group | null>({
    entriesMax: customersMax,
    freshMs,
    clock,
    async read(id) {
      const [customer] = await profiles.getMany([id], { skipDamaged: true });
      const group = customer?.traits[groupTrait];
      const origin = customer?.origins?.[`trait:${groupTrait}`];
      if (origin?.server !== true) return null;
      return { name: typeof group === 'string' && group !== '' ? group : null, setAtMs: origin.atMs };
    },
  });
  profiles.watch((changes) => {
    for (const { id } of changes) groups.forget(id);
  });
  return {
    async groupOf(customerId) {
      try {
        const { members } = await personOf(customerId);
        let latest: Group | null = null;
        for (const group of await Promise.all(members.map(groups.get)))
          if (group !== null && (latest === null || group.setAtMs > latest.setAtMs)) latest = group;
        return latest?.name ?? null;
      } catch (error) {
        if (isRapportError(error, 'unavailable')) return null;
        throw error;
      }
    },
  };
}
