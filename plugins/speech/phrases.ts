/** What is said around products in one language; `%` stands for what is inserted. */
export interface Phrases {
  /** By place from 0; beyond them `place`. */
  readonly ordinals: readonly string[];
  readonly place: string;
  readonly numbers: readonly string[];
  readonly recommend: { readonly one: string; readonly many: string };
  readonly found: { readonly one: string; readonly many: string };
  readonly nothing: { readonly RECOMMENDATION: string; readonly SEARCH: string };
  /** Where nothing may be said aloud of what there is. */
  readonly onScreen: string;
  readonly forPrice: string;
  readonly question: { readonly one: string; readonly many: string };
  readonly reprompt: { readonly one: string; readonly many: string; readonly none: string };
}

const en: Phrases = {
  ordinals: ['First', 'Second', 'Third', 'Fourth', 'Fifth', 'Sixth', 'Seventh', 'Eighth', 'Ninth', 'Tenth'],
  place: 'Number %',
  numbers: ['', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten'],
  recommend: { one: 'Here is a suggestion for you:', many: 'Here are % suggestions for you:' },
  found: { one: 'I found this:', many: 'Here are the first % that I found:' },
  nothing: {
    RECOMMENDATION: 'I have nothing to suggest right now.',
    SEARCH: 'I found nothing for that.',
  },
  onScreen: 'I have something for you that is better shown on a screen.',
  forPrice: 'for %',
  question: {
    one: 'Would you like to hear more about it?',
    many: 'Which one would you like to hear more about?',
  },
  reprompt: {
    one: 'Shall I tell you more about it?',
    many: 'You can say, for example, the first one or the second one.',
    none: 'What else are you looking for?',
  },
};

const de: Phrases = {
  ordinals: [
    'Erstens',
    'Zweitens',
    'Drittens',
    'Viertens',
    'Fünftens',
    'Sechstens',
    'Siebtens',
    'Achtens',
    'Neuntens',
    'Zehntens',
  ],
  place: 'Nummer %',
  numbers: ['', 'einen', 'zwei', 'drei', 'vier', 'fünf', 'sechs', 'sieben', 'acht', 'neun', 'zehn'],
  recommend: { one: 'Hier ist ein Vorschlag für Sie:', many: 'Hier sind % Vorschläge für Sie:' },
  found: { one: 'Das habe ich gefunden:', many: 'Hier sind die ersten %, die ich gefunden habe:' },
  nothing: {
    RECOMMENDATION: 'Im Moment habe ich keinen Vorschlag.',
    SEARCH: 'Dazu habe ich nichts gefunden.',
  },
  onScreen: 'Ich habe etwas für Sie, das ich Ihnen lieber auf einem Bildschirm zeige.',
  forPrice: 'für %',
  question: { one: 'Möchten Sie mehr darüber hören?', many: 'Über welchen Artikel möchten Sie mehr hören?' },
  reprompt: {
    one: 'Soll ich Ihnen mehr darüber erzählen?',
    many: 'Sie können zum Beispiel sagen: der erste oder der zweite.',
    none: 'Wonach suchen Sie noch?',
  },
};

const fr: Phrases = {
  ordinals: [
    'Premièrement',
    'Deuxièmement',
    'Troisièmement',
    'Quatrièmement',
    'Cinquièmement',
    'Sixièmement',
    'Septièmement',
    'Huitièmement',
    'Neuvièmement',
    'Dixièmement',
  ],
  place: 'Numéro %',
  numbers: ['', 'une', 'deux', 'trois', 'quatre', 'cinq', 'six', 'sept', 'huit', 'neuf', 'dix'],
  recommend: { one: 'Voici une suggestion pour vous :', many: 'Voici % suggestions pour vous :' },
  found: { one: 'Voici ce que j’ai trouvé :', many: 'Voici les % premiers que j’ai trouvés :' },
  nothing: {
    RECOMMENDATION: 'Je n’ai pas de suggestion pour le moment.',
    SEARCH: 'Je n’ai rien trouvé à ce sujet.',
  },
  onScreen: 'J’ai quelque chose pour vous qu’il vaut mieux voir à l’écran.',
  forPrice: 'à %',
  question: { one: 'Voulez-vous en savoir plus ?', many: 'Lequel voulez-vous mieux connaître ?' },
  reprompt: {
    one: 'Voulez-vous que je vous en dise plus ?',
    many: 'Vous pouvez dire, par exemple, le premier ou le deuxième.',
    none: 'Que cherchez-vous d’autre ?',
  },
};

const byLanguage: Readonly<Record<string, Phrases>> = { en, de, fr };

/** English where there is no other. */
export function phrasesOf(language: string): { readonly language: string; readonly phrases: Phrases } {
  const phrases = Object.hasOwn(byLanguage, language) ? byLanguage[language] : undefined;
  return phrases ? { language, phrases } : { language: 'en', phrases: en };
}
