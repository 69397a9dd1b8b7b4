import type { Catalog } from '../../../src/kit/messages.js';
import type { SpeechMessage } from './ids.js';

export const fr: Catalog<SpeechMessage> = {
  recommendation:
    '{count, plural, =1 {Voici une suggestion pour vous :} =2 {Voici deux suggestions pour vous :} =3 {Voici trois suggestions pour vous :} =4 {Voici quatre suggestions pour vous :} =5 {Voici cinq suggestions pour vous :} other {Voici # suggestions pour vous :}}',
  search:
    '{count, plural, =1 {Voici ce que j’ai trouvé :} =2 {Voici les deux premiers que j’ai trouvés :} =3 {Voici les trois premiers que j’ai trouvés :} =4 {Voici les quatre premiers que j’ai trouvés :} =5 {Voici les cinq premiers que j’ai trouvés :} other {Voici les # premiers que j’ai trouvés :}}',
  'nothing.recommendation': 'Je n’ai pas de suggestion pour le moment.',
  'nothing.search': 'Je n’ai rien trouvé à ce sujet.',
  onScreen: 'J’ai quelque chose pour vous qu’il vaut mieux voir à l’écran.',
  product:
    '{place, select, 0 {} 1 {Premièrement, } 2 {Deuxièmement, } 3 {Troisièmement, } 4 {Quatrièmement, } 5 {Cinquièmement, } 6 {Sixièmement, } 7 {Septièmement, } 8 {Huitièmement, } 9 {Neuvièmement, } 10 {Dixièmement, } other {Numéro {place}, }}{name}{priced, select, yes {, à {price}} free {, {price}} other {}}.',
  question: '{count, plural, =1 {Voulez-vous en savoir plus ?} other {Lequel voulez-vous mieux connaître ?}}',
  reprompt:
    '{count, plural, =1 {Voulez-vous que je vous en dise plus ?} other {Vous pouvez dire, par exemple, le premier ou le deuxième.}}',
  'reprompt.none': 'Que cherchez-vous d’autre ?',
  'price.both': '{both, select, short {{major} {minorNumber}} other {{major} et {minor}}}',
  'price.free': 'gratuit',
  unnamed: 'un article',
  and: 'et',
  inches: 'pouces',
  'EUR.major': '{count, plural, one {{amount} euro} other {{amount} euros}}',
  'EUR.minor': '{count, plural, one {# centime} other {# centimes}}',
  'USD.major': '{count, plural, one {{amount} dollar} other {{amount} dollars}}',
  'USD.minor': '{count, plural, one {# cent} other {# cents}}',
  'GBP.major': '{count, plural, one {{amount} livre} other {{amount} livres}}',
  'GBP.minor': '{count, plural, one {# penny} other {# pence}}',
  'CHF.major': '{count, plural, one {{amount} franc} other {{amount} francs}}',
  'CHF.minor': '{count, plural, one {# centime} other {# centimes}}',
  'CAD.major': '{count, plural, one {{amount} dollar} other {{amount} dollars}}',
  'CAD.minor': '{count, plural, one {# cent} other {# cents}}',
  'AUD.major': '{count, plural, one {{amount} dollar australien} other {{amount} dollars australiens}}',
  'AUD.minor': '{count, plural, one {# cent} other {# cents}}',
  'MXN.major': '{count, plural, one {{amount} peso mexicain} other {{amount} pesos mexicains}}',
  'MXN.minor': '{count, plural, one {# centavo} other {# centavos}}',
};
