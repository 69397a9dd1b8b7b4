import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { type GraphQLObjectType, isObjectType } from 'graphql';
import { plugins } from '../../plugins/index.js';
import { buildGraph } from '../../src/gateway/graph.js';
import { createNodeIds } from '../../src/gateway/node-ids.js';
import { openNodeKey } from '../../src/gateway/node-key.js';
import { definePlugin, type Instance, type NodeType, type Plugin } from '../../src/plugin.js';
import { projectDirectory } from '../../src/project-directory.js';
import { camping, coffee, grant, openShop } from '../journeys/shop.js';
import { bootPlugins } from '../support/boot.js';
import { openTestGateway, type TestGateway } from '../support/gateway.js';

describe('Node ids', () => {
  let shop: TestGateway;

  before(async () => {
    shop = await openTestGateway(plugins);
    await openShop(shop);
    const { errors } = await shop.ask(
      `mutation {
        saveProducts(products: [{
          id: "tea", title: "Tea", sellers: [{ id: "coffee", name: "A seller" }], categoryIds: ["coffee"],
          translations: [{ locale: "de", title: "Tee" }],
          prices: [{ amount: "3.00", currency: EUR }, { amount: "4.00", currency: USD }, { amount: "2.00", currency: EUR, customerGroup: "trade" }]
          options: [{ name: "Size", values: ["S", "L"] }]
          variants: [{ id: "tea-s", selectedOptions: [{ name: "Size", value: "S" }] }, { id: "tea-l", selectedOptions: [{ name: "Size", value: "L" }] }]
        }]) { userErrors { message } }
        saveCollections(collections: [{ id: "coffee", title: "Hot", productIds: ["tea"] }]) { userErrors { message } }
      }`,
      { role: 'SERVER' },
    );
    expect(errors).to.equal(undefined);
    await grant(shop, 'ada');
  });
  after(() => shop.close());

  const inContext = (more = '') => `{ channel: WEB, sessionId: "ada", currency: EUR, locale: "en" ${more} }`;

  it('are on every type that has an id of its own', () => {
    const schema = buildGraph(join(projectDirectory(), 'schema'), shop.system.plugins);
    const withoutNode = Object.values(schema.getTypeMap())
      .filter((type): type is GraphQLObjectType => isObjectType(type) && !type.name.startsWith('__'))
      .filter((type) => type.getFields().id && !type.getInterfaces().some(({ name }) => name === 'Node'))
      .map(({ name }) => name);
    // Entries of logs, counts and suggestions, which are parts of their lists.
    expect(withoutNode.sort()).to.deep.equal([
      'ConsentDecision',
      'DeadLetter',
      'ErasureReceipt',
      'LoyaltyEntry',
      'Merge',
      'Suggestion',
      'UnknownProductCount',
      'VerifiedErasure',
    ]);
  });

  it('differ by all that the fields depend on, and by nothing else', async () => {
    const views = [
      'currency: EUR, locale: "en"',
      'currency: USD, locale: "en"',
      'currency: EUR, locale: "de"',
      'currency: EUR, locale: "en", storeId: "berne"',
      'currency: EUR, locale: "en", storeId: "zurich"',
    ];
    const asked = views.map(
      (view, at) =>
        `v${at}: product(id: "tea", context: { channel: WEB, ${view} }) { nodeId variants { nodeId } }`,
    );
    const answer = await shop.ask(
      `{ ${asked.join(' ')} plain: product(id: "tea") { nodeId }
        app: product(id: "tea", context: { channel: APP, sessionId: "x", deviceId: "d", currency: EUR, locale: "en" }) { nodeId }
        sku: product(id: "tea-s", context: { channel: KIOSK, currency: EUR, locale: "en" }) { nodeId } }`,
    );
    const ids = views.map((_, at) => answer.at(`v${at}.nodeId`));
    const variants = views.flatMap((_, at) => [0, 1].map((n) => answer.at(`v${at}.variants.${n}.nodeId`)));
    expect(new Set([...ids, ...variants, answer.at('plain.nodeId')]).size).to.equal(16);
    expect(answer.at('app.nodeId')).to.equal(ids[0]);
    expect(answer.at('sku.nodeId')).to.equal(ids[0]);
  });

  it('tell a category, a collection, a product and a seller of one id apart', async () => {
    const answer = await shop.ask(
      '{ product(id: "tea") { nodeId id categories { nodeId id } collections { nodeId id } sellers { nodeId id name } } }',
    );
    const ids = ['categories.0', 'collections.0', 'sellers.0'].map((path) =>
      answer.at(`product.${path}.nodeId`),
    );
    expect(new Set(ids).size).to.equal(3);
    const { data } = await shop.ask(
      `query ($ids: [ID!]!) { nodes(nodeIds: $ids) { __typename nodeId
        ... on Category { name } ... on Collection { title } ... on Seller { seller: name } } }`,
      { variables: { ids } },
    );
    expect(data!.nodes).to.deep.equal([
      { __typename: 'Category', nodeId: ids[0], name: 'Coffee' },
      { __typename: 'Collection', nodeId: ids[1], title: 'Hot' },
      { __typename: 'Seller', nodeId: ids[2], seller: 'A seller' },
    ]);
  });

  it('fetch exactly the view again', async () => {
    const card = 'nodeId id title price { amount currency } inStock';
    const first = await shop.ask(
      `{ de: product(id: "tea", context: { channel: WEB, locale: "de", currency: USD, storeId: "berne" }) { ${card} variants { nodeId title price { amount } inStock } }
         shopper(context: ${inContext('storeId: "berne"')}) {
           nodeId sessionId personalization { applied }
           recommendations(placement: "home", first: 4, cart: ["coffee-press"]) { nodeId decisionId items { nodeId position product { ${card} } } }
           search(query: "for", filter: { categoryId: "coffee" }, sort: PRICE_DESC) { nodeId total products { nodes { ${card} } } }
         } }`,
    );
    const again = await shop.ask(
      `query ($product: ID!, $variant: ID!, $shopper: ID!, $list: ID!, $item: ID!, $result: ID!) {
        product: node(nodeId: $product) { ... on Product { ${card} } }
        variant: node(nodeId: $variant) { ... on ProductVariant { nodeId title price { amount } inStock } }
        shopper: node(nodeId: $shopper) { ... on Shopper { nodeId sessionId personalization { applied } } }
        list: node(nodeId: $list) { ... on RecommendationList { nodeId decisionId items { nodeId position product { ${card} } } } }
        item: node(nodeId: $item) { ... on Recommendation { nodeId position product { ${card} } } }
        result: node(nodeId: $result) { ... on SearchResult { nodeId total products { nodes { ${card} } } } } }`,
      {
        variables: {
          product: first.at('de.nodeId'),
          variant: first.at('de.variants.1.nodeId'),
          shopper: first.at('shopper.nodeId'),
          list: first.at('shopper.recommendations.nodeId'),
          item: first.at('shopper.recommendations.items.2.nodeId'),
          result: first.at('shopper.search.nodeId'),
        },
      },
    );
    expect(again.errors, again.text).to.equal(undefined);
    const { variants, ...product } = first.at('de') as { variants: unknown[] };
    expect(again.at('product')).to.deep.equal(product);
    expect(again.at('product.title')).to.equal('Tee');
    expect(again.at('variant')).to.deep.equal(variants[1]);
    const { recommendations, search, ...shopper } = first.at('shopper') as Record<string, unknown>;
    expect(again.at('shopper')).to.deep.equal(shopper);
    expect(again.at('list')).to.deep.equal(recommendations);
    expect(again.at('item')).to.deep.equal(first.at('shopper.recommendations.items.2'));
    expect(again.at('result')).to.deep.equal(search);
  });

  it('are the same for the shopper of a page and of a mutation', async () => {
    const page = await shop.ask(`{ shopper(context: ${inContext()}) { nodeId } }`);
    const mutation = await shop.ask(
      `mutation { setConsent(context: ${inContext()}, decisions: [{ purpose: ANALYTICS, status: GRANTED }]) { shopper { nodeId } }
        recordEvents(context: ${inContext()}, events: [{ messageId: "n1", type: PRODUCT_VIEWED, productIds: ["tea"] }]) { shopper { nodeId } } }`,
    );
    expect(mutation.at('setConsent.shopper.nodeId')).to.equal(page.at('shopper.nodeId'));
    expect(mutation.at('recordEvents.shopper.nodeId')).to.equal(page.at('shopper.nodeId'));
  });

  it('tell nothing of a session, a customer or a customer group', async () => {
    const { text } = await shop.ask(
      `{ shopper(context: { channel: WEB, sessionId: "secret-session", customerId: "secret-customer", customerGroup: "secret-group", deviceId: "secret-device" }) {
          nodeId recommendations(placement: "home") { nodeId items { nodeId product { nodeId } } } search(query: "for") { nodeId } } }`,
      { role: 'SERVER' },
    );
    const ids = [...text.matchAll(/"nodeId":"([^"]+)"/g)].map(([, id]) => id!);
    expect(ids.length).to.be.greaterThan(10);
    for (const id of ids) {
      const decoded = Buffer.from(id, 'base64url').toString('latin1');
      const inside = /"([\w-]{60,})"/.exec(decoded)?.[1] ?? '';
      expect(id + decoded + Buffer.from(inside, 'base64url').toString('latin1')).not.to.contain('secret');
    }
  });

  it('are refused where they are damaged, forged, cut, of another shop, or of no type', async () => {
    const { data } = await shop.ask('{ product(id: "tea") { nodeId } }');
    const { nodeId } = data!.product as { nodeId: string };
    const forged = createNodeIds('guessed').write({ type: 'Customer', view: null, key: ['ada'] });
    const faulty = [
      '',
      'tea',
      '💥',
      nodeId.slice(1),
      nodeId.slice(0, -2),
      `${nodeId.slice(0, 20)}-${nodeId.slice(21)}`,
      `${nodeId.slice(0, 20)} ${nodeId.slice(20)}`,
      `${nodeId}AAAA`,
      `${'A'.repeat(16)}${Buffer.from('["Customer",null,"ada"]').toString('base64url')}`,
      forged,
      'x'.repeat(300_000),
    ];
    for (const each of faulty) {
      const { errors, at } = await shop.ask('query ($id: ID!) { node(nodeId: $id) { nodeId } }', {
        role: 'SERVER',
        variables: { id: each },
      });
      expect(at('node'), each.slice(0, 50)).to.equal(null);
      expect(errors?.[0]?.extensions, each.slice(0, 50)).to.include({
        code: 'NODE_ID_INVALID',
        kind: 'invalid',
      });
    }
  });

  it('of one faulty id leave the others of a call as they are', async () => {
    const { data } = await shop.ask(
      '{ a: product(id: "tea") { nodeId } b: product(id: "coffee-press") { nodeId } }',
    );
    const { a, b } = data as Record<string, { nodeId: string }>;
    const answer = await shop.ask('query ($ids: [ID!]!) { nodes(nodeIds: $ids) { ... on Product { id } } }', {
      variables: { ids: [a!.nodeId, 'nonsense', b!.nodeId] },
    });
    expect(answer.at('nodes')).to.deep.equal([{ id: 'tea' }, null, { id: 'coffee-press' }]);
    expect(answer.errors).to.have.length(1);
    expect(answer.errors![0]!.path).to.deep.equal(['nodes', 1]);
    const many = await shop.ask('query ($ids: [ID!]!) { nodes(nodeIds: $ids) { nodeId } }', {
      variables: { ids: Array.from({ length: 101 }, () => a!.nodeId) },
    });
    expect(many.errors![0]!.extensions.code).to.equal('NODE_IDS_TOO_MANY');
  });

  it('of a product in a customer group are for that group alone', async () => {
    const { data } = await shop.ask(
      '{ product(id: "tea", context: { channel: WEB, currency: EUR, customerGroup: "trade" }) { nodeId price { amount } } }',
      { role: 'SERVER' },
    );
    const { nodeId, price } = data!.product as { nodeId: string; price: unknown };
    const ask = (role: 'SERVER' | 'STOREFRONT') =>
      shop.ask('query ($id: ID!) { node(nodeId: $id) { ... on Product { nodeId price { amount } } } }', {
        role,
        variables: { id: nodeId },
      });
    expect((await ask('SERVER')).at('node')).to.deep.equal({ nodeId, price });
    expect((await ask('STOREFRONT')).errors![0]!.extensions).to.include({
      code: 'NODE_DENIED',
      kind: 'denied',
    });
  });

  it('of an anonymous shopper in a customer group are for callers who may name the group', async () => {
    const first = await shop.ask(
      '{ shopper(context: { channel: WEB, sessionId: "ada", currency: EUR, customerGroup: "trade" }) { nodeId } }',
      { role: 'SERVER' },
    );
    const nodeId = first.at('shopper.nodeId');
    const ask = (role: 'SERVER' | 'STOREFRONT') =>
      shop.ask('query ($id: ID!) { node(nodeId: $id) { nodeId } }', { role, variables: { id: nodeId } });
    expect((await ask('SERVER')).at('node.nodeId')).to.equal(nodeId);
    expect((await ask('STOREFRONT')).errors?.[0]?.extensions).to.include({
      code: 'NODE_DENIED',
      kind: 'denied',
    });
  });

  it('of what is not there any more are null, and of what a caller may not see, too', async () => {
    const { data } = await shop.ask('{ product(id: "coffee-filter") { nodeId variants { nodeId } } }');
    const { nodeId, variants } = data!.product as { nodeId: string; variants: { nodeId: string }[] };
    await shop.ask(
      'mutation { updateProducts(products: [{ id: "coffee-filter", status: DRAFT }]) { userErrors { message } } }',
      { role: 'SERVER' },
    );
    const ask = (role: 'SERVER' | 'STOREFRONT') =>
      shop.ask('query ($ids: [ID!]!) { nodes(nodeIds: $ids) { __typename } }', {
        role,
        variables: { ids: [nodeId, variants[0]!.nodeId] },
      });
    expect((await ask('STOREFRONT')).at('nodes')).to.deep.equal([null, null]);
    expect((await ask('SERVER')).at('nodes')).to.deep.equal([
      { __typename: 'Product' },
      { __typename: 'ProductVariant' },
    ]);
    await shop.ask('mutation { removeProducts(ids: ["coffee-filter"]) { removedIds } }', { role: 'SERVER' });
    expect((await ask('SERVER')).at('nodes')).to.deep.equal([null, null]);
  });

  it('cost what the field costs that returns such objects, and are as public', async () => {
    const { data } = await shop.ask(
      `{ product(id: "tea") { nodeId } shopper(context: ${inContext()}) { recommendations(placement: "home") { nodeId } } }`,
    );
    const { product, shopper } = data as {
      product: { nodeId: string };
      shopper: { recommendations: { nodeId: string } };
    };
    const get = (id: string) =>
      fetch(
        `${shop.url}/graphql?${new URLSearchParams({ query: `{ node(nodeId: "${id}") { nodeId } }` }).toString()}`,
        { headers: { 'x-api-key': 'storefront-key', accept: 'application/json' } },
      );
    expect((await get(product.nodeId)).headers.get('cache-control')).to.match(/^public/);
    expect((await get(shopper.recommendations.nodeId)).headers.get('cache-control')).to.equal(
      'private, no-store',
    );
    const many = await shop.ask('query ($ids: [ID!]!) { nodes(nodeIds: $ids) { nodeId } }', {
      variables: { ids: Array.from({ length: 60 }, () => shopper.recommendations.nodeId) },
    });
    expect(many.errors![0]!.extensions).to.include({ code: 'GRAPHQL_COST_LIMIT' });
    const products = await shop.ask(
      'query ($ids: [ID!]!) { nodes(nodeIds: $ids) { ... on Product { id } } }',
      {
        variables: { ids: Array.from({ length: 100 }, () => product.nodeId) },
      },
    );
    expect(products.errors).to.equal(undefined);
  });

  it('cost by their length, readable or not, however often they are named', async () => {
    const forged = (characters: number) =>
      'A'.repeat(16) +
      Buffer.from(JSON.stringify(['Product', null, 'x'.repeat((characters * 3) / 4)])).toString('base64url');
    const ask = (aliases: number, nodeIds: readonly string[]) =>
      shop.ask(
        `query ($ids: [ID!]!) { ${Array.from({ length: aliases }, (_, i) => `a${i}: nodes(nodeIds: $ids) { nodeId }`).join(' ')} }`,
        { variables: { ids: nodeIds } },
      );
    const many = await ask(
      60,
      Array.from({ length: 5 }, () => forged(180_000)),
    );
    expect(many.errors!.map(({ extensions }) => extensions?.code)).to.deep.equal(['GRAPHQL_COST_LIMIT']);
    expect(many.data).to.equal(undefined);
    const unreadable = await ask(
      60,
      Array.from({ length: 50 }, () => 'no node id'),
    );
    expect(unreadable.errors!.map(({ extensions }) => extensions?.code)).to.deep.equal([
      'GRAPHQL_COST_LIMIT',
    ]);
    const few = await ask(1, [forged(180_000), 'no node id']);
    expect(few.errors!.map(({ extensions }) => extensions?.code)).to.deep.equal([
      'NODE_ID_INVALID',
      'NODE_ID_INVALID',
    ]);
  });

  it('are equal in both executors, and among what is kept of a product', async () => {
    const query = `query ($currency: CurrencyCode) { products(context: { channel: WEB, currency: $currency, locale: "en" }, filter: { ids: ["tea", "${coffee[0]}", "${camping[0]}"] }) { nodes { nodeId id price { amount } } } }`;
    const texts = new Map<string, Set<string>>();
    for (let round = 0; round < 6; round++)
      for (const currency of ['EUR', 'USD', 'CHF']) {
        const { data } = await shop.ask(query, { variables: { currency } });
        texts.set(currency, (texts.get(currency) ?? new Set()).add(JSON.stringify(data)));
      }
    expect([...texts.values()].map(({ size }) => size)).to.deep.equal([1, 1, 1]);
  });

  it('survive a restart', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'rapport-nodes-'));
    const keys: string[] = [];
    for (const process of ['first', 'second']) {
      const system = await bootPlugins(plugins, { dataDir });
      keys.push(await openNodeKey(system, { ids: { next: () => process } }));
      await system.close();
    }
    rmSync(dataDir, { recursive: true });
    expect(keys).to.deep.equal(['firstfirst', 'firstfirst']);
  });

  describe('refuse to start with a type', () => {
    const Lamp: NodeType = {
      field: 'Query.lamp',
      view: 'place',
      identify: () => ({ context: null, key: [] }),
      find: () => ({}),
    };
    const lamps = (nodes: NonNullable<Instance<null>['nodes']> = {}) =>
      definePlugin({
        name: 'lamps',
        provides: null,
        needs: [],
        sdl: 'type Lamp implements Node { nodeId: ID! } extend type Query { lamp: Lamp @public }',
        create: () => ({ port: null, resolvers: { Query: { lamp: () => ({}) } }, nodes }),
      });
    const shades = (nodes: NonNullable<Instance<null>['nodes']>) =>
      definePlugin({
        name: 'shades',
        provides: null,
        needs: [],
        sdl: 'type Shade { colour: String } extend type Query { shade: Shade @public }',
        create: () => ({ port: null, resolvers: { Query: { shade: () => ({}) } }, nodes }),
      });
    const refusalOf = (...all: readonly Plugin[]) =>
      openTestGateway(all).then(
        () => 'started',
        (error: Error) => error.message,
      );

    it('that nobody identifies', async () => {
      expect(await refusalOf(lamps())).to.equal(
        'lamps declares that Lamp implements Node and does not identify it; give its instance nodes: { Lamp: … }',
      );
    });

    it('that another plugin identifies', async () => {
      expect(await refusalOf(lamps({ Lamp }), shades({ Lamp }))).to.equal(
        'shades identifies Lamp, which lamps declares; only lamps can identify it',
      );
    });

    it('that is identified and does not implement Node', async () => {
      expect(await refusalOf(lamps({ Lamp }), shades({ Shade: Lamp }))).to.equal(
        'shades identifies Shade, which is no type that implements Node',
      );
    });
  });
});
