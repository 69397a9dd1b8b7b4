import { expect } from 'chai';
import { build } from 'esbuild';
import type { Page } from 'playwright-core';
import { plugins } from '../../plugins/index.js';
import { projectDirectory } from '../../src/project-directory.js';
import { buildBrowserClient, openOrigin } from '../support/browser-client.js';
import { openTestGateway, type TestGateway, testKeys } from '../support/gateway.js';
import { describeInBrowser } from './browser.js';
import { openShop, recorded, viewCoffee } from './shop.js';

describeInBrowser('The browser client, in a page of another origin', (open) => {
  let gateway: TestGateway;
  let origin: Awaited<ReturnType<typeof openOrigin>>;

  before(async () => {
    await buildBrowserClient();
    gateway = await openTestGateway(plugins);
    await openShop(gateway);
    await viewCoffee(gateway);
    const options = JSON.stringify({
      url: gateway.url,
      key: testKeys.STOREFRONT,
      currency: 'EUR',
      flushAfterMs: 20,
    });
    origin = await openOrigin({
      '/': `<!doctype html><html lang="en"><title>Shop</title><link rel="icon" href="data:,"><ul id="home"></ul><a href="/next">next</a>
        <script type="module">
          import { createClient } from '${gateway.url}/client.js';
          const client = (window.client = createClient({ ...${options}, flushAfterMs: Number(new URLSearchParams(location.search).get('flush')) || 20 }));
          const { items } = await client.recommend({ placement: 'home', first: 3 });
          document.querySelector('#home').append(...items.map(({ product }) => Object.assign(document.createElement('li'), { textContent: product.title })));
          document.body.dataset.ready = 'yes';
        </script>`,
      '/next': '<!doctype html><link rel="icon" href="data:,"><title>Next</title>',
      '/react': `<!doctype html><html lang="en"><link rel="icon" href="data:,"><div id="root"></div>
        <script type="importmap">{ "imports": { "react": "data:text/javascript;base64,${await reactModule()}" } }</script>
        <script type="module">
          import { createElement as h, render } from 'react';
          import { createClient } from '${gateway.url}/client.js';
          import { RapportProvider, useConsent, useRecommendations, useSearch } from '${gateway.url}/client/react.js';
          function Shop() {
            const { data } = useRecommendations({ placement: 'home', first: 2 });
            const found = useSearch('kettle', { first: 1 });
            const { mustAsk, grant } = useConsent();
            return h('main', null,
              h('ul', null, ...(data?.items ?? []).map(({ product }) => h('li', { key: product.id }, product.title))),
              h('p', { id: 'found' }, found.data?.items[0].product.title),
              mustAsk ? h('button', { onClick: () => grant(['PERSONALIZATION']) }, 'Yes') : h('p', { id: 'thanks' }, 'Thank you'));
          }
          render(h(RapportProvider, { client: createClient(${options}) }, h(Shop)), document.querySelector('#root'));
        </script>`,
    });
  });
  after(async () => {
    origin?.close();
    await gateway?.close();
  });

  const until = async (condition: () => Promise<boolean>) => {
    while (!(await condition())) await new Promise((resolve) => setImmediate(resolve));
  };
  const ready = (page: Page) => page.locator('body[data-ready]').waitFor();

  it('shows a list, and remembers the shopper after consent only', async () => {
    const { page, errors } = await open(`${origin.url}/`);
    await ready(page);
    expect(await page.locator('#home li').count()).to.equal(3);
    const stored = () => page.evaluate('Object.keys(localStorage).sort()');
    expect(await stored()).to.deep.equal([]);
    await page.evaluate("client.consent.grant(['PERSONALIZATION'], { noticeVersion: '1' })");
    expect(await stored()).to.deep.equal(['rapport:consent', 'rapport:session']);
    const id = await page.evaluate('client.sessionId');
    await page.reload();
    await ready(page);
    expect(await page.evaluate('client.sessionId')).to.equal(id);
    expect(errors).to.deep.equal([]);
  });

  it('delivers events of a page that is left by a beacon', async () => {
    const { page } = await open(`${origin.url}/?flush=60000`);
    await ready(page);
    const before = await recorded(gateway, 'PRODUCT_RATED');
    await page.evaluate("client.events.rated('coffee-press', 4); location.href = '/next'");
    await page.waitForURL('**/next');
    await until(async () => (await recorded(gateway, 'PRODUCT_RATED')) >= before + 1);
  });

  it('keeps events while the browser is offline, and sends them when it is online again', async () => {
    const { page } = await open(`${origin.url}/`);
    await ready(page);
    await page.evaluate("client.consent.grant(['PERSONALIZATION'])");
    const before = await recorded(gateway, 'PRODUCT_DISMISSED');
    await page.context().setOffline(true);
    await page.evaluate("client.events.dismissed('coffee-kettle'); client.events.flush()");
    expect(await page.evaluate('client.events.waiting')).to.equal(1);
    expect(
      await page.evaluate("Object.keys(localStorage).filter((key) => key.includes('event')).length"),
    ).to.equal(1);
    await page.context().setOffline(false);
    await page.waitForFunction('client.events.waiting === 0');
    expect(await recorded(gateway, 'PRODUCT_DISMISSED')).to.equal(before + 1);
  });

  it('shows that a product is sold out as soon as it is, by a stream', async () => {
    const { page } = await open(`${origin.url}/`);
    await ready(page);
    await page.evaluate(
      `client.subscribe('subscription { stockChanged(productIds: ["camping-tent"]) { inStock } }', {}, { next: ({ stockChanged }) => { document.body.dataset.stock = stockChanged.inStock; } })`,
    );
    await page.locator('body[data-stock="true"]').waitFor();
    const entries = ['', ', storeId: "berne"', ', storeId: "zurich"'].map(
      (store) => `{ productId: "camping-tent", quantity: 0${store} }`,
    );
    await gateway.ask(`mutation { setStock(entries: [${entries.join()}]) { userErrors { message } } }`, {
      role: 'SERVER',
    });
    await page.locator('body[data-stock="false"]').waitFor();
  });

  it('has hooks for React', async () => {
    const { page, errors } = await open(`${origin.url}/react`);
    await page.locator('li').first().waitFor();
    expect(await page.locator('li').count()).to.equal(2);
    await page.locator('#found', { hasText: 'kettle for coffee' }).waitFor();
    await page.locator('button').click();
    await page.locator('#thanks').waitFor();
    expect(errors).to.deep.equal([]);
  });
});

/** React as one module, which an import map can name. */
async function reactModule(): Promise<string> {
  const { outputFiles } = await build({
    stdin: {
      contents: `export { createContext, createElement, useCallback, useContext, useEffect, useState, useSyncExternalStore } from 'react';
        import { createRoot } from 'react-dom/client';
        export const render = (element, root) => createRoot(root).render(element);`,
      resolveDir: projectDirectory(),
    },
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    define: { 'process.env.NODE_ENV': '"production"' },
  });
  return Buffer.from(outputFiles[0]!.contents).toString('base64');
}
