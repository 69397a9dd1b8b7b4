import { expect } from 'chai';
import { plugins } from '../../plugins/index.js';
import { printOf, rememberedMax, writeCursor } from '../../src/kit/listing-cursor.js';
import { createRandom } from '../support/boot.js';
import { bootPeople, type People } from '../support/people.js';
import { runs } from '../support/runs.js';

interface List {
  readonly decisionId: string;
  readonly fallback: boolean;
  readonly items: readonly { readonly position: number; readonly product: { readonly id: string } }[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
}

const listQuery = `query ($context: ShopperContext!, $placement: ID!, $first: Int, $after: String, $productId: ID, $filter: ProductFilter, $exclude: [ID!]) {
  shopper(context: $context) {
    recommendations(placement: $placement, first: $first, after: $after, productId: $productId, filter: $filter, exclude: $exclude) {
      decisionId fallback items { position product { id } } pageInfo { hasNextPage endCursor }
    } } }`;
const size = 120;
const all = Array.from({ length: size }, (_, n) => `mug-${n}`);

describe('More recommendations after a list', () => {
  let people: People;
  let sent = 0;

  before(async () => {
    people = await bootPeople(plugins);
    const { errors } = await people.ask(
      'mutation ($products: [ProductInput!]!) { saveProducts(products: $products) { userErrors { message } } }',
      { role: 'SERVER', source: 'erp' },
      {
        products: all.map((id, n) => ({
          id,
          title: `Mug ${n}`,
          sku: `SKU-${n}`,
          brand: `Brand ${n % 4}`,
          tags: n % 10 === 0 ? ['gift'] : [],
          categoryIds: [`category-${n % 6}`],
          speakable: n % 3 !== 0,
          prices: [{ amount: `${5 + (n % 40)}.00`, currency: 'EUR' }],
        })),
      },
    );
    expect(errors).to.equal(undefined);
  });
  after(() => people.close());

  const contextOf = (sessionId: string, channel = 'WEB') => ({
    channel,
    sessionId,
    currency: 'EUR',
    locale: 'en',
  });
  const asked = (variables: Record<string, unknown>) =>
    people.ask(listQuery, {}, { placement: 'home', context: contextOf('s'), ...variables });
  async function list(variables: Record<string, unknown>): Promise<List> {
    const answer = await asked(variables);
    expect(answer.errors, JSON.stringify(answer.errors)).to.equal(undefined);
    return answer.at('shopper.recommendations') as List;
  }
  const idsOf = ({ items }: List) => items.map(({ product }) => product.id);
  const view = (sessionId: string, productIds: readonly string[], type = 'PRODUCT_VIEWED') =>
    people.ask(
      `mutation ($context: ShopperContext!, $events: [EventInput!]!) {
        setConsent(context: $context, decisions: [{ purpose: PERSONALIZATION, status: GRANTED }]) { userErrors { message } }
        recordEvents(context: $context, events: $events) { accepted } }`,
      {},
      { context: contextOf(sessionId), events: [{ messageId: `m${++sent}`, type, productIds }] },
    );

  it('are other products, each once, while the shopper goes on viewing and buying', async function () {
    this.timeout(120_000);
    for (let seed = 1; seed <= runs(25); seed++) {
      const random = createRandom(seed);
      const channel = ['WEB', 'KIOSK', 'VOICE'][seed % 3]!;
      const sessionId = `more-${seed}`;
      const shown: string[] = [];
      const decisions = new Set<string>();
      let after: string | null = null;
      for (let page = 0; page < 60; page++) {
        const { items, pageInfo, decisionId } = await list({
          context: contextOf(sessionId, channel),
          first: 10,
          after,
        });
        shown.push(...items.map(({ product }) => product.id));
        decisions.add(decisionId);
        expect(items.map(({ position }) => position)).to.deep.equal(items.map((_, i) => i + 1));
        if (!pageInfo.hasNextPage) break;
        after = pageInfo.endCursor;
        const target = shown[Math.floor(random() * shown.length)]!;
        await view(sessionId, [target], random() < 0.7 ? 'PRODUCT_VIEWED' : 'PRODUCT_ADDED_TO_CART');
      }
      expect(new Set(shown).size, `${channel}, none twice`).to.equal(shown.length);
      expect(decisions.size).to.be.greaterThan(3);
      if (channel === 'WEB') expect(shown.length).to.be.greaterThan(100);
    }
  });

  it('are never those to leave out, by any of their codes', async () => {
    const first = await list({ first: 5 });
    const leftOut = idsOf(first).slice(0, 3);
    const [one, ...others] = leftOut;
    const sku = one!.replace('mug-', 'SKU-');
    const without = await list({ first: 5, exclude: [sku, ...others, 'unknown'] });
    expect(idsOf(without).filter((id) => leftOut.includes(id))).to.deep.equal([]);
    expect(without.items).to.have.length(5);
    const { codes } = await asked({ exclude: Array.from({ length: 1_001 }, (_, n) => `x${n}`) });
    expect(codes).to.deep.equal(['RECOMMENDATIONS_EXCLUDE_TOO_LONG']);
  });

  it('are only what the filter lets through, as in a search, and fill the list', async () => {
    for (const [filter, expected] of [
      [{ tags: ['gift'] }, 12],
      [{ categoryId: 'category-2', priceMax: '20' }, 8],
      [{ brands: ['Brand 1'], priceMin: '10', priceMax: '12.50' }, 3],
      [{ ids: ['mug-1', 'mug-2'] }, 2],
    ] as const) {
      const name = JSON.stringify(filter);
      const search = await people.ask(
        'query ($context: ShopperContext!, $filter: ProductFilter) { shopper(context: $context) { search(query: "", filter: $filter) { products(first: 100) { nodes { id } } } } }',
        {},
        { context: contextOf('s'), filter },
      );
      const passing = (search.at('shopper.search.products.nodes') as { id: string }[]).map(({ id }) => id);
      expect(passing.length, name).to.equal(expected);
      const found = await list({ filter, first: 50 });
      expect(idsOf(found), name).to.have.members(passing);
    }
    expect((await asked({ filter: { priceMin: '1.234' } })).codes).to.deep.equal(['SEARCH_FILTER']);
    expect((await list({ filter: { tags: ['none'] } })).items).to.deep.equal([]);
  });

  it('end after as many products as a cursor remembers', async () => {
    const listing = JSON.stringify(['recommendations', 'home', null, null, 'en', 'EUR', null]);
    const cursorAt = (place: number) => writeCursor(listing, { place, name: '', listed: [printOf('gone')] });
    const last = await list({ first: 10, after: cursorAt(rememberedMax - 11) });
    expect(last.items).to.have.length(10);
    expect(last.pageInfo.hasNextPage).to.equal(false);
    const { codes, errors } = await asked({ first: 10, after: last.pageInfo.endCursor });
    expect(codes).to.deep.equal(['RECOMMENDATIONS_CURSOR_END']);
    expect(errors![0]!.message).to.contain('1000 products');
    expect((await list({ first: 10, after: cursorAt(rememberedMax - 12) })).pageInfo.hasNextPage).to.equal(
      true,
    );
  });

  it('refuse a cursor of another placement, product, filter or currency, and one that is none', async () => {
    const { pageInfo } = await list({ first: 5 });
    for (const variables of [
      { placement: 'trending' },
      { productId: 'mug-1' },
      { filter: { tags: ['gift'] } },
      { context: { ...contextOf('s'), currency: 'USD' } },
      { after: 'nonsense' },
    ]) {
      const { codes } = await asked({ first: 5, after: pageInfo.endCursor, ...variables });
      expect(codes, JSON.stringify(variables)).to.deep.equal(['RECOMMENDATIONS_CURSOR_INVALID']);
    }
  });

  it('say that they only fill up, where nothing is known of the product of the page', async () => {
    const unknown = await asked({ placement: 'similar', productId: 'no-such-mug', first: 3 });
    expect(unknown.at('shopper.recommendations.fallback')).to.equal(true);
    expect(unknown.warnings.map(({ code }) => code)).to.deep.equal(['RECOMMENDATIONS_PRODUCT_UNKNOWN']);
    const nothingBought = await list({ placement: 'bought-together', productId: 'mug-7', first: 3 });
    expect(nothingBought.fallback).to.equal(true);
    const similar = await list({ placement: 'similar', productId: 'mug-7', first: 3 });
    expect(similar.fallback).to.equal(false);
  });
});
