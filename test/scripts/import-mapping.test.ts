import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { parseMapping } from '../../scripts/import/mapping/mapping.js';
import { readable } from '../../scripts/import/mapping/readable-names.js';
import { textOfHtml } from '../../scripts/import/values/html.js';
import { readMoment } from '../../scripts/import/values/moments.js';
import { fitAmount, readMoney } from '../../scripts/import/values/money.js';
import { readAvailability } from '../../scripts/import/values/words.js';
import { projectDirectory } from '../../src/project-directory.js';
import { imported } from '../support/importing.js';

const plain = { id: 'id', title: 'title' };
const priced = { ...plain, prices: [{ amount: 'price' }] };

describe('The values of an import', () => {
  const amounts: readonly [text: string, amount: string | undefined, currency?: string][] = [
    ['4.00 USD', '4.00', 'USD'],
    ['USD 4', '4', 'USD'],
    ['€ 12.50', '12.50', 'EUR'],
    ['12,50', '12.50'],
    ['1.299,00', '1299.00'],
    ['1,299.00', '1299.00'],
    ['1 299,00 zł', '1299.00', 'PLN'],
    ["CHF 1'299.–", '1299', 'CHF'],
    ['1.299.000', '1299000'],
    ['19.9900', '19.9900'],
    ['12,-', '12'],
    ['.5', '0.5'],
    ['12.345,6.7', undefined],
    ['from 12.50', undefined],
    ['12.50 EUR per kg', undefined],
    ['cheap', undefined],
    ['4 USD EUR', undefined],
  ];
  for (const [text, amount, currency] of amounts) {
    it(`read the amount "${text}"`, () => {
      const read = readMoney(text);
      expect([read?.amount, read?.currency ?? undefined]).to.deep.equal([amount, currency]);
    });
  }

  it('round amounts to the decimals of their currency, and report it', () => {
    expect(fitAmount('19.9900', 'EUR')).to.deep.equal({ amount: '19.99', rounded: false });
    expect(fitAmount('19.995', 'EUR')).to.deep.equal({ amount: '20.00', rounded: true });
    expect(fitAmount('12.5', 'JPY')).to.deep.equal({ amount: '13', rounded: true });
    expect(fitAmount('12.345', 'KWD')).to.deep.equal({ amount: '12.345', rounded: false });
  });

  const moments: readonly [text: string, moment: string | null][] = [
    ['2026-03-01', '2026-03-01T00:00:00.000Z'],
    ['2026-03-01 12:00:00', '2026-03-01T12:00:00.000Z'],
    ['2026-03-01T13:00-0800', '2026-03-01T21:00:00.000Z'],
    ['1772366400', '2026-03-01T12:00:00.000Z'],
    ['1772366400000', '2026-03-01T12:00:00.000Z'],
    ['Sun, 01 Mar 2026 12:00:00 GMT', '2026-03-01T12:00:00.000Z'],
    ['1.3.2026 12:00', '2026-03-01T12:00:00.000Z'],
    ['31/12/2026', '2026-12-31T00:00:00.000Z'],
    ['3/4/2026', null],
    ['2026-02-30', null],
    ['soon', null],
  ];
  for (const [text, moment] of moments) {
    it(`read the moment "${text}" in UTC, whatever the zone of the server`, () => {
      const zone = process.env.TZ;
      process.env.TZ = 'America/New_York';
      try {
        expect(readMoment(text)).to.equal(moment);
      } finally {
        if (zone === undefined) delete process.env.TZ;
        else process.env.TZ = zone;
      }
    });
  }

  it('read the words for availability in any spelling', () => {
    const words = [
      'in_stock',
      'in stock',
      'Out of Stock',
      'preorder',
      'https://schema.org/BackOrder',
      'maybe',
    ];
    expect(words.map(readAvailability)).to.deep.equal([
      'IN_STOCK',
      'IN_STOCK',
      'OUT_OF_STOCK',
      'PREORDER',
      'BACKORDER',
      null,
    ]);
  });

  it('make text of HTML, without what no shopper reads', () => {
    expect(
      textOfHtml('<p class="teaser">Soft&nbsp;cotton</p><script>var tracker=1;</script><style>p{}</style>'),
    ).to.equal('Soft cotton');
    expect(textOfHtml('<ul><li>One</li><li>Two <a href="http://x">link</a></li></ul>After<br>it')).to.equal(
      '- One\n- Two link\n\nAfter\nit',
    );
    expect(textOfHtml('Tom &amp; Jerry\nagain')).to.equal('Tom & Jerry\nagain');
    expect(textOfHtml('size < 5 & width > 3')).to.equal('size < 5 & width > 3');
  });
});

describe('The mapping of an import', () => {
  const mapping = {
    id: 'sku.id',
    title: 'name',
    createdAt: 'released',
    brand: { constant: 'Acme' },
    categories: { source: { path: 'path', split: '|' }, separator: '>' },
    prices: [{ amount: 'cents', listAmount: 'was', unit: 'minor' as const, currency: { constant: 'EUR' } }],
    attributes: [
      { name: 'EAN', source: 'ean' },
      { prefix: 'n_', type: 'number' as const },
      { prefix: 'b_', type: 'boolean' as const },
    ],
    images: [{ path: 'images', split: ' ' }],
    stock: [{ quantity: 'stock', storeId: { constant: 'basel' } }],
  };
  const row = {
    'sku.id': '7',
    name: ' Kettle ',
    released: '2020-02-29',
    path: 'Kitchen > Hot Water|Gifts',
    cents: '1999',
    was: 2500,
    ean: ['1', '2'],
    n_power__max_: '1500',
    b_cordless: 'yes',
    images: 'a.jpg b.jpg a.jpg',
    stock: 3,
  };

  it('makes a product of a row', async () => {
    const { products } = await imported(`${JSON.stringify(row)}\n`, mapping);
    expect(products.get('7')).to.deep.include({
      id: '7',
      title: 'Kettle',
      createdAt: '2020-02-29T00:00:00.000Z',
      brand: 'Acme',
      categoryIds: ['kitchen/hot-water', 'gifts'],
      prices: [{ amount: '19.99', listAmount: '25.00', currency: 'EUR' }],
      attributes: [
        { name: 'EAN', value: '1' },
        { name: 'EAN', value: '2' },
        { name: 'Power (max)', value: 1500 },
        { name: 'Cordless', value: true },
      ],
      media: [{ url: 'a.jpg' }, { url: 'b.jpg' }],
      stock: [{ quantity: 3, storeId: 'basel' }],
    });
  });

  for (const [what, fault, reason] of [
    ['no id', { 'sku.id': ' ' }, 'the product has no id'],
    ['no title', { name: null }, 'the product "7" has no title'],
  ] as const) {
    it(`rejects a row with ${what}`, async () => {
      const { rejected, sum } = await imported(`${JSON.stringify({ ...row, ...fault })}\n`, mapping);
      expect(rejected.map((each) => each.reason)).to.deep.equal([reason]);
      expect(sum).to.include({ rows: 1, saved: 0, rejected: 1 });
    });
  }

  const losses: readonly [what: string, fault: object, column: string, reason: string][] = [
    ['half a cent', { cents: '19.5' }, 'cents', 'is no whole number of minor units'],
    ['a price in words', { cents: 'cheap' }, 'cents', 'is no amount such as "12.50"'],
    ['a price below 0', { cents: '-3' }, 'cents', 'is below 0'],
    ['a list price below the price', { was: '5' }, 'was', 'is not above the price 19.99'],
    ['a list price of 0', { was: '0.00' }, 'was', 'is no price before a reduction'],
    ['a number that is none', { n_power__max_: 'much' }, 'n_power__max_', 'is no number'],
    ['a day of unknown order', { released: '12/10/2009' }, 'released', 'order of day and month is not known'],
    ['a truth that is none', { b_cordless: 'perhaps' }, 'b_cordless', 'is no boolean'],
    ['stock below 0', { stock: -2 }, 'stock', 'is below 0; 0 was taken'],
    [
      'a picture that is a script',
      { images: 'javascript:alert(1)' },
      'images',
      'is no http or https address',
    ],
  ];
  it('warns of a list price in another currency than the price', async () => {
    const { losses } = await imported(JSON.stringify({ ...row, was: '25 USD' }), mapping);
    expect(losses.at(-1)).to.include({
      column: 'was',
      reason: 'is in USD, but the price is in EUR; the price before a reduction was left out',
    });
  });

  for (const [what, fault, column, reason] of losses) {
    it(`keeps the product and warns with line, column and value for ${what}`, async () => {
      const { sum, losses } = await imported(`\n${JSON.stringify({ ...row, ...fault })}\n`, mapping);
      expect(sum).to.include({ saved: 1, rejected: 0, losses: 1 });
      expect(losses[0]).to.include({
        line: 2,
        value: column === 'was' ? losses[0]!.value : String(Object.values(fault)[0]),
      });
      expect(losses[0]!.column).to.include(column);
      expect(losses[0]!.reason).to.include(reason);
    });
  }

  it('encodes a picture whose name has a blank, and warns', async () => {
    const { products, losses } = await imported(['id,title,image', 'a,Mug,img/my mug.jpg'], {
      ...plain,
      images: ['image'],
    });
    expect(products.get('a')?.media).to.deep.equal([{ url: 'img/my%20mug.jpg' }]);
    expect(losses[0]).to.include({ line: 2, column: 'image', value: 'img/my mug.jpg' });
  });

  it('warns once of a cell that the product and its variant read', async () => {
    const { losses } = await imported(['id,title,image', 'a,Mug,img/my mug.jpg'], {
      ...plain,
      images: ['image'],
      variants: { image: 'image' },
    });
    expect(losses).to.have.length(1);
  });

  it('takes the pictures of objects, and puts a base before addresses that are not absolute', async () => {
    const json = JSON.stringify([
      { id: 'a', title: 'Mug', images: [{ src: 'https://x/1.jpg', alt: 'Front' }, { src: '/2.jpg' }] },
    ]);
    const { products } = await imported(json, {
      ...plain,
      images: ['images'],
      imageBase: { constant: 'https://cdn/m/' },
    });
    expect(products.get('a')?.media).to.deep.equal([
      { url: 'https://x/1.jpg', alt: 'Front' },
      { url: 'https://cdn/m/2.jpg' },
    ]);
  });

  it('reads a sale price beside the price, with and without a window', async () => {
    const { products } = await imported(
      [
        'id,title,regular,sale,window',
        'a,Mug,12.00,,',
        'b,Cup,12.00,9.00,',
        'c,Pot,12.00,9.00,2026-03-01T00:00Z/2026-03-08T00:00Z',
        'd,Jug,12.00,13.00,',
      ],
      { ...plain, prices: [{ amount: 'regular', saleAmount: 'sale', saleWindow: 'window' }] },
      'EUR',
    );
    const prices = (id: string) => products.get(id)?.prices;
    expect(prices('a')).to.deep.equal([{ amount: '12.00', currency: 'EUR' }]);
    expect(prices('b')).to.deep.equal([{ amount: '9.00', currency: 'EUR', listAmount: '12.00' }]);
    expect(prices('c')).to.deep.equal([
      { amount: '12.00', currency: 'EUR' },
      {
        amount: '9.00',
        currency: 'EUR',
        listAmount: '12.00',
        validFrom: '2026-03-01T00:00:00.000Z',
        validUntil: '2026-03-08T00:00:00.000Z',
      },
    ]);
    expect(prices('d')).to.deep.equal([{ amount: '12.00', currency: 'EUR' }]);
  });

  it('leaves out a reduced price of zero, or one that holds at a time that cannot be read, and warns', async () => {
    const { products, losses } = await imported(
      [
        'id,title,regular,sale,window,until',
        'a,Mug,12.00,0.00,,',
        'b,Cup,12.00,9.00,2025-12-01T0:00-23:59/2025-12-31T0:00-23:59,',
        'c,Pot,12.00,9.00,,end of May',
        'd,Jug,12.00,9.00,,0000-00-00 00:00:00',
      ],
      {
        ...plain,
        prices: [{ amount: 'regular', saleAmount: 'sale', saleWindow: 'window', saleUntil: 'until' }],
      },
      'EUR',
    );
    for (const id of ['a', 'b', 'c'])
      expect(products.get(id)?.prices, id).to.deep.equal([{ amount: '12.00', currency: 'EUR' }]);
    expect(products.get('d')?.prices).to.deep.equal([
      { amount: '9.00', currency: 'EUR', listAmount: '12.00' },
    ]);
    expect(losses.map(({ line, column }) => `${line} ${column}`)).to.deep.equal([
      '2 sale',
      '3 window',
      '3 sale',
      '4 until',
      '4 sale',
    ]);
  });

  it('reads ambiguous numbers as the others of their column are written, and warns', async () => {
    const read = async (...cells: string[]) => {
      const lines = cells.map((cell, at) => `p${at};Mug;${cell}`);
      const { products, losses } = await imported(['id;title;price', ...lines], priced, 'EUR');
      return { amounts: [...products.values()].map(({ prices }) => prices?.[0]?.amount), losses };
    };
    const comma = await read('1.299', '12,50');
    expect(comma.amounts).to.deep.equal(['1299', '12.50']);
    expect(comma.losses[0])
      .to.include({ line: 2, column: 'price', value: '1.299' })
      .and.have.property('reason')
      .that.includes('was read as 1299');
    expect((await read('1,299', '12.50')).amounts).to.deep.equal(['1299', '12.50']);
    expect((await read('1,299')).amounts).to.deep.equal(['1299']);
    const dot = await read('1.299', '12.50');
    expect(dot.amounts).to.deep.equal(['1.30', '12.50']);
    expect(dot.losses.map(({ reason }) => reason)).to.deep.equal([
      'has more decimals than EUR; it was rounded to 1.30',
    ]);
  });

  it('takes the first value of a column that occurs twice, and warns of another one', async () => {
    const pictures = 'https://x.example/1.jpg,https://x.example/2.jpg';
    const { products, losses } = await imported(
      [
        'id,title,price,price,image,image',
        `a,A,3.50,4.50,${pictures}`,
        `b,B,,4.50,${pictures}`,
        `c,C,3.50,3.50,${pictures}`,
      ],
      { ...priced, images: ['image'] },
      'EUR',
    );
    const amounts = [...products.values()].map(({ prices }) => prices?.[0]?.amount);
    expect(amounts).to.deep.equal(['3.50', '4.50', '3.50']);
    expect(losses).to.deep.equal([
      {
        line: 2,
        column: 'price',
        value: '4.50',
        reason: 'is a further value, since the column occurs more than once; "3.50" was taken',
      },
    ]);
  });

  it('is an error before anything is saved if prices name no currency', async () => {
    const error = await imported(['id,title,price', 'a,Mug,12.50'], priced).catch(String);
    expect(error)
      .to.include('the prices in price name no currency; nothing was saved')
      .and.include('--currency EUR');
    const { products } = await imported(['id,title,price', 'a,Mug,12.50 USD'], priced);
    expect(products.get('a')?.prices).to.deep.equal([{ amount: '12.50', currency: 'USD' }]);
    const feed = await imported(['id,title,price,sale_price', 'a,Mug,12.50 USD,9.99'], 'google');
    expect(feed.products.get('a')?.prices).to.deep.equal([
      { amount: '9.99', currency: 'USD', listAmount: '12.50' },
    ]);
  });

  it('reads attributes and prices of one cell', async () => {
    const { products } = await imported(
      [
        'id|title|features|prices',
        'a|Mug|color=red,fits=0,3 l,material=stone|EUR 3000;US-USD 3500;EUR 2500 b2b',
      ],
      {
        ...plain,
        attributes: [
          {
            each: { path: 'features', pairs: { between: ',', equals: '=' } },
            name: { source: 'name' },
            source: 'value',
          },
        ],
        prices: [
          {
            each: {
              path: 'prices',
              split: ';',
              match: '^(?:(?<country>[A-Z]{2})-)?(?<currency>[A-Z]{3}) (?<amount>\\d+)(?: (?<group>.+))?$',
            },
            amount: 'amount',
            currency: 'currency',
            storeId: 'country',
            customerGroup: 'group',
            unit: 'minor',
          },
        ],
      },
    );
    expect(products.get('a')?.attributes).to.deep.equal([
      { name: 'Color', value: 'red' },
      { name: 'Fits', value: '0,3 l' },
      { name: 'Material', value: 'stone' },
    ]);
    expect(products.get('a')?.prices).to.deep.equal([
      { amount: '30.00', currency: 'EUR' },
      { amount: '35.00', currency: 'USD', storeId: 'US' },
      { amount: '25.00', currency: 'EUR', customerGroup: 'b2b' },
    ]);
  });

  it('reads the statuses of shops, and hides a product whose status is not known', async () => {
    const words = ['1', '0', 'published', 'proposed', 'archived', 'quarantined'];
    const { products, losses } = await imported(
      ['id,title,status', ...words.map((word) => `${word},Mug,${word}`)],
      { ...plain, status: 'status' },
    );
    expect([...products.values()].map(({ status }) => status)).to.deep.equal([
      'ACTIVE',
      'DRAFT',
      'ACTIVE',
      'DRAFT',
      'ARCHIVED',
      'DRAFT',
    ]);
    expect(losses.map(({ value }) => value)).to.deep.equal(['quarantined']);
  });

  it('cuts texts and lists that are longer than the catalog takes, and leaves out what else it refuses', async () => {
    const product = {
      id: 'a',
      title: 'x'.repeat(600),
      text: 'é'.repeat(40_000),
      maker: 'b'.repeat(300),
      code: 'c'.repeat(200),
      bar: '4006381333932',
      tags: Array.from({ length: 300 }, (_, i) => `t${i}`),
    };
    const { products, rejected, losses } = await imported(JSON.stringify([product]), {
      ...plain,
      description: 'text',
      brand: 'maker',
      sku: 'code',
      gtin: 'bar',
      tags: 'tags',
    });
    expect(rejected).to.deep.equal([]);
    expect(losses.map(({ column }) => column)).to.have.members([
      'title',
      'brand',
      'description',
      'tags',
      'sku',
      'gtin',
    ]);
    const saved = products.get('a')!;
    expect(saved.title).to.have.length(500);
    expect(Buffer.byteLength(saved.description!)).to.be.within(65_530, 65_536);
    expect(saved).not.to.have.any.keys('sku', 'gtin');
  });

  it('names every fault of a mapping', () => {
    const wrong = () => parseMapping({ title: 'name', colour: 'c', prices: [{ unit: 'cents' }] });
    expect(wrong).to.throw(/id: [\s\S]*prices\.0\.amount: [\s\S]*colour/);
  });

  it('names the value of a faulty mapping, what is allowed and the nearest field', () => {
    const wrong = { id: 'id', title: 'title', stock: 'qty', repeated: 'all', pricess: [] };
    expect(() => parseMapping(wrong)).to.throw(
      'The mapping needs correcting:\n' +
        '  stock: must be a list, not "qty"\n' +
        '  repeated: must be reject or first or last, not "all"\n' +
        '  mapping: there is no field "pricess" here; did you mean prices?',
    );
  });

  it('is explained by an example that works', async () => {
    const readme = readFileSync(join(projectDirectory(), 'scripts/import/README.md'), 'utf8');
    const example = /```json\n([\s\S]*?)```/.exec(readme)?.[1] ?? '';
    const fields = {
      sku: '1',
      name: 'Kettle',
      path: 'Home>Tea',
      price_eur: '9.9',
      cents_chf: 1050,
      num_w: 9,
      sizes: 'S,M',
    };
    const others = [
      'supplier',
      'text',
      'revision',
      'released',
      'was_eur',
      'ean',
      'image_1',
      'image_2',
      'seller_id',
      'seller_name',
      'name_de',
      'text_de',
      'stock_online',
      'stock_basel',
    ];
    const whole = { ...Object.fromEntries(others.map((other) => [other, null])), ...fields };
    const { products } = await imported(JSON.stringify([whole]), JSON.parse(example));
    expect(products.get('1')).to.deep.include({
      categoryIds: ['home/tea'],
      options: [{ name: 'Size', values: ['S', 'M'] }],
    });
    expect(products.get('1')?.prices?.map(({ amount }) => amount)).to.deep.equal(['9.9', '10.50']);
  });

  it('makes names readable', () => {
    expect(['contrast_ratio__typical_', 'ethernet_lan__rj_45__ports', 'wi_fi'].map(readable)).to.deep.equal([
      'Contrast ratio (typical)',
      'Ethernet lan (rj 45) ports',
      'Wi fi',
    ]);
  });
});
