import { expect } from 'chai';
import { plugins } from '../../plugins/index.js';
import { openApp } from '../../scripts/examples/app.js';
import type { Site } from '../../scripts/examples/site.js';
import { openWebShop } from '../../scripts/examples/web-shop.js';
import { buildBrowserClient } from '../support/browser-client.js';
import { openTestGateway, type TestGateway, testKeys } from '../support/gateway.js';
import { describeInBrowser } from './browser.js';
import { openShop, viewCoffee } from './shop.js';

describeInBrowser('The examples', (open) => {
  let gateway: TestGateway;
  let webShop: Site;
  let app: Site;

  before(async () => {
    await buildBrowserClient();
    gateway = await openTestGateway(plugins);
    await openShop(gateway);
    await viewCoffee(gateway);
    const shop = { url: gateway.url, key: testKeys.STOREFRONT };
    webShop = await openWebShop(shop, 0);
    app = await openApp(shop, 0);
  });
  after(async () => {
    await webShop?.close();
    await app?.close();
    await gateway?.close();
  });

  describe('The web shop', () => {
    it('renders pages for everybody that caches may keep, and sends them once', async () => {
      const page = await fetch(webShop.url);
      expect(page.headers.get('cache-control')).to.equal('public, max-age=60, stale-while-revalidate=300');
      expect(await page.text()).to.include('kettle for coffee');
      const etag = page.headers.get('etag')!;
      expect((await fetch(webShop.url, { headers: { 'if-none-match': etag } })).status).to.equal(304);
      expect((await fetch(`${webShop.url}/p/nothing`)).status).to.equal(404);
    });

    it('goes on after addresses that are not percent-encoded', async () => {
      for (const path of ['/%', '/p/%', '/p/50%25'])
        expect((await fetch(webShop.url + path)).status, path).to.equal(404);
      expect((await fetch(webShop.url)).status).to.equal(200);
    });

    it('names the option of a port that is taken', async () => {
      const port = Number(new URL(webShop.url).port);
      const error = await openApp({ url: gateway.url, key: testKeys.STOREFRONT }, port).catch(
        (reason: unknown) => reason,
      );
      expect(error).to.have.property('message', `port ${port} is taken; set --port to another one`);
    });

    it('personalizes in the browser after consent, and on a page that no cache keeps', async () => {
      const { page, errors } = await open(`${webShop.url}/p/coffee-kettle`);
      await page.locator('#similar li').first().waitFor();
      expect(await page.context().cookies()).to.deep.equal([]);
      await page.locator('#yes').click();
      await page.locator('#notice').waitFor({ state: 'hidden' });
      // Events that are sent after a second happened before they arrive, and must not seem older than the consent.
      gateway.system.clock.advance(60_000);
      const [cookie] = await page.context().cookies();
      expect(cookie).to.include({ name: 'rapport_session', sameSite: 'Lax' });

      await page.goto(`${webShop.url}/p/coffee-kettle`);
      await page.locator('#similar li').first().waitFor();
      await page.goto(`${webShop.url}/p/coffee-press`);
      await page.locator('#similar li').first().waitFor();
      const response = await page.goto(`${webShop.url}/for-you`);
      expect(response?.headers()['cache-control']).to.equal('private, no-store');
      const how = page.locator('#how');
      // The beacon of the page that was left may arrive after this one was rendered.
      while (!(await how.textContent())?.startsWith('Chosen')) await page.reload();
      expect(await (await fetch(`${webShop.url}/for-you`)).text()).to.include('Popular with everybody');
      expect(errors).to.deep.equal([]);
    });
  });

  describe('The app', () => {
    it('can be installed', async () => {
      const { page, errors } = await open(app.url);
      await page.locator('body[data-ready]').waitFor();
      const session = await page.context().newCDPSession(page);
      const { installabilityErrors } = await session.send('Page.getInstallabilityErrors');
      // A test's profile is one.
      const faults = installabilityErrors.filter(({ errorId }) => errorId !== 'in-incognito');
      expect(faults).to.deep.equal([]);
      expect(errors).to.deep.equal([]);
    });

    it('goes on with a list begun by voice, by its code and by its link, once', async () => {
      const say = async (
        text: string,
      ): Promise<{ list: { items: { title: string }[] } | null; handover: { code: string } | null }> => {
        const response = await fetch(`${gateway.url}/voice/say`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', 'x-api-key': testKeys.STOREFRONT },
          body: JSON.stringify({ conversationId: 'examples', text, currency: 'EUR' }),
        });
        return (await response.json()) as Awaited<ReturnType<typeof say>>;
      };
      const { list } = await say('find coffee');
      const titles = list!.items.map(({ title }) => title);
      const { handover } = await say('continue in the app');
      const { page } = await open(app.url);
      await page.locator('body[data-ready]').waitFor();
      const goOn = async (code: string) => {
        await page.locator('#code').fill(code);
        await page.locator('#continue button').click();
      };
      await goOn(handover!.code);
      await page.locator('#state', { hasText: 'Here is your list.' }).waitFor();
      expect((await page.locator('#list button').allTextContents()).slice(0, titles.length)).to.deep.equal(
        titles,
      );
      await goOn(handover!.code);
      await page.locator('#state', { hasText: 'each code works once' }).waitFor();

      const again = await say('continue in the app');
      await page.goto(`${app.url}#${again.handover!.code}`);
      await page.reload();
      await page.locator('#state', { hasText: 'Here is your list.' }).waitFor();
      expect(page.url()).to.not.contain(again.handover!.code);
    });

    it('shows the last list while it is offline, and sends later what happened then', async () => {
      const { page } = await open(app.url);
      await page.locator('body[data-ready]').waitFor();
      await page.evaluate('navigator.serviceWorker.ready.then(() => undefined)');
      await page.locator('#yes').click();
      await page.locator('#yes').waitFor({ state: 'hidden' });
      const titles = await page.locator('#list button').allTextContents();
      expect(titles).to.have.length(5);

      await page.context().setOffline(true);
      await page.reload();
      await page.locator('#state', { hasText: 'offline' }).waitFor();
      expect(await page.locator('#list button').allTextContents()).to.deep.equal(titles);
      await page.locator('#list button').first().click();
      const waiting = "Object.keys(localStorage).filter((key) => key.startsWith('rapport:event:')).length";
      expect(await page.evaluate(waiting)).to.equal(2);

      await page.context().setOffline(false);
      await page.waitForFunction(`${waiting} === 0`);
    });
  });
});
