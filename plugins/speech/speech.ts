import { priceOf } from '../../src/ports/prices.js';
import type { Speech, SpeechWriter, SpokenProduct } from '../../src/ports/speech.js';
import { escapeXml, speakable } from './markup.js';
import { messagesOf } from './messages/messages.js';
import { distinctNames, shortName } from './names.js';
import { priceAloud } from './prices.js';

const productsMax = 10;
const reasonMax = 160;
/** Amazon recommends 350 to 400 ms between the items of a list. */
const pauseMs = 400;
/** Alexa's limit. */
const charactersMax = 8_000;
/** The length of one sentence, so that a long text is cut between sentences. */
const sentenceMax = 1_000;

export function createSpeechWriter(): SpeechWriter {
  return {
    shortName: (product, locale) => shortName(product, locale),
    price: (amountMinor, currency, locale) => priceAloud(amountMinor, currency, locale),
    say: (sentences, reprompt) => spoken(sentences, reprompt),
    products(products, { locale, intro, introduction = [], canBuy = () => true, ...at }) {
      const messages = messagesOf(locale);
      const named = products.filter(({ product }) => product.speakable).slice(0, productsMax);
      const count = named.length;
      if (count === 0) {
        const nothing = intro === 'SEARCH' ? 'nothing.search' : 'nothing.recommendation';
        const sentence = messages.say(products.length > 0 ? 'onScreen' : nothing);
        return spoken(
          [...introduction, sentence, messages.say('reprompt.none')],
          messages.say('reprompt.none'),
        );
      }
      const names = distinctNames(
        named.map(({ product }) => product),
        locale,
      );
      const sentences = named.map((entry, place) => {
        // Prices follow the words around them, which are English in a language without messages.
        const price = priceOf(entry.product, at, (variant) => canBuy(entry.product, variant));
        const sentence = messages.say('product', {
          place: count === 1 ? 0 : place + 1,
          name: names[place]!,
          priced: price === null ? 'no' : price.amountMinor === 0 ? 'free' : 'yes',
          price: price === null ? '' : priceAloud(price.amountMinor, price.currency, messages.locale),
        });
        return { text: withReason(sentence, newReason(named, place)), pauseMs };
      });
      const opening =
        introduction.length > 0
          ? introduction
          : [messages.say(intro === 'SEARCH' ? 'search' : 'recommendation', { count })];
      const question = messages.say('question', { count });
      return spoken([...opening, ...sentences, question], messages.say('reprompt', { count }));
    },
  };
}

/** A reason that was just given for the product before is not repeated. */
function newReason(products: readonly SpokenProduct[], place: number): string | null {
  const reason = products[place]?.reason ?? null;
  return reason === products[place - 1]?.reason ? null : reason;
}

function withReason(sentence: string, reason: string | null): string {
  const why = reason === null ? '' : speakable(reason);
  // A reason too long for the ear is left out rather than broken off.
  return why === '' || why.length > reasonMax
    ? sentence
    : `${sentence} ${why}${/[.!?]$/.test(why) ? '' : '.'}`;
}

type Sentence = string | { readonly text: string; readonly pauseMs: number };

/** One paragraph. Sentences that would pass the limit of assistants are left out, the last one excepted: it asks what comes next. */
function spoken(sentences: readonly Sentence[], reprompt: string): Speech {
  const parts = sentences
    .map((sentence) => (typeof sentence === 'string' ? { text: sentence, pauseMs: 0 } : sentence))
    .map(({ text, pauseMs: pause }) => ({ text: shortened(speakable(text)), pause }))
    .filter(({ text }) => text !== '');
  const marked = parts.map(
    ({ text, pause }) => `<s>${escapeXml(text)}</s>${pause > 0 ? `<break time="${pause}ms"/>` : ''}`,
  );
  let length = '<speak><p></p></speak>'.length + (marked.at(-1)?.length ?? 0);
  const kept = marked.map((text, at) => {
    if (at === marked.length - 1) return true;
    length += text.length;
    return length <= charactersMax;
  });
  return {
    ssml: `<speak><p>${marked.filter((_, at) => kept[at]).join('')}</p></speak>`,
    text: parts.flatMap(({ text }, at) => (kept[at] ? [text] : [])).join(' '),
    reprompt: shortened(speakable(reprompt)),
  };
}

function shortened(text: string): string {
  return text.length <= sentenceMax
    ? text
    : text.slice(0, text.lastIndexOf(' ', sentenceMax)).replace(/[\uD800-\uDBFF]$/, '');
}
