import { expect } from 'chai';
import { definePlugin, type Plugin } from 'rapport/plugin.js';
import type { RankingChange } from 'rapport/ports/ranking.js';
import { openTestShop, type TestShop, testKeys } from 'rapport/testing.js';
import { plugin as merchandisingRules } from './merchandising-rules.js';

interface Listed {
  readonly decisionId: string;
  readonly degraded: boolean;
  readonly appliedRules: readonly string[];
  readonly items: readonly {
    readonly source: string;
    readonly score: number;
    readonly product: { readonly id: string };
    readonly reasons: readonly { readonly code: string; readonly text: string }[];
  }[];
}

const ids = Array.from({ length: 12 }, (_, i) => `p${String(i + 1).padStart(2, '0')}`);

/** p01 to p06 are of Alder, the others of Birch; the newest products lead. */
const products = ids.map((id, i) => ({
  id,
  title: `Lamp ${id}`,
  brand: i < 6 ? 'Alder' : 'Birch',
  categoryIds: [i % 2 ? 'desk' : 'floor'],
  prices: [{ currency: 'EUR', amount: '10' }],
}));

async function openShop(others: readonly Plugin[] = []): Promise<TestShop> {
  const gateway = await openTestShop([merchandisingRules, ...others]);
  await gateway.system.port('catalog').save(products);
  return gateway;
}

async function listOf(gateway: TestShop, context = 'channel: WEB', first = 8): Promise<Listed> {
  const answer = await gateway.ask(
    `{ shopper(context: { ${context}, sessionId: "s1" }) { recommendations(placement: "home", first: ${first}) {
      decisionId degraded appliedRules items { source score product { id } reasons { code text } } } } }`,
  );
  expect(answer.errors, JSON.stringify(answer.errors)).to.equal(undefined);
  return answer.at('shopper.recommendations') as Listed;
}

async function save(gateway: TestShop, rule: Readonly<Record<string, unknown>>): Promise<void> {
  const saved = await gateway.ask('mutation ($rule: JSON!) { saveRankingRule(rule: $rule) }', {
    role: 'MERCHANDISER',
    variables: { rule },
  });
  expect(saved.at('saveRankingRule')).to.equal(rule.id);
}

const idsOf = ({ items }: Listed) => items.map(({ product }) => product.id);

describe('Ranking rules of a plugin from outside', () => {
  let shop: TestShop;
  let plain: readonly string[];
  beforeEach(async () => {
    shop = await openShop();
    plain = idsOf(await listOf(shop));
  });
  afterEach(() => shop.close());

  it('pin a product that would not be in the list, with a true reason and scores that do not rise', async () => {
    const absent = ids.find((id) => !plain.includes(id))!;
    await save(shop, { id: 'pinned', target: { ids: [absent] }, effect: { pin: 2 } });
    const list = await listOf(shop);
    expect(idsOf(list)).to.deep.equal([plain[0], absent, ...plain.slice(1, 7)]);
    expect(list.items[1]).to.include({ source: 'CURATED' });
    expect(list.items[1]!.reasons).to.deep.equal([{ code: 'CURATED', text: 'Chosen by the shop' }]);
    const scores = list.items.map(({ score }) => score);
    expect(scores).to.deep.equal([...scores].sort((a, b) => b - a));
    expect(list)
      .to.include({ degraded: false })
      .and.to.deep.include({ appliedRules: ['pinned'] });
  });

  it('hold in every channel under one decision, and end by themselves', async () => {
    const nowMs = shop.system.clock.nowMs();
    await save(shop, {
      id: 'today',
      untilMs: nowMs + 1_000,
      target: { ids: [plain[0]] },
      effect: 'hide',
    });
    const [web, voice, kiosk] = [
      await listOf(shop),
      await listOf(shop, 'channel: VOICE'),
      await listOf(shop, 'channel: KIOSK'),
    ];
    expect(idsOf(web)).not.to.include(plain[0]);
    expect(idsOf(web)).to.deep.equal(idsOf(kiosk));
    expect(idsOf(web).slice(0, voice.items.length)).to.deep.equal(idsOf(voice));
    expect([voice.decisionId, kiosk.decisionId]).to.deep.equal([web.decisionId, web.decisionId]);
    shop.system.clock.advance(1_000);
    expect(idsOf(await listOf(shop))).to.deep.equal(plain);
  });

  it('hide products from what was recently viewed, too', async () => {
    const context = 'context: { channel: WEB, sessionId: "s1" }';
    const sent = await shop.ask(`mutation {
      setConsent(${context}, decisions: [{ purpose: PERSONALIZATION, status: GRANTED }]) { userErrors { code } }
      recordEvents(${context}, events: [
        { messageId: "1", type: PRODUCT_VIEWED, productIds: ["p01"] }
        { messageId: "2", type: PRODUCT_VIEWED, productIds: ["p02"] }
      ]) { accepted }
    }`);
    expect(sent.at('recordEvents.accepted')).to.equal(2);
    const viewed = async () => {
      const answer = await shop.ask(`{ shopper(${context}) { recentlyViewed { id } } }`);
      return (answer.at('shopper.recentlyViewed') as { readonly id: string }[]).map(({ id }) => id);
    };
    expect(await viewed()).to.have.members(['p01', 'p02']);
    await save(shop, { id: 'recall', target: { ids: ['p01'] }, effect: 'hide' });
    expect(await viewed()).to.deep.equal(['p02']);
  });

  it('show nothing else with `only`, not even to fill the list, and `hide` wins over a pin', async () => {
    await save(shop, { id: 'brand', target: { brands: ['Alder'] }, effect: 'only' });
    await save(shop, { id: 'pin', target: { ids: ['p01', 'p02', 'p12'] }, effect: { pin: 1 } });
    await save(shop, { id: 'hide', target: { ids: ['p01'], categoryId: 'floor' }, effect: 'hide' });
    const shown = idsOf(await listOf(shop));
    expect(shown[0]).to.equal('p02');
    expect([...shown].sort()).to.deep.equal(['p02', 'p03', 'p04', 'p05', 'p06']);
  });

  it('raise and lower products by a factor, which changes the decision', async () => {
    const before = await listOf(shop);
    const lower = before.items.at(-1)!.product.id;
    await save(shop, { id: 'boost', target: { ids: [lower] }, effect: { factor: 1_000 } });
    const after = await listOf(shop);
    expect(idsOf(after)[0]).to.equal(lower);
    expect(after.decisionId).not.to.equal(before.decisionId);
    await save(shop, { id: 'boost', target: { ids: [plain[0]] }, effect: { factor: 0.001 } });
    expect(idsOf(await listOf(shop))).not.to.include(plain[0]);
    expect(idsOf(await listOf(shop, undefined, 12)).at(-1)).to.equal(plain[0]);
  });

  it('cannot show what is out of stock in the store', async () => {
    await shop.system.port('catalog').setStock([
      { productId: 'p01', storeId: 'berne', quantity: 0 },
      { productId: 'p02', storeId: 'berne', quantity: 1 },
    ]);
    await save(shop, { id: 'pin', target: { ids: ['p01', 'p02'] }, effect: { pin: 1 } });
    const here = await listOf(shop, 'channel: KIOSK, storeId: "berne"');
    expect(idsOf(here)[0]).to.equal('p02');
    expect(idsOf(here)).not.to.include('p01');
  });
});

describe('A ranking rule that fails', () => {
  function failing(
    name: string,
    changes: () => readonly RankingChange[] | Promise<readonly RankingChange[]>,
  ) {
    return definePlugin({
      name,
      provides: null,
      needs: [],
      create: () => ({ port: null, contributes: { rankingRule: [{ changes }] } }),
    });
  }
  const ways: Readonly<
    Record<string, readonly [() => readonly RankingChange[] | Promise<readonly RankingChange[]>, RegExp]>
  > = {
    throws: [
      () => {
        throw new TypeError('undefined.x');
      },
      /undefined\.x/,
    ],
    'never answers': [() => new Promise(() => undefined), /took longer than 100 ms/],
    'pins to no position': [
      () => [{ ruleId: 'odd', target: { ids: ['p01'] }, effect: { pin: 0 } }],
      /the change of rule "odd" pins to position 0; 1 to 100 is allowed/,
    ],
    'has no target': [() => [{ ruleId: 'all', target: {}, effect: 'hide' }], /has no target/],
  };
  for (const [way, [changes, message]] of Object.entries(ways)) {
    it(`is left out if it ${way}: others hold, the list says degraded, log and metric name the plugin`, async () => {
      const shop = await openShop([failing('broken', changes)]);
      try {
        await save(shop, { id: 'hide', target: { brands: ['Birch'] }, effect: 'hide' });
        const asked = listOf(shop);
        // The clock stands still: what hangs is late once it is told to go on.
        while (way === 'never answers' && !shop.system.leftOut().some(({ times }) => times > 0)) {
          shop.system.clock.advance(100);
          await new Promise((resolve) => setImmediate(resolve));
        }
        const list = await asked;
        expect(list.degraded).to.equal(true);
        expect(list.appliedRules).to.deep.equal(['hide']);
        expect([...idsOf(list)].sort()).to.deep.equal(ids.slice(0, 6));
        const line = shop.system.log.lines.find(({ fields }) => fields.plugin === 'broken')!;
        expect(line.message).to.equal('a contribution was left out');
        expect(line.fields.point).to.equal('rankingRule');
        expect((line.fields.err as Error).message).to.match(message);
        const metrics = await fetch(`${shop.url}/metrics`, { headers: { 'x-api-key': testKeys.ADMIN } });
        expect(await metrics.text()).to.contain(
          'rapport_contributions_left_out_total{plugin="broken",point="rankingRule"} 1',
        );
      } finally {
        await shop.close();
      }
    });
  }
});

describe('Ranking rules in search', () => {
  let shop: TestShop;
  beforeEach(async () => {
    shop = await openShop();
  });
  afterEach(() => shop.close());

  interface Found {
    readonly ids: readonly string[];
    readonly total: number;
    readonly appliedRules: readonly string[];
    readonly brands: Readonly<Record<string, number>>;
    readonly endCursor: string;
  }

  async function found(query: string, more = '', context = 'channel: WEB'): Promise<Found> {
    const answer = await shop.ask(
      `{ shopper(context: { ${context}, sessionId: "s1" }) { search(query: "${query}", facets: ["brand"] ${more}) {
        total appliedRules facets { values { value count } } products { nodes { id } pageInfo { endCursor } } } } }`,
    );
    expect(answer.errors, JSON.stringify(answer.errors)).to.equal(undefined);
    const result = answer.at('shopper.search') as {
      readonly total: number;
      readonly appliedRules: readonly string[];
      readonly facets: readonly { readonly values: readonly { value: string; count: number }[] }[];
      readonly products: {
        readonly nodes: readonly { readonly id: string }[];
        readonly pageInfo: { readonly endCursor: string };
      };
    };
    return {
      ids: result.products.nodes.map(({ id }) => id),
      total: result.total,
      appliedRules: result.appliedRules,
      endCursor: result.products.pageInfo.endCursor,
      brands: Object.fromEntries(result.facets[0]!.values.map(({ value, count }) => [value, count])),
    };
  }

  it('hide products from results, counts and public listings, and hold in every channel', async () => {
    await save(shop, { id: 'hide', target: { brands: ['Alder'] }, effect: 'hide' });
    const web = await found('lamp');
    expect([...web.ids].sort()).to.deep.equal(ids.slice(6));
    expect(web).to.deep.include({ total: 6, appliedRules: ['hide'], brands: { Birch: 6 } });
    const { endCursor: _, ...kiosk } = await found('lamp', '', 'channel: KIOSK');
    expect(web).to.deep.include(kiosk);
    const listing = await shop.ask('{ products(first: 20) { totalCount nodes { id } } }');
    expect(listing.at('products.totalCount')).to.equal(6);
  });

  it('pin products on every page once, within the filter of the shopper', async () => {
    const all = (await found('lamp')).ids;
    const last = all.at(-1)!;
    const before = all.at(-2)!;
    await save(shop, { id: 'pin', target: { ids: [last, before] }, effect: { pin: 3 } });
    const expected = [...all.slice(0, 2), last, before, ...all.slice(2, -2)];
    const whole = await found('lamp', 'first: 12');
    expect(whole.ids).to.deep.equal(expected);
    expect(whole).to.deep.include({ total: 12, brands: { Alder: 6, Birch: 6 } });
    const pages: string[] = [];
    let after = '';
    for (let page = 0; page < 4; page++) {
      const { ids: onPage, endCursor } = await found('lamp', `first: 3 ${after}`);
      pages.push(...onPage);
      after = `after: "${endCursor}"`;
    }
    expect(pages).to.deep.equal(expected);
    const other = ids.indexOf(last) < 6 ? 'Birch' : 'Alder';
    expect((await found('lamp', `filter: { brands: ["${other}"] }`)).ids).not.to.include(last);
  });

  it('pin what the words do not find, at the end if the list is shorter', async () => {
    await save(shop, { id: 'pin', where: 'p01', target: { ids: ['p05'] }, effect: { pin: 50 } });
    const plain = await found('p02');
    expect(plain.appliedRules).to.deep.equal([]);
    const ruled = await found('p01');
    expect(ruled.ids.at(-1)).to.equal('p05');
    expect(ruled.ids.indexOf('p05')).to.equal(ruled.ids.length - 1);
    expect(ruled.total).to.equal(ruled.ids.length);
  });

  it('raise and lower products among equal matches, and leave a chosen sort alone', async () => {
    const all = (await found('lamp')).ids;
    await save(shop, { id: 'up', target: { ids: [all.at(-1)] }, effect: { factor: 100 } });
    await save(shop, { id: 'down', target: { ids: [all[0]] }, effect: { factor: 0.01 } });
    expect((await found('lamp')).ids).to.deep.equal([all.at(-1), ...all.slice(1, -1), all[0]]);
    const sorted = await found('lamp', 'sort: TITLE');
    expect(sorted.ids).to.deep.equal(ids);
    expect(sorted.appliedRules).to.deep.equal([]);
  });
});
