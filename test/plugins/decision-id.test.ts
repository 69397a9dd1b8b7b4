import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { createTrials } from '../../plugins/recommendations/exploration/trials.js';
import { createReport } from '../../plugins/recommendations/learning/report.js';
import { placements } from '../../plugins/recommendations/ranking/placements.js';
import { createDecisionIds } from '../../plugins/recommendations/serving/decision-id.js';
import type { ShopEvent } from '../../src/ports/events.js';
import { openShop } from '../support/shop.js';
import { eventOf } from '../support/shop-event.js';

const list = Array.from({ length: 12 }, (_, at) => `p${at + 1}`);
const content = { placement: 'home', storeId: null, productId: null, cart: [], items: list, sessionId: null };
const atMs = 1_000_000;

describe('a decision id', () => {
  const own = createDecisionIds();
  own.use('of this shop');
  const others = createDecisionIds();
  others.use('of another');

  it('is the same for the same list, and another for another one', () => {
    expect(own.idOf(content)).to.equal(own.idOf({ ...content, items: [...list] }));
    for (const other of [
      { placement: 'product' },
      { storeId: 's' },
      { productId: 'p1' },
      { cart: ['p1'] },
      { items: list.toReversed() },
      { sessionId: 'ada' },
    ])
      expect(own.idOf({ ...content, ...other }), JSON.stringify(other)).not.to.equal(own.idOf(content));
  });

  it('is believed only if this shop made it, whatever part of it is changed', () => {
    const id = own.idOf(content);
    expect(own.read(id)!.placement.name).to.equal('home');
    expect(own.read(others.idOf(content))).to.equal(null);
    for (const forged of [
      null,
      '',
      'home',
      'home.',
      'home.x',
      '__proto__.x',
      `product${id.slice(4)}`,
      `${id}A`,
    ])
      expect(own.read(forged), String(forged)).to.equal(null);
    for (let at = 0; at < id.length; at++) {
      const forged = `${id.slice(0, at)}${id[at] === 'A' ? 'B' : 'A'}${id.slice(at + 1)}`;
      expect(own.read(forged), forged).to.equal(null);
    }
  });

  it('tells which products were in the list, up to one in a hundred others', () => {
    const shown = own.read(own.idOf(content))!;
    expect(list.every(shown.shows)).to.equal(true);
    const passing = Array.from({ length: 10_000 }, (_, at) => `other-${at}`).filter(shown.shows);
    expect(passing.length).to.be.below(200);
    expect(own.read(own.idOf({ ...content, items: [] }))!.shows('p1')).to.equal(false);
  });

  it('fits into an event however long the list is', () => {
    const items = Array.from({ length: 100 }, (_, at) => `product-${at}`);
    for (const placement of placements.keys()) {
      const id = own.idOf({ ...content, placement, items });
      expect(id.length, placement).to.be.at.most(128);
      expect(items.every(own.read(id)!.shows)).to.equal(true);
    }
  });

  const event = (type: ShopEvent['type'], decisionId: string, productIds: string[]) =>
    eventOf(type, atMs, productIds, { decisionId, position: 10 });

  it('that is made up counts nothing, and no product that was not in the list', () => {
    const report = createReport(own);
    const trials = createTrials(own);
    const arms = () => (Array.from(trials.save())[0] as unknown as { json: Record<string, unknown> }).json;
    const learn = (decisionId: string, productIds: string[]) => {
      for (const type of ['RECOMMENDATION_SHOWN', 'RECOMMENDATION_CLICKED'] as const) {
        report.learn(event(type, decisionId, productIds));
        trials.learn(event(type, decisionId, productIds));
      }
    };
    learn('home.x', ['p1']);
    learn(others.idOf(content), ['p1']);
    learn(own.idOf(content), ['pushed']);
    expect(report.read(90, atMs)).to.deep.equal([]);
    expect(arms()).to.deep.equal({});
    learn(own.idOf(content), ['p1', 'pushed']);
    expect(report.read(90, atMs)).to.deep.equal([{ placement: 'home', shown: 1, clicked: 1, bought: 0 }]);
    expect(arms()).to.deep.equal({ home: [['p1', 1, 1]] });
  });

  it('is the same after a restart, and believed', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'rapport-decisions-'));
    const before = await openShop({ dataDir });
    await before.save(list.map((id) => ({ id })));
    const { decisionId } = await before.recommend('ada', { first: 12 });
    await before.close();
    const shop = await openShop({ dataDir, seed: 2 });
    expect((await shop.recommend('ada', { first: 12 })).decisionId).to.equal(decisionId);
    await shop.did('ada', 'RECOMMENDATION_SHOWN', ['p1'], { decisionId });
    await shop.did('ada', 'RECOMMENDATION_SHOWN', ['p1'], { decisionId: 'home.x' });
    expect(shop.port('recommendations').report(7)).to.deep.equal([
      { placement: 'home', shown: 1, clicked: 0, bought: 0 },
    ]);
    await shop.close();
    rmSync(dataDir, { recursive: true });
  });
});
