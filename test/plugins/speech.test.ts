import { expect } from 'chai';
import fc from 'fast-check';
import { createSpeechWriter } from '../../plugins/speech/speech.js';
import type { Product } from '../../src/ports/catalog.js';
import { runs } from '../support/runs.js';

const writer = createSpeechWriter();

function product(title: string, other: Partial<Product> = {}): Product {
  return {
    id: 'p',
    sku: null,
    version: null,
    status: 'ACTIVE',
    title,
    description: '',
    brand: null,
    categoryIds: [],
    prices: [{ currency: 'EUR', amountMinor: 1999, listAmountMinor: null, storeId: null }],
    options: [],
    attributes: [],
    media: [],
    sellers: [],
    translations: {},
    speakable: true,
    createdAtMs: 0,
    updatedAtMs: 0,
    ...other,
  };
}

const plain = { locale: 'en', currency: 'EUR', storeId: null, atMs: 0, intro: 'RECOMMENDATION' } as const;

describe('speech', () => {
  describe('calls a product what people call it', () => {
    const cases: readonly [title: string, name: string, locale?: string][] = [
      ['Sony Wireless Headphones WH-1000XM4, Black, 30 h Battery', 'Sony Wireless Headphones'],
      ['Samsung Galaxy S20 128GB | Unlocked | Free Shipping!', 'Samsung Galaxy S20 128GB'],
      ['Notebook (2024 model) [refurbished] 15.6"', 'Notebook 15.6 inch'],
      ['Monitor 27″ 4K', 'Monitor 27 Zoll 4K', 'de-CH'],
      ['Pots & Pans Set', 'Pots and Pans Set'],
      ['Töpfe & Pfannen', 'Töpfe und Pfannen', 'de'],
      ['WHITE HANGING HEART T-LIGHT HOLDER', 'White Hanging Heart T-Light Holder'],
      ['WH-1000XM4', 'WH-1000XM4'],
      ['Wasch\u00admaschine\u200b', 'Waschmaschine', 'de'],
      [
        'The very long name of a coffee grinder with a burr of steel and a box',
        'The very long name of a coffee grinder',
      ],
      ['(((', '((('],
      ['Olive oil 500 ml', 'Olive oil 500 millilitres', 'en-GB'],
      ['Olive oil 500ml', 'Olive oil 500 milliliters', 'en-US'],
      ['Kaffee 1 kg', 'Kaffee 1 Kilogramm', 'de'],
      ['Bouteille 1,5 l', 'Bouteille 1,5 litre', 'fr'],
      ['Harina 250 g', 'Harina 250 gramos', 'es'],
      ['Farina 250 g', 'Farina 250 grammi', 'it'],
    ];
    for (const [title, name, locale = 'en'] of cases) {
      it(`${title} → ${name}`, () => {
        expect(writer.shortName(product(title), locale)).to.equal(name);
      });
    }

    it('in the language of the shopper', () => {
      const kettle = product('Kettle', { translations: { de: { title: 'Wasserkocher' } } });
      expect(writer.shortName(kettle, 'de-AT')).to.equal('Wasserkocher');
    });

    it('by its brand, or as an item, where the title cannot be said', () => {
      expect(writer.shortName(product('☕☕', { brand: 'Melitta' }), 'en')).to.equal('Melitta');
      expect(writer.shortName(product('\ud800\u0007'), 'de')).to.equal('ein Artikel');
    });
  });

  describe('says a price as people do', () => {
    const cases: readonly [minor: number, currency: string, locale: string, said: string][] = [
      [1999, 'EUR', 'en-GB', '19 euros and 99 cents'],
      [100, 'EUR', 'en', '1 euro'],
      [101, 'GBP', 'en', '1 pound and 1 penny'],
      [99, 'USD', 'en-US', '99 cents'],
      [1999, 'EUR', 'de-DE', '19 Euro 99'],
      [1905, 'CHF', 'de-CH', '19 Franken und 5 Rappen'],
      [1999, 'EUR', 'fr', '19 euros 99'],
      [150, 'EUR', 'fr', '1 euro 50'],
      [0, 'EUR', 'fr', 'gratuit'],
      [1980, 'JPY', 'en', '1980 Japanese yen'],
      [1234, 'KWD', 'en', '1.234 Kuwaiti dinars'],
      [1999, 'EUR', 'es', '19 euros con 99'],
      [1905, 'EUR', 'es', '19 euros con 5 céntimos'],
      [101, 'USD', 'es-US', '1 dólar con 1 centavo'],
      [1999, 'EUR', 'it', '19 euro e 99'],
      [1905, 'EUR', 'it', '19 euro e 5 centesimi'],
      [2101, 'GBP', 'it', '21 sterline e 1 penny'],
      [0, 'EUR', 'de', 'kostenlos'],
      [100000, 'EUR', 'de', '1000 Euro'],
      [123450, 'EUR', 'fr', '1234 euros 50'],
      [2000, 'PLN', 'en', '20 Polish zlotys'],
    ];
    for (const [minor, currency, locale, said] of cases) {
      it(`${minor} ${currency} in ${locale}: ${said}`, () => {
        expect(writer.price(minor, currency, locale)).to.equal(said);
      });
    }
  });

  it('counts the products, so that "the second one" has a meaning', () => {
    const { text, reprompt } = writer.products(
      [
        { product: product('Kettle'), reason: 'Popular right now' },
        { product: product('Teapot'), reason: null },
      ],
      plain,
    );
    expect(text).to.equal(
      'Here are two suggestions for you: First, Kettle, for 19 euros and 99 cents. Popular right now. ' +
        'Second, Teapot, for 19 euros and 99 cents. Which one would you like to hear more about?',
    );
    expect(reprompt).to.contain('the second one');
  });

  it('tells products apart that would have one name', () => {
    const { text } = writer.products(
      ['Yirga beans, whole, 250 g', 'Yirga beans, whole, 500 g', 'Filter'].map((title) => ({
        product: product(title),
        reason: null,
      })),
      { ...plain, locale: 'en-GB' },
    );
    expect(text)
      .to.contain('First, Yirga beans, 250 grams, for')
      .and.contain('Second, Yirga beans, 500 grams, for');
    expect(text).to.contain('Third, Filter, for').and.not.contain('whole');
  });

  describe('says a list as native speakers do', () => {
    const lists: Readonly<Record<string, string>> = {
      'de-DE':
        'Hier sind zwei Vorschläge für Sie: Erstens, Kanne, für 19 Euro 99. Zweitens, Tasse, kostenlos. Über welchen Artikel möchten Sie mehr hören?',
      'fr-FR':
        'Voici deux suggestions pour vous : Premièrement, Kanne, à 19 euros 99. Deuxièmement, Tasse, gratuit. Lequel voulez-vous mieux connaître ?',
      'es-ES':
        'Tengo dos sugerencias para usted: Primero, Kanne, por 19 euros con 99. Segundo, Tasse, gratis. ¿Sobre cuál quiere saber más?',
      'it-IT':
        'Ecco due suggerimenti per lei: Primo, Kanne, a 19 euro e 99. Secondo, Tasse, gratis. Su quale vuole saperne di più?',
      'ja-JP':
        'Here are two suggestions for you: First, Kanne, for 19 euros and 99 cents. Second, Tasse, free. Which one would you like to hear more about?',
    };
    const free = [{ currency: 'EUR', amountMinor: 0, listAmountMinor: null, storeId: null }];
    for (const [locale, said] of Object.entries(lists))
      it(locale, () => {
        const products = [product('Kanne'), product('Tasse', { prices: free })];
        const { text } = writer.products(
          products.map((each) => ({ product: each, reason: null })),
          { ...plain, locale },
        );
        expect(text).to.equal(said);
      });
  });

  it('leaves sentences out beyond the limit of assistants, but not the question', () => {
    const speech = writer.say(
      [...Array.from({ length: 30 }, () => 'Long & long. '.repeat(40)), 'Which one?'],
      'Well?',
    );
    expect(speech.ssml.length).to.be.at.most(8_000);
    expect(speech.ssml).to.contain('<s>Which one?</s></p></speak>');
  });

  it('says a price of the store, and none where there is none', () => {
    const prices = [
      { currency: 'EUR', amountMinor: 1000, listAmountMinor: null, storeId: null },
      { currency: 'EUR', amountMinor: 900, listAmountMinor: null, storeId: 'berne' },
    ];
    const said = (options: object) =>
      writer.products([{ product: product('Kettle', { prices }), reason: null }], { ...plain, ...options })
        .text;
    expect(said({ storeId: 'berne' })).to.contain('Kettle, for 9 euros.');
    expect(said({ storeId: 'basel' })).to.contain('Kettle, for 10 euros.');
    expect(said({ currency: 'USD' })).to.contain('Kettle.');
  });

  it('never names what may not be said aloud', () => {
    const secret = { product: product('Surprise', { speakable: false }), reason: null };
    const alone = writer.products([secret], plain);
    expect(alone.ssml + alone.text + alone.reprompt).not.to.contain('Surprise');
    const among = writer.products([secret, { product: product('Kettle'), reason: null }], plain);
    expect(among.text).to.contain('Kettle').and.not.to.contain('Surprise');
  });

  it('has something to say when there is nothing', () => {
    expect(writer.products([], { ...plain, intro: 'SEARCH' }).text).to.contain('I found nothing');
    expect(writer.products([], { ...plain, locale: 'de' }).text).to.contain('keinen Vorschlag');
  });

  it('gives a reason once, not with every product that has it', () => {
    const { text } = writer.products(
      ['Kettle', 'Teapot', 'Cup'].map((title) => ({ product: product(title), reason: 'Popular right now' })),
      plain,
    );
    expect(text.match(/Popular right now/g)).to.have.lengthOf(1);
  });

  it('is valid SSML whatever a title, a reason or a locale holds', () => {
    const hostile = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 60 }),
      fc.string({ maxLength: 60 }),
      fc.constantFrom(
        '<say-as>',
        '</speak><audio src="x"/>',
        '&amp;&#0;',
        ']]>',
        'a\u0000b\u000bc',
        '\ud83d',
        '\udc00x',
        '"\'<>&',
        '\uffff\ufdd0',
      ),
      fc
        .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 30 })
        .map((units) => String.fromCharCode(...units)),
    );
    fc.assert(
      fc.property(
        fc.array(fc.tuple(hostile, fc.option(hostile), fc.boolean(), fc.nat(10_000_000)), { maxLength: 12 }),
        fc.constantFrom('en', 'de-AT', 'fr', 'ja', 'ar', 'zh-Hant-TW', 'x-unknown', 'tlh'),
        fc.constantFrom('EUR', 'JPY', 'USD', 'KWD'),
        (entries, locale, currency) => {
          const products = entries.map(([title, reason, speakable, amountMinor]) => ({
            product: product(title, {
              speakable,
              brand: title,
              prices: [{ currency, amountMinor, listAmountMinor: null, storeId: null }],
            }),
            reason,
          }));
          const speech = writer.products(products, { ...plain, locale, currency });
          expectValid(speech.ssml);
          expect(speech.ssml.length).to.be.at.most(8000);
          for (const text of [speech.text, speech.reprompt]) {
            expect(text).not.to.match(/[\p{Cc}\p{Cs}]/u);
            expect(text.length).to.be.greaterThan(0);
          }
          const unescaped = speech.ssml
            .replace(/<[^>]*>/g, ' ')
            .replace(/\s+/g, ' ')
            .trim();
          expect(withoutEntities(unescaped)).to.equal(speech.text);
        },
      ),
      { numRuns: runs(150), seed: 7 },
    );
  });
});

/** The subset of SSML that is used, strictly: known elements, properly nested, no stray markup, XML characters only. */
function expectValid(ssml: string): void {
  expect(ssml).not.to.match(/[\p{Cc}\p{Cs}\ufffe\uffff]/u);
  const open: string[] = [];
  const rest = ssml.replace(/<(\/?)(speak|p|s)>|<break time="\d+ms"\/>/g, (_, closing, name) => {
    if (name === undefined) return '';
    if (closing === '') open.push(name);
    else expect(open.pop()).to.equal(name);
    return '';
  });
  expect(open).to.deep.equal([]);
  expect(ssml).to.match(/^<speak>.*<\/speak>$/s);
  expect(rest.replace(/&(?:amp|lt|gt|quot|apos);/g, '')).not.to.match(/[<>&]/);
}

function withoutEntities(text: string): string {
  const characters = { '&lt;': '<', '&gt;': '>', '&quot;': '"', '&apos;': "'", '&amp;': '&' };
  return text.replace(/&\w+;/g, (entity) => characters[entity as keyof typeof characters]);
}
