import { expect } from 'chai';
import type { Page } from 'playwright-core';
import { plugins } from '../../plugins/index.js';
import { showcase } from '../../plugins/showcase/plugin.js';
import { openTestGateway, type TestGateway, testKeys } from '../support/gateway.js';
import { describeInBrowser, type Visit } from './browser.js';
import { coffee, grant, openShop, record } from './shop.js';

const markup = '<img src=x onerror="document.title=1"> mug';
const image = '/showcase/pictures/cup-plum-XY.svg';

describeInBrowser('The showcase', (open) => {
  let gateway: TestGateway;
  let visit: Visit;
  let page: Page;

  before(async () => {
    gateway = await openTestGateway(plugins);
    await openShop(gateway);
    const { errors } = await gateway.ask(
      `mutation ($products: [ProductInput!]!) {
        saveProducts(products: $products) { userErrors { message } }
        updateProducts(products: [{ id: "coffee-kettle", media: [{ url: "https://images.example/kettle.jpg" }] }]) { saved }
      }`,
      {
        role: 'SERVER',
        variables: {
          products: [
            {
              id: 'coffee-mug',
              title: markup,
              categoryIds: ['coffee'],
              speakable: false,
              media: [{ url: image }],
              rating: { average: 4.25, count: 12 },
              variants: ['S', 'L'].map((value) => ({
                id: `coffee-mug-${value}`,
                selectedOptions: [{ name: 'Size', value }],
                stock: [{ quantity: value === 'S' ? 0 : 5 }],
              })),
              prices: [{ amount: '9.00', currency: 'EUR' }],
            },
          ],
        },
      },
    );
    expect(errors).to.equal(undefined);
    await grant(gateway, 'demo-ada');
    await grant(gateway, 'somebody');
    for (const id of [...coffee, 'coffee-mug']) await record(gateway, 'somebody', 'PRODUCT_VIEWED', [id]);
    await record(gateway, 'demo-ada', 'PRODUCT_VIEWED', ['coffee-kettle']);
    visit = await open(`${gateway.url}/showcase#key=${testKeys.STOREFRONT}`);
    ({ page } = visit);
    await page.locator('#web-list li').first().waitFor();
  });
  after(() => gateway?.close());

  const ids = (channel: string) =>
    page
      .locator(`#${channel}-list > li`)
      .evaluateAll((nodes) => nodes.map((node) => node.getAttribute('data-product') ?? ''));
  /** Waits until the page tells of what was done last. */
  const told = (words: string) => page.locator('#story', { hasText: words }).waitFor();

  it('shows one ranking in four channels', async () => {
    const web = await ids('web');
    expect(web).to.have.length(8);
    expect(await ids('app')).to.deep.equal(web);
    expect(web.filter((id) => id !== '')).to.include.members(await ids('kiosk'));
    expect(await page.locator('#voice-list > li').count()).to.be.within(1, 5);
    expect(await page.locator('#speech').textContent()).to.match(/\w+ for coffee/);
    expect(await page.locator('#voice-omitted').textContent()).to.match(
      /More than this channel takes|Discreet/,
    );
    const decisions = await page.locator('.frame .decision').allTextContents();
    expect(new Set(decisions).size, decisions.join()).to.equal(1);
  });

  it('shows a picture of each product: its own image if the gateway has it, otherwise a drawing', async () => {
    await page.waitForLoadState('networkidle');
    const pictures = await page
      .locator('#web-list img')
      .evaluateAll((nodes) =>
        nodes.map((node) => (node instanceof HTMLImageElement ? [node.src, node.naturalWidth] : [])),
      );
    expect(pictures).to.have.length(8);
    for (const [source, width] of pictures) expect(width, String(source)).to.equal(960);
    expect(pictures.map(([source]) => source)).to.include(`${gateway.url}${image}`);
  });

  it('shows ratings, and sizes with those struck through that are sold out', async () => {
    const mug = page.locator('#web-list li[data-product="coffee-mug"]');
    expect(await mug.locator('.options').textContent()).to.match(/^Size: S L\s*$/);
    expect(await mug.locator('.options s').allTextContents()).to.deep.equal(['S']);
    expect(await mug.locator('.rating').textContent()).to.include('rated 4.3 of 5 by 12');
  });

  it('shows a title with markup in it as text', async () => {
    expect(await page.locator('#web-list .title', { hasText: 'onerror' }).textContent()).to.equal(markup);
    expect(await page.title()).to.match(/^Rapport/);
  });

  it('moves every channel at once when a product is looked at or not wanted', async () => {
    const before = await ids('web');
    await page.locator('#app-list .title').last().click();
    await told('looked at');
    const after = await ids('web');
    expect(after).not.to.deep.equal(before);
    expect(await ids('app')).to.deep.equal(after);
    expect(await page.locator('#web-list .mark:visible').count()).to.be.above(0);

    await page.locator('#kiosk-list .dismiss').first().focus();
    await page.keyboard.press('Enter');
    await told('does not want');
    expect(await page.locator('#kiosk-list > li').first().locator('.title:focus').count()).to.equal(1);
    for (const channel of ['web', 'app', 'kiosk']) expect(await ids(channel)).not.to.include(after[0]);
  });

  it('tells what goes with the basket', async () => {
    const [first] = await ids('web');
    await page.locator('#web-list .cart').first().click();
    await told('in the basket');
    expect(await page.locator('#basket-list li').count()).to.equal(1);
    const goesWith = await page
      .locator('#basket-with > li')
      .evaluateAll((nodes) => nodes.map((node) => node.getAttribute('data-product') ?? ''));
    expect(goesWith).to.have.length.above(0);
    expect(goesWith).not.to.include(first);
  });

  it('finds what was misspelt, and says what it looked for instead', async () => {
    await page.locator('#query').fill('ketle');
    await page.locator('#query').press('Enter');
    await page.locator('#results > li').first().waitFor();
    expect(await page.locator('#found-word').textContent()).to.match(/for kettle, instead of ketle/);
    expect(await page.locator('#results .title').first().textContent()).to.equal('kettle for coffee');
  });

  it('answers as a stranger once consent is withdrawn, and shows the query that proves it', async () => {
    await page.locator('label.switch').click();
    await told('took the yes back');
    await page.locator('#seen').waitFor({ state: 'hidden' });
    expect(await page.locator('#welcome').textContent()).to.equal('Popular with everybody');
    const blank = await gateway.ask(
      '{ shopper(context: { channel: WEB, sessionId: "blank", currency: EUR, locale: "en" }) { recommendations(placement: "home", first: 8) { items { product { id } } } } }',
    );
    const items = blank.at('shopper.recommendations.items') as { product: { id: string } }[];
    expect(await ids('web')).to.deep.equal(items.map(({ product }) => product.id));

    await page.locator('#inspector summary').click();
    expect(await page.locator('#sent-query').textContent()).to.match(/^query FourChannels/);
    expect(await page.locator('#answer').textContent()).to.match(/"reason": "NO_CONSENT"/);
  });

  it('asks nobody but its gateway, and leaves no error in the console', () => {
    expect(visit.foreign).to.deep.equal([]);
    expect(visit.errors).to.deep.equal([]);
  });

  it('asks kindly for another key', async () => {
    const other = await open(`${gateway.url}/showcase#key=not-a-key-of-ours`);
    await other.page.locator('#gate-fault', { hasText: 'not known' }).waitFor();
    await other.page.locator('#key').fill(testKeys.STOREFRONT);
    await other.page.locator('#key').press('Enter');
    await other.page.locator('#web-list li').first().waitFor();
    expect(other.page.url()).to.include(`#key=${testKeys.STOREFRONT}&shopper=demo-ada`);
  });
});

describe('The showcase, as it is served', () => {
  it('runs nothing inline and nothing from elsewhere, and is sent once', async () => {
    const gateway = await openTestGateway([showcase]);
    try {
      const response = await fetch(`${gateway.url}/showcase`);
      expect(response.status).to.equal(200);
      expect(await response.text()).not.to.match(
        /<script(?![^>]* src="\/showcase\/)|<style| style="| on\w+="|https?:/,
      );
      const policy = response.headers.get('content-security-policy') ?? '';
      expect(policy).to.match(/default-src 'none'; script-src 'self'; style-src 'self'/);
      expect(policy).not.to.include('unsafe');
      const etag = response.headers.get('etag') ?? '';
      const again = await fetch(`${gateway.url}/showcase`, { headers: { 'if-none-match': etag } });
      expect(again.status).to.equal(304);
      for (const name of ['jsconfig.json', '..%2fplugin.ts', 'nothing.js', '__proto__']) {
        const { status } = await fetch(`${gateway.url}/showcase/${name}`);
        expect(status, name).to.equal(404);
      }
    } finally {
      await gateway.close();
    }
  });

  it('can be turned off', async () => {
    const gateway = await openTestGateway([showcase], {
      environment: { RAPPORT_SHOWCASE_ENABLED: 'false' },
    });
    const { status } = await fetch(`${gateway.url}/showcase`);
    await gateway.close();
    expect(status).to.equal(404);
  });
});
