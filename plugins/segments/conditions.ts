import { z } from 'zod';
import { channels } from '../../src/context.js';
import { checkInput, type InputFault } from '../../src/kit/check-input.js';
import { shownValue } from '../../src/kit/shown-value.js';
import { isCurrency } from '../../src/money.js';
import { purposes } from '../../src/ports/consent.js';
import { eventTypes } from '../../src/ports/events.js';
import { lifecycleStages } from '../../src/ports/profiles.js';

/** Nested `all`, `any` and `not`. */
export const depthMax = 8;
/** Conditions about a person in one segment, without those of segments that it refers to. */
export const leavesMax = 50;
const valuesMax = 200;
const textMax = 1_000;
const idMax = 128;
const windowDaysMax = 3_650;

const id = z.string().min(1).max(idMax);
const bound = z.number().min(0).max(Number.MAX_SAFE_INTEGER);
const traitValue = z.union([z.string().max(textMax), z.number(), z.boolean()], {
  message: 'must be text, a number, true or false',
});
const exists = z.boolean().optional().describe('True: there is a value. False: there is none.');
const moment = z.iso.datetime({ offset: true });

const trait = z
  .strictObject({
    trait: z.string().min(1).max(64).describe('The name of a trait of the profile.'),
    in: z
      .array(traitValue)
      .min(1)
      .max(valuesMax)
      .optional()
      .describe('One of these values, of the same type.'),
    atLeast: z.number().optional(),
    atMost: z.number().optional(),
    exists,
  })
  .describe('A trait of the profile. Give `in`, `exists`, or `atLeast` and `atMost`.');

const profile = z
  .strictObject({
    profile: z.enum(['email', 'firstName', 'lastName', 'locale']),
    in: z
      .array(z.string().min(1).max(35))
      .min(1)
      .max(valuesMax)
      .optional()
      .describe('Of `locale` only: BCP 47 languages. A language holds for all its regions.'),
    exists,
  })
  .describe('A field of the profile. Give `in` or `exists`.');

const consent = z
  .strictObject({
    consent: z.enum(purposes),
    in: z.array(z.enum(['GRANTED', 'DENIED', 'WITHDRAWN', 'UNSET'])).min(1),
  })
  .describe('A decision that is in force now.');

const lifecycle = z
  .strictObject({ lifecycle: z.array(z.enum(lifecycleStages)).min(1) })
  .describe('The lifecycle stage of a customer.');

const segment = z.strictObject({ segment: id }).describe('Membership of another segment.');

const event = z
  .strictObject({
    event: z.union([z.enum(eventTypes), z.array(z.enum(eventTypes)).min(1)], {
      message: `must be one of ${eventTypes.join(', ')}, or a list of them`,
    }),
    name: z.string().min(1).max(256).optional().describe('The `event` in the properties of a CUSTOM event.'),
    within: z
      .strictObject({
        days: z.number().positive().max(windowDaysMax).optional(),
        hours: z
          .number()
          .positive()
          .max(windowDaysMax * 24)
          .optional(),
        minutes: z
          .number()
          .positive()
          .max(windowDaysMax * 1_440)
          .optional(),
      })
      .optional()
      .describe('A window that ends now: one of days, hours and minutes. If omitted, all events.'),
    from: moment.optional().describe('From this moment on. Not with `within`.'),
    until: moment.optional().describe('Before this moment. Not with `within`.'),
    productIds: z.array(id).min(1).max(valuesMax).optional().describe('Any codes of products.'),
    categoryId: id.optional().describe('Products in this category, or in one below it.'),
    brands: z.array(id).min(1).max(valuesMax).optional(),
    channels: z.array(z.enum(channels)).min(1).optional(),
    storeIds: z.array(id).min(1).max(valuesMax).optional(),
    measure: z
      .enum(['EVENTS', 'QUANTITY', 'VALUE', 'PRODUCTS', 'DAYS'])
      .optional()
      .describe(
        'EVENTS: their number. QUANTITY: pieces. VALUE: values in `currency`, less refunds. PRODUCTS: different products. DAYS: different calendar days in UTC. If omitted, EVENTS.',
      ),
    currency: z.string().length(3).optional().describe('ISO 4217. Required for VALUE.'),
    atLeast: bound.optional().describe('If neither bound is given, 1.'),
    atMost: bound.optional(),
  })
  .describe(
    'Events of the person in a window, counted or summed. Cancelled and returned orders do not count.',
  );

const leaves = { trait, profile, consent, lifecycle, segment, event } as const;

export type TraitCondition = z.output<typeof trait>;
export type ProfileCondition = z.output<typeof profile>;
export type ConsentCondition = z.output<typeof consent>;
export type LifecycleCondition = z.output<typeof lifecycle>;
export type SegmentCondition = z.output<typeof segment>;
export type EventCondition = z.output<typeof event>;
export type LeafCondition =
  | TraitCondition
  | ProfileCondition
  | ConsentCondition
  | LifecycleCondition
  | SegmentCondition
  | EventCondition;
export type Condition =
  | { readonly all: readonly Condition[] }
  | { readonly any: readonly Condition[] }
  | { readonly not: Condition }
  | LeafCondition;

const kinds = ['all', 'any', 'not', ...Object.keys(leaves)];

/** The JSON Schema (2020-12) of conditions. */
export function conditionSchema(): unknown {
  const condition: z.ZodType = z.lazy(() =>
    z.union([
      z.strictObject({ all: z.array(condition).min(1).max(leavesMax) }).describe('Every condition holds.'),
      z.strictObject({ any: z.array(condition).min(1).max(leavesMax) }).describe('One condition holds.'),
      z.strictObject({ not: condition }).describe('The condition does not hold.'),
      ...Object.values(leaves),
    ]),
  );
  return z.toJSONSchema(condition.meta({ id: 'Condition', title: 'Condition of a segment' }));
}

type Checked =
  | { readonly condition: Condition; readonly faults: readonly [] }
  | { readonly condition: null; readonly faults: readonly InputFault[] };

/** Checks a condition that a caller sent; names every fault, the value received and what is allowed. */
export function checkCondition(raw: unknown): Checked {
  const faults: InputFault[] = [];
  let leafCount = 0;

  function check(value: unknown, path: InputFault['path'], depth: number): void {
    const fault = (message: string, ...more: InputFault['path']) =>
      void faults.push({ path: [...path, ...more], message });
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      fault(`must be an object with one of ${kinds.join(', ')}, not ${shownValue(value)}`);
      return;
    }
    const given = Object.keys(value).filter((key) => kinds.includes(key));
    const [kind] = given;
    if (kind === undefined || given.length > 1) {
      const found =
        given.length > 1 ? given.join(' and ') : Object.keys(value).slice(0, 5).join(', ') || 'none';
      fault(`must have one of ${kinds.join(', ')}, and has ${found}`);
      return;
    }
    const inner = (value as Readonly<Record<string, unknown>>)[kind];
    if (kind !== 'all' && kind !== 'any' && kind !== 'not') {
      leafCount++;
      checkLeaf(kind as keyof typeof leaves, value, path, faults);
      return;
    }
    const others = Object.keys(value).filter((key) => key !== kind);
    if (others.length > 0) fault(`${kind} stands alone; leave out ${others.slice(0, 5).join(', ')}`);
    if (depth >= depthMax) fault(`all, any and not are nested at most ${depthMax} deep`, kind);
    else if (kind === 'not') check(inner, [...path, kind], depth + 1);
    else if (!Array.isArray(inner) || inner.length === 0 || inner.length > leavesMax)
      fault(`must be a list of 1 to ${leavesMax} conditions, not ${shownValue(inner)}`, kind);
    else for (const [at, each] of inner.entries()) check(each, [...path, kind, at], depth + 1);
  }

  check(raw, [], 0);
  if (leafCount > leavesMax)
    faults.push({ path: [], message: `has ${leafCount} conditions; at most ${leavesMax} are allowed` });
  if (faults.length > 0) return { condition: null, faults };
  return { condition: structuredClone(raw) as Condition, faults: [] };
}

function checkLeaf(
  kind: keyof typeof leaves,
  value: object,
  path: InputFault['path'],
  faults: InputFault[],
): void {
  const checked = checkInput<z.ZodType>(leaves[kind], value);
  const fault = (message: string, ...more: InputFault['path']) =>
    void faults.push({ path: [...path, ...more], message });
  if (checked.faults !== null) {
    for (const each of checked.faults) fault(each.message, ...each.path);
    return;
  }
  const leaf = checked.data as LeafCondition;
  if ('trait' in leaf) {
    const ways = [leaf.in, leaf.exists, leaf.atLeast ?? leaf.atMost].filter((way) => way !== undefined);
    if (ways.length !== 1) fault('needs in, exists, or atLeast and atMost');
  } else if ('profile' in leaf) {
    if ((leaf.in === undefined) === (leaf.exists === undefined)) fault('needs in or exists');
    if (leaf.in !== undefined && leaf.profile !== 'locale')
      fault(`${leaf.profile} is compared by exists only, since it is personal`, 'in');
  } else if ('event' in leaf) checkEvent(leaf, fault);
  if ('atLeast' in leaf && 'atMost' in leaf && leaf.atLeast! > leaf.atMost!)
    fault(`atLeast (${leaf.atLeast}) is above atMost (${leaf.atMost})`, 'atLeast');
}

function checkEvent(
  { event: types, name, within, from, until, measure, currency, ...bounds }: EventCondition,
  fault: (message: string, ...path: InputFault['path']) => void,
): void {
  if (name !== undefined && ![types].flat().every((type) => type === 'CUSTOM'))
    fault('only events of the type CUSTOM have a name', 'name');
  for (const side of ['atLeast', 'atMost'] as const)
    if (measure !== 'VALUE' && !Number.isInteger(bounds[side] ?? 0))
      fault(`must be a whole number for ${measure ?? 'EVENTS'}, not ${bounds[side]}`, side);
  if (within !== undefined && Object.keys(within).length !== 1)
    fault('needs one of days, hours and minutes', 'within');
  if (within !== undefined && (from ?? until) !== undefined)
    fault('leave out from and until, or within', 'within');
  if (from !== undefined && until !== undefined && Date.parse(from) >= Date.parse(until))
    fault(`until (${until}) must be after from (${from})`, 'until');
  if (measure === 'VALUE' && currency === undefined)
    fault('is required for VALUE, for example "EUR"', 'currency');
  if (measure !== 'VALUE' && currency !== undefined)
    fault(`only VALUE has a currency, not ${measure ?? 'EVENTS'}`, 'currency');
  if (currency !== undefined && !isCurrency(currency))
    fault(`${shownValue(currency)} is not an ISO 4217 code; use upper case, for example "EUR"`, 'currency');
}

/** All conditions about a person in a condition. */
export function leavesOf(condition: Condition): readonly LeafCondition[] {
  if ('all' in condition) return condition.all.flatMap(leavesOf);
  if ('any' in condition) return condition.any.flatMap(leavesOf);
  return 'not' in condition ? leavesOf(condition.not) : [condition];
}

/** The ids of segments that a condition refers to itself. */
export function referencesOf(condition: Condition): readonly string[] {
  return leavesOf(condition).flatMap((leaf) => ('segment' in leaf ? [leaf.segment] : []));
}
