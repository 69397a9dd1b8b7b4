import { IntlMessageFormat } from 'intl-messageformat';
import { languageOf } from './language-of.js';

export type MessageValues = Readonly<Record<string, string | number>>;

/** Messages in ICU syntax by id: `{count, plural, one {# result} other {# results}}`. */
export type Catalog<Id extends string> = Readonly<Record<Id, string>>;

/** The messages of one language. */
export interface Messages<Id extends string> {
  /** The language that they are written in. */
  readonly language: string;
  /** The locale for numbers and plurals: the requested one if the language has messages, otherwise the fallback language. */
  readonly locale: string;
  /** Values are inserted as they are and never read as syntax. */
  say(id: Id, values?: MessageValues): string;
}

/** Messages of several languages. A locale without messages gets those of `fallback`. */
export function createMessages<Id extends string>(
  catalogs: Readonly<Record<string, Catalog<Id>>>,
  fallback: string,
): (locale: string) => Messages<Id> {
  const byLanguage = new Map<string, Messages<Id>>();

  function messagesIn(language: string): Messages<Id> {
    const known = byLanguage.get(language);
    if (known) return known;
    // Parsing takes a hundred times as long as formatting.
    const parsed = new Map<Id, IntlMessageFormat>();
    const made: Messages<Id> = {
      language,
      locale: language,
      say(id, values = {}) {
        let message = parsed.get(id);
        if (!message) {
          message = new IntlMessageFormat(catalogs[language]![id], language, undefined, { ignoreTag: true });
          parsed.set(id, message);
        }
        return String(message.format(values));
      },
    };
    byLanguage.set(language, made);
    return made;
  }

  return (locale) => {
    const language = languageOf(locale);
    return Object.hasOwn(catalogs, language) ? { ...messagesIn(language), locale } : messagesIn(fallback);
  };
}
