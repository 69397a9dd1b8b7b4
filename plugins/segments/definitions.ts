import { z } from 'zod';
import { type UserError, userError } from '../../src/errors.js';
import { checkInput } from '../../src/kit/check-input.js';
import { deepFreeze } from '../../src/kit/deep-freeze.js';
import type { Host } from '../../src/plugin.js';
import type { EventType } from '../../src/ports/events.js';
import type { Queue } from '../../src/ports/queue.js';
import type { SaveSegmentResult, Segment } from '../../src/ports/segments.js';
import type { Collection, Store } from '../../src/ports/store.js';
import { type Condition, checkCondition, type LeafCondition, leavesOf, referencesOf } from './conditions.js';

/** A membership keeps one id of each segment. */
export const segmentsMax = 200;
/** Conditions about a person that one segment evaluates, with those of the segments that it refers to. */
const leavesInAllMax = 200;

/** A segment whose condition was checked. */
export interface Definition extends Segment {
  readonly condition: Condition;
}

const input = z.strictObject({
  id: z
    .string()
    .regex(/^[\w.-]{1,64}$/, { message: 'must have 1 to 64 letters, digits and _ . -' })
    .nullish(),
  name: z.string().trim().min(1).max(100),
  condition: z.unknown(),
});

/** The segments of the shop, in the store and in memory. */
export interface Definitions {
  list(): readonly Definition[];
  get(id: string): Definition | null;
  /** The conditions about a person that segments look at, with those of segments that they refer to. */
  leaves(conditions: readonly Condition[]): readonly LeafCondition[];
  /** True if events of any type can change a membership. */
  readsAnyEvents(): boolean;
  /** Calls back after each change of segments. */
  watch(listener: () => void): void;
  /** True if events of this type can change a membership. */
  readsEvents(type: EventType): boolean;
  /** Checks a condition as `save` does. `id`: the segment that it is for; null: a new one. */
  check(
    condition: unknown,
    id: string | null,
  ): { condition: Condition | null; userErrors: readonly UserError[] };
  save(input: unknown): Promise<SaveSegmentResult>;
  remove(
    id: string,
  ): Promise<{ readonly removedId: string | null; readonly userErrors: readonly UserError[] }>;
  start(): Promise<void>;
  close(): void;
}

export function createDefinitions(store: Store, host: Host, queue: Pick<Queue, 'publishing'>): Definitions {
  const segments = new Map<string, Definition>();
  let sorted: readonly Definition[] | null = null;
  let types: ReadonlySet<EventType> | null = null;
  const listeners: (() => void)[] = [];
  let collection: Collection<Definition> | null = null;
  let stop = (): void => undefined;

  function opened(): Collection<Definition> {
    if (collection === null) throw new Error('segments were used before they were started');
    return collection;
  }

  function fault(message: string, ...path: (string | number)[]): UserError {
    return userError('SEGMENTS_SEGMENT_INVALID', message, ['segment', ...path]);
  }

  /** The shortest way from a segment back to itself; null: there is none. Goes through each segment once. */
  function circle(id: string, references: readonly string[]): readonly string[] | null {
    const ways = new Map(references.map((next) => [next, [next]]));
    for (const [segment, way] of ways) {
      if (segment === id) return way;
      // A map that grows is gone through to its end.
      for (const next of referencesOf(segments.get(segment)?.condition ?? { all: [] }))
        if (!ways.has(next)) ways.set(next, [...way, next]);
    }
    return null;
  }

  function leaves(conditions: readonly Condition[]): readonly LeafCondition[] {
    const found = new Set<LeafCondition>();
    const met = new Set(conditions);
    // A set that grows is gone through to its end.
    for (const condition of met)
      for (const leaf of leavesOf(condition)) {
        found.add(leaf);
        const referred = 'segment' in leaf ? segments.get(leaf.segment) : undefined;
        if (referred !== undefined) met.add(referred.condition);
      }
    return [...found];
  }

  function eventTypesRead(): ReadonlySet<EventType> {
    types ??= typesOf(leaves([...segments.values()].map(({ condition }) => condition)));
    return types;
  }

  const definitions: Definitions = {
    list() {
      sorted ??= [...segments.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
      return sorted;
    },
    get: (id) => segments.get(id) ?? null,
    leaves,
    readsAnyEvents: () => eventTypesRead().size > 0,
    watch: (listener) => void listeners.push(listener),
    readsEvents: (type) => eventTypesRead().has(type),

    check(raw, id) {
      const { condition, faults } = checkCondition(raw);
      if (condition === null)
        return {
          condition,
          userErrors: faults.map(({ path, message }) => fault(message, 'condition', ...path)),
        };
      const references = referencesOf(condition);
      const unknown = references.find((each) => each !== id && !segments.has(each));
      if (unknown !== undefined)
        return {
          condition: null,
          userErrors: [
            fault(`refers to segment "${unknown}", which does not exist; save that one first`, 'condition'),
          ],
        };
      const way = id === null ? null : circle(id, references);
      if (way !== null)
        return {
          condition: null,
          userErrors: [fault(`refers to itself: ${[id, ...way].join(' → ')}`, 'condition')],
        };
      const count = leaves([condition]).length;
      if (count > leavesInAllMax) {
        const message = `has ${count} conditions with those of the segments it refers to; at most ${leavesInAllMax} are allowed`;
        return { condition: null, userErrors: [fault(message, 'condition')] };
      }
      return { condition, userErrors: [] };
    },

    async save(raw) {
      const checked = checkInput(input, raw);
      if (checked.faults !== null)
        return {
          segment: null,
          userErrors: checked.faults.map(({ path, message }) => fault(message, ...path)),
        };
      const { id = null, name } = checked.data;
      const { condition, userErrors } = definitions.check(checked.data.condition, id);
      if (condition === null) return { segment: null, userErrors };
      if ((id === null || !segments.has(id)) && segments.size >= segmentsMax)
        return {
          segment: null,
          userErrors: [fault(`there are ${segments.size} segments; at most ${segmentsMax} are allowed`)],
        };
      const segment = { id: id ?? host.ids.next(), name, condition, updatedAtMs: host.clock.nowMs() };
      await queue.publishing([{ type: 'segment.changed', segmentId: segment.id }], () =>
        opened().put([segment]),
      );
      return { segment: segments.get(segment.id) ?? segment, userErrors: [] };
    },

    async remove(id) {
      const refused = (code: string, message: string) => ({
        removedId: null,
        userErrors: [userError(code, message, ['id'])],
      });
      if (!segments.has(id))
        return refused('SEGMENTS_SEGMENT_UNKNOWN', `there is no segment "${id.slice(0, 64).toWellFormed()}"`);
      const user = definitions.list().find(({ condition }) => referencesOf(condition).includes(id));
      if (user !== undefined)
        return refused(
          'SEGMENTS_SEGMENT_USED',
          `segment "${user.id}" refers to "${id}"; change or remove that one first`,
        );
      await queue.publishing([{ type: 'segment.changed', segmentId: id }], () => opened().remove([id]));
      return { removedId: id, userErrors: [] };
    },

    async start() {
      collection = await store.collection<Definition>({ name: 'segments', indexes: {} });
      stop = collection.watch((changes) => {
        for (const { id, document } of changes) {
          if (document === null) segments.delete(id);
          else segments.set(id, deepFreeze(document));
        }
        sorted = null;
        types = null;
        for (const listener of listeners) listener();
      });
      for await (const page of collection.scan())
        for (const segment of page) segments.set(segment.id, deepFreeze(segment));
      sorted = null;
      types = null;
    },
    close: () => stop(),
  };
  return definitions;
}

/** The types of events that conditions count, and of those that change how these count. */
function typesOf(leaves: readonly LeafCondition[]): ReadonlySet<EventType> {
  const types = new Set<EventType>();
  for (const leaf of leaves) {
    if ('event' in leaf) for (const type of [leaf.event].flat()) types.add(type);
    if ('lifecycle' in leaf) types.add('ORDER_COMPLETED');
  }
  if (types.has('ORDER_COMPLETED'))
    for (const type of ['ORDER_UPDATED', 'ORDER_REFUNDED', 'ORDER_CANCELLED'] as const) types.add(type);
  if (types.has('PRODUCT_DISMISSED')) types.add('PRODUCT_UNDISMISSED');
  if (types.has('WISHLIST_ADDED')) types.add('WISHLIST_REMOVED');
  return types;
}
