import type { Channel } from '../../src/context.js';
import type { Person } from '../../src/ports/customers.js';
import type { PreferenceState, QuietHours } from '../../src/ports/preferences.js';

/** The value of each kind of preference. */
export interface Values {
  readonly topic: { readonly liked: boolean };
  readonly channel: { readonly allowed: boolean; readonly priority: number | null };
  readonly frequency: { readonly maxPerWeek: number };
  readonly quietHours: readonly QuietHours[];
}
export type Kind = keyof Values;
type Value = Values[Kind];

/** A value with the moment since which it holds; null: it was removed then. */
export interface Item {
  readonly value: Value | null;
  readonly atMs: number;
}

/** Preferences by name, for example `topic:coffee`. */
export type Items = Readonly<Record<string, Item>>;

export function nameOf(kind: Kind, of = ''): string {
  return of === '' ? kind : `${kind}:${of}`;
}

function partsOf(name: string): { readonly kind: Kind; readonly of: string } {
  const end = name.indexOf(':');
  return end < 0
    ? { kind: name as Kind, of: '' }
    : { kind: name.slice(0, end) as Kind, of: name.slice(end + 1) };
}

export function isSame(a: Value | null, b: Value | null): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** The value that restricts more; parts that restrict nothing are those of the newer one. */
const restrict: { readonly [K in Kind]: (newer: Values[K], older: Values[K]) => Values[K] } = {
  topic: (newer, older) => ({ liked: newer.liked && older.liked }),
  channel: (newer, older) => ({
    allowed: newer.allowed && older.allowed,
    priority: newer.priority ?? older.priority,
  }),
  frequency: (newer, older) => ({ maxPerWeek: Math.min(newer.maxPerWeek, older.maxPerWeek) }),
  quietHours: (newer, older) => [
    ...newer,
    ...older.filter((hours) => !newer.some((own) => JSON.stringify(own) === JSON.stringify(hours))),
  ],
};

function leastPermissive(kind: Kind, newer: Item, older: Item): Item {
  if (newer.value === null || older.value === null)
    return { value: newer.value ?? older.value, atMs: newer.atMs };
  const both = restrict[kind] as (newer: Value, older: Value) => Value;
  return { value: both(newer.value, older.value), atMs: newer.atMs };
}

export interface MemberItems {
  readonly customerId: string;
  readonly items: Items;
}

/**
 * The preferences of a merged person. For each name, the least permissive of the members' values holds. A value that was set after the merge is
 * the person's, and supersedes older ones of the others.
 */
export function itemsOfPerson(members: readonly MemberItems[], person: Pick<Person, 'joinedAtMs'>): Items {
  if (members.length === 1) return members[0]!.items;
  const merged: Record<string, Item> = {};
  for (const name of new Set(members.flatMap(({ items }) => Object.keys(items)))) {
    const own = members
      .flatMap(({ customerId, items }) => (items[name] ? [{ customerId, item: items[name] }] : []))
      .sort((a, b) => b.item.atMs - a.item.atMs || (a.customerId < b.customerId ? -1 : 1));
    const counted = own.filter(
      (one) =>
        !own.some(
          (other) =>
            other.item.atMs > one.item.atMs &&
            other.item.atMs > person.joinedAtMs(other.customerId, one.customerId),
        ),
    );
    merged[name] = counted
      .map(({ item }) => item)
      .reduce((newer, older) => leastPermissive(partsOf(name).kind, newer, older));
  }
  return merged;
}

/** The items of sessions, the newest first, as far as they were set before the end of a person's part of each. The newer session counts. */
export function itemsOfSessions(sessions: readonly Items[], untilMs: readonly number[]): Items {
  const all: Record<string, Item> = {};
  for (let at = sessions.length - 1; at >= 0; at--) {
    const until = untilMs[at] ?? Number.POSITIVE_INFINITY;
    for (const [name, item] of Object.entries(sessions[at]!)) if (item.atMs <= until) all[name] = item;
  }
  return all;
}

/** A person's own items, and those of a session where they have none. */
export function itemsWith(own: Items, session: Items): Items {
  return { ...session, ...own };
}

export function stateOf(items: Items): PreferenceState {
  const of = <K extends Kind>(kind: K): readonly (readonly [name: string, value: Values[K]])[] =>
    Object.entries(items).flatMap(([name, { value }]) => {
      const parts = partsOf(name);
      return parts.kind === kind && value !== null ? [[parts.of, value as Values[K]] as const] : [];
    });
  const byName = (a: readonly [string, unknown], b: readonly [string, unknown]) => (a[0] < b[0] ? -1 : 1);
  return {
    topics: of('topic')
      .toSorted(byName)
      .map(([topic, { liked }]) => ({ topic, liked })),
    channels: of('channel')
      .toSorted(
        (a, b) =>
          (a[1].priority ?? Number.POSITIVE_INFINITY) - (b[1].priority ?? Number.POSITIVE_INFINITY) ||
          byName(a, b),
      )
      .map(([channel, value]) => ({ channel: channel as Channel, ...value })),
    frequency: of('frequency')
      .toSorted(byName)
      .map(([channel, { maxPerWeek }]) => ({ channel: channel as Channel, maxPerWeek })),
    quietHours: of('quietHours')[0]?.[1] ?? [],
  };
}
