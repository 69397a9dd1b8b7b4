import type { Catalog } from '../../../src/kit/messages.js';
import type { SpeechMessage } from './ids.js';

export const es: Catalog<SpeechMessage> = {
  recommendation:
    '{count, plural, =1 {Tengo una sugerencia para usted:} =2 {Tengo dos sugerencias para usted:} =3 {Tengo tres sugerencias para usted:} =4 {Tengo cuatro sugerencias para usted:} =5 {Tengo cinco sugerencias para usted:} other {Tengo # sugerencias para usted:}}',
  search:
    '{count, plural, =1 {He encontrado esto:} =2 {Estos son los dos primeros que he encontrado:} =3 {Estos son los tres primeros que he encontrado:} =4 {Estos son los cuatro primeros que he encontrado:} =5 {Estos son los cinco primeros que he encontrado:} other {Estos son los # primeros que he encontrado:}}',
  'nothing.recommendation': 'Ahora mismo no tengo ninguna sugerencia.',
  'nothing.search': 'No he encontrado nada.',
  onScreen: 'Tengo algo para usted que es mejor ver en una pantalla.',
  product:
    '{place, select, 0 {} 1 {Primero, } 2 {Segundo, } 3 {Tercero, } 4 {Cuarto, } 5 {Quinto, } 6 {Sexto, } 7 {Séptimo, } 8 {Octavo, } 9 {Noveno, } 10 {Décimo, } other {Número {place}, }}{name}{priced, select, yes {, por {price}} free {, {price}} other {}}.',
  question: '{count, plural, =1 {¿Quiere saber más?} other {¿Sobre cuál quiere saber más?}}',
  reprompt:
    '{count, plural, =1 {¿Le cuento más?} other {Puede decir, por ejemplo, el primero o el segundo.}}',
  'reprompt.none': '¿Qué más busca?',
  'price.both': '{both, select, short {{major} con {minorNumber}} other {{major} con {minor}}}',
  'price.free': 'gratis',
  unnamed: 'un artículo',
  and: 'y',
  inches: 'pulgadas',
  'EUR.major': '{count, plural, one {{amount} euro} other {{amount} euros}}',
  'EUR.minor': '{count, plural, one {# céntimo} other {# céntimos}}',
  'USD.major': '{count, plural, one {{amount} dólar} other {{amount} dólares}}',
  'USD.minor': '{count, plural, one {# centavo} other {# centavos}}',
  'GBP.major': '{count, plural, one {{amount} libra} other {{amount} libras}}',
  'GBP.minor': '{count, plural, one {# penique} other {# peniques}}',
  'CHF.major': '{count, plural, one {{amount} franco suizo} other {{amount} francos suizos}}',
  'CHF.minor': '{count, plural, one {# céntimo} other {# céntimos}}',
  'CAD.major': '{count, plural, one {{amount} dólar canadiense} other {{amount} dólares canadienses}}',
  'CAD.minor': '{count, plural, one {# centavo} other {# centavos}}',
  'AUD.major': '{count, plural, one {{amount} dólar australiano} other {{amount} dólares australianos}}',
  'AUD.minor': '{count, plural, one {# centavo} other {# centavos}}',
  'MXN.major': '{count, plural, one {{amount} peso} other {{amount} pesos}}',
  'MXN.minor': '{count, plural, one {# centavo} other {# centavos}}',
};
