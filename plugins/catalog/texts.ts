import { z } from 'zod';

export const idLengthMax = 128;

const control = /[\p{Cc}\p{Cs}]/gu;
const controlInBlock = /(?![\t\n])[\p{Cc}\p{Cs}]/gu;

/** One line of text: control characters and lone surrogates become spaces, runs of spaces one. Markup stays what it is: text. */
export function tidyLine(text: string): string {
  return text.replace(control, ' ').replace(/ {2,}/g, ' ').trim();
}

/** The same for text that may have several lines. */
export function tidyBlock(text: string): string {
  return text.replace(/\r\n?/g, '\n').replace(controlInBlock, ' ').trim();
}

export function line(what: string, lengthMax: number): z.ZodType<string> {
  const message = `${what} must be 1 to ${lengthMax} characters`;
  return z
    .string({ error: message })
    .transform(tidyLine)
    .refine((text) => text.length >= 1 && text.length <= lengthMax, { error: message });
}

/** Blank is absence. */
export function optionalLine(what: string, lengthMax: number): z.ZodType<string | null> {
  const message = `${what} must be at most ${lengthMax} characters`;
  return z
    .string({ error: message })
    .nullish()
    .transform((text) => (text ? tidyLine(text) || null : null))
    .refine((text) => text === null || text.length <= lengthMax, { error: message });
}

export function block(what: string, bytesMax: number): z.ZodType<string | null> {
  const message = `${what} must be at most ${bytesMax} bytes`;
  return z
    .string({ error: message })
    .nullish()
    .refine((text) => !text || Buffer.byteLength(text) <= bytesMax, { error: message })
    .transform((text) => (text ? tidyBlock(text) || null : null));
}

/** Whether anything can be saved under this id. */
export function isId(text: string): boolean {
  return (
    text.length >= 1 &&
    text.length <= idLengthMax &&
    text === text.trim() &&
    text.search(control) < 0 &&
    text !== '__proto__'
  );
}

/** Ids are keys: nothing in them is tidied, what is not allowed is refused. */
export function id(what: string): z.ZodType<string> {
  const message = `${what} must be 1 to ${idLengthMax} printable characters without blanks at its ends`;
  return z.string({ error: message }).refine(isId, { error: message });
}

/** BCP 47, in its canonical spelling. */
export const locale: z.ZodType<string> = z
  .string({ error: 'a locale must be a BCP 47 language tag such as "de-CH"' })
  .transform((text, context) => {
    try {
      const canonical = Intl.getCanonicalLocales(text.slice(0, 64))[0];
      if (canonical !== undefined) return canonical;
    } catch {
      // Not a tag: refused below, like an empty one.
    }
    context.addIssue({
      code: 'custom',
      message: `"${text.slice(0, 20)}" is no BCP 47 language tag such as "de-CH"`,
    });
    return z.NEVER;
  });
