import type { Catalog } from '../../../src/kit/messages.js';
import type { SpeechMessage } from './ids.js';

export const de: Catalog<SpeechMessage> = {
  recommendation:
    '{count, plural, =1 {Hier ist ein Vorschlag für Sie:} =2 {Hier sind zwei Vorschläge für Sie:} =3 {Hier sind drei Vorschläge für Sie:} =4 {Hier sind vier Vorschläge für Sie:} =5 {Hier sind fünf Vorschläge für Sie:} other {Hier sind # Vorschläge für Sie:}}',
  search:
    '{count, plural, =1 {Das habe ich gefunden:} =2 {Hier sind die ersten zwei, die ich gefunden habe:} =3 {Hier sind die ersten drei, die ich gefunden habe:} =4 {Hier sind die ersten vier, die ich gefunden habe:} =5 {Hier sind die ersten fünf, die ich gefunden habe:} other {Hier sind die ersten #, die ich gefunden habe:}}',
  'nothing.recommendation': 'Im Moment habe ich keinen Vorschlag.',
  'nothing.search': 'Dazu habe ich nichts gefunden.',
  onScreen: 'Ich habe etwas für Sie, das ich Ihnen lieber auf einem Bildschirm zeige.',
  product:
    '{place, select, 0 {} 1 {Erstens, } 2 {Zweitens, } 3 {Drittens, } 4 {Viertens, } 5 {Fünftens, } 6 {Sechstens, } 7 {Siebtens, } 8 {Achtens, } 9 {Neuntens, } 10 {Zehntens, } other {Nummer {place}, }}{name}{priced, select, yes {, für {price}} free {, {price}} other {}}.',
  question:
    '{count, plural, =1 {Möchten Sie mehr darüber hören?} other {Über welchen Artikel möchten Sie mehr hören?}}',
  reprompt:
    '{count, plural, =1 {Soll ich Ihnen mehr darüber erzählen?} other {Sie können zum Beispiel sagen: der erste oder der zweite.}}',
  'reprompt.none': 'Wonach suchen Sie noch?',
  'price.both': '{both, select, short {{major} {minorNumber}} other {{major} und {minor}}}',
  'price.free': 'kostenlos',
  unnamed: 'ein Artikel',
  and: 'und',
  inches: 'Zoll',
  'EUR.major': '{amount} Euro',
  'EUR.minor': '{count} Cent',
  'USD.major': '{amount} Dollar',
  'USD.minor': '{count} Cent',
  'GBP.major': '{amount} Pfund',
  'GBP.minor': '{count, plural, one {# Penny} other {# Pence}}',
  'CHF.major': '{amount} Franken',
  'CHF.minor': '{count} Rappen',
  'CAD.major': '{amount} kanadische Dollar',
  'CAD.minor': '{count} Cent',
  'AUD.major': '{amount} australische Dollar',
  'AUD.minor': '{count} Cent',
  'MXN.major': '{count, plural, one {{amount} mexikanischer Peso} other {{amount} mexikanische Pesos}}',
  'MXN.minor': '{count, plural, one {# Centavo} other {# Centavos}}',
};
