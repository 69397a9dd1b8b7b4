import { expect } from 'chai';
import type { Loss } from '../../scripts/import/imported-product.js';
import { createLossCounter, lossText } from '../../scripts/import/report.js';
import { imported } from '../support/importing.js';

describe('The report of an import', () => {
  it('counts one kind of warning once, whatever the addresses in it', async () => {
    const rows = ['id,title,image', 'a,Mug,img/my mug.jpg', 'b,Cup,img/a cup.jpg'];
    const { losses } = await imported(rows, {
      id: 'id',
      title: 'title',
      images: ['image'],
    });
    const counter = createLossCounter();
    for (const loss of losses) counter.add(loss);
    expect(counter.kinds().map(({ count }) => count)).to.deep.equal([2]);
  });

  it('shows a value once', () => {
    const loss: Loss = { line: 2, column: 'gtin', value: '123', reason: '"123" is no GTIN' };
    expect(lossText(loss)).to.equal('line 2, gtin: "123" is no GTIN');
    expect(lossText({ ...loss, reason: 'was left out' })).to.equal('line 2, gtin: "123" was left out');
  });
});
