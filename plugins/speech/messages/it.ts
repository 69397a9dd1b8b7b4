import type { Catalog } from '../../../src/kit/messages.js';
import type { SpeechMessage } from './ids.js';

export const it: Catalog<SpeechMessage> = {
  recommendation:
    '{count, plural, =1 {Ecco un suggerimento per lei:} =2 {Ecco due suggerimenti per lei:} =3 {Ecco tre suggerimenti per lei:} =4 {Ecco quattro suggerimenti per lei:} =5 {Ecco cinque suggerimenti per lei:} other {Ecco # suggerimenti per lei:}}',
  search:
    '{count, plural, =1 {Ho trovato questo:} =2 {Ecco i primi due che ho trovato:} =3 {Ecco i primi tre che ho trovato:} =4 {Ecco i primi quattro che ho trovato:} =5 {Ecco i primi cinque che ho trovato:} other {Ecco i primi # che ho trovato:}}',
  'nothing.recommendation': 'Al momento non ho suggerimenti.',
  'nothing.search': 'Non ho trovato niente.',
  onScreen: 'Ho qualcosa per lei che è meglio vedere su uno schermo.',
  product:
    '{place, select, 0 {} 1 {Primo, } 2 {Secondo, } 3 {Terzo, } 4 {Quarto, } 5 {Quinto, } 6 {Sesto, } 7 {Settimo, } 8 {Ottavo, } 9 {Nono, } 10 {Decimo, } other {Numero {place}, }}{name}{priced, select, yes {, a {price}} free {, {price}} other {}}.',
  question: '{count, plural, =1 {Vuole saperne di più?} other {Su quale vuole saperne di più?}}',
  reprompt: '{count, plural, =1 {Le dico di più?} other {Può dire, per esempio, il primo o il secondo.}}',
  'reprompt.none': 'Che altro cerca?',
  'price.both': '{both, select, short {{major} e {minorNumber}} other {{major} e {minor}}}',
  'price.free': 'gratis',
  unnamed: 'un articolo',
  and: 'e',
  inches: 'pollici',
  'EUR.major': '{amount} euro',
  'EUR.minor': '{count, plural, one {# centesimo} other {# centesimi}}',
  'USD.major': '{count, plural, one {{amount} dollaro} other {{amount} dollari}}',
  'USD.minor': '{count, plural, one {# centesimo} other {# centesimi}}',
  'GBP.major': '{count, plural, one {{amount} sterlina} other {{amount} sterline}}',
  'GBP.minor': '{count, plural, one {# penny} other {# pence}}',
  'CHF.major': '{count, plural, one {{amount} franco svizzero} other {{amount} franchi svizzeri}}',
  'CHF.minor': '{count, plural, one {# centesimo} other {# centesimi}}',
  'CAD.major': '{count, plural, one {{amount} dollaro canadese} other {{amount} dollari canadesi}}',
  'CAD.minor': '{count, plural, one {# centesimo} other {# centesimi}}',
  'AUD.major': '{count, plural, one {{amount} dollaro australiano} other {{amount} dollari australiani}}',
  'AUD.minor': '{count, plural, one {# centesimo} other {# centesimi}}',
  'MXN.major': '{count, plural, one {{amount} peso messicano} other {{amount} pesos messicani}}',
  'MXN.minor': '{count, plural, one {# centavo} other {# centavos}}',
};
