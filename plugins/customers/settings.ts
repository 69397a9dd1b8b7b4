import { z } from 'zod';
import { identifierPolicies } from './identifier-policies.js';

export const customersSettings = z.strictObject({
  overwriteServerTraits: z
    .stringbool()
    .default(false)
    .describe('`true`: customers may change traits that a SERVER key set, with their token.'),
  trustOldSessionIds: z
    .stringbool()
    .default(true)
    .describe(
      '`false`: after a sign-in, a SERVER key has to send the new session id or name the customer; the old id, which others may know, shows only what was done under it without proof.',
    ),
  identifiers: identifierPolicies.describe(
    'JSON: for types of identifiers, what differs from the default of `maxPerPerson`, `priority`, `shared` and `blockedValues`.',
  ),
  identifierSalt: z
    .string()
    .min(16)
    .optional()
    .describe(
      'A secret of 16 characters or more: e-mail addresses and phone numbers of identifiers are stored as keyed digests only. If omitted, they are stored as they are. After a change, those stored before are not found.',
    ),
});
