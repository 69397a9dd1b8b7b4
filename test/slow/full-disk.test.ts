import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { plugins } from '../../plugins/index.js';
import { checkHealth } from '../../src/gateway/health.js';
import { everything, grant, openShop, record, shopperContext } from '../journeys/shop.js';
import { openTestGateway, type TestGateway } from '../support/gateway.js';
import { killedStore, noteOf, openNotes } from '../support/store-files.js';

const diskBytes = 64 * 1024 * 1024;

describe('A full disk at the start', () => {
  let disk: string;
  before(function () {
    disk = mkdtempSync(join(tmpdir(), 'rapport-full-'));
    const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${diskBytes}`, 'tmpfs', disk]);
    // Only root may mount a disk of that size.
    if (mounted.status !== 0) this.skip();
  });
  after(() => {
    spawnSync('umount', [disk]);
    rmSync(disk, { recursive: true, force: true });
  });
  afterEach(() => spawnSync('find', [disk, '-mindepth', '1', '-delete']));

  const filler = () => join(disk, 'filler');

  function fill(): void {
    for (let bytes = diskBytes; bytes >= 1; bytes = Math.floor(bytes / 2)) {
      try {
        writeFileSync(filler(), Buffer.alloc(bytes), { flag: 'a' });
      } catch (error) {
        expect((error as NodeJS.ErrnoException).code).to.equal('ENOSPC');
      }
    }
  }

  it('serves what a killed store left in its log, and writes when there is room', async () => {
    const killed = await killedStore(async ({ notes, system }) => {
      await notes.put(Array.from({ length: 40 }, (_, n) => noteOf(n)));
      system.clock.advance(1_000);
      await new Promise((resolve) => setTimeout(resolve, 50));
      await notes.put(Array.from({ length: 20 }, (_, n) => ({ ...noteOf(n), kind: 'k9' })));
      await notes.put([noteOf(40), noteOf(41)]);
      await notes.remove(['n30', 'n41']);
    });
    cpSync(killed.dataDir, disk, { recursive: true });
    killed.remove();
    fill();
    async function expectAll(notes: Awaited<ReturnType<typeof openNotes>>['notes'], kinds: number) {
      expect(await notes.getMany(['n0', 'n25', 'n30', 'n40', 'n41'])).to.deep.equal([
        { ...noteOf(0), kind: 'k9' },
        noteOf(25),
        null,
        noteOf(40),
        null,
      ]);
      const found = await notes.find({ index: 'byKind', equals: ['k9'], limit: 100 });
      expect(found.items).to.have.length(kinds);
      expect(await notes.count()).to.equal(40);
    }
    // Twice: the first one is as good as killed again.
    for (let n = 0; n < 2; n++) {
      const { system, notes } = await openNotes(disk);
      await expectAll(notes, 20);
      const refused = await notes.put([noteOf(50)]).catch((error: unknown) => error);
      expect(refused).to.include({ kind: 'unavailable', code: 'STORE_UNAVAILABLE' });
      expect((refused as Error).message).to.contain('the disk is full');
      await expectAll(notes, 20);
      if (n === 1) {
        rmSync(filler());
        await notes.put([{ ...noteOf(31), kind: 'k9' }]);
        await expectAll(notes, 21);
        await system.port('store').check();
      }
      await system.close();
    }
    const { system, notes } = await openNotes(disk);
    await expectAll(notes, 21);
    await system.close();
  });

  it('of a whole shop serves products, refuses writes by name, and goes on without a restart', async () => {
    const origin = mkdtempSync(join(tmpdir(), 'rapport-'));
    let gateway: TestGateway = await openTestGateway(plugins, { dataDir: origin });
    await openShop(gateway);
    await grant(gateway, 'session-yes');
    await record(gateway, 'session-yes', 'PRODUCT_VIEWED', everything.slice(0, 3));
    cpSync(origin, disk, { recursive: true });
    await gateway.close();
    rmSync(origin, { recursive: true });
    fill();
    gateway = await openTestGateway(plugins, { dataDir: disk });
    try {
      const product = () =>
        gateway.ask(
          'query ($id: ID!, $context: ShopperContext!) { product(id: $id, context: $context) { id inStock price { amount } } }',
          {
            variables: { id: everything[0], context: shopperContext('visitor') },
          },
        );
      const save = () =>
        gateway.ask(
          'mutation { saveProducts(products: [{ id: "new", title: "New" }]) { saved userErrors { message } } }',
          {
            role: 'SERVER',
          },
        );
      expect((await product()).at('product')).to.deep.equal({
        id: everything[0],
        inStock: true,
        price: { amount: '10.50' },
      });
      expect((await save()).errors?.[0]?.extensions).to.include({ code: 'STORE_UNAVAILABLE' });
      expect((await product()).at('product.id')).to.equal(everything[0]);
      expect(await checkHealth(gateway.system)).to.deep.include({ ready: true });
      rmSync(filler());
      expect((await save()).at('saveProducts.saved')).to.equal(1);
      expect((await checkHealth(gateway.system)).degraded).not.to.include('store');
    } finally {
      await gateway.close();
    }
  });
});
