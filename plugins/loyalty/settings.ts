import { z } from 'zod';

const tiers = z
  .string()
  .default('{}')
  .transform((text, context) => {
    const read = z.record(z.string().min(1).max(64), z.int().min(0)).safeParse(jsonOf(text));
    if (!read.success)
      context.addIssue({
        code: 'custom',
        message: 'must be a JSON object of names and points, for example {"SILVER":500,"GOLD":2000}',
      });
    return Object.entries(read.data ?? {})
      .map(([name, points]) => ({ name, points }))
      .sort((a, b) => a.points - b.points);
  });

export const loyaltySettings = z.strictObject({
  tiers: tiers.describe(
    'Tiers by name, with the points that must be earned within `tierDays`, for example `{"SILVER":500,"GOLD":2000}`.',
  ),
  tierDays: z.coerce
    .number()
    .int()
    .min(1)
    .max(3_650)
    .default(365)
    .describe('The days whose earned points count for a tier.'),
  expireDays: z.coerce
    .number()
    .int()
    .min(1)
    .max(36_500)
    .nullable()
    .default(null)
    .describe('Days after which points expire if their entry does not say. If omitted, they do not.'),
});

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
