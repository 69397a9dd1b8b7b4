const lengthMax = 64;

/** A BCP 47 language tag in its canonical spelling, such as `de-CH` for `de-ch`; null for text that is none. */
export function canonicalLocale(tag: string): string | null {
  if (tag === '' || tag.length > lengthMax) return null;
  try {
    return Intl.getCanonicalLocales(tag)[0] ?? null;
  } catch {
    return null;
  }
}
