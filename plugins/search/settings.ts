import { z } from 'zod';
import { peopleMinDefault } from './query-log/query-log.js';

/** Settings of search on every driver, `RAPPORT_SEARCH_…`; each driver adds its own. */
export const searchSettings = z.strictObject({
  peopleMin: z.coerce
    .number()
    .int()
    .min(1)
    .max(100)
    .default(peopleMinDefault)
    .describe(
      'What shoppers type is suggested and reported only once so many different people typed it, on two days at least, 1 to 100.',
    ),
});
