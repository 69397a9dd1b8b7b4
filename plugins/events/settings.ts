import { z } from 'zod';
import { retentionDays } from './retention.js';

export const eventsSettings = z.strictObject({
  attributeUnpermitted: z
    .stringbool()
    .default(false)
    .describe(
      '`true`: what was recorded while personalization was refused, undecided or under `Sec-GPC` counts for the person once they grant it. Check that your law allows it.',
    ),
  retentionDays: retentionDays.describe(
    'JSON: by type of event the days that it is kept after its receipt, for example `{"PRODUCT_VIEWED":395,"PRODUCT_SEARCHED":90}`. Other types are kept. Every night older events are removed from the log; models forget them when they are built anew, two weeks later at most.',
  ),
});
