import { languageOf } from '../../src/kit/language-of.js';
import { priceOf } from '../../src/ports/prices.js';
import type { Speech, SpeechWriter, SpokenProduct } from '../../src/ports/speech.js';
import { escapeXml, speakable } from './markup.js';
import { shortName } from './names.js';
import { type Phrases, phrasesOf } from './phrases.js';
import { priceAloud } from './prices.js';

const productsMax = 10;
const reasonMax = 160;

export function createSpeechWriter(): SpeechWriter {
  return {
    shortName: (product, locale) => shortName(product, locale),
    price: (amountMinor, currency, locale) => priceAloud(amountMinor, currency, locale),
    products(products, { locale, intro, canBuy = () => true, ...at }) {
      const { language, phrases } = phrasesOf(languageOf(locale));
      const named = products.filter(({ product }) => product.speakable).slice(0, productsMax);
      if (named.length === 0) {
        const sentence = products.length > 0 ? phrases.onScreen : phrases.nothing[intro];
        return spoken([sentence], [], phrases.reprompt.none, phrases.reprompt.none);
      }
      // Prices follow the words around them, unless there are none in the shopper's language.
      const pricesIn = languageOf(locale) === language ? locale : language;
      const sentences = named.map((entry, place) => {
        const price = priceOf(entry.product, at, (variant) => canBuy(entry.product, variant));
        const parts = [
          named.length === 1 ? '' : ordinal(phrases, place),
          speakable(shortName(entry.product, locale)),
          price === null
            ? ''
            : fill(phrases.forPrice, priceAloud(price.amountMinor, price.currency, pricesIn)),
        ];
        return sentenceOf(parts.filter((part) => part !== '').join(', '), newReason(named, place));
      });
      const count = named.length === 1 ? 'one' : 'many';
      const opening = (intro === 'SEARCH' ? phrases.found : phrases.recommend)[count];
      return spoken(
        [fill(opening, phrases.numbers[named.length] ?? String(named.length))],
        sentences,
        phrases.question[count],
        phrases.reprompt[count],
      );
    },
  };
}

function ordinal(phrases: Phrases, place: number): string {
  return phrases.ordinals[place] ?? fill(phrases.place, String(place + 1));
}

function fill(phrase: string, text: string): string {
  return phrase.replace('%', () => text);
}

/** What was just said of the product before tires when it is said again. */
function newReason(products: readonly SpokenProduct[], place: number): string | null {
  const reason = products[place]?.reason ?? null;
  return reason === products[place - 1]?.reason ? null : reason;
}

function sentenceOf(product: string, reason: string | null): string {
  const why = reason === null ? '' : speakable(reason);
  // A reason too long for the ear is left out rather than broken off.
  return why === '' || why.length > reasonMax
    ? `${product}.`
    : `${product}. ${why}${/[.!?]$/.test(why) ? '' : '.'}`;
}

/** An opening, a paragraph of sentences with a pause after each, and a question. */
function spoken(
  opening: readonly string[],
  sentences: readonly string[],
  question: string,
  reprompt: string,
): Speech {
  const said = [...opening, ...sentences, question].map(speakable);
  const marked = [...opening, ...sentences, question].map((sentence, place) => {
    const pause = place >= opening.length && place < opening.length + sentences.length;
    return `<s>${escapeXml(speakable(sentence))}</s>${pause ? '<break time="400ms"/>' : ''}`;
  });
  return {
    ssml: `<speak><p>${marked.join('')}</p></speak>`,
    text: said.join(' '),
    reprompt: speakable(reprompt),
  };
}
