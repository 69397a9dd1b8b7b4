import { z } from 'zod';
import { type IdentifierType, identifierTypes } from '../../src/ports/customers.js';

/** The limits of a type of identifiers, and their part in merges. */
export interface IdentifierPolicy {
  readonly maxPerPerson: number;
  /** 1 is the most important. An identifier merges two people only if that exceeds no limit of a type as important, or more. */
  readonly priority: number;
  /** Several people may have it, such as the device of a household. It never merges anybody. */
  readonly shared: boolean;
  /** Values that stand for nobody, beside the placeholders that are refused everywhere. Compared after normalisation. */
  readonly blockedValues: readonly string[];
}

export type IdentifierPolicies = Readonly<Record<IdentifierType, IdentifierPolicy>>;

const policyMax = 100;

/**
 * One customer id and five of other types are the limits that Segment's identity resolution begins with. With one customer id a person, no
 * identifier merges two customers by itself.
 */
export const defaultPolicies: IdentifierPolicies = {
  CUSTOMER_ID: { maxPerPerson: 1, priority: 1, shared: false, blockedValues: [] },
  CRM_ID: { maxPerPerson: 5, priority: 2, shared: false, blockedValues: [] },
  LOYALTY_CARD: { maxPerPerson: 5, priority: 3, shared: false, blockedValues: [] },
  EMAIL: { maxPerPerson: 5, priority: 4, shared: false, blockedValues: [] },
  PHONE: { maxPerPerson: 5, priority: 5, shared: false, blockedValues: [] },
  EXTERNAL: { maxPerPerson: 20, priority: 6, shared: false, blockedValues: [] },
  VOICE_USER: { maxPerPerson: 5, priority: 7, shared: true, blockedValues: [] },
  DEVICE: { maxPerPerson: 20, priority: 8, shared: true, blockedValues: [] },
};

const policy = z.strictObject({
  maxPerPerson: z.number().int().min(1).max(policyMax),
  priority: z.number().int().min(1).max(policyMax),
  shared: z.boolean(),
  blockedValues: z.array(z.string().min(1).max(256)).max(1_000),
});

/** Reads policies as JSON: what is not given of a type is the default. */
export const identifierPolicies = z
  .string()
  .default('{}')
  .transform((text, context) => {
    try {
      return JSON.parse(text) as unknown;
    } catch {
      context.addIssue({
        code: 'custom',
        message: 'must be JSON, for example {"CUSTOMER_ID":{"maxPerPerson":5}}',
      });
      return z.NEVER;
    }
  })
  .pipe(z.partialRecord(z.enum(identifierTypes), policy.partial()))
  .transform(
    (given): IdentifierPolicies =>
      Object.fromEntries(
        identifierTypes.map((type) => [type, { ...defaultPolicies[type], ...given[type] }]),
      ) as unknown as IdentifierPolicies,
  );
