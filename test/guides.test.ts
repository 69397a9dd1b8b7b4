import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { plugins } from '../plugins/index.js';
import { withErrors } from '../scripts/readme.js';
import { describeInBrowser } from './journeys/browser.js';
import { openShop, viewCoffee } from './journeys/shop.js';
import { buildBrowserClient, openOrigin } from './support/browser-client.js';
import { openTestGateway, type TestGateway, testKeys } from './support/gateway.js';

const guide = readFileSync(join(import.meta.dirname, '..', 'schema', 'README.md'), 'utf8');

describe('The guide of the API', () => {
  it('has the table of errors that the source has; npm run readme writes it', () => {
    expect(guide).to.equal(withErrors(guide));
    const rows = [
      '| `CONTEXT_CURRENCY` | invalid | context.currency is …; it must be an ISO 4217 code such as "EUR". |',
      '| `GRAPHQL_SUBSCRIPTIONS` | limited | … subscriptions',
      '| `EVENTS_AT_INVALID` |  | at must be an instant',
      '| `CATALOG_HANDLE_TAKEN` |  | the handle "…" is that of',
      '| `CATALOG_STOCK_INVALID` |',
    ];
    for (const row of rows) expect(guide).to.include(row);
    expect(guide, 'a code without its prefix').to.not.include('| `ID_INVALID` |');
    expect(guide, 'a row without a message').to.not.match(/^\| `[A-Z_]+` \| \w* \| +\|$/m);
  });

  it('shows the configuration of clients that is tested', () => {
    for (const name of ['apollo.ts', 'urql.ts', 'relay.config.json', 'codegen.json']) {
      const snippet = readFileSync(join(import.meta.dirname, 'clients', 'snippets', name), 'utf8');
      const language = name.split('.').at(-1)!;
      expect(guide.includes(`\`\`\`${language}\n${snippet}\`\`\``), name).to.equal(true);
    }
  });

  it('links to files that are there', () => {
    const links = [...guide.matchAll(/\]\((\.\.\/[^)#]+)/g)].map(([, path]) => path!);
    expect(links).to.have.length.above(3);
    for (const path of links) readFileSync(join(import.meta.dirname, '..', 'schema', path));
  });
});

describeInBrowser('The first page of the guide', (open) => {
  let gateway: TestGateway;
  let origin: Awaited<ReturnType<typeof openOrigin>>;
  before(async () => {
    await buildBrowserClient();
    gateway = await openTestGateway(plugins);
    await openShop(gateway);
    await viewCoffee(gateway);
    const [, page = ''] = /```html\n([\s\S]*?)\n {3}```/.exec(guide) ?? [];
    const own = page
      .replaceAll('http://localhost:4000', gateway.url)
      .replace('dev-storefront-key', testKeys.STOREFRONT);
    origin = await openOrigin({ '/': own.replace('<title>', '<link rel="icon" href="data:,"><title>') });
  });
  after(async () => {
    origin?.close();
    await gateway?.close();
  });

  it('lists, searches, and follows what the shopper looks at', async () => {
    const { page, errors } = await open(origin.url);
    await page.locator('li').first().waitFor();
    const granted = page.waitForResponse(
      (response) => response.request().postData()?.includes('setConsent') ?? false,
    );
    await page.locator('#yes').click();
    await granted;
    // Events happened before they arrive, and must not seem older than the consent.
    gateway.system.clock.advance(60_000);
    await page.locator('#query').fill('ketle');
    await page.locator('li', { hasText: 'kettle for coffee' }).first().waitFor();
    await page.locator('li button').first().click();
    await page.locator('li', { hasText: 'kettle for coffee”' }).first().waitFor();
    expect(errors).to.deep.equal([]);
  });
});
