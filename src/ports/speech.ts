import type { Product } from './catalog.js';

export interface Speech {
  /** Valid SSML in one `<speak>` element, text escaped. */
  readonly ssml: string;
  /** The same without markup. */
  readonly text: string;
  /** What to say when nobody answers. */
  readonly reprompt: string;
}

export interface SpokenProduct {
  readonly product: Product;
  /** One short true reason, or null. */
  readonly reason: string | null;
}

/** Says products aloud: short names, prices as people say them, an ordinal for each so that "the second one" works. */
export interface SpeechWriter {
  products(
    products: readonly SpokenProduct[],
    options: {
      readonly locale: string;
      readonly currency: string;
      readonly storeId: string | null;
      readonly intro: 'RECOMMENDATION' | 'SEARCH';
    },
  ): Speech;
}
