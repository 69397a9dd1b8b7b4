import type { Catalog } from '../../../src/kit/messages.js';
import type { VoiceMessage } from './ids.js';

export const de: Catalog<VoiceMessage> = {
  welcome: 'Willkommen. Ich kann Artikel suchen oder etwas vorschlagen.',
  'welcome.reprompt': 'Wonach suchen Sie?',
  help: 'Sie können zum Beispiel sagen: „suche einen Wasserkocher“, „schlag mir etwas vor“, „der zweite“, „günstiger“, „in Blau“ oder „setze ihn auf meine Liste“. Um woanders weiterzumachen, sagen Sie „weiter in der App“.',
  goodbye: 'Auf Wiederhören.',
  fallback:
    'Das habe ich nicht verstanden. Sie können zum Beispiel sagen: „suche einen Wasserkocher“ oder „schlag mir etwas vor“.',
  whichOne: 'Welchen meinen Sie: den ersten oder den zweiten?',
  whatElse: 'Was kann ich sonst für Sie tun?',
  noList:
    'Es gibt noch keine Liste. Sagen Sie mir, wonach Sie suchen, oder sagen Sie „schlag mir etwas vor“.',
  noMore: 'Das war alles.',
  noEarlier: 'Davor kommt nichts.',
  noSuch:
    '{count, plural, =1 {In dieser Liste ist nur ein Artikel.} other {In dieser Liste sind nur # Artikel.}}',
  more: '{count, plural, =1 {Hier ist noch einer:} =2 {Hier sind noch zwei:} =3 {Hier sind noch drei:} other {Hier sind noch #:}}',
  earlier: 'Noch einmal die vorigen:',
  cheaper: 'Für weniger als {price}:',
  withOption: 'In {option}:',
  corrected: 'Ich habe nach {query} gesucht.',
  nothingFound: 'Zu {query} habe ich nichts gefunden.',
  others: 'Aber das ist hier beliebt:',
  nothingCheaper: 'Ich habe nichts für weniger als {price}.',
  noPrice: 'Ich kenne die Preise nicht und kann deshalb nichts Günstigeres suchen.',
  nothingWithOption: 'In {option} habe ich nichts gefunden.',
  comesIn: 'Ja, {name} gibt es in {option}{priced, select, yes {, für {price}} free {, {price}} other {}}.',
  selected: '{name}, für {price}.',
  'selected.unpriced': '{name}.',
  'select.question': 'Möchten Sie mehr darüber hören?',
  'details.price': 'Der Preis ist {price}.',
  'details.reduced': 'Der Preis ist {price} statt {before}.',
  'details.rating':
    '{count, plural, one {Eine Person gab {stars, number, ::.#} von 5 Sternen.} other {# Personen gaben {stars, number, ::.#} von 5 Sternen.}}',
  'details.options': 'Zur Auswahl stehen {values}.',
  'details.soldOut': 'Der Artikel ist zurzeit ausverkauft.',
  'details.question': 'Soll ich den Artikel auf Ihre Liste setzen?',
  added:
    '{name} steht jetzt auf Ihrer Liste. {count, plural, =1 {Sonst steht dort nichts.} other {Die Liste hat # Artikel.}}',
  addedAlready: '{name} steht schon auf Ihrer Liste.',
  listFull: 'Ihre Liste ist voll: sie hat {count} Artikel.',
  list: '{count, plural, =1 {Auf Ihrer Liste steht ein Artikel: {names}.} other {Auf Ihrer Liste stehen # Artikel: {names}.}}',
  'list.empty': 'Ihre Liste ist leer.',
  handover:
    'Um weiterzumachen, öffnen Sie den Shop auf dem Telefon oder Computer und geben Sie diesen Code ein: {code}. Noch einmal: {code}. Er gilt {minutes, plural, one {eine Minute} other {# Minuten}} und nur einmal.',
  'handover.nothing': 'Es gibt noch nichts zum Weitermachen. Sagen Sie mir, wonach Sie suchen.',
  'forget.question':
    'Soll ich dieses Gespräch vergessen und nicht mehr nutzen, was Sie hier getan haben? Bitte sagen Sie ja oder nein.',
  forgotten: 'Ich habe dieses Gespräch vergessen, und was Sie hier getan haben, wird nicht mehr genutzt.',
  'forgotten.account':
    'Um die Daten Ihres Kontos zu löschen, gehen Sie bitte auf der Seite des Shops in Ihr Konto.',
  stopped: 'Von jetzt an schlage ich Ihnen dasselbe vor wie allen.',
  notDone: 'Das hat gerade nicht geklappt. Bitte sagen Sie es gleich noch einmal.',
  slow: 'Das kann ich gerade nicht nachsehen. Bitte fragen Sie mich gleich noch einmal.',
  'slow.search': 'Die Suche antwortet gerade nicht. Soll ich Ihnen stattdessen etwas vorschlagen?',
  'slow.instead': 'Ihre persönlichen Vorschläge erreiche ich gerade nicht, deshalb ist das für alle:',
  'card.title': 'Ihre Liste',
  'card.product': '{ordinal}. {name}, {price}',
  'card.unpriced': '{ordinal}. {name}',
  'card.code': 'Code: {code}',
};
