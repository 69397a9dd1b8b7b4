import { expect } from 'chai';
import { filterOf } from '../../plugins/search/drivers/meilisearch/filter.js';
import { byFactors, type RankedProduct } from '../../plugins/search/drivers/meilisearch/rerank.js';
import { scanCatalog } from '../../plugins/search/outage/catalog-scan.js';
import { queryOf } from '../contracts/search.js';
import { openShop } from '../support/shop.js';

describe('ranking rules on a search server', () => {
  it('are filters, with every value encoded', () => {
    const target = { filter: { brands: ['A" OR key != "'] }, categoryIds: null };
    const [hidden, kept] = filterOf(
      queryOf('lamp', {
        changes: [
          { ...target, effect: 'hide' },
          { ...target, effect: 'only' },
          { ...target, effect: { factor: 2 } },
        ],
      }),
    );
    expect(hidden).to.match(/^NOT \(\(f\.brand IN \["[\w-]+"\]\)\)$/);
    expect(kept).to.match(/^\(f\.brand IN \["[\w-]+"\]\)$/);
  });

  it('move products among those that match equally well, and never past them', () => {
    const product = (productId: string, brand: string, typoCount: number): RankedProduct => ({
      productId,
      brand,
      ownCategories: [],
      _rankingScoreDetails: { typo: { typoCount } },
    });
    const found = [
      product('a', 'one', 0),
      product('b', 'two', 0),
      product('c', 'one', 1),
      product('d', 'two', 1),
    ];
    const order = (factor: number) =>
      byFactors(found, {
        preferences: null,
        changes: [{ filter: { brands: ['two'] }, categoryIds: null, effect: { factor } }],
      }).map(({ productId }) => productId);
    expect(order(1)).to.deep.equal(['a', 'b', 'c', 'd']);
    expect(order(1_000)).to.deep.equal(['b', 'a', 'd', 'c']);
    expect(order(0.001)).to.deep.equal(['a', 'b', 'c', 'd']);
  });
  it('hide products while the catalog is scanned in place of the server', async () => {
    const shop = await openShop();
    try {
      await shop.save([
        { id: 'a', title: 'Lamp', brand: 'Alder' },
        { id: 'b', title: 'Lamp', brand: 'Birch' },
        { id: 'c', title: 'Lamp', brand: 'Cedar' },
      ]);
      const about = (...brands: string[]) => ({ filter: { brands }, categoryIds: null });
      const changes = [
        { ...about('Alder'), effect: 'hide' as const },
        { ...about('Alder', 'Birch'), effect: 'only' as const },
      ];
      expect((await scanCatalog(shop.port('catalog'), queryOf('lamp', { changes }))).ids).to.deep.equal([
        'b',
      ]);
    } finally {
      await shop.close();
    }
  });
});
