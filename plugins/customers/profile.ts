import { z } from 'zod';
import { type UserError, userError } from '../../src/errors.js';
import type { Customer } from '../../src/ports/customers.js';

export const idLengthMax = 128;
const emailLengthMax = 254;
const nameLengthMax = 100;
const localeLengthMax = 35;
export const traitsMax = 100;
const traitNameLengthMax = 64;
const traitTextLengthMax = 1_000;

/** What careless clients send when nobody is signed in; as ids they would melt strangers into one person. */
const reservedIds = new Set([
  'null',
  'undefined',
  'none',
  'nil',
  'nan',
  'n/a',
  'guest',
  'anonymous',
  'unknown',
  'not_authenticated',
  'true',
  'false',
  '0',
  '-1',
  'id',
  'email',
  'customerid',
  'customer_id',
  'userid',
  'user_id',
  '[object object]',
  '{}',
  '[]',
  '""',
]);

export function isReservedId(id: string): boolean {
  return id.length <= 17 && reservedIds.has(id.trim().toLowerCase());
}

export type Trait = string | number | boolean;

/** What a caller wants to have saved: absent fields stay, null ones are removed. */
export interface ProfileChange {
  readonly id: string;
  readonly fields: Readonly<Partial<Record<'email' | 'firstName' | 'lastName' | 'locale', string | null>>>;
  readonly traits: ReadonlyMap<string, Trait | null>;
}

// A lone surrogate does not survive UTF-8, a control character does not belong in a line of text.
const storable = /^[^\p{Cc}\p{Surrogate}]*$/u;
const emailShape = /^[^\s@"<>(),;:\\]{1,64}@[^\s@"<>(),;:\\]+\.[^\s@"<>(),;:\\.]{2,}$/u;
const traitName = /^[\p{L}\p{N}_][\p{L}\p{N}\p{M}_ :-]*$/u;
const traitNamesRefused = new Set(['__proto__', 'constructor', 'prototype']);

const messages: Readonly<Record<string, string>> = {
  id: `A customer id is a text of 1 to ${idLengthMax} characters without control characters or blanks around it.`,
  email: `An e-mail address reads name@domain.tld, at most ${emailLengthMax} characters; null removes it.`,
  firstName: `A first name is a text of 1 to ${nameLengthMax} characters on one line; null removes it.`,
  lastName: `A last name is a text of 1 to ${nameLengthMax} characters on one line; null removes it.`,
  locale: 'A locale is a BCP 47 language tag such as de-CH; null removes it.',
  traits: `Traits are one flat object of at most ${traitsMax} names; null removes a trait.`,
};

const line = z.string().trim().min(1).regex(storable);
const fieldsSchema = z.strictObject({
  id: z
    .string()
    .min(1)
    .max(idLengthMax)
    .regex(storable)
    .refine((id) => id === id.trim()),
  email: line.max(emailLengthMax).regex(emailShape).nullish(),
  firstName: line.max(nameLengthMax).nullish(),
  lastName: line.max(nameLengthMax).nullish(),
  locale: z.string().min(2).max(localeLengthMax).refine(isLocale).transform(canonicalLocale).nullish(),
  traits: z.unknown().optional(),
});

function isLocale(tag: string): boolean {
  try {
    return Intl.getCanonicalLocales(tag).length === 1;
  } catch {
    return false;
  }
}

function canonicalLocale(tag: string): string {
  return isLocale(tag) ? Intl.getCanonicalLocales(tag)[0]! : tag;
}

/** Checks a `CustomerInput`; every fault is named, with its way under `customer`. */
export function readProfile(
  input: unknown,
): { readonly change: ProfileChange } | { readonly userErrors: readonly UserError[] } {
  const userErrors: UserError[] = [];
  const parsed = fieldsSchema.safeParse(input);
  if (!parsed.success) {
    const seen = new Set<string>();
    for (const issue of parsed.error.issues) {
      const field = issue.code === 'unrecognized_keys' ? issue.keys[0]! : String(issue.path[0] ?? '');
      if (!seen.has(field)) userErrors.push(fault(field, messages[field]));
      seen.add(field);
    }
  }
  const id = (input as { id?: unknown } | null)?.id;
  if (typeof id === 'string' && isReservedId(id)) {
    userErrors.push(
      userError(
        'CUSTOMERS_ID_RESERVED',
        `"${id.trim()}" stands for nobody and cannot be a customer's id. Leave identify out while nobody is signed in.`,
        ['customer', 'id'],
      ),
    );
  }
  const traits = readTraits((input as { traits?: unknown } | null)?.traits, userErrors);
  if (userErrors.length > 0 || !parsed.success) return { userErrors };
  const { email, firstName, lastName, locale } = parsed.data;
  const given = Object.entries({ email, firstName, lastName, locale }).filter(
    ([, value]) => value !== undefined,
  );
  return { change: { id: parsed.data.id, fields: Object.fromEntries(given), traits } };
}

function fault(field: string, message: string | undefined): UserError {
  if (!message) {
    return userError(
      'CUSTOMERS_FIELD_UNKNOWN',
      `A customer has the fields ${Object.keys(messages).join(', ')} and no others.`,
      ['customer', field],
    );
  }
  const code = `CUSTOMERS_${field.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}_INVALID`;
  return userError(code, message, ['customer', field]);
}

function readTraits(input: unknown, userErrors: UserError[]): Map<string, Trait | null> {
  const traits = new Map<string, Trait | null>();
  if (input === undefined || input === null) return traits;
  const names = typeof input === 'object' && !Array.isArray(input) ? Object.keys(input) : null;
  // Twice: a change may remove as many as it sets.
  if (!names || names.length > 2 * traitsMax) {
    userErrors.push(fault('traits', messages.traits));
    return traits;
  }
  for (const name of names) {
    const value = (input as Record<string, unknown>)[name];
    if (name.length > traitNameLengthMax || !traitName.test(name) || traitNamesRefused.has(name)) {
      userErrors.push(
        userError(
          'CUSTOMERS_TRAIT_NAME_INVALID',
          `A trait's name has 1 to ${traitNameLengthMax} letters, digits, blanks and _ : -, and is not one of ${[...traitNamesRefused].join(', ')}.`,
          ['customer', 'traits', name],
        ),
      );
    } else if (!isTrait(value)) {
      userErrors.push(
        userError(
          'CUSTOMERS_TRAIT_VALUE_INVALID',
          `A trait's value is a text of at most ${traitTextLengthMax} characters, a finite number, true or false; null removes it.`,
          ['customer', 'traits', name],
        ),
      );
    } else traits.set(name, value);
  }
  return traits;
}

function isTrait(value: unknown): value is Trait | null {
  if (typeof value === 'string') {
    return value.length <= traitTextLengthMax && !/[\p{Surrogate}\0]/u.test(value);
  }
  return (
    value === null || typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value))
  );
}

/** The customer after a change; the very same object when nothing differs; null when there would be too many traits. */
export function changed(current: Customer | null, change: ProfileChange, nowMs: number): Customer | null {
  const traits = new Map(Object.entries(current?.traits ?? {}));
  let differs = current === null;
  for (const [name, value] of change.traits) {
    const before = traits.get(name) ?? null;
    if (before === value) continue;
    differs = true;
    if (value === null) traits.delete(name);
    else traits.set(name, value);
  }
  if (traits.size > traitsMax) return null;
  for (const [field, value] of Object.entries(change.fields)) {
    differs ||= current?.[field as keyof ProfileChange['fields']] !== value;
  }
  if (current && !differs) return current;
  return {
    id: change.id,
    email: null,
    firstName: null,
    lastName: null,
    locale: null,
    createdAtMs: nowMs,
    ...current,
    ...change.fields,
    traits: Object.fromEntries(traits),
    updatedAtMs: nowMs,
  };
}
