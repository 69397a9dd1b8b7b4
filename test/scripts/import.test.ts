import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { catalog as catalogPlugin } from '../../plugins/catalog/plugin.js';
import { queue } from '../../plugins/queue/plugin.js';
import { store } from '../../plugins/store/plugin.js';
import { importRows, type Rejected } from '../../scripts/import/import-rows.js';
import { mapRow, parseMapping } from '../../scripts/import/mapping.js';
import { readFileRows } from '../../scripts/import/read/read-rows.js';
import type { ReadRow } from '../../scripts/import/read/rows.js';
import { readable } from '../../scripts/import/readable-names.js';
import { catalogTarget } from '../../scripts/import/targets.js';
import { bootPlugins, type TestSystem } from '../support/boot.js';

const icecat = '../shared/data/catalog/icecat/products.jsonl.gz';

describe('import', () => {
  let directory: string;
  before(() => {
    directory = mkdtempSync(join(tmpdir(), 'rapport-import-'));
  });
  after(() => rmSync(directory, { recursive: true, force: true }));

  function file(content: string | Buffer): string {
    const path = join(directory, 'rows');
    writeFileSync(path, content);
    return path;
  }

  describe('on the command line', () => {
    function run(rows: string, map: object = { id: 'id', title: 'title' }) {
      const mapping = join(directory, 'mapping.json');
      writeFileSync(mapping, JSON.stringify(map));
      const { status, stdout, stderr } = spawnSync(
        process.execPath,
        ['--import=tsx', 'scripts/import.ts', file(rows), '--map', mapping],
        { encoding: 'utf8', env: { ...process.env, RAPPORT_DATA_DIR: join(directory, 'data') } },
      );
      return { status, text: stdout + stderr };
    }

    it('exits with 0 if every row was taken, and with 1 if some were rejected or there is none', function () {
      this.timeout(60_000);
      const whole = run('id,title\na,Mug\nb,Cup\n');
      expect(whole.text).to.contain('2 saved');
      expect(whole.status, whole.text).to.equal(0);
      const partly = run('id,title\na,Mug\nc,\n');
      expect(partly.text).to.contain('1 unchanged').and.contain('1 rejected').and.contain('line 3');
      expect(partly.status).to.equal(1);
      const empty = run('id,title\n');
      expect(empty.text).to.contain('has no rows');
      expect(run('').text).to.contain('is empty');
      expect(empty.status).to.equal(1);
    });

    it('stops before anything is saved at columns that the file does not have, and names them', function () {
      this.timeout(60_000);
      const prices = [{ amount: 'pricee', currency: 'EUR' }];
      const map = { id: 'id', title: 'title', categories: { source: 'kind' }, prices };
      const { text, status } = run('id,title,price\nnew,Mug,9.50\n', map);
      for (const part of [
        'prices.0.amount: the file has no column "pricee"',
        'prices.0.currency: the file has no column "EUR"; if it is a constant, write { "constant": "EUR" }',
        'categories.source: the file has no column "kind"',
        'The columns of the file are: "id", "title", "price"',
      ])
        expect(text).to.contain(part);
      expect(status).to.equal(1);
      const after = run('id,title\nnew,Mug\n');
      expect(after.text).to.contain('1 saved');
      const json = run('{"id":"j","title":"Mug","price":"9.50"}\n', {
        id: 'id',
        title: 'title',
        brand: 'maker',
      });
      expect(json.text).to.contain('brand: no row has a field "maker"').and.contain('1 saved');
      expect(json.status).to.equal(0);
    });
  });

  describe('mapping', () => {
    const mapping = parseMapping({
      id: 'sku.id',
      title: 'name',
      createdAt: 'released',
      brand: { constant: 'Acme' },
      categories: { source: { path: 'path', split: '|' }, separator: '>' },
      prices: [{ amount: 'cents', listAmount: 'was', unit: 'minor', currency: { constant: 'EUR' } }],
      attributes: [
        { name: 'EAN', source: 'ean' },
        { prefix: 'n_', type: 'number' },
        { prefix: 'b_', type: 'boolean' },
      ],
      images: [{ path: 'images', split: ' ' }],
      stock: [{ quantity: 'stock', storeId: { constant: 'basel' } }],
    });
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

    it('makes a product of a row', () => {
      expect(mapRow(row, mapping)).to.deep.include({
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

    const faults: readonly [what: string, fault: object, message: string][] = [
      ['no id', { 'sku.id': ' ' }, 'no id in "sku.id"'],
      ['no title', { name: null }, 'no title in "name"'],
      ['half a cent', { cents: '19.5' }, '"19.5" in "cents" is no price'],
      ['a price in words', { cents: 'cheap' }, '"cheap" in "cents" is no price'],
      ['a price below 0', { cents: '-3' }, '"-3" in "cents" is no price; it must be at least 0'],
      ['a number that is none', { n_power__max_: 'much' }, '"much" in "n_power__max_" is no number'],
      ['a day that is none', { released: '12/10/2009' }, '"12/10/2009" in "released" is no moment'],
      ['a truth that is none', { b_cordless: 'perhaps' }, '"perhaps" in "b_cordless" is no boolean'],
    ];
    for (const [what, fault, message] of faults) {
      it(`names the field for ${what}`, () => {
        expect(() => mapRow({ ...row, ...fault }, mapping)).to.throw(message);
      });
    }

    it('names every fault of a mapping', () => {
      const wrong = () => parseMapping({ title: 'name', colour: 'c', prices: [{ amount: 'p' }] });
      expect(wrong).to.throw(/id: [\s\S]*prices\.0\.currency: [\s\S]*colour/);
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

    it('is explained by an example that works', () => {
      const readme = readFileSync(new URL('../../scripts/import/README.md', import.meta.url), 'utf8');
      const example = /```json\n([\s\S]*?)```/.exec(readme)?.[1] ?? '';
      const product = mapRow(
        {
          sku: '1',
          name: 'Kettle',
          path: 'Home>Tea',
          price_eur: '9.9',
          cents_chf: 1050,
          num_w: 9,
          sizes: 'S,M',
        },
        parseMapping(JSON.parse(example)),
      );
      expect(product).to.deep.include({
        categoryIds: ['home/tea'],
        options: [{ name: 'Size', values: ['S', 'M'] }],
      });
      expect(product.prices?.map(({ amount }) => amount)).to.deep.equal(['9.90', '10.50']);
    });

    it('makes names readable', () => {
      expect(['contrast_ratio__typical_', 'ethernet_lan__rj_45__ports', 'wi_fi'].map(readable)).to.deep.equal(
        ['Contrast ratio (typical)', 'Ethernet lan (rj 45) ports', 'Wi fi'],
      );
    });
  });

  describe('into the catalog', () => {
    let system: TestSystem;
    beforeEach(async () => {
      system = await bootPlugins([store, queue, catalogPlugin]);
    });
    afterEach(() => system.close());

    async function run(content: string | Buffer, json: object) {
      const rejected: Rejected[] = [];
      const sum = await importRows(
        readFileRows(file(content)),
        parseMapping(json),
        catalogTarget(system.port('catalog')),
        (each) => rejected.push(each),
      );
      return { sum, rejected };
    }

    it('counts every row once, names the refused lines, and changes nothing the second time', async () => {
      const csv = [
        'id;title;price;group',
        'a;Pan;12.50;Kitchen>Pans',
        'b;;1;Kitchen',
        'c;Pot;-1;',
        'a;Pan 2;1;',
        'd;Cup;3;Kitchen',
      ];
      const json = {
        id: 'id',
        title: 'title',
        prices: [{ amount: 'price', currency: { constant: 'EUR' } }],
        categories: { source: 'group' },
      };
      const first = await run(csv.join('\n'), json);
      expect(first.sum).to.deep.equal({ rows: 5, saved: 2, unchanged: 0, repeated: 0, rejected: 3 });
      expect(first.rejected.map(({ line }) => line)).to.deep.equal([3, 4, 5]);
      expect(first.rejected[2]?.reason).to.equal('the id "a" is that of line 2 already');
      const { sum } = await run(csv.join('\n'), json);
      expect(sum).to.deep.equal({ rows: 5, saved: 0, unchanged: 2, repeated: 0, rejected: 3 });
      const catalog = system.port('catalog');
      expect(catalog.category('kitchen/pans')).to.include({ name: 'Pans', parentId: 'kitchen' });
      expect((await catalog.products(['a']))[0]).to.include({ title: 'Pan' });
    });

    it('reports what the catalog refuses with its line', async () => {
      const lines = Array.from({ length: 2_500 }, (_, i) =>
        JSON.stringify({ id: `p${i}`, title: i === 2_200 ? 'x'.repeat(600) : 'Fine' }),
      );
      const { sum, rejected } = await run(gzipSync(lines.join('\n')), { id: 'id', title: 'title' });
      expect(sum).to.deep.equal({ rows: 2_500, saved: 2_499, unchanged: 0, repeated: 0, rejected: 1 });
      expect(rejected[0]).to.include({
        line: 2_201,
        reason: `title: title must be 1 to 500 characters, not "${'x'.repeat(40)}…"`,
      });
    });

    it('refuses the rows of a category that cannot be, not the file', async () => {
      const csv = ['id,title,group', `a,Pan,${'x'.repeat(300)}`, 'b,Pot,Pots'].join('\n');
      const { sum, rejected } = await run(csv, { id: 'id', title: 'title', categories: { source: 'group' } });
      expect(sum).to.include({ rows: 2, saved: 1, rejected: 1 });
      expect(rejected[0]).to.include({ line: 2 }).and.have.property('reason').that.includes('categoryIds.0');
    });

    for (const [repeated, title] of [
      ['first', 'One'],
      ['last', 'Two'],
    ] as const) {
      it(`lets the ${repeated} of several rows hold when told so`, async () => {
        const { sum } = await run('id,title\na,One\na,Two\n', { id: 'id', title: 'title', repeated });
        expect(sum).to.include({ rows: 2, saved: 1, repeated: 1 });
        expect((await system.port('catalog').products(['a']))[0]).to.include({ title });
      });
    }

    it('takes real electronics whole', async function () {
      if (!existsSync(icecat)) {
        console.log(`      skipped: ${icecat} is not here`);
        this.skip();
      }
      const mapping = parseMapping(JSON.parse(readFileSync('scripts/import/icecat.json', 'utf8')));
      const head: ReadRow[] = [];
      for await (const row of readFileRows(icecat)) if (head.push(row) === 300) break;
      const rejected: Rejected[] = [];
      const rows = (async function* () {
        yield* head;
      })();
      const sum = await importRows(rows, mapping, catalogTarget(system.port('catalog')), (each) =>
        rejected.push(each),
      );
      expect(rejected).to.deep.equal([]);
      expect(sum.saved).to.equal(300);
      const laptop = (await system.port('catalog').products(['2101957']))[0];
      expect(laptop?.prices[0]).to.include({ amountMinor: 10_995, currency: 'EUR' });
      expect(laptop?.attributes).to.deep.include({ name: 'Touchscreen', value: false });
    });
  });
});
