import { expect } from 'chai';
import { plugins } from '../../plugins/index.js';
import { bootPlugins, type TestSystem } from '../support/boot.js';

/** Tries to change every text in a value, however deep; counts the attempts that changed something. */
function vandalise(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  let changed = 0;
  for (const key of Object.keys(value)) {
    const own = value as Record<string, unknown>;
    changed += vandalise(own[key]);
    try {
      own[key] = 'vandalised';
      changed++;
    } catch {
      // It is frozen.
    }
  }
  return changed;
}

describe('Documents that a port hands out', () => {
  let system: TestSystem;
  let noticed: unknown[];

  beforeEach(async () => {
    noticed = [];
    system = await bootPlugins(plugins);
    const catalog = system.port('catalog');
    catalog.watch((changes) => void noticed.push(...changes));
    await catalog.saveCategories([{ id: 'kitchen', name: 'Kitchen' }]);
    await catalog.save([
      {
        id: 'kettle',
        sku: 'K-1',
        title: 'Kettle',
        categoryIds: ['kitchen'],
        prices: [{ currency: 'EUR', amount: '9.50' }],
        attributes: [{ name: 'colour', value: 'red' }],
        translations: [{ locale: 'de', title: 'Kessel' }],
      },
    ]);
    await system.port('merchandising').saveSynonym({ terms: ['kettle', 'boiler'] });
  });
  afterEach(() => system.close());

  async function everything() {
    const catalog = system.port('catalog');
    const scanned: unknown[] = [];
    for await (const page of catalog.scan()) scanned.push(...page);
    return {
      products: await catalog.products(['kettle']),
      bySku: await catalog.productBy('sku', 'K-1'),
      scanned,
      categories: catalog.categories(),
      category: catalog.category('kitchen'),
      children: catalog.children('kitchen'),
      synonyms: system.port('merchandising').allSynonyms(),
    };
  }

  it('cannot be changed for anybody else by whoever has them', async () => {
    const before = JSON.stringify(await everything());
    expect(noticed).to.have.length(1);
    expect(vandalise(noticed[0]), 'what listeners are told').to.equal(0);
    const [product] = await system.port('catalog').products(['kettle']);
    expect(vandalise(product), 'a product').to.equal(0);
    vandalise(await everything());
    expect(JSON.stringify(await everything())).to.equal(before);
  });
});
