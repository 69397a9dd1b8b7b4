import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { catalog as catalogPlugin } from '../../plugins/catalog/plugin.js';
import { queue } from '../../plugins/queue/plugin.js';
import { store } from '../../plugins/store/plugin.js';
import { gatewayTarget } from '../../scripts/import/gateway-target.js';
import { importRows } from '../../scripts/import/import-rows.js';
import type { Loss } from '../../scripts/import/imported-product.js';
import { limit } from '../../scripts/import/limit.js';
import { type Listing, openListing, type PruneKind } from '../../scripts/import/listing.js';
import { type MappingInput, parseMapping } from '../../scripts/import/mapping/mapping.js';
import { importCommand } from '../../scripts/import/options.js';
import type { UpdateField } from '../../scripts/import/product-patch.js';
import { readFileRows } from '../../scripts/import/read/read-rows.js';
import type { Rejected } from '../../scripts/import/report.js';
import type { Target } from '../../scripts/import/target.js';
import { catalogTarget } from '../../scripts/import/targets.js';
import { openTestGateway, type TestGateway, testKeys } from '../support/gateway.js';
import { nodeArguments } from '../support/node-arguments.js';

const whole: MappingInput = {
  id: 'id',
  title: 'title',
  description: 'text',
  brand: 'brand',
  categories: { source: 'category' },
  prices: [{ amount: 'price', currency: { constant: 'EUR' } }],
};
const sizes: MappingInput = {
  id: 'id',
  title: 'title',
  brand: 'brand',
  variants: {
    sku: 'sku',
    options: [{ name: { constant: 'Size' }, value: 'size' }],
    prices: [{ amount: 'price', currency: { constant: 'EUR' } }],
    stock: [{ quantity: 'stock' }],
  },
  rows: { same: 'id' },
};

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address ? address.port : 0;
}

describe('An import into a catalog that has the products', () => {
  let directory: string;
  let shop: TestGateway;
  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'rapport-import-'));
    shop = await openTestGateway([store, queue, catalogPlugin]);
  });
  afterEach(async () => {
    await shop.close();
    rmSync(directory, { recursive: true, force: true });
  });

  const catalog = () => shop.system.port('catalog');
  const targets: readonly [name: string, target: () => Target][] = [
    ['of this process', () => catalogTarget(catalog())],
    ['of a gateway', () => gatewayTarget(shop.url, testKeys.SERVER)],
  ];
  const product = async (id: string) => (await catalog().products([id]))[0];

  interface RunOptions {
    readonly only?: readonly UpdateField[];
    readonly listing?: Listing;
    readonly reactivate?: boolean;
  }

  async function run(
    target: Target,
    lines: readonly string[],
    mapping: MappingInput,
    options: RunOptions = {},
  ) {
    const path = join(directory, 'rows.csv');
    writeFileSync(path, `${lines.join('\n')}\n`);
    const losses: Loss[] = [];
    const rejected: Rejected[] = [];
    const sum = await importRows(() => readFileRows(path), {
      mapping: parseMapping(mapping),
      target,
      only: options.only && new Set(options.only),
      reactivate: options.reactivate,
      onLoss: (each) => losses.push(each),
      onRejected: (each) => rejected.push(each),
      onListed: options.listing?.add,
    });
    return { sum, losses, rejected };
  }

  for (const [name, targetOf] of targets) {
    describe(`(${name})`, () => {
      it('changes only the fields that a file of some columns has', async () => {
        const target = targetOf();
        await run(
          target,
          ['id,title,text,brand,category,price', 'a,Mug,For tea,Acme,Home>Cups,9.00', 'b,Cup,,,,5.00'],
          whole,
        );
        const { sum } = await run(target, ['id,title,price', 'a,Big mug,12.00', 'c,Pot,7.00', 'b,Cup,5.00'], {
          id: 'id',
          title: 'title',
          prices: [{ amount: 'price', currency: { constant: 'EUR' } }],
        });
        expect(sum).to.include({ rows: 3, saved: 2, unchanged: 1, rejected: 0 });
        const mug = await product('a');
        expect(mug).to.include({ title: 'Big mug', description: 'For tea', brand: 'Acme' });
        expect(mug?.categoryIds).to.deep.equal(['home/cups']);
        expect(mug?.prices.map(({ amountMinor }) => amountMinor)).to.deep.equal([1200]);
        expect(await product('c')).to.include({ title: 'Pot' });
      });

      it('empties a text whose cell is blank, and keeps a price whose cell is blank or cannot be read', async () => {
        const target = targetOf();
        const head = 'id,title,text,brand,category,price';
        await run(target, [head, 'a,Mug,For tea,Acme,Home,9.00', 'b,Cup,For tea,Acme,Home,5.00'], whole);
        const { losses } = await run(target, [head, 'a,Mug,,Acme,,', 'b,Cup,For tea,,Home,cheap'], whole);
        expect(await product('a')).to.deep.include({ description: '', brand: 'Acme', categoryIds: [] });
        expect(await product('b')).to.deep.include({ description: 'For tea', brand: null });
        for (const id of ['a', 'b']) expect((await product(id))?.prices, id).to.have.length(1);
        expect(losses.map(({ value }) => value)).to.deep.equal(['cheap']);
      });

      it('removes the variants that a product no longer has, and changes the others', async () => {
        const target = targetOf();
        const head = 'id,title,brand,sku,size,price,stock';
        await run(
          target,
          [head, 'a,Tee,Acme,T-S,S,9,3', 'a,Tee,Acme,T-M,M,9,3', 'a,Tee,Acme,T-L,L,9,3'],
          sizes,
        );
        await run(target, [head, 'a,Tee,Acme,T-S,S,8,0', 'a,Tee,Acme,T-L,L,9,3'], sizes);
        const tee = await product('a');
        expect(tee?.variants?.map(({ sku, prices }) => [sku, prices?.[0]?.amountMinor])).to.deep.equal([
          ['T-S', 800],
          ['T-L', 900],
        ]);
        const [stock] = await catalog().stockByVariant(['a']);
        expect(stock?.get('a/s')).to.deep.equal({ online: 0 });
      });

      it('gives the SKU of a variant that goes to one that comes', async () => {
        const target = targetOf();
        const head = 'id,title,brand,sku,size,price,stock';
        await run(target, [head, 'a,Tee,Acme,T-S,S,9,3', 'a,Tee,Acme,T-M,M,9,3'], sizes);
        const { losses, rejected } = await run(
          target,
          [head, 'a,Tee,Acme,T-S,Small,9,4', 'a,Tee,Acme,T-M,Medium,9,3'],
          sizes,
        );
        expect([losses, rejected]).to.deep.equal([[], []]);
        const variants = (await product('a'))?.variants?.map(({ id, sku }) => [id, sku]);
        expect(variants).to.deep.equal([
          ['a/small', 'T-S'],
          ['a/medium', 'T-M'],
        ]);
        expect((await catalog().stockByVariant(['a']))[0]?.get('a/small')).to.deep.equal({ online: 4 });
        expect((await product('a'))?.options).to.deep.equal([{ name: 'Size', values: ['Small', 'Medium'] }]);
      });

      it('makes variants of an article, and an article of variants', async () => {
        const target = targetOf();
        const head = 'id,title,brand,sku,size,price,stock';
        await run(target, [head, 'a,Tee,Acme,T,,9,3'], sizes);
        expect(await product('a'))
          .to.include({ sku: 'T' })
          .and.not.have.property('variants');
        const more = await run(target, [head, 'a,Tee,Acme,T,S,9,2', 'a,Tee,Acme,T-M,M,9,1'], sizes);
        expect([more.losses, more.rejected]).to.deep.equal([[], []]);
        expect((await product('a'))?.variants?.map(({ sku }) => sku)).to.deep.equal(['T', 'T-M']);
        const fewer = await run(target, [head, 'a,Tee,Acme,T-M,,7,5'], sizes);
        expect([fewer.losses, fewer.rejected]).to.deep.equal([[], []]);
        const tee = await product('a');
        expect(tee).to.include({ sku: 'T-M' });
        expect([tee?.variants, tee?.options, tee?.prices[0]?.amountMinor]).to.deep.equal([
          undefined,
          [],
          700,
        ]);
      });

      it('changes the chosen fields only, and rejects products that are not there', async () => {
        const target = targetOf();
        const head = 'id,title,brand,sku,size,price,stock';
        await run(target, [head, 'a,Tee,Acme,T-S,S,9,3', 'a,Tee,Acme,T-M,M,9,3'], sizes);
        const { sum, rejected } = await run(
          target,
          ['sku,price', 'T-S,7.50', 'T-X,1.00'],
          { id: 'sku', prices: [{ amount: 'price', currency: { constant: 'EUR' } }] },
          { only: ['prices'] },
        );
        expect(sum).to.include({ rows: 2, saved: 1, rejected: 1 });
        expect(rejected[0]).to.include({ line: 3 }).and.have.property('reason').that.includes('T-X');
        const tee = await product('a');
        expect(tee).to.include({ title: 'Tee', brand: 'Acme' });
        expect(tee?.variants?.map(({ prices }) => prices?.[0]?.amountMinor)).to.deep.equal([750, 900]);
        const stocks = await run(
          target,
          [head, 'a,Other,Other,T-S,S,1,9', 'a,Other,Other,T-M,M,1,8'],
          sizes,
          { only: ['stock'] },
        );
        expect(stocks.sum).to.include({ saved: 1, rejected: 0 });
        expect((await product('a'))?.title).to.equal('Tee');
        expect((await catalog().stockByVariant(['a']))[0]?.get('a/m')).to.deep.equal({ online: 8 });
      });

      for (const kind of ['archive', 'remove'] as const) {
        it(`prunes (${kind}) what the source listed before and lists no more, and nothing of other sources`, async () => {
          const target = targetOf();
          const state = join(directory, 'state');
          const titles: MappingInput = { id: 'id', title: 'title' };
          const feed = async (ids: readonly string[], share = '50%', prune: PruneKind = kind) => {
            const listing = await openListing(state);
            const { sum } = await run(
              target,
              ['id,title', ...ids.map((id) => `${id},${id === 'broken' ? '' : 'Mug'}`)],
              titles,
              { listing, reactivate: true },
            );
            return listing.finish({
              kind: prune,
              max: limit(share),
              target,
              unidentified: sum.unidentified,
              dryRun: false,
            });
          };
          await run(target, ['id,title', 'other,Mug'], titles);
          expect(await feed(['a', 'b', 'c', 'd'])).to.deep.equal({ left: 0, pruned: 0, refused: null });
          expect(await feed(['a', 'broken']))
            .to.include({ left: 3, pruned: 0 })
            .and.have.property('refused')
            .that.includes('3 of 4, more than --prune-max 50%');
          expect(await feed(['a', 'b'], '80%')).to.deep.equal({ left: 3, pruned: 2, refused: null });
          const statuses = await Promise.all(
            ['a', 'b', 'c', 'd', 'other'].map(async (id) => (await product(id))?.status),
          );
          const gone = kind === 'archive' ? 'ARCHIVED' : undefined;
          expect(statuses).to.deep.equal(['ACTIVE', 'ACTIVE', gone, gone, 'ACTIVE']);
          await feed(['a', 'b', 'c']);
          expect((await product('c'))?.status).to.equal('ACTIVE');
        });
      }
    });
  }

  it('sends products with long texts to a gateway in requests that fit', async () => {
    const text = 'word '.repeat(11_400);
    const lines = Array.from({ length: 160 }, (_, i) => `p${i},Mug,${text}`);
    const target = gatewayTarget(shop.url, testKeys.SERVER);
    const { sum, rejected } = await run(target, ['id,title,text', ...lines], {
      id: 'id',
      title: 'title',
      description: 'text',
    });
    expect(rejected).to.deep.equal([]);
    expect(sum).to.include({ rows: 160, saved: 160, rejected: 0 });
  });

  it('says why a gateway cannot be reached', async () => {
    const target = gatewayTarget(`http://127.0.0.1:${await freePort()}`, testKeys.SERVER);
    const reason = await target.remove(['a']).catch(String);
    expect(reason).to.include('/graphql cannot be reached (ECONNREFUSED); is a gateway running there?');
  });
});

describe('The import as a scheduled job', function () {
  this.timeout(120_000);
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'rapport-import-'));
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  function run(content: string, ...options: readonly string[]) {
    const path = join(directory, 'rows.csv');
    writeFileSync(path, content);
    writeFileSync(join(directory, 'mapping.json'), JSON.stringify({ id: 'id', title: 'title' }));
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [...nodeArguments('scripts/import.ts'), path, ...options],
      { encoding: 'utf8', env: { ...process.env, RAPPORT_DATA_DIR: join(directory, 'data') } },
    );
    return { status, text: stdout + stderr };
  }
  const map = () => ['--map', join(directory, 'mapping.json')];

  it('saves nothing with --dry-run, or if more rows would be rejected than allowed', () => {
    const dry = run('id,title\na,Mug\nb,\n', ...map(), '--dry-run');
    expect(dry.text)
      .to.include('2 rows: 1 product would be saved')
      .and.include('line 3: the product "b" has no title');
    expect(dry.status).to.equal(1);
    const many = run('id,title\na,Mug\nb,\nc,\n', ...map(), '--max-rejected', '50%');
    expect(many.text)
      .to.include('2 of 3 rows would be rejected, more than --max-rejected 50% allows; nothing was saved')
      .and.include('line 3: the product "b" has no title');
    expect(many.status).to.equal(2);
    expect(existsSync(join(directory, 'data'))).to.equal(false);
    const some = run('id,title\na,Mug\nb,\n', ...map(), '--max-rejected', '1');
    expect(some.text).to.include('1 product saved').and.include('1 rejected, 0 warnings');
    expect(some.status).to.equal(0);
  });

  it('refuses options that do not go together, with exit code 2', () => {
    for (const [options, message] of [
      [[], 'state the system that wrote the file (--from shopify) or a mapping of your own'],
      [['--from', 'shopware'], 'Allowed choices are shopify'],
      [[...map(), '--prune', 'archive'], '--prune needs --state'],
    ] as const) {
      const { status, text } = run('id,title\na,Mug\n', ...options);
      expect(text).to.include(message);
      expect(status, message).to.equal(2);
    }
  });

  it('says which values an option may have', () => {
    for (const [options, message] of [
      [['--max-rejected', 'many'], 'It must be a number of rows, such as 20, or a share, such as 5%.'],
      [['--update', 'colour'], 'There is no field "colour"; there are title, description'],
      [['--currency', 'euro'], 'It must be an ISO 4217 currency code, such as EUR.'],
    ] as const) {
      const command = importCommand(() => Promise.reject(new Error('it ran')))
        .exitOverride()
        .configureOutput({ writeErr: () => undefined });
      expect(() => command.parse(['rows.csv', ...map(), ...options], { from: 'user' })).to.throw(message);
    }
  });

  it('says that nothing was pruned because of rejected rows, and which option allows them', () => {
    const state = join(directory, 'state');
    const prune = [...map(), '--prune', 'archive', '--prune-max', '60%', '--state', state];
    expect(run('id,title\na,Mug\nb,Cup\n', ...prune).status).to.equal(0);
    const listed = readFileSync(state, 'utf8');
    const faulty = 'id,title\na,Mug\nc,\n';
    const refused = run(faulty, ...prune);
    expect(refused.text).to.include(
      `Nothing was pruned, and ${state} stays as it was: 1 row rejected, and none may be; --max-rejected 1 allows as many`,
    );
    expect(refused.status).to.equal(1);
    expect(readFileSync(state, 'utf8')).to.equal(listed);
    expect(existsSync(`${state}.next`)).to.equal(false);
    const allowed = run(faulty, ...prune, '--max-rejected', '1');
    expect(allowed.text).to.include('1 product left the source: 1 pruned (archive)');
    expect(allowed.status).to.equal(0);
  });

  it('names a file that it cannot open, with exit code 2, before anything is saved', () => {
    const missing = join(directory, 'missing', 'file');
    for (const [options, message] of [
      [['--rejects', missing], `${missing} cannot be written`],
      [['--warnings', missing], `${missing} cannot be written`],
      [['--state', missing], `${missing}.next cannot be written`],
    ] as const) {
      const { status, text } = run('id,title\na,Mug\n', ...map(), ...options);
      expect(text).to.include(message).and.not.include('    at ');
      expect(status, message).to.equal(2);
    }
    expect(existsSync(join(directory, 'data'))).to.equal(false);
  });

  it('keeps every rejected row and every loss in a file, and exits with 4 if it prunes nothing', () => {
    const [state, rejects, warnings] = ['state', 'rejects', 'warnings'].map((name) =>
      join(directory, name),
    ) as [string, string, string];
    const prune = ['--prune', 'archive', '--state', state, '--rejects', rejects, '--warnings', warnings];
    const first = run(
      'Handle,Title,Variant Price\na,Mug,9\nb,Cup,free\n',
      '--from',
      'shopify',
      '--currency',
      'EUR',
      ...prune,
    );
    expect(first.status, first.text).to.equal(0);
    expect(JSON.parse(readFileSync(warnings, 'utf8'))).to.include({
      line: 3,
      column: 'Variant Price',
      value: 'free',
    });
    expect(readFileSync(rejects, 'utf8')).to.equal('');
    const second = run(
      'Handle,Title,Variant Price\na,Mug,9\n',
      '--from',
      'shopify',
      '--currency',
      'EUR',
      ...prune,
    );
    expect(second.text).to.include(
      '1 product left the source, and nothing was pruned: that is 1 of 2, more than --prune-max 10% allows',
    );
    expect(second.status).to.equal(4);
    const third = run(
      'Handle,Title,Variant Price\na,Mug,9\n',
      '--from',
      'shopify',
      '--currency',
      'EUR',
      ...prune,
      '--prune-max',
      '60%',
    );
    expect(third.text).to.include('1 product left the source: 1 pruned (archive)');
    expect(third.status).to.equal(0);
  });
});
