import type { Customer, Origin } from '../../src/ports/customers.js';
import { isLate } from './links.js';

const fields = ['email', 'firstName', 'lastName', 'locale'] as const;

interface Value<V> {
  readonly value: V;
  readonly origin: Origin;
}

/**
 * One profile of the profiles of a merged person, under the id that was requested. Of each field and trait the value that was said last holds, as
 * within one profile; a trait that a server set comes before one that the customer said, unless `overwriteServerTraits`.
 */
export function mergedProfile(
  id: string,
  profiles: readonly Customer[],
  overwriteServerTraits: boolean,
): Customer | null {
  if (profiles.length === 0) return null;
  const values = new Map<string, Value<Customer['traits'][string] | null>>();
  for (const profile of profiles) {
    for (const [key, one] of valuesOf(profile)) {
      const other = values.get(key);
      if (other === undefined || holdsOver(one.origin, other.origin, overwriteServerTraits || !isTrait(key)))
        values.set(key, one);
    }
  }
  const textOf = (field: string) => (values.get(field)?.value as string | null | undefined) ?? null;
  const present = [...values].filter(([key, { value }]) => isTrait(key) && value !== null);
  return {
    id,
    email: textOf('email'),
    firstName: textOf('firstName'),
    lastName: textOf('lastName'),
    locale: textOf('locale'),
    traits: Object.fromEntries(present.map(([key, { value }]) => [key.slice(traitPrefix.length), value!])),
    origins: Object.fromEntries([...values].map(([key, { origin }]) => [key, origin])),
    createdAtMs: Math.min(...profiles.map(({ createdAtMs }) => createdAtMs)),
    updatedAtMs: Math.max(...profiles.map(({ updatedAtMs }) => updatedAtMs)),
  };
}

const traitPrefix = 'trait:';
const isTrait = (key: string) => key.startsWith(traitPrefix);

function valuesOf(profile: Customer): Map<string, Value<Customer['traits'][string] | null>> {
  const { origins = {}, traits, createdAtMs } = profile;
  // Profiles of earlier versions have no origins; what has one is newer.
  const unknown: Origin = { atMs: createdAtMs, source: '', server: false };
  const values = new Map<string, Value<Customer['traits'][string] | null>>();
  for (const [key, origin] of Object.entries(origins)) values.set(key, { value: null, origin });
  for (const field of fields) {
    const value = profile[field];
    if (value !== null) values.set(field, { value, origin: origins[field] ?? unknown });
  }
  for (const [name, value] of Object.entries(traits)) {
    const key = traitPrefix + name;
    values.set(key, { value, origin: origins[key] ?? unknown });
  }
  return values;
}

function holdsOver(one: Origin, other: Origin, isByTimeOnly: boolean): boolean {
  if (!isByTimeOnly && one.server !== other.server) return one.server;
  return !isLate(one, other);
}
