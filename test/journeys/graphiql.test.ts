import { expect } from 'chai';
import { plugins } from '../../plugins/index.js';
import { openTestGateway, type TestGateway } from '../support/gateway.js';
import { describeInBrowser } from './browser.js';
import { coffee, grant, openShop, record } from './shop.js';

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
});
