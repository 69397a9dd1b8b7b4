import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { projectDirectory } from '../../src/project-directory.js';
import { openOrigin } from '../support/browser-client.js';
import { type TestGateway, testKeys } from '../support/gateway.js';
import { openTracking, recorded } from '../support/tracking.js';
import { describeInBrowser } from './browser.js';

/** The whole SDK in one file: the usual one loads the rest of itself from RudderStack. */
const sdk = join(
  projectDirectory(),
  'node_modules/@rudderstack/analytics-js/dist/npm/modern/bundled/umd/index.js',
);

describeInBrowser(
  "RudderStack's browser SDK with the gateway as its data plane and its configUrl",
  (open) => {
    let gateway: TestGateway;
    let origin: Awaited<ReturnType<typeof openOrigin>>;
    before(async () => {
      gateway = await openTracking();
      origin = await openOrigin({
        '/sdk.js': readFileSync(sdk, 'utf8'),
        '/': `<!doctype html><html lang="en"><title>Shop</title><link rel="icon" href="data:,">
        <script src="/sdk.js"></script>
        <script>
          const analytics = new rudderanalytics.RudderAnalytics();
          analytics.load('${testKeys.STOREFRONT}', '${gateway.url}', { configUrl: '${gateway.url}' });
          analytics.track('Product Viewed', { product_id: 'mug' });
          analytics.track('Order Completed', { order_id: 'r1', total: 5, products: [{ product_id: 'mug', quantity: 1, price: 5 }] });
          analytics.ready(() => { document.body.dataset.ready = 'yes'; });
        </script>`,
      });
    });
    after(async () => {
      origin?.close();
      await gateway?.close();
    });

    it('starts, and sends its events to nobody else', async () => {
      const { page, errors, foreign } = await open(origin.url);
      await page.waitForSelector('body[data-ready]', { state: 'attached' });
      let events = await recorded(gateway);
      while (events.length < 2) {
        await page.evaluate(() => new Promise(requestAnimationFrame));
        events = await recorded(gateway);
      }
      expect(events.map(({ type, productIds, orderId }) => [type, productIds, orderId])).to.have.deep.members(
        [
          ['PRODUCT_VIEWED', ['mug'], null],
          ['ORDER_COMPLETED', ['mug'], 'r1'],
        ],
      );
      expect(errors).to.deep.equal([]);
      expect(foreign.filter((url) => !url.startsWith(gateway.url))).to.deep.equal([]);
    });
  },
);
