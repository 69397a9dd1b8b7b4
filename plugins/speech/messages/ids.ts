/** Currencies whose amounts are said as two numbers. Others get their full name of CLDR. */
export const spokenCurrencies = ['EUR', 'USD', 'GBP', 'CHF', 'CAD', 'AUD', 'MXN'] as const;
export type SpokenCurrency = (typeof spokenCurrencies)[number];

export type SpeechMessage =
  | 'recommendation'
  | 'search'
  | 'nothing.recommendation'
  | 'nothing.search'
  | 'onScreen'
  | 'product'
  | 'question'
  | 'reprompt'
  | 'reprompt.none'
  | 'price.both'
  | 'price.free'
  | 'unnamed'
  | 'and'
  | 'inches'
  | `${SpokenCurrency}.major`
  | `${SpokenCurrency}.minor`;
