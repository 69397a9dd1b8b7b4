import { expect } from 'chai';
import { stripIgnoredCharacters } from 'graphql';
import { plugins } from '../../plugins/index.js';
import { examples } from '../../src/gateway/examples.js';
import { openTestGateway, type TestGateway, testKeys } from '../support/gateway.js';
import { describeInBrowser } from './browser.js';
import { coffee, grant, openShop, record } from './shop.js';

interface Sent {
  readonly query: string;
  readonly variables?: unknown;
}

const nameIn = (query: string): string => /^(?:query|mutation) (\w+)/m.exec(query)![1]!;

describeInBrowser('GraphiQL', (open) => {
  let gateway: TestGateway;
  before(async () => {
    gateway = await openTestGateway(plugins);
    await openShop(gateway);
    await grant(gateway, 'demo-ada');
    await record(gateway, 'demo-ada', 'PRODUCT_VIEWED', [coffee[0]!]);
  });
  after(() => gateway?.close());

  it('loads from the gateway alone, and its first example runs as it stands', async () => {
    const { page, errors, foreign } = await open(`${gateway.url}/graphql`);
    await page.getByRole('button', { name: /execute query/i }).click();
    const answer = page.locator('.graphiql-response');
    await answer.getByText('CONSENTED').waitFor();
    expect(await answer.textContent()).to.include('decisionId');
    expect(foreign).to.deep.equal([]);
    expect(errors).to.deep.equal([]);
  });

  it('runs each example on the first click on its tab and on Run', async () => {
    const { page } = await open(`${gateway.url}/graphql`);
    const tabs = page.locator('button.graphiql-tab-button');
    await tabs.first().waitFor();
    expect(await tabs.allInnerTexts()).to.deep.equal(examples.map(({ query }) => nameIn(query)));
    // Each tab after another one that was run.
    for (const at of [...examples.keys()].reverse()) {
      const { query, variables, role } = examples[at]!;
      await tabs.nth(at).click();
      const sent = page.waitForRequest(
        (request) => (request.postDataJSON() as Sent | null)?.query !== undefined,
      );
      await page.getByRole('button', { name: /execute query/i }).click();
      const request = await sent;
      const body = request.postDataJSON() as Sent;
      expect(stripIgnoredCharacters(body.query)).to.equal(
        stripIgnoredCharacters(query.replace(/^(query|mutation) \w+/m, '$1')).replace(/^query(?=\{)/, ''),
      );
      expect(body.variables ?? null).to.deep.equal(variables ? JSON.parse(variables) : null);
      expect(request.headers()['x-api-key']).to.equal(testKeys[role]);
      await request.response();
    }
  });
});
