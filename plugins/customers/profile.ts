import { z } from 'zod';
import { type UserError, userError } from '../../src/errors.js';
import { customerIdFault, personIdMax } from '../../src/person-ids.js';
import type { Customer, Origin } from '../../src/ports/customers.js';
import { isLate } from './links.js';

export const emailLengthMax = 254;
const nameLengthMax = 100;
const localeLengthMax = 35;
export const traitsMax = 100;
const traitNameLengthMax = 64;
const traitTextLengthMax = 1_000;
/** Removed traits whose origin is remembered. */
const removedMax = 100;
/** Faults named of one identification. */
const userErrorsMax = 50;

export type Trait = string | number | boolean;

/** What a caller wants to have saved: absent fields stay, null ones are removed. */
export interface ProfileChange {
  readonly id: string;
  readonly fields: Readonly<Partial<Record<'email' | 'firstName' | 'lastName' | 'locale', string | null>>>;
  readonly traits: ReadonlyMap<string, Trait | null>;
}

// A lone surrogate does not survive UTF-8, a control character does not belong in a line of text.
const storable = /^[^\p{Cc}\p{Surrogate}]*$/u;
export const emailShape = /^[^\s@"<>(),;:\\]{1,64}@[^\s@"<>(),;:\\]+\.[^\s@"<>(),;:\\.]{2,}$/u;
const traitName = /^[\p{L}\p{N}_][\p{L}\p{N}\p{M}_ :-]*$/u;
const traitNamesRefused = new Set(['__proto__', 'constructor', 'prototype']);

const messages: Readonly<Record<string, string>> = {
  id: `A customer id is a text of 1 to ${personIdMax} characters without control characters or blanks around it.`,
  email: `An e-mail address reads name@domain.tld, at most ${emailLengthMax} characters; null removes it.`,
  firstName: `A first name is a text of 1 to ${nameLengthMax} characters on one line; null removes it.`,
  lastName: `A last name is a text of 1 to ${nameLengthMax} characters on one line; null removes it.`,
  locale: 'A locale is a BCP 47 language tag such as de-CH; null removes it.',
  traits: `Traits are one flat object of at most ${traitsMax} names; null removes a trait.`,
};

const line = z.string().trim().min(1).regex(storable);
const fieldSchemas: ReadonlyMap<string, z.ZodType<string | null>> = new Map<string, z.ZodType<string | null>>(
  [
    ['email', line.max(emailLengthMax).regex(emailShape).nullable()],
    ['firstName', line.max(nameLengthMax).nullable()],
    ['lastName', line.max(nameLengthMax).nullable()],
    ['locale', z.string().min(2).max(localeLengthMax).refine(isLocale).transform(canonicalLocale).nullable()],
  ],
);

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

/**
 * Checks a `CustomerInput`. A fault in the id refuses it; what else is at fault is left out. `userErrors` names both, with
 * the way under `customer`.
 */
export function readProfile(input: unknown): {
  readonly change: ProfileChange | null;
  readonly userErrors: readonly UserError[];
} {
  const userErrors: UserError[] = [];
  const raw = typeof input === 'object' && input !== null ? (input as Readonly<Record<string, unknown>>) : {};
  const { id } = raw;
  const reserved = customerIdFault(id, 'identify nobody until somebody signs in');
  if (reserved?.code === 'ID_RESERVED') {
    userErrors.push(userError('CUSTOMERS_ID_RESERVED', `id ${reserved.message}`, ['customer', 'id']));
  } else if (reserved !== null) userErrors.push(fault('id', messages.id));
  if (userErrors.length > 0) return { change: null, userErrors };
  const fields: Record<string, string | null> = {};
  for (const [field, value] of Object.entries(raw)) {
    if (field === 'id' || field === 'traits' || value === undefined) continue;
    const schema = fieldSchemas.get(field);
    const parsed = schema?.safeParse(value);
    if (parsed?.success) fields[field] = parsed.data;
    else if (userErrors.length < userErrorsMax) userErrors.push(fault(field, messages[field]));
  }
  const traits = readTraits(raw.traits, userErrors);
  return { change: { id: id as string, fields, traits }, userErrors };
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
  if (typeof input !== 'object' || Array.isArray(input)) {
    userErrors.push(fault('traits', messages.traits));
    return traits;
  }
  const leaveOut = (code: string, message: string, name: string) => {
    if (userErrors.length < userErrorsMax)
      userErrors.push(
        userError(`CUSTOMERS_TRAIT_${code}`, message, ['customer', 'traits', wellFormed(name)]),
      );
  };
  for (const [name, value] of Object.entries(input)) {
    if (name.length > traitNameLengthMax || !traitName.test(name) || traitNamesRefused.has(name)) {
      leaveOut(
        'NAME_INVALID',
        `A trait's name has 1 to ${traitNameLengthMax} letters, digits, blanks and _ : -, and is not one of ${[...traitNamesRefused].join(', ')}.`,
        name,
      );
    } else if (!isTrait(value)) {
      leaveOut(
        'VALUE_INVALID',
        `A trait's value is a text of at most ${traitTextLengthMax} characters, a finite number, true or false; null removes it.`,
        name,
      );
    } else traits.set(name, value);
  }
  return traits;
}

function wellFormed(name: string): string {
  return name.slice(0, traitNameLengthMax).toWellFormed();
}

function isTrait(value: unknown): value is Trait | null {
  if (typeof value === 'string') {
    return value.length <= traitTextLengthMax && !/[\p{Surrogate}\0]/u.test(value);
  }
  return (
    value === null || typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value))
  );
}

export interface Changed {
  /** The very same object when nothing is to be stored. */
  readonly customer: Customer;
  /** True if a value differs, or if the customer is new. */
  readonly differs: boolean;
  /** Traits that were left out. */
  readonly userErrors: readonly UserError[];
}

/**
 * The customer after a change. A value that was said before the one that is there does not replace it; nor does a trait that
 * the customer says replace one that a server said, unless `overwriteServerTraits`.
 */
export function changed(
  current: Customer | null,
  change: ProfileChange,
  origin: Origin,
  overwriteServerTraits: boolean,
  nowMs: number,
): Changed {
  const userErrors: UserError[] = [];
  const fields = new Map<string, string | null>();
  const traits = new Map(Object.entries(current?.traits ?? {}));
  const origins = new Map(Object.entries(current?.origins ?? {}));
  let differs = current === null;
  let said = false;

  /** True if the value may be set; records its source and time. */
  function takes(key: string): boolean {
    const before = origins.get(key);
    if (before !== undefined && isLate(origin, before)) return false;
    if (before?.atMs !== origin.atMs || before.source !== origin.source) said = true;
    // A removed trait keeps its origin, so that what is late cannot bring it back; at the end of the line, the newest last.
    origins.delete(key);
    origins.set(key, origin);
    return true;
  }

  for (const [field, value] of Object.entries(change.fields)) {
    if (!takes(field)) continue;
    differs ||= current?.[field as keyof ProfileChange['fields']] !== value;
    fields.set(field, value);
  }
  for (const [name, value] of change.traits) {
    const key = `trait:${name}`;
    const before = traits.get(name) ?? null;
    const leaveOut = (code: string, message: string) => {
      if (userErrors.length < userErrorsMax)
        userErrors.push(userError(code, message, ['customer', 'traits', name]));
    };
    if (origins.get(key)?.server && !origin.server && !overwriteServerTraits) {
      if (before !== value)
        leaveOut(
          'CUSTOMERS_TRAIT_PROTECTED',
          'A server set this trait, so the customer cannot change it; change it with a SERVER key.',
        );
    } else if (before === null && value !== null && traits.size >= traitsMax) {
      leaveOut(
        'CUSTOMERS_TRAITS_TOO_MANY',
        `A customer has at most ${traitsMax} traits, so this one was left out; remove some by setting them to null.`,
      );
    } else if (takes(key)) {
      differs ||= before !== value;
      if (value === null) traits.delete(name);
      else traits.set(name, value);
    }
  }
  if (current && !differs && !said) return { customer: current, differs, userErrors };
  const customer: Customer = {
    id: change.id,
    email: null,
    firstName: null,
    lastName: null,
    locale: null,
    createdAtMs: nowMs,
    updatedAtMs: nowMs,
    ...current,
    ...Object.fromEntries(fields),
    traits: Object.fromEntries(traits),
    origins: Object.fromEntries(kept(origins, traits)),
    ...(differs ? { updatedAtMs: nowMs } : {}),
  };
  return { customer, differs, userErrors };
}

/** Origins of values that are there, and of the most recently removed traits. */
function kept(origins: ReadonlyMap<string, Origin>, traits: ReadonlyMap<string, Trait>): [string, Origin][] {
  const removed = [...origins.keys()].filter(
    (key) => key.startsWith('trait:') && !traits.has(key.slice('trait:'.length)),
  );
  const dropped = new Set(removed.slice(0, Math.max(0, removed.length - removedMax)));
  return [...origins].filter(([key]) => !dropped.has(key));
}
