import { stemmer as porter } from 'stemmer';

/** Stemmer and word lists of a language. Words are folded: in lower case, without accents. */
export interface Language {
  /** Maps the forms of a word to one: singular and plural at least. */
  stem(word: string): string;
  /** Words that add to a score but that a full match does not require. */
  readonly stopWords: ReadonlySet<string>;
  /** Words after which a title names the purpose of a product, not the product. */
  readonly purposeWords: ReadonlySet<string>;
}

const none: ReadonlySet<string> = new Set();
const words = (list: string): ReadonlySet<string> => new Set(list.split(' '));

const irregular = new Map(
  (
    'men:man women:woman children:child mice:mouse feet:foot teeth:tooth geese:goose knives:knife ' +
    'shelves:shelf scarves:scarf wolves:wolf leaves:leaf halves:half loaves:loaf lenses:lens'
  )
    .split(' ')
    .map((pair) => pair.split(':') as [string, string]),
);

/** M. F. Porter, "An algorithm for suffix stripping", 1980, after the plurals that have no suffix. */
function stemEnglish(word: string): string {
  return porter(irregular.get(word) ?? word);
}

/**
 * Removes what marks plural, gender and case, nothing else, from words that keep at least `least` letters:
 * after the minimal stemmers of J. Savoy, "Light stemming approaches for the French, Portuguese, German and
 * Hungarian languages", 2006.
 */
function stripping(
  least: number,
  endings: readonly string[],
  also: (word: string) => string = (word) => word,
) {
  return (word: string): string => {
    for (const ending of endings) {
      if (word.length - ending.length >= least && word.endsWith(ending)) {
        return also(word.slice(0, -ending.length));
      }
    }
    return word;
  };
}

const plain: Language = { stem: (word) => word, stopWords: none, purposeWords: none };

const languages: Readonly<Record<string, Language>> = {
  en: {
    stem: stemEnglish,
    stopWords: words(
      'a an the and or of for to in on at by with from is are be it its this that these those as my your our i me we you',
    ),
    purposeWords: words('for with to without compatible replaces fits from'),
  },
  de: {
    stem: stripping(3, ['ern', 'em', 'en', 'er', 'es', 'e', 'n', 's']),
    stopWords: words(
      'der die das den dem des ein eine einer eines einem einen und oder von fur mit zu im in am an auf bei aus ist',
    ),
    purposeWords: words('fur mit zu ohne kompatibel passend'),
  },
  fr: {
    stem: stripping(3, ['eaux', 'aux', 'es', 'e', 's', 'x'], (word) => word.replace(/(?:ea|a)u$/, 'al')),
    stopWords: words('le la les l un une des du de d et ou pour avec en au aux a sur par dans'),
    purposeWords: words('pour avec sans compatible'),
  },
  es: {
    stem: stripping(3, ['es', 'os', 'as', 's', 'o', 'a', 'e']),
    stopWords: words('el la los las un una unos unas de del y o para con en a al por'),
    purposeWords: words('para con sin compatible'),
  },
  pt: {
    stem: stripping(3, ['es', 'os', 'as', 's', 'o', 'a', 'e']),
    stopWords: words('o a os as um uma de do da dos das e ou para com em no na por'),
    purposeWords: words('para com sem compativel'),
  },
  it: {
    stem: stripping(3, ['hi', 'he', 'i', 'e', 'o', 'a']),
    stopWords: words('il lo la i gli le un uno una di del della dei e o per con in a da su'),
    purposeWords: words('per con senza compatibile'),
  },
  nl: {
    stem: stripping(3, ['en', 's', 'e']),
    stopWords: words('de het een en of van voor met in op aan bij te uit is'),
    purposeWords: words('voor met zonder geschikt'),
  },
};

/** The language of a BCP 47 tag, lower case. */
export function languageOf(locale: string): string {
  return locale.split('-', 1)[0]!.toLowerCase();
}

/** Words of other languages are folded and not stemmed. */
export function languageRules(language: string): Language {
  return Object.hasOwn(languages, language) ? languages[language]! : plain;
}
