import { z } from 'zod';
import { type Media, mediaTypes } from '../../src/ports/product-details.js';
import { line, optionalLine } from './texts.js';

const urlLengthMax = 2_048;
const pixelsMax = 100_000;

const url = z.string().refine(
  (text) => {
    if (text.length < 1 || text.length > urlLengthMax || /[\p{Cc}\p{Cs}\s<>"]/u.test(text)) return false;
    return !/^[a-z][a-z0-9+.-]*:/i.test(text) || /^https?:\/\/./i.test(text);
  },
  { error: `a media url must be http, https or relative, at most ${urlLengthMax} characters` },
);

function pixels(what: string): z.ZodType<number> {
  const error = `${what} must be a whole number of pixels from 1 to ${pixelsMax}`;
  return z.int({ error }).min(1, { error }).max(pixelsMax, { error });
}

/** `SelectedOptionInput` of the schema. */
export const selectedOption = z.strictObject({
  name: line('the name of an option', 100),
  value: line('the value of an option', 200),
});

/** `MediaInput` of the schema. */
export const media = z
  .strictObject({
    url,
    alt: optionalLine('alt', 500),
    type: z.enum(mediaTypes, { error: `type must be one of ${mediaTypes.join(', ')}` }).nullish(),
    width: pixels('width').nullish(),
    height: pixels('height').nullish(),
    option: selectedOption.nullish(),
  })
  .transform(({ url, alt, type, width, height, option }): Media => {
    return {
      url,
      alt,
      ...(type && type !== 'IMAGE' ? { type } : {}),
      ...(width ? { width } : {}),
      ...(height ? { height } : {}),
      ...(option ? { option } : {}),
    };
  });
