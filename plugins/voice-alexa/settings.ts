import { z } from 'zod';

const skillId = /^amzn1\.ask\.skill\.[\w-]{1,100}$/;

export const alexaSettings = z.strictObject({
  skillIds: z
    .string()
    .default('')
    .transform((text) =>
      text
        .split(',')
        .map((id) => id.trim())
        .filter(Boolean),
    )
    .refine(
      (ids) => ids.every((id) => skillId.test(id)),
      'must be ids of skills, for example "amzn1.ask.skill.0f3a…", separated by commas',
    )
    .describe('The skills whose requests are answered. If omitted, requests that Amazon signs are refused'),
  key: z
    .string()
    .optional()
    .describe('The API key that requests signed by Amazon count as: one of role SERVER'),
  speakers: z
    .enum(['recognised', 'household'])
    .default('recognised')
    .describe(
      '`recognised`: only a voice that Alexa recognises is personalized. `household`: the linked account counts for everybody who speaks to the device',
    ),
});
export type AlexaSettings = z.output<typeof alexaSettings>;
