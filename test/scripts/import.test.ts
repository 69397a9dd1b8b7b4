import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { catalog as catalogPlugin } from '../../plugins/catalog/plugin.js';
import { queue } from '../../plugins/queue/plugin.js';
import { store } from '../../plugins/store/plugin.js';
import { importRows } from '../../scripts/import/import-rows.js';
import type { Loss } from '../../scripts/import/imported-product.js';
import { parseMapping } from '../../scripts/import/mapping/mapping.js';
import { readFileRows } from '../../scripts/import/read/read-rows.js';
import type { ReadRow } from '../../scripts/import/read/rows.js';
import type { Rejected } from '../../scripts/import/report.js';
import { catalogTarget } from '../../scripts/import/targets.js';
import { bootPlugins, type TestSystem } from '../support/boot.js';
import { nodeArguments } from '../support/node-arguments.js';

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
        [...nodeArguments('scripts/import.ts'), file(rows), '--map', mapping],
        { encoding: 'utf8', env: { ...process.env, RAPPORT_DATA_DIR: join(directory, 'data') } },
      );
      return { status, text: stdout + stderr };
    }

    it('exits with 0 if every row was taken, with 1 if some were rejected, and with 2 if there is none', function () {
      this.timeout(60_000);
      const whole = run('id,title\na,Mug\nb,Cup\n');
      expect(whole.text).to.contain('2 products saved');
      expect(whole.text.trim().split('\n'), 'nothing but the summary').to.have.length(1);
      expect(whole.status, whole.text).to.equal(0);
      const partly = run('id,title\na,Mug\nc,\n');
      expect(partly.text).to.contain('1 unchanged').and.contain('1 rejected').and.contain('line 3');
      expect(partly.status).to.equal(1);
      const empty = run('id,title\n');
      expect(empty.text).to.contain('has no rows; it has only a header');
      expect(empty.status).to.equal(2);
      const nothing = run('');
      expect(nothing.text).to.contain('is empty');
      expect(nothing.status).to.equal(2);
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
      expect(status).to.equal(2);
      const after = run('id,title\nnew,Mug\n');
      expect(after.text).to.contain('1 product saved');
      const json = run('{"id":"j","title":"Mug","price":"9.50"}\n', {
        id: 'id',
        title: 'title',
        brand: 'maker',
      });
      expect(json.text).to.contain('brand: no row has a field "maker"').and.not.contain('saved in');
      expect(json.status).to.equal(2);
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
      const losses: Loss[] = [];
      const path = file(content);
      const sum = await importRows(() => readFileRows(path), {
        mapping: parseMapping(json),
        target: catalogTarget(system.port('catalog')),
        onRejected: (each) => rejected.push(each),
        onLoss: (each) => losses.push(each),
      });
      return { sum, rejected, losses };
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
      expect(first.sum).to.include({ rows: 5, saved: 3, unchanged: 0, repeated: 0, rejected: 2 });
      expect(first.rejected.map(({ line, reason }) => [line, reason])).to.deep.equal([
        [3, 'the product "b" has no title'],
        [5, 'the id "a" is that of line 2 already'],
      ]);
      expect(first.losses.map(({ line, column, value }) => [line, column, value])).to.deep.equal([
        [4, 'price', '-1'],
      ]);
      const { sum } = await run(csv.join('\n'), json);
      expect(sum).to.include({ rows: 5, saved: 0, unchanged: 3, repeated: 0, rejected: 2 });
      const catalog = system.port('catalog');
      expect(catalog.category('kitchen/pans')).to.include({ name: 'Pans', parentId: 'kitchen' });
      expect((await catalog.products(['a']))[0]).to.include({ title: 'Pan' });
    });

    it('reports what the catalog refuses with its line', async () => {
      const lines = Array.from({ length: 2_500 }, (_, i) =>
        JSON.stringify({ id: `p${i}`, ...(i === 2_200 ? { id: 'x'.repeat(600) } : {}), title: 'Fine' }),
      );
      const { sum, rejected } = await run(gzipSync(lines.join('\n')), { id: 'id', title: 'title' });
      expect(sum).to.include({ rows: 2_500, saved: 2_499, unchanged: 0, repeated: 0, rejected: 1 });
      expect(rejected[0]).to.include({
        line: 2_201,
        reason: `id: id must be 1 to 128 printable characters without blanks at its ends, not "${'x'.repeat(40)}…"`,
      });
    });

    it('leaves out a category that cannot be, not its products', async () => {
      const csv = ['id,title,group', `a,Pan,${'x'.repeat(300)}`, 'b,Pot,Pots'].join('\n');
      const { sum, losses } = await run(csv, { id: 'id', title: 'title', categories: { source: 'group' } });
      expect(sum).to.include({ rows: 2, saved: 2, rejected: 0 });
      expect(losses[0]).to.include({ line: 2, column: 'categoryIds.0' });
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
      const read = async function* () {
        yield* head;
      };
      const sum = await importRows(read, {
        mapping,
        required: ['id', 'title'],
        target: catalogTarget(system.port('catalog')),
        onRejected: (each) => rejected.push(each),
      });
      expect(rejected).to.deep.equal([]);
      expect(sum.saved).to.equal(300);
      const laptop = (await system.port('catalog').products(['2101957']))[0];
      expect(laptop?.prices[0]).to.include({ amountMinor: 10_995, currency: 'EUR' });
      expect(laptop?.attributes).to.deep.include({ name: 'Touchscreen', value: false });
    });
  });
});
