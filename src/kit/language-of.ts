/** The language of a BCP 47 tag, in lower case. */
export function languageOf(locale: string): string {
  return locale.split('-', 1)[0]!.toLowerCase();
}
