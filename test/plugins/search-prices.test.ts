import { expect } from 'chai';
import { pricePhraseIn } from '../../plugins/search/query-input/price-phrases.js';

const read = (text: string, locale: string, currency = 'EUR') => {
  const found = pricePhraseIn(text, locale, currency);
  return found && [found.text, found.minMinor, found.maxMinor];
};

describe('prices in the words of a query', () => {
  const stated: readonly (readonly [string, string, readonly unknown[]])[] = [
    ['en', 'coffee under 20', ['coffee', null, 2_000]],
    ['en', 'coffee under €20', ['coffee', null, 2_000]],
    ['en', 'cheaper than 9.99 eur coffee', ['coffee', null, 999]],
    ['en-GB', 'mug between 10 and 20', ['mug', 1_000, 2_000]],
    ['de', 'Kaffee unter 20 Euro', ['Kaffee', null, 2_000]],
    ['de', 'Kaffee  bis 19,90 €', ['Kaffee', null, 1_990]],
    ['de-CH', 'Stuhl zwischen 100 und 200', ['Stuhl', 10_000, 20_000]],
    ['fr', 'café moins de 20 euros', ['café', null, 2_000]],
    ['fr', 'chaise à partir de 100', ['chaise', 10_000, null]],
    ['es', 'café por debajo de 20', ['café', null, 2_000]],
    ['es', 'silla entre 50 y 90 euros', ['silla', 5_000, 9_000]],
    ['it', 'caffè meno di 20', ['caffè', null, 2_000]],
    ['nl', 'coffee over 20', ['coffee', 2_000, null]],
  ];
  for (const [locale, text, range] of stated)
    it(`are read from "${text}" in ${locale}`, () => expect(read(text, locale)).to.deep.equal(range));

  const others: readonly (readonly [string, string, string])[] = [
    ['sizes', 'en', 'pan under 20 cm'],
    ['amounts in another currency', 'en', 'coffee under $20'],
    ['numbers alone', 'en', 'iphone 12'],
    ['parts of words', 'en', 'thunder 20'],
    ['ages', 'en', 'toys over 3 years'],
    ['ages', 'de', 'Spielzeug ab 6'],
    ['names', 'en', 'air max 90'],
    ['words before other words', 'en', 'under armour 20'],
    ['other languages', 'fr', 'café unter 20'],
    ['long texts', 'en', `${'coffee '.repeat(80)}under 20`],
  ];
  for (const [what, locale, text] of others)
    it(`are not read from ${what}: "${text.slice(-40)}"`, () => expect(read(text, locale)).to.equal(null));

  it('are read in the currency of the shopper', () => {
    expect(read('coffee under $20', 'en', 'USD')).to.deep.equal(['coffee', null, 2_000]);
    expect(read('coffee under 2000', 'en', 'JPY')).to.deep.equal(['coffee', null, 2_000]);
  });
});
