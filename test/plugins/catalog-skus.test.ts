import { expect } from 'chai';
import type { ClaimDocument } from '../../plugins/catalog/documents.js';
import { catalog } from '../../plugins/catalog/plugin.js';
import { queue } from '../../plugins/queue/plugin.js';
import { store } from '../../plugins/store/plugin.js';
import { checkHealth } from '../../src/gateway/health.js';
import { bootPlugins, type TestSystem } from '../support/boot.js';
import { damageInPlace, type StoreFiles, storeFiles } from '../support/store-files.js';

describe('the claim of a SKU', () => {
  let files: StoreFiles;
  let system: TestSystem;
  const boot = async () => {
    system = await bootPlugins([store, queue, catalog], { dataDir: files.dataDir });
  };
  const product = (id: string, sku = `sku-${id}`) => ({ id, sku, title: id });

  beforeEach(async () => {
    files = storeFiles();
    await boot();
    await system.port('catalog').save([product('a'), product('b')]);
    await system.close();
  });
  afterEach(async () => {
    await system.close();
    files.remove();
  });

  const damageClaim = () => damageInPlace(files, '"id":"sku-b","productId":"');

  async function removeClaim(): Promise<void> {
    const alone = await bootPlugins([store], { dataDir: files.dataDir });
    const claims = await alone.port('store').collection<ClaimDocument>({ name: 'skus', indexes: {} });
    expect(await claims.remove(['sku-b'])).to.equal(1);
    await alone.close();
  }

  /** The SKU is that of its product and of no other, and nothing is damaged any more. */
  async function expectWhole(): Promise<void> {
    const port = system.port('catalog');
    expect((await port.productBy('sku', 'sku-b'))?.id).to.equal('b');
    const { userErrors } = await port.save([product('c', 'sku-b')]);
    expect(userErrors.map(({ code }) => code)).to.deep.equal(['CATALOG_SKU_TAKEN']);
    system.clock.advance(1_000);
    while ((await checkHealth(system)).degraded.length > 0) await new Promise(setImmediate);
    await system.close();
    await boot();
    expect((await checkHealth(system)).degraded).to.deep.equal([]);
    expect((await system.port('catalog').productBy('sku', 'sku-b'))?.id).to.equal('b');
  }

  it('is made anew from its product at the start when it was damaged', async () => {
    damageClaim();
    await boot();
    await expectWhole();
  });

  it('is made anew from its product at the start when it was lost', async () => {
    await removeClaim();
    await boot();
    await expectWhole();
  });

  it('is made anew when it is read damaged', async () => {
    await boot();
    damageClaim();
    await expectWhole();
  });

  it('is made anew when another product wants the SKU first', async () => {
    await boot();
    damageClaim();
    const { userErrors } = await system.port('catalog').save([product('c', 'sku-b')]);
    expect(userErrors.map(({ code }) => code)).to.deep.equal(['CATALOG_SKU_TAKEN']);
    await expectWhole();
  });

  it('is removed when no product has the SKU', async () => {
    await boot();
    await system.port('catalog').save([product('b', 'sku-b2')]);
    await system.close();
    const alone = await bootPlugins([store], { dataDir: files.dataDir });
    const claims = await alone.port('store').collection<ClaimDocument>({ name: 'skus', indexes: {} });
    await claims.put([{ id: 'sku-b', productId: 'b', claimedAtMs: 0 }]);
    await alone.close();
    await boot();
    damageClaim();
    expect(await system.port('catalog').productBy('sku', 'sku-b')).to.equal(null);
    expect((await system.port('catalog').save([product('c', 'sku-b')])).userErrors).to.deep.equal([]);
    expect((await system.port('catalog').productBy('sku', 'sku-b'))?.id).to.equal('c');
  });

  it('stays that of a product which is damaged itself', async () => {
    const text = '"id":"b","sku":"sku-b"';
    files.flip('data.mdb', files.read('data.mdb').lastIndexOf(text) + text.length - 2);
    await boot();
    system.clock.advance(3_600_000);
    const { userErrors } = await system.port('catalog').save([product('c', 'sku-b')]);
    expect(userErrors.map(({ code }) => code)).to.deep.equal(['CATALOG_SKU_TAKEN']);
    expect((await system.port('catalog').save([product('b')])).userErrors).to.deep.equal([]);
    expect((await system.port('catalog').productBy('sku', 'sku-b'))?.id).to.equal('b');
  });
});
