import { expect } from 'chai';
import { type StockLevel, withLevels } from '../../plugins/catalog/documents.js';
import { levelsIn, stockDocument } from '../../plugins/catalog/stock-document.js';
import { createRandom } from '../support/boot.js';

describe('stock levels', () => {
  it('are the same whether they are set one by one or at once', () => {
    const random = createRandom(11);
    const upTo = (count: number) => Math.floor(random() * count);
    for (let trial = 0; trial < 500; trial++) {
      const changes = Array.from({ length: 1 + upTo(40) }, (): StockLevel => {
        const variant = upTo(5);
        return {
          ...(variant === 0 ? {} : { variantId: `v${variant}` }),
          storeId: `s${upTo(3)}`,
          quantity: upTo(3),
          ...(random() < 0.5 ? { source: `feed${upTo(2)}`, version: upTo(4) } : {}),
        };
      });
      let onebyone: readonly StockLevel[] = [];
      for (const change of changes) onebyone = withLevels(onebyone, [change]);
      expect(withLevels([], changes)).to.deep.equal(onebyone);
      expect(withLevels(onebyone, onebyone)).to.equal(onebyone);
      expect(levelsIn(stockDocument('p', onebyone))).to.deep.equal(onebyone);
      expect(levelsIn({ id: 'p', levels: onebyone })).to.equal(onebyone);
    }
  });
});
