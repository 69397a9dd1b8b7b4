import { spawn } from 'node:child_process';
import { expect } from 'chai';
import { plugins } from '../../plugins/index.js';
import { loadThirdParty } from '../../src/third-party.js';
import { openTestGateway, type TestGateway, testKeys } from '../support/gateway.js';
import { moduleFile, nodeArguments } from '../support/node-arguments.js';
import { coffee, everything, grant, openShop, record, shopperContext } from './shop.js';

interface Explained {
  readonly decisionId: string;
  readonly position: number | null;
  readonly absence: string | null;
  readonly blendedScore: number | null;
  readonly seenDemotion: number;
  readonly ruleFactor: number;
  readonly pinned: boolean;
  readonly fallback: boolean;
  readonly lastScore: number;
  readonly rules: readonly { readonly ruleId: string; readonly effect: string }[];
  readonly recommenders: readonly { readonly name: string; readonly contribution: number }[];
}

describe('A merchandiser who asks why', () => {
  let shop: TestGateway;

  before(async () => {
    shop = await openTestGateway([
      ...plugins,
      ...(await loadThirdParty(moduleFile('test/plugins-from-outside/merchandising-rules.ts'))),
    ]);
    await openShop(shop);
    for (const person of ['a', 'b', 'c', 'd', 'e', 'f', 'g']) {
      await grant(shop, person);
      for (const id of ['coffee-press', 'coffee-kettle', 'camping-mat']) {
        await record(shop, person, 'PRODUCT_VIEWED', [id]);
        // A session of a storefront counts from ten seconds on.
        shop.system.clock.advance(20_000);
      }
    }
  });
  after(() => shop.close());

  async function explain(
    product: string,
    more: Readonly<Record<string, unknown>> = {},
    context: Record<string, unknown> = shopperContext('m'),
  ): Promise<Explained | null> {
    const answer = await shop.ask(
      `query ($context: ShopperContext!, $placement: ID!, $product: ID!, $first: Int, $page: ID, $cart: [ID!], $profile: ExampleProfileInput) {
        shopper(context: $context) { explainRecommendation(placement: $placement, product: $product, first: $first, productId: $page, cart: $cart, profile: $profile) {
          decisionId position absence blendedScore seenDemotion ruleFactor pinned fallback lastScore rules { ruleId effect } recommenders { name contribution } } } }`,
      { role: 'MERCHANDISER', variables: { context, placement: 'home', product, first: 3, ...more } },
    );
    expect(answer.errors, JSON.stringify(answer.errors)).to.equal(undefined);
    return answer.at('shopper.explainRecommendation') as Explained | null;
  }

  const rule = async (id: string, target: object, effect: unknown) => {
    const saved = await shop.ask('mutation ($rule: JSON!) { saveRankingRule(rule: $rule) }', {
      role: 'MERCHANDISER',
      variables: { rule: { id, target, effect } },
    });
    expect(saved.errors).to.equal(undefined);
  };
  const removeRule = (id: string) =>
    shop.ask(`mutation { removeRankingRule(id: "${id}") }`, { role: 'MERCHANDISER' });

  it('is told what each recommender contributed, by the list that is served', async () => {
    const profile = { viewed: ['coffee-press'] };
    const found = (await Promise.all(everything.map((id) => explain(id, { profile, first: 12 }))))!;
    const kettle = found[everything.indexOf('coffee-kettle')]!;
    expect(kettle.position).to.equal(1);
    expect(kettle.recommenders.find(({ name }) => name === 'session')!.contribution).to.be.greaterThan(0);
    for (const each of found) {
      const sum = each!.recommenders.reduce((all, { contribution }) => all + contribution, 0);
      expect(sum).to.be.closeTo(each!.blendedScore ?? 0, 1e-9);
    }
    expect(new Set(found.map((each) => each!.decisionId)).size).to.equal(1);
    const positions = found.map((each) => each!.position).filter((position) => position !== null);
    expect(positions.sort((a, b) => a - b)).to.deep.equal(positions.map((_, at) => at + 1));
    const press = found[everything.indexOf('coffee-press')]!;
    expect(press.seenDemotion).to.equal(0.75);
  });

  it('gets the explanation of the very list that everybody gets', async () => {
    const served = await shop.ask(
      `query ($context: ShopperContext!) { shopper(context: $context) { recommendations(placement: "home", first: 3) { decisionId items { product { id } } } } }`,
      { variables: { context: shopperContext('nobody') } },
    );
    const items = served.at('shopper.recommendations.items') as readonly { product: { id: string } }[];
    for (const [at, { product }] of items.entries()) {
      const explained = await explain(product.id);
      expect(explained).to.include({
        position: at + 1,
        absence: null,
        decisionId: served.at('shopper.recommendations.decisionId'),
      });
    }
  });

  async function firstAbsent(context: Record<string, unknown>): Promise<Explained | null> {
    for (const id of everything) {
      const found = await explain(id, { first: 12 }, context);
      if (found!.absence !== null) return found;
    }
    return null;
  }

  const absences: Readonly<Record<string, () => Promise<Explained | null>>> = {
    RANKED_BELOW: () => explain('coffee-press', { first: 1, profile: { viewed: ['coffee-press'] } }),
    NOT_PROPOSED: () =>
      explain('coffee-press', {
        placement: 'reorder',
        profile: {
          bought: [{ product: 'camping-tent', at: new Date(shop.system.clock.nowMs() - 86_400_000) }],
        },
      }),
    ON_PAGE: () => explain('coffee-press', { placement: 'product', page: 'coffee-press' }),
    IN_CART: () => explain('coffee-press', { placement: 'cart', cart: ['coffee-press'] }),
    DISMISSED: () => explain('coffee-press', { profile: { dismissed: ['coffee-press'] } }),
    BOUGHT_AND_NOT_DUE: () =>
      explain('coffee-press', {
        profile: { bought: [{ product: 'coffee-press', at: new Date(shop.system.clock.nowMs()) }] },
      }),
    OUT_OF_STOCK_IN_STORE: () =>
      explain('coffee-grinder', { first: 12 }, shopperContext('m', 'WEB', { storeId: 'zurich' })),
    NO_PRICE: () => firstAbsent(shopperContext('m', 'KIOSK', { currency: 'JPY' })),
    CHANNEL_LIMIT: () => firstAbsent(shopperContext('m', 'VOICE')),
  };
  for (const [absence, asked] of Object.entries(absences)) {
    it(`is told ${absence}`, async () => {
      expect(await asked()).to.include({ absence, position: null });
    });
  }

  it('is told which rules are about the product, and their effect', async () => {
    await rule('low', { ids: ['coffee-kettle'] }, { factor: 0.5 });
    await rule('coffee', { categoryId: 'coffee' }, { factor: 2 });
    const kettle = await explain('coffee-kettle', { profile: { viewed: ['coffee-press'] } });
    expect(kettle!.ruleFactor).to.equal(1);
    expect(kettle!.rules).to.have.deep.members([
      { ruleId: 'coffee', effect: 'factor 2' },
      { ruleId: 'low', effect: 'factor 0.5' },
    ]);
    await rule('low', { ids: ['coffee-kettle'] }, 'hide');
    expect(await explain('coffee-kettle')).to.include({ absence: 'HIDDEN_BY_RULE' });
    await rule('low', { ids: ['coffee-kettle'] }, { pin: 2 });
    expect(await explain('coffee-kettle')).to.include({ pinned: true, position: 2 });
    await removeRule('low');
    await removeRule('coffee');
  });

  it('must be one, names a known product and a bounded profile', async () => {
    const { errors } = await shop.ask(
      '{ shopper(context: { channel: WEB }) { explainRecommendation(placement: "home", product: "coffee-press") { position } } }',
    );
    expect(errors![0]!.extensions.code).to.match(/DENIED|FORBIDDEN|ROLE/);
    expect(await explain('no-product')).to.equal(null);
    const long = await shop.ask(
      `query ($viewed: [ID!]) { shopper(context: { channel: WEB }) { explainRecommendation(placement: "home", product: "coffee-press", profile: { viewed: $viewed }) { position } } }`,
      { role: 'MERCHANDISER', variables: { viewed: Array.from({ length: 201 }, () => coffee[0]) } },
    );
    expect(long.errors![0]!.message).to.equal('viewed has 201 products; at most 200 are allowed');
  });

  it('may say that a list of the profile is null, which is nothing', async () => {
    const found = await explain('coffee-kettle', {
      profile: { viewed: null, cart: null, dismissed: null, bought: null },
    });
    expect(found).to.deep.equal(await explain('coffee-kettle', { profile: {} }));
  });

  it('reads it in a terminal', async () => {
    const script = spawn(
      process.execPath,
      [
        ...[
          ...nodeArguments('scripts/explain.ts'),
          '--url',
          `${shop.url}/graphql`,
          '--key',
          testKeys.MERCHANDISER,
        ],
        ...['--placement', 'home', '--product', 'coffee-kettle', '--viewed', 'coffee-press'],
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    let text = '';
    for await (const chunk of script.stdout) text += String(chunk);
    expect(text).to.match(/^coffee-kettle is at position 1\ndecision home\./);
    expect(text).to.match(/\nsession +1\.000 +\d+ +[\d.]+\n/);
  });
});
