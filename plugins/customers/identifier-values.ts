import { createHash, createHmac } from 'node:crypto';
import { createRequire } from 'node:module';
import { type UserError, userError } from '../../src/errors.js';
import { lazily } from '../../src/kit/lazily.js';
import { customerIdFault } from '../../src/person-ids.js';
import type { IdentifierName, IdentifierType } from '../../src/ports/customers.js';
import type { IdentifierPolicies } from './identifier-policies.js';
import { emailLengthMax, emailShape } from './profile.js';

const valueLengthMax = 256;
const digest = /^[0-9a-f]{64}$/i;
const printable = /^[^\p{Cc}\p{Surrogate}]+$/u;
const shownMax = 40;

/** An identifier in the one form that equal ones share. */
export interface NormalisedIdentifier {
  readonly type: IdentifierType;
  /** Equal for equal identifiers, whether they were sent plain or as a digest. */
  readonly key: string;
  /** The value as it is stored and shown. */
  readonly value: string;
}

/** Loaded with the first phone number: its 90 modules are a tenth of what a start loads. */
const phoneNumbers = lazily(
  () =>
    createRequire(import.meta.url)('libphonenumber-js/min') as Pick<
      typeof import('libphonenumber-js/min'),
      'parsePhoneNumberFromString'
    >,
);

/** For each type, the normal form of a value; null: it is none. */
const forms: Readonly<Record<IdentifierType, (value: string) => string | null>> = {
  CUSTOMER_ID: () => null,
  EMAIL: (value) => (value.length <= emailLengthMax && emailShape.test(value) ? value.toLowerCase() : null),
  PHONE: (value) => phoneNumbers().parsePhoneNumberFromString(value)?.number ?? null,
  LOYALTY_CARD: (value) => value.replace(/[\s-]/g, '').toUpperCase() || null,
  CRM_ID: (value) => value,
  DEVICE: (value) => value,
  VOICE_USER: (value) => value,
  EXTERNAL: (value) => (/^[^\s:]+:\S/.test(value) ? value : null),
};

const allowed: Readonly<Record<IdentifierType, string>> = {
  CUSTOMER_ID: 'a customer id is given by identify; use mergeCustomers to join two',
  EMAIL:
    'an e-mail address reads name@domain.tld; or send the SHA-256 of the address in lower case as 64 hex digits',
  PHONE:
    'a phone number has its country code, for example "+41 44 668 18 00"; or send the SHA-256 of its E.164 form as 64 hex digits',
  LOYALTY_CARD: 'a loyalty card has letters and digits; blanks and hyphens do not count',
  CRM_ID: 'an id is a text without control characters',
  DEVICE: 'an id is a text without control characters',
  VOICE_USER: 'an id is a text without control characters',
  EXTERNAL: 'an external id names its system first, for example "shopify:6940095564"',
};

/**
 * Normalises an identifier. With a salt, e-mail addresses and phone numbers become keyed digests (HMAC-SHA-256), so that the stored ones tell
 * nobody the address, and nobody without the salt can try addresses out.
 */
export function normalised(
  { type, value: given }: IdentifierName,
  policies: IdentifierPolicies,
  salt: string | undefined,
): NormalisedIdentifier | { readonly identifier: null; readonly userErrors: readonly UserError[] } {
  const text = given.normalize('NFKC').trim();
  const isContact = type === 'EMAIL' || type === 'PHONE';
  const isDigest = isContact && digest.test(text);
  const form = isDigest ? text.toLowerCase() : wellFormed(text) ? forms[type](text) : null;
  if (form === null) {
    const message = `${type} ${shown(given)} is not valid: ${allowed[type]}, at most ${valueLengthMax} characters`;
    return refused('INVALID', message);
  }
  const isBlocked = policies[type].blockedValues.some(
    (blocked) => (forms[type](blocked) ?? blocked) === form,
  );
  if (isBlocked || customerIdFault(form.slice(0, 128))?.code === 'ID_RESERVED')
    return refused('BLOCKED', `${type} ${shown(given)} stands for nobody; leave it out instead`);
  if (!isContact) return { type, key: `${type}:${form}`, value: form };
  const plainDigest = isDigest ? form : createHash('sha256').update(form).digest('hex');
  const kept =
    salt === undefined ? plainDigest : createHmac('sha256', salt).update(plainDigest).digest('hex');
  return { type, key: `${type}:${kept}`, value: salt === undefined ? form : kept };
}

function wellFormed(text: string): boolean {
  return text.length >= 1 && text.length <= valueLengthMax && printable.test(text);
}

function shown(value: string): string {
  return JSON.stringify(value.slice(0, shownMax).toWellFormed());
}

function refused(code: string, message: string) {
  return {
    identifier: null,
    userErrors: [userError(`CUSTOMERS_IDENTIFIER_${code}`, message, ['identifier', 'value'])],
  };
}
