import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { RecommendationList } from '../../src/ports/recommendations.js';
import { openShop, type Shop } from '../support/shop.js';

const dayMs = 86_400_000;
const range = Array.from({ length: 40 }, (_, at) => ({
  id: `p${at}`,
  title: `Thing ${at}`,
  brand: `brand ${at}`,
  categoryIds: [`c${at}`],
}));
const placements = ['home', 'cart', 'post-purchase'];
const of = (list: RecommendationList, id: string) => list.items.find(({ product }) => product.id === id);
const ids = (list: RecommendationList) => list.items.map(({ product }) => product.id);

describe('what a person buys next', () => {
  let shop: Shop;
  let dataDir: string;

  /** One order of each person at a time, two days apart. */
  const buy = async (...rounds: Readonly<Record<string, readonly string[]>>[]) => {
    for (const round of rounds) {
      shop.clock.advance(2 * dayMs);
      await Promise.all(
        Object.entries(round).map(([person, order]) => shop.did(person, 'ORDER_COMPLETED', order)),
      );
    }
  };
  const readers = (...order: string[]) =>
    Object.fromEntries(Array.from({ length: 6 }, (_, i) => [`reader-${i}`, order]));
  const cooks = (order: (i: number) => string[]) =>
    Object.fromEntries(Array.from({ length: 12 }, (_, i) => [`cook-${i}`, order(i)]));

  beforeEach(async () => {
    dataDir = mkdtempSync(join(tmpdir(), 'rapport-'));
    shop = await openShop({ dataDir });
    await shop.save(range);
    // Of people who permit no history none is put together.
    for (const person of Object.keys({ ...readers(), ...cooks(() => []) })) await shop.consented(person);
    // Never in one order, never looked at in one session: only people's purchases over time tell.
    await buy(
      { ...readers('p1'), ...cooks(() => ['p11']) },
      { ...readers('p2'), ...cooks(() => ['p12']) },
      { ...readers('p3'), ...cooks((i) => ['p13', `p${20 + i}`]) },
    );
    await shop.consented('ada');
    await buy({ ada: ['p1'] }, { ada: ['p2'] });
  });
  afterEach(async () => {
    await shop.close();
    rmSync(dataDir, { recursive: true, force: true });
  });

  it('is what people with like purchases bought then, and what of theirs speaks for it is the reason', async () => {
    for (const placement of placements) {
      const list = await shop.recommend('ada', { placement });
      const next = of(list, 'p3')!;
      expect(next.position, placement).to.be.at.most(3);
      expect(next.source).to.equal('BOUGHT_TOGETHER');
      const [reason] = next.reasons;
      expect(reason!.code).to.equal('BOUGHT_BY_OTHERS_WHO_BOUGHT');
      expect(['p1', 'p2']).to.include(reason!.because?.id);
      expect(reason!.text).to.equal(`Bought by others who bought “${reason!.because!.title}”`);
    }
    for (const [language, text] of [
      ['de-CH', 'Von anderen gekauft, die'],
      ['fr', 'Acheté par d’autres qui ont acheté'],
    ] as const) {
      const list = await shop.recommend('ada', {}, { locale: language });
      expect(of(list, 'p3')!.reasons[0]!.text).to.contain(text);
    }
  });

  it('is nothing that was just bought, and what is bought again is said to be', async () => {
    expect(ids(await shop.recommend('ada', { placement: 'post-purchase' }))).not.to.include.members(['p1']);
    await buy({ ada: ['p2'] }, { ada: ['p2'] }, { ada: ['p2'] });
    shop.clock.advance(4 * dayMs);
    const again = of(await shop.recommend('ada', {}), 'p2')!;
    expect(again.source).to.equal('BUY_AGAIN');
    expect(again.reasons[0]!.code).to.equal('BUY_AGAIN');
    expect(again.reasons.filter(({ code }) => code === 'BUY_AGAIN')).to.have.lengthOf(1);
  });

  it('is told to nobody who has not consented', async () => {
    await shop.consented('ada', 'WITHDRAWN');
    for (const placement of placements) {
      const blank = await shop.recommend('nobody', { placement });
      const ada = await shop.recommend('ada', { placement });
      expect({ ...ada, endCursor: ada.endCursor() }).to.deep.equal({
        ...blank,
        endCursor: blank.endCursor(),
      });
    }
  });

  it('is the same after a start from a snapshot', async () => {
    const searches = Array.from({ length: 1_000 }, () =>
      shop.did('crowd', 'PRODUCT_SEARCHED', [], { query: 'cup' }),
    );
    await Promise.all(searches);
    const ask = () =>
      Promise.all(
        placements.map(async (placement) => {
          const { items } = await shop.recommend('ada', { placement });
          return items.map(({ product, source, reasons }) => [product.id, source, reasons]);
        }),
      );
    const before = await ask();
    await shop.close();
    shop = await openShop({ dataDir, clock: shop.clock });
    expect(shop.log.lines.map(({ message }) => message)).to.include('the statistics were read');
    expect(await ask()).to.deep.equal(before);
  });
});
