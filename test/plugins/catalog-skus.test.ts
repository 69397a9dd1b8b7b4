import { expect } from 'chai';
import type { ClaimDocument, ProductCodesDocument } from '../../plugins/catalog/documents.js';
import { catalog } from '../../plugins/catalog/plugin.js';
import { queue } from '../../plugins/queue/plugin.js';
import { store } from '../../plugins/store/plugin.js';
import { checkHealth } from '../../src/gateway/health.js';
import type { Collection } from '../../src/ports/store.js';
import { bootPlugins, type TestSystem } from '../support/boot.js';
import { damageInPlace, type StoreFiles, storeFiles } from '../support/store-files.js';

/** What a directory holds of the SKU of product b: the record of its codes, or the claim that an earlier release wrote. */
const forms = [
  { form: 'a record of the codes of a product', text: '"id":"b","codes":["sku-b"' },
  { form: 'the claim of an earlier release', text: '"id":"sku-b","productId":"' },
];

for (const { form, text: claimText } of forms)
  describe(`a SKU with ${form}`, () => {
    let files: StoreFiles;
    let system: TestSystem;
    const boot = async () => {
      system = await bootPlugins([store, queue, catalog], { dataDir: files.dataDir });
    };
    const isOlder = claimText.includes('productId');
    const claim = (id: string) => ({ id: `sku-${id}`, productId: id, claimedAtMs: 0 });
    const product = (id: string, sku = `sku-${id}`) => ({ id, sku, title: id });

    beforeEach(async () => {
      files = storeFiles();
      await boot();
      await system.port('catalog').save([product('a'), product('b')]);
      await system.close();
      if (isOlder) {
        await alone(async (records, claims) => {
          expect(await records.remove(['a', 'b'])).to.equal(2);
          await claims.put([claim('a'), claim('b')]);
        });
      }
    });
    afterEach(async () => {
      await system.close();
      files.remove();
    });

    async function alone(
      run: (records: Collection<ProductCodesDocument>, claims: Collection<ClaimDocument>) => Promise<void>,
    ): Promise<void> {
      const opened = await bootPlugins([store], { dataDir: files.dataDir });
      const port = opened.port('store');
      await run(
        await port.collection({ name: 'product-codes', indexes: {} }),
        await port.collection({ name: 'skus', indexes: {} }),
      );
      await opened.close();
    }

    const damageClaim = () => damageInPlace(files, claimText);

    const removeClaim = () =>
      alone(async (records, claims) => {
        expect(await (isOlder ? claims.remove(['sku-b']) : records.remove(['b']))).to.equal(1);
      });

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
      await alone(async (records, claims) => {
        if (isOlder) await claims.put([claim('b')]);
        else await records.put([{ id: 'b', codes: ['sku-b', 'sku-b2'] }]);
      });
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
      await system.port('catalog').save([product('b', 'sku-b2')]);
      expect((await system.port('catalog').save([product('c', 'sku-b')])).userErrors).to.deep.equal([]);
    });

    it('takes no document for each code', async () => {
      await boot();
      const variants = ['small', 'large'].map((value) => ({
        id: `c-${value}`,
        sku: `sku-c-${value}`,
        selectedOptions: [{ name: 'Size', value }],
      }));
      await system.port('catalog').save([{ id: 'c', title: 'c', variants }]);
      await system.close();
      await alone(async (records, claims) => {
        expect((await records.get('c'))?.codes).to.have.members([
          'variantId\nc-small',
          'sku-c-small',
          'variantId\nc-large',
          'sku-c-large',
          'variantId\nc',
        ]);
        expect(await claims.count()).to.equal(isOlder ? 2 : 0);
      });
    });

    it('names the damaged product that has it', async () => {
      const text = '"id":"b","sku":"sku-b"';
      files.flip('data.mdb', files.read('data.mdb').lastIndexOf(text) + text.length - 2);
      await boot();
      const damaged: string[] = [];
      expect(await system.port('catalog').productBy('sku', 'sku-b', (id) => damaged.push(id))).to.equal(null);
      expect(damaged).to.deep.equal(['b']);
    });
  });
