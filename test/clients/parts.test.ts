import { gql } from '@apollo/client/core';
import { expect } from 'chai';
import { type TestGateway, testKeys } from '../support/gateway.js';
import { contextOf, openClientShop } from './shop.js';
import { createApolloClient } from './snippets/apollo.js';
import { createUrqlClient } from './snippets/urql.js';

/** A product page whose list below comes later, and whose first three products come before the others. */
const query = `query Page($context: ShopperContext!) {
  product(id: "tea", context: $context) { nodeId title variants @stream(initialCount: 1) { nodeId id } }
  ... @defer(label: "list") { shopper(context: $context) { nodeId recommendations(placement: "home", first: 6) {
    nodeId decisionId items { nodeId product { nodeId id title } } } } } }`;

interface Page {
  readonly product: { readonly title: string; readonly variants: readonly { readonly id: string }[] };
  readonly shopper?: { readonly recommendations: { readonly items: readonly object[] } };
}

describe('Clients that take responses in parts', () => {
  let shop: TestGateway;
  before(async () => {
    shop = await openClientShop();
  });
  after(() => shop.close());
  const variables = { context: contextOf('WEB', 'ada') };

  /** The same operation without the directives. */
  async function whole(): Promise<Page> {
    const { data } = await shop.ask(query.replaceAll(/@(defer|stream)\([^)]*\)/g, ''), { variables });
    return data as unknown as Page;
  }

  function expectParts(states: readonly (Page | undefined)[], expected: Page): void {
    expect(states.length).to.be.greaterThan(1);
    expect(states[0]!.product.title).to.equal('Tea');
    expect(states[0]!.shopper).to.equal(undefined);
    const { shopper, product } = JSON.parse(
      JSON.stringify(states.at(-1), (key, value: unknown) =>
        ['__typename', 'decisionId'].includes(key) ? undefined : value,
      ),
    ) as Page;
    expect(product).to.deep.equal(expected.product);
    expect(shopper!.recommendations.items).to.deep.equal(expected.shopper!.recommendations.items);
  }

  it('Apollo Client', async () => {
    const client = createApolloClient(shop.url, testKeys.STOREFRONT);
    const states: Page[] = [];
    await new Promise<void>((resolve, reject) => {
      client.watchQuery<Page>({ query: gql(query), variables }).subscribe({
        next({ data, dataState, error }) {
          if (error) reject(error);
          if (dataState !== 'empty') states.push(structuredClone(data) as Page);
          if (dataState === 'complete') resolve();
        },
      });
    });
    expectParts(states, await whole());
  });

  it('urql', async () => {
    const client = createUrqlClient(shop.url, testKeys.STOREFRONT);
    const states: Page[] = [];
    await new Promise<void>((resolve, reject) => {
      client.query<Page>(query, variables).subscribe(({ data, error, hasNext }) => {
        if (error) reject(error);
        if (data) states.push(structuredClone(data));
        if (!hasNext) resolve();
      });
    });
    expectParts(states, await whole());
  });
});
