import { stemmer as danish } from '@orama/stemmers/danish';
import { stemmer as dutch } from '@orama/stemmers/dutch';
import { stemmer as english } from '@orama/stemmers/english';
import { stemmer as finnish } from '@orama/stemmers/finnish';
import { stemmer as french } from '@orama/stemmers/french';
import { stemmer as german } from '@orama/stemmers/german';
import { stemmer as hungarian } from '@orama/stemmers/hungarian';
import { stemmer as italian } from '@orama/stemmers/italian';
import { stemmer as norwegian } from '@orama/stemmers/norwegian';
import { stemmer as portuguese } from '@orama/stemmers/portuguese';
import { stemmer as romanian } from '@orama/stemmers/romanian';
import { stemmer as russian } from '@orama/stemmers/russian';
import { stemmer as spanish } from '@orama/stemmers/spanish';
import { stemmer as swedish } from '@orama/stemmers/swedish';
import { stemmer as turkish } from '@orama/stemmers/turkish';
import { stemmer as ukrainian } from '@orama/stemmers/ukrainian';

/** Stemmers and word lists of a language. Words are folded: in lower case, without accents. */
export interface Language {
  /** ISO 639. */
  readonly code: string;
  /** Maps singular and plural of a word to one. Documents are found by it. */
  stem(word: string): string;
  /** Maps more forms of a word to one (gender, case, verbs), but also words that are not related: "boxing" and "box". */
  root(word: string): string;
  /** Joins nouns to one word, the main one last: "Kaffeemühle". */
  readonly compounds: boolean;
  /** Adjectives, such as colours, have several forms. */
  readonly inflectsAdjectives: boolean;
  /** Words that add to a score but that a full match does not require. */
  readonly stopWords: ReadonlySet<string>;
  /** Words after which a title names the purpose of a product, not the product. */
  readonly purposeWords: ReadonlySet<string>;
}

interface Rules {
  /** A stemmer of the Snowball project. */
  readonly root: (word: string) => string;
  /**
   * Endings and what replaces each, the first that applies, after the minimal stemmers of J. Savoy, "Light stemming approaches for the
   * French, Portuguese, German and Hungarian languages", 2006. Three letters must remain, or the number at the end. If omitted, `root`
   * is used.
   */
  readonly plurals?: string;
  readonly irregular?: string;
  readonly compounds?: boolean;
  /** True if omitted. */
  readonly inflectsAdjectives?: boolean;
  readonly stopWords?: string;
  readonly purposeWords?: string;
}

const rules: Readonly<Record<string, Rules>> = {
  en: {
    root: english,
    inflectsAdjectives: false,
    plurals: 'ies>y ie>y atoes>ato xes>x ches>ch shes>sh sses>ss ss>ss us>us is>is s>',
    irregular:
      'men:man women:woman children:child mice:mouse feet:foot teeth:tooth geese:goose knives:knife ' +
      'shelves:shelf scarves:scarf wolves:wolf leaves:leaf halves:half loaves:loaf lenses:lens buses:bus menus:menu',
    stopWords:
      'a an the and or of for to in on at by with from is are be it its this that these those as my your our i me we you',
    purposeWords: 'for with to without compatible replaces fits from',
  },
  de: {
    root: german,
    plurals: 'ern>4 er>4 em> en> es> e> n> s>',
    compounds: true,
    stopWords:
      'der die das den dem des ein eine einer eines einem einen und oder von fur mit zu im in am an auf bei aus ist',
    purposeWords: 'fur mit zu ohne kompatibel passend',
  },
  fr: {
    root: french,
    plurals: 'eaux>eau eau>eau aux>al x> es> s> e>',
    stopWords: 'le la les l un une des du de d et ou pour avec en au aux a sur par dans',
    purposeWords: 'pour avec sans compatible',
  },
  es: {
    root: spanish,
    plurals: 'ces>z2 ce>z2 es> e> s>',
    stopWords: 'el la los las un una unos unas de del y o para con en a al por',
    purposeWords: 'para con sin compatible',
  },
  pt: {
    root: portuguese,
    plurals: 'oes>ao2 aes>ao2 ais>al2 eis>el2 ois>ol2 ns>m2 res>r zes>z ses>s e> s>',
    stopWords: 'o a os as um uma de do da dos das e ou para com em no na por',
    purposeWords: 'para com sem compativel',
  },
  it: {
    root: italian,
    plurals: 'chi>c che>c ghi>g ghe>g i> e> o> a>',
    stopWords: 'il lo la i gli le un uno una di del della dei e o per con in a da su',
    purposeWords: 'per con senza compatibile',
  },
  nl: {
    root: dutch,
    plurals:
      'bben>b dden>d ffen>f ggen>g kken>k llen>l mmen>m nnen>n ppen>p rren>r ssen>s tten>t zen>s ven>f en> ers>er els>el ems>em e>',
    compounds: true,
    stopWords: 'de het een en of van voor met in op aan bij te uit is',
    purposeWords: 'voor met zonder geschikt',
  },
  da: { root: danish, compounds: true },
  fi: { root: finnish, compounds: true },
  hu: { root: hungarian },
  nb: { root: norwegian, compounds: true },
  nn: { root: norwegian, compounds: true },
  no: { root: norwegian, compounds: true },
  ro: { root: romanian },
  ru: { root: russian },
  sv: { root: swedish, compounds: true },
  tr: { root: turkish },
  uk: { root: ukrainian },
};

const lettersMin = 3;
const languages = new Map<string, Language>();

/** Words of unknown languages are folded and not stemmed. */
export function languageRules(code: string): Language {
  let language = languages.get(code);
  if (!language) {
    language = createLanguage(code, Object.hasOwn(rules, code) ? rules[code]! : { root: (word) => word });
    languages.set(code, language);
  }
  return language;
}

function createLanguage(
  code: string,
  { compounds = false, inflectsAdjectives = true, ...rules }: Rules,
): Language {
  const { root, plurals, irregular } = rules;
  return {
    code,
    stem: plurals === undefined ? root : stemmerOf(plurals, irregular),
    // Umlauts are also written as two letters.
    root: compounds ? (word) => root(word.replace(/([aou])e/g, '$1')) : root,
    compounds,
    inflectsAdjectives,
    stopWords: wordsOf(rules.stopWords),
    purposeWords: wordsOf(rules.purposeWords),
  };
}

const wordsOf = (list = ''): ReadonlySet<string> => new Set(list.split(' '));

function stemmerOf(plurals: string, irregular = ''): (word: string) => string {
  const singulars = new Map(irregular.split(' ').map((pair) => pair.split(':') as [string, string]));
  const endings = plurals.split(' ').map((rule) => {
    const [ending, by] = rule.split('>') as [string, string];
    return { ending, by: by.replace(/\d/, ''), least: Number(/\d/.exec(by)?.[0] ?? lettersMin) };
  });
  return (word) => {
    const singular = singulars.get(word);
    if (singular !== undefined) return singular;
    for (const { ending, by, least } of endings) {
      const kept = word.length - ending.length;
      if (kept + by.length >= least && word.endsWith(ending)) return word.slice(0, kept) + by;
    }
    return word;
  };
}
