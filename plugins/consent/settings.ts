import { z } from 'zod';
import { purposes } from '../../src/ports/consent.js';

export const consentSettings = z.strictObject({
  mode: z
    .enum(['opt-in', 'opt-out'])
    .default('opt-in')
    .describe(
      '`opt-in`: only shoppers who granted it are personalized. `opt-out`, where the law allows it: all shoppers who did not refuse.',
    ),
  doubleOptIn: z
    .string()
    .default('')
    .transform((text) => text.split(',').flatMap((name) => name.trim() || []))
    .pipe(z.array(z.enum(purposes)))
    .describe(
      'Purposes that are granted only by a link that is sent to the customer, comma separated: `MARKETING_EMAIL`. If omitted, none.',
    ),
  linkBaseUrl: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe(
      'The address by which customers reach this gateway, for links in messages: `https://shop.example`. If omitted, links are off.',
    ),
});
