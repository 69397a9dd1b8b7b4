import { z } from 'zod';

export const voiceSettings = z.strictObject({
  handoverUrl: z
    .string()
    .refine(
      (url) => /^https?:\/\//.test(url) && url.includes('{code}') && URL.canParse(url.replace('{code}', 'x')),
      'must be an http or https URL with {code}, for example "https://shop.example/continue#{code}"',
    )
    .optional()
    .describe(
      'The page that goes on with a list begun by voice: its URL, with {code} where the code goes. If omitted, handovers have a spoken code only',
    ),
});
