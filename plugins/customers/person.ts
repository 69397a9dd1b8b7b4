import type { Merge, Person } from '../../src/ports/customers.js';

/** A merge as far as it decides who is one person. */
export type MergeLink = Pick<Merge, 'into' | 'from' | 'atMs'>;

const always = () => Number.NEGATIVE_INFINITY;

/** A customer who is merged with nobody. */
export function single(id: string): Person {
  return Object.freeze({ id, members: Object.freeze([id]), joinedAtMs: always });
}

/**
 * The person of connected customers. All of it follows from the set of links, so neither the order nor the repetition of merges counts.
 * The surviving id is that of a customer who was merged into nobody; of several, or in a circle of all, the first by code points.
 */
export function personFrom(ids: Iterable<string>, links: readonly MergeLink[]): Person {
  const members = [...new Set(ids)].sort(byCodePoint);
  const left = new Set(links.map(({ from }) => from));
  const id = members.find((member) => !left.has(member)) ?? members[0]!;
  return Object.freeze({ id, members: Object.freeze(members), joinedAtMs: joining(members, links) });
}

/**
 * Two members became one person with the first set of links that connects them: the links are added by their time, and the one that
 * joins the groups of both is the moment.
 */
function joining(members: readonly string[], links: readonly MergeLink[]): Person['joinedAtMs'] {
  const groupOf = new Map(members.map((member) => [member, [member]]));
  const joinedAtMs = new Map(members.map((member) => [member, new Map<string, number>()]));
  for (const { into, from, atMs } of [...links].sort((a, b) => a.atMs - b.atMs)) {
    const [a, b] = [groupOf.get(into)!, groupOf.get(from)!];
    if (a === b) continue;
    for (const one of a) {
      for (const other of b) {
        joinedAtMs.get(one)!.set(other, atMs);
        joinedAtMs.get(other)!.set(one, atMs);
      }
    }
    a.push(...b);
    for (const member of b) groupOf.set(member, a);
  }
  return (one, other) =>
    one === other ? Number.NEGATIVE_INFINITY : (joinedAtMs.get(one)?.get(other) ?? Number.POSITIVE_INFINITY);
}

function byCodePoint(a: string, b: string): number {
  return a < b ? -1 : 1;
}
