import type { Catalog } from '../../../src/kit/messages.js';
import type { SpeechMessage } from './ids.js';

export const en: Catalog<SpeechMessage> = {
  recommendation:
    '{count, plural, =1 {Here is a suggestion for you:} =2 {Here are two suggestions for you:} =3 {Here are three suggestions for you:} =4 {Here are four suggestions for you:} =5 {Here are five suggestions for you:} other {Here are # suggestions for you:}}',
  search:
    '{count, plural, =1 {I found this:} =2 {Here are the first two that I found:} =3 {Here are the first three that I found:} =4 {Here are the first four that I found:} =5 {Here are the first five that I found:} other {Here are the first # that I found:}}',
  'nothing.recommendation': 'I have nothing to suggest right now.',
  'nothing.search': 'I found nothing for that.',
  onScreen: 'I have something for you that is better shown on a screen.',
  product:
    '{place, select, 0 {} 1 {First, } 2 {Second, } 3 {Third, } 4 {Fourth, } 5 {Fifth, } 6 {Sixth, } 7 {Seventh, } 8 {Eighth, } 9 {Ninth, } 10 {Tenth, } other {Number {place}, }}{name}{priced, select, yes {, for {price}} free {, {price}} other {}}.',
  question:
    '{count, plural, =1 {Would you like to hear more about it?} other {Which one would you like to hear more about?}}',
  reprompt:
    '{count, plural, =1 {Shall I tell you more about it?} other {You can say, for example, the first one or the second one.}}',
  'reprompt.none': 'What else are you looking for?',
  'price.both': '{major} and {minor}',
  'price.free': 'free',
  unnamed: 'an item',
  and: 'and',
  inches: 'inch',
  'EUR.major': '{count, plural, one {{amount} euro} other {{amount} euros}}',
  'EUR.minor': '{count, plural, one {# cent} other {# cents}}',
  'USD.major': '{count, plural, one {{amount} dollar} other {{amount} dollars}}',
  'USD.minor': '{count, plural, one {# cent} other {# cents}}',
  'GBP.major': '{count, plural, one {{amount} pound} other {{amount} pounds}}',
  'GBP.minor': '{count, plural, one {# penny} other {# pence}}',
  'CHF.major': '{count, plural, one {{amount} Swiss franc} other {{amount} Swiss francs}}',
  'CHF.minor': '{count} rappen',
  'CAD.major': '{count, plural, one {{amount} dollar} other {{amount} dollars}}',
  'CAD.minor': '{count, plural, one {# cent} other {# cents}}',
  'AUD.major': '{count, plural, one {{amount} dollar} other {{amount} dollars}}',
  'AUD.minor': '{count, plural, one {# cent} other {# cents}}',
  'MXN.major': '{count, plural, one {{amount} Mexican peso} other {{amount} Mexican pesos}}',
  'MXN.minor': '{count, plural, one {# centavo} other {# centavos}}',
};
