import type { Product } from './catalog.js';
import type { PriceContext } from './prices.js';

export interface Speech {
  /** Valid SSML in one `<speak>` element, text escaped, at most 8,000 characters. */
  readonly ssml: string;
  /** The same without markup. */
  readonly text: string;
  /** The text to say if the shopper is silent. */
  readonly reprompt: string;
}

export interface SpokenProduct {
  readonly product: Product;
  /** One short true reason, or null. */
  readonly reason: string | null;
}

/** Says products aloud: short names, prices as people say them, an ordinal for each so that "the second one" works. */
export interface SpeechWriter {
  /** In the order given, at most 10. Products that are not `speakable` are not named. */
  products(
    products: readonly SpokenProduct[],
    options: PriceContext & {
      readonly locale: string;
      readonly intro: 'RECOMMENDATION' | 'SEARCH';
      /** Sentences in place of the usual opening. If omitted or empty, that of `intro`. */
      readonly introduction?: readonly string[];
      /** As in `priceOf`. If omitted, all variants can be bought. */
      readonly canBuy?: (product: Product, place: number) => boolean;
    },
  ): Speech;
  /** Sentences as one paragraph, and a reprompt. Sentences beyond 8,000 characters of SSML are left out, except the last one. */
  say(sentences: readonly string[], reprompt: string): Speech;
  /** The spoken name of a product: its title in the language, without words that nobody would say. At most 80 characters, plain text. */
  shortName(product: Product, locale: string): string;
  /** An amount in minor units as people say it, e.g. "19 euros and 99 cents". Plain text. */
  price(amountMinor: number, currency: string, locale: string): string;
}
