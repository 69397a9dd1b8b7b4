import { z } from 'zod';
import { exploreShareMax } from './exploration/exploration.js';
import { defaultTrust } from './learning/statistics.js';
import { peopleMinMax } from './limits/witnesses.js';
import { readRepeatPolicies } from './ranking/repeat-policies.js';

/** Settings of recommendations, `RAPPORT_RECOMMENDATIONS_…`. */
export const recommendationsSettings = z.strictObject({
  repeat: z
    .string()
    .default('')
    .transform(readRepeatPolicies)
    .describe(
      'What happens to products that a person has bought, by category, e.g. `coffee=replenish,tv=exclude,wine=allow`.',
    ),
  explore: z.coerce
    .number()
    .min(0)
    .max(exploreShareMax)
    .default(exploreShareMax)
    .describe('The share of places that go to what deserves a trial, new or rarely shown: 0 to 0.1.'),
  peopleMin: z.coerce
    .number()
    .int()
    .min(1)
    .max(peopleMinMax)
    .default(defaultTrust.peopleMin)
    .describe(
      'A product is shown to others for what people did, and named in a reason with another, only once so many independent people did it, 1 to 50; of people who did not permit personalization twice as many.',
    ),
  unpermitted: z
    .enum(['anonymous', 'no'])
    .default(defaultTrust.unpermitted)
    .describe(
      'Events recorded while personalization was refused, undecided (opt-in) or under `Sec-GPC`: `anonymous` teaches what twice PEOPLE_MIN such people agree in, `no` nothing. A refusal of ANALYTICS always teaches nothing.',
    ),
  storefrontOrders: z.coerce
    .number()
    .min(0)
    .max(1)
    .default(defaultTrust.storefrontOrders)
    .describe(
      'Weight of an order that a STOREFRONT key wrote, relative to one of a SERVER key, 0 to 1. A STOREFRONT key is public, so its orders prove no payment.',
    ),
});
