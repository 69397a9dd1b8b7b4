import { z } from 'zod';
import { channels } from '../../src/context.js';
import { type UserError, userError } from '../../src/errors.js';
import { checkInput } from '../../src/kit/check-input.js';
import { isId, personIdMax } from '../../src/person-ids.js';
import { nameOf, type Values } from './values.js';

/** Topics of one call, and of one subject. */
export const topicsMax = 100;
const topicLengthMax = 100;
/** Contacts a week: about one every quarter of an hour, by day and night. */
const perWeekMax = 700;
const quietHoursMax = 4;

const time = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be a time of day, for example "22:00"');
const schemas = {
  topics: z.strictObject({
    topic: z
      .string()
      .min(1)
      .max(topicLengthMax)
      .regex(/^[^\p{Cc}\p{Surrogate}]*$/u, 'must be printable text'),
    liked: z.boolean().nullish(),
  }),
  channels: z.strictObject({
    channel: z.enum(channels),
    allowed: z.boolean().nullish(),
    priority: z.int().min(1).max(channels.length).nullish(),
  }),
  frequency: z.strictObject({
    channel: z.enum(channels),
    maxPerWeek: z.int().min(0).max(perWeekMax).nullish(),
  }),
  quietHours: z
    .strictObject({
      from: time,
      to: time,
      timeZone: z.string().refine(isTimeZone, 'must be an IANA time zone, for example "Europe/Vienna"'),
    })
    .refine(({ from, to }) => from !== to, { message: 'from and to must differ', path: ['to'] }),
  notForMe: z.strictObject({
    productId: z.string().refine(isId, `must be 1 to ${personIdMax} printable characters`),
    dismissed: z.boolean(),
  }),
};
type Lists = { readonly [K in keyof typeof schemas]: z.output<(typeof schemas)[K]> };

const listMax: Readonly<Record<keyof Lists, number>> = {
  topics: topicsMax,
  channels: channels.length,
  frequency: channels.length,
  quietHours: quietHoursMax,
  notForMe: 100,
};

/** The changes that a `PreferencesInput` names. */
export interface ReadInput {
  readonly values: ReadonlyMap<string, Values[keyof Values] | null>;
  readonly paused: boolean | null;
  readonly notForMe: readonly Lists['notForMe'][];
  readonly userErrors: readonly UserError[];
}

/** Checks an input, element by element. Quiet hours are one value, so a fault in one of them leaves all of them as they were. */
export function readInput(input: unknown): ReadInput {
  const fields = (input ?? {}) as Readonly<Record<string, unknown>>;
  const userErrors: UserError[] = [];

  function listOf<K extends keyof Lists>(field: K): readonly Lists[K][] | null {
    const given = fields[field];
    if (given === undefined || given === null) return null;
    const list = given as readonly unknown[];
    if (list.length > listMax[field]) {
      const message = `${field} has ${list.length} elements; at most ${listMax[field]} are allowed`;
      userErrors.push(userError('PREFERENCES_TOO_MANY', message, ['preferences', field]));
      return null;
    }
    return list.flatMap((element, i) => {
      const { data, faults } = checkInput(schemas[field], element) as
        | { data: Lists[K]; faults: null }
        | { data?: undefined; faults: readonly { path: readonly (string | number)[]; message: string }[] };
      for (const { path, message } of faults ?? [])
        userErrors.push(
          userError('PREFERENCES_INVALID', `${path.at(-1) ?? field} ${message}`, [
            'preferences',
            field,
            i,
            ...path,
          ]),
        );
      return data === undefined ? [] : [data];
    });
  }

  const values = new Map<string, Values[keyof Values] | null>();
  for (const { topic, liked = null } of listOf('topics') ?? [])
    values.set(nameOf('topic', topic), liked === null ? null : { liked });
  for (const { channel, allowed = null, priority = null } of listOf('channels') ?? []) {
    const isRemoved = allowed === null && priority === null;
    values.set(nameOf('channel', channel), isRemoved ? null : { allowed: allowed ?? true, priority });
  }
  for (const { channel, maxPerWeek = null } of listOf('frequency') ?? [])
    values.set(nameOf('frequency', channel), maxPerWeek === null ? null : { maxPerWeek });
  const faultsBefore = userErrors.length;
  const quietHours = listOf('quietHours');
  if (quietHours !== null && userErrors.length === faultsBefore)
    values.set(nameOf('quietHours'), quietHours.length === 0 ? null : quietHours);
  const { personalizationPaused } = fields;
  return {
    values,
    paused: typeof personalizationPaused === 'boolean' ? personalizationPaused : null,
    notForMe: listOf('notForMe') ?? [],
    userErrors,
  };
}

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).format(0) !== '';
  } catch {
    return false;
  }
}
