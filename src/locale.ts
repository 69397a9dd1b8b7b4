const lengthMax = 64;
/** ISO 639 codes have two or three letters. BCP 47 allows five to eight too, such as "english", but none is registered. */
const beginsWithLanguage = /^[a-z]{2,3}(?:-|$)/i;

/** A BCP 47 language tag in its canonical spelling, such as `de-CH` for `de-ch`; null for text that is none. */
export function canonicalLocale(tag: string): string | null {
  if (tag.length > lengthMax || !beginsWithLanguage.test(tag)) return null;
  try {
    return Intl.getCanonicalLocales(tag)[0] ?? null;
  } catch {
    return null;
  }
}
