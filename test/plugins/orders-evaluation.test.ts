import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { contest } from '../../scripts/evaluate/orders-asking.js';
import { countBaskets } from '../../scripts/evaluate/orders-baselines.js';
import { readOrders } from '../../scripts/evaluate/orders-file.js';

const header = 'Invoice,StockCode,Description,Quantity,InvoiceDate,Price,Customer ID,Country';

describe('order lines that are evaluated', () => {
  let directory = '';
  before(() => {
    directory = mkdtempSync(join(tmpdir(), 'rapport-orders-'));
  });
  after(() => rmSync(directory, { recursive: true }));

  it('are sales of products, each invoice once, oldest first', () => {
    const lines = [
      '2,85123A,"HEART, WHITE",6,2010-12-02 08:26:00,2.55,17850.0,UK',
      '2,85123a,HEART,1,2010-12-02 08:26:00,2.95,17850.0,UK',
      '2,POST,POSTAGE,1,2010-12-02 08:26:00,18,17850.0,UK',
      'C3,85123A,HEART,-6,2010-12-03 08:26:00,2.55,17850.0,UK',
      '4,71053,LANTERN,-2,2010-12-04 08:26:00,3.39,,UK',
      '4,71053,LANTERN,2,2010-12-04 08:26:00,0,,UK',
      '1,71053,LANTERN,2,2010-12-01 08:26:00,3.39,,UK',
    ];
    writeFileSync(join(directory, 'a.csv'), [header, ...lines, ''].join('\n'));
    const again = [header, lines[0], '5,71053,LANTERN,2,2010-12-05 08:26:00,3.39,1.0,UK'];
    writeFileSync(join(directory, 'b.csv.gz'), gzipSync(`${again.join('\n')}\n`));
    const { orders, titles, pricesMinor, customers } = readOrders(directory);
    expect(orders.map(({ items, customer }) => ({ items, customer }))).to.deep.equal([
      { items: [1], customer: -1 },
      { items: [0], customer: 0 },
      { items: [1], customer: 1 },
    ]);
    expect(titles).to.deep.equal(['HEART, WHITE', 'LANTERN']);
    expect(pricesMinor).to.deep.equal([295, 339]);
    expect(customers).to.equal(2);
    writeFileSync(join(directory, 'c.csv'), 'Invoice,Price\n1,2\n');
    expect(() => readOrders(directory)).to.throw('c.csv has no column StockCode');
  });

  it('are counted as they are, and equal scores count against the method', () => {
    const orders = [[0, 1, 2], [0, 1], [3]].map((items, at) => ({ atMs: at, customer: at, items }));
    const { support, popularity, related } = countBaskets(orders, 4);
    expect(Array.from(support)).to.deep.equal([2, 2, 1, 1]);
    const { items, scores } = related['conditional probability']!([0]);
    expect(Object.fromEntries(Array.from(items, (item, at) => [item, scores[at]]))).to.deep.equal({
      1: 1,
      2: 0.5,
    });
    const equal = Array.from({ length: 20 }, (_, item) => item);
    const result = contest(
      {
        queries: [{ seeds: [19], targets: new Set([5]), cluster: 0 }],
        ours: () => ({ items: equal, scores: equal.map(() => 1), length: 20 }),
        others: { popularity },
        support: new Float64Array(20).fill(1),
      },
      () => undefined,
    );
    expect(result.metrics).to.deep.equal({ 'Recall@10': 0, 'NDCG@10': 0, 'HR@10': 0 });
  });
});
