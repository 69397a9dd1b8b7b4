import { expect } from 'chai';
import { createExploration } from '../../plugins/recommendations/exploration/exploration.js';
import { createModels } from '../../plugins/recommendations/learning/models.js';
import { placements } from '../../plugins/recommendations/ranking/placements.js';
import { createRanker } from '../../plugins/recommendations/ranking/ranking.js';
import { createRecommenders } from '../../plugins/recommendations/recommenders/recommenders.js';
import { createRelations } from '../../plugins/recommendations/recommenders/related/relations.js';
import { blankProfile } from '../../plugins/recommendations/serving/profile.js';
import type { Relation, RelationKind } from '../../src/ports/product-details.js';
import { openShop, type Shop } from '../support/shop.js';
import { shelfOf } from './shelf.js';

const relation = (kind: RelationKind, productId: string): Relation => ({ kind, productId });

describe('products that the shop relates to another', () => {
  const ids = ['camera', 'lens', 'strap', 'battery', 'other camera', 'better camera'];
  const index = shelfOf(ids.map((id) => ({ id })));
  const item = (id: string) => ids.indexOf(id);
  const named = (items: ArrayLike<number>) => Array.from(items, (each) => ids[each]!);

  it('come in the shop’s order, each once, and never the product itself', () => {
    const relations = createRelations(index.numberOf);
    relations.put(item('camera'), {
      relations: [
        relation('ACCESSORY', 'strap'),
        relation('SUBSTITUTE', 'other camera'),
        relation('ACCESSORY', 'lens'),
        relation('SPARE_PART', 'strap'),
        relation('ACCESSORY', 'camera'),
        relation('ACCESSORY', 'not saved yet'),
      ],
    });
    const { items, scores } = relations.row(item('camera'), ['ACCESSORY', 'SPARE_PART']);
    expect(named(items)).to.deep.equal(['strap', 'lens']);
    expect(scores[0]).to.be.greaterThan(scores[1]!);
    expect(relations.kindOf(item('camera'), item('strap'), ['SPARE_PART'])).to.equal('SPARE_PART');
    expect(relations.kindOf(item('camera'), item('lens'), ['SUBSTITUTE'])).to.equal(null);
    relations.put(item('camera'), {});
    expect(relations.row(item('camera'), ['ACCESSORY']).length).to.equal(0);
  });

  /** Ranks a placement for the camera where `learned` are similar to it and bought with it, by these scores. */
  function ranked(
    placement: string,
    learned: Readonly<Record<string, number>>,
    related: readonly Relation[],
  ): string[] {
    const models = createModels(index);
    models.relations.put(item('camera'), { relations: related });
    const names = Object.keys(learned);
    const known = {
      items: names.map(item),
      scores: Object.values(learned),
      causes: names.map(() => item('camera')),
      length: names.length,
    };
    const knowing = {
      ...models,
      content: { ...models.content, row: () => known },
      boughtTogether: { ...models.boughtTogether, complete: () => known },
    };
    const ranker = createRanker({
      recommenders: createRecommenders({ models: knowing, shelf: index }),
      models,
      shelf: index,
      floor: { offer: () => undefined },
      mayRepeat: () => true,
      exploration: createExploration(
        0,
        () => ({ choose: () => 0 }),
        (each) => ids[each]!,
      ),
    });
    const { items } = ranker.rank({
      placement: placements.get(placement)!,
      context: {
        profile: blankProfile,
        seeds: [{ item: item('camera'), weight: 1 }],
        session: [],
        sessionKey: null,
        storeId: null,
        customerId: null,
        categoryIds: [],
        nowMs: 0,
      },
      excluded: new Set([item('camera')]),
      avoided: new Set(),
      first: 10,
    });
    return items.map((each) => ids[each.item]!);
  }

  it('lead the placement that is named after the relation, whatever was learned', () => {
    const substitutes = [relation('SUBSTITUTE', 'other camera'), relation('UPSELL', 'better camera')];
    expect(ranked('similar', { lens: 1 }, substitutes)).to.deep.equal([
      'other camera',
      'better camera',
      'lens',
    ]);
    const additions = [relation('ACCESSORY', 'strap'), relation('SPARE_PART', 'battery')];
    expect(ranked('bought-together', { lens: 1 }, additions)).to.deep.equal(['strap', 'battery', 'lens']);
  });

  it('stand in a cart behind what surely goes with it, and before what hardly does', () => {
    const additions = [relation('ACCESSORY', 'strap'), relation('ACCESSORY', 'battery')];
    const learned = { lens: 0.99, 'other camera': 0.01 };
    expect(ranked('cart', learned, additions)).to.deep.equal(['lens', 'strap', 'battery', 'other camera']);
  });

  it('are only where their relation says: no accessory is an alternative, and no alternative goes with it', () => {
    const all = [relation('ACCESSORY', 'strap'), relation('SUBSTITUTE', 'other camera')];
    expect(ranked('similar', {}, all)).to.deep.equal(['other camera']);
    expect(ranked('bought-together', {}, all)).to.deep.equal(['strap']);
    expect(ranked('cart', {}, all)).to.deep.equal(['strap']);
    expect(ranked('product', {}, all)).to.deep.equal([]);
  });
});

describe('a shop that says what goes with what', () => {
  let shop: Shop;

  beforeEach(async () => {
    shop = await openShop();
    await shop.save([
      {
        id: 'camera',
        title: 'Camera',
        relations: [
          relation('ACCESSORY', 'strap'),
          relation('SPARE_PART', 'battery'),
          relation('SUBSTITUTE', 'other'),
          relation('UPSELL', 'better'),
        ],
      },
      ...['strap', 'battery', 'other', 'better', 'mug', 'plate'].map((id) => ({ id, title: `The ${id}` })),
    ]);
  });
  afterEach(() => shop.close());

  const firstTwo = async (placement: string, locale?: string) => {
    const list = await shop.recommend('ada', { placement, productId: 'camera' }, locale ? { locale } : {});
    return list.items.slice(0, 2).map(({ product, source, reasons: [reason] }) => ({
      id: product.id,
      source,
      code: reason!.code,
      text: reason!.text,
      because: reason!.because?.id,
    }));
  };

  it('gets it recommended before anybody has bought anything, with the reason in the shopper’s language', async () => {
    const related = { source: 'RELATED', because: 'camera' };
    expect(await firstTwo('similar')).to.deep.equal([
      { id: 'other', code: 'SUBSTITUTE_FOR', text: 'Alternative to “Camera”', ...related },
      { id: 'better', code: 'UPSELL_OF', text: 'A step up from “Camera”', ...related },
    ]);
    expect(await firstTwo('bought-together', 'de-CH')).to.deep.equal([
      { id: 'strap', code: 'ACCESSORY_OF', text: 'Zubehör zu „Camera“', ...related },
      { id: 'battery', code: 'SPARE_PART_OF', text: 'Ersatzteil für „Camera“', ...related },
    ]);
    const [first] = await firstTwo('similar', 'fr');
    expect(first!.text).to.equal('Alternative à « Camera »');
  });

  it('hears the reason spoken', async () => {
    const list = await shop.recommend('ada', { placement: 'cart', cart: ['camera'] });
    const shopper = await shop.shopper('ada');
    const { text } = shop.port('recommendations').speech(shopper, list, 1);
    expect(text).to.contain('Accessory for “Camera”');
  });

  it('is followed at once when it changes its mind', async () => {
    await shop.save([{ id: 'camera', title: 'Camera', relations: [relation('SUBSTITUTE', 'mug')] }]);
    const [similar] = await firstTwo('similar');
    expect(similar).to.include({ id: 'mug', code: 'SUBSTITUTE_FOR' });
    const [together] = await firstTwo('bought-together');
    expect(together!.source).to.not.equal('RELATED');
  });
});
