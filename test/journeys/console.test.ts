import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import type { Page } from 'playwright-core';
import { console as consolePlugin } from '../../plugins/console/plugin.js';
import { plugins } from '../../plugins/index.js';
import { buildConsole } from '../support/browser-client.js';
import { openTestGateway, type TestGateway, testKeys } from '../support/gateway.js';
import { describeInBrowser, type Visit } from './browser.js';
import { openShop, shopperContext } from './shop.js';

/** Packed: less than a second on a connection of 3G. */
const scriptBytesMax = 30_720;
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

describeInBrowser('The console', (open) => {
  let gateway: TestGateway;
  let visit: Visit;
  let page: Page;

  before(async () => {
    await buildConsole();
    gateway = await openTestGateway(plugins, {
      // As a shop runs it: without development mode.
      production: true,
      environment: { RAPPORT_SEARCH_PEOPLE_MIN: '1' },
    });
    await openShop(gateway);
    visit = await open(`${gateway.url}/console`);
    ({ page } = visit);
    // A script in the page would be refused by its policy, so it comes with the next load.
    await page.addInitScript(axe);
    await page.reload();
  });
  after(() => gateway?.close());

  async function expectAccessible(): Promise<void> {
    const violations = await page.evaluate(async () => {
      const { run } = (globalThis as unknown as { axe: { run(): Promise<{ violations: Violation[] }> } }).axe;
      const found = await run();
      return found.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
    });
    expect(violations).to.deep.equal([]);
  }
  interface Violation {
    readonly id: string;
    readonly nodes: readonly { readonly html: string }[];
  }

  /** Moves by Tab until the control with this name has the focus, as a user without a mouse does. */
  async function tabTo(name: string | RegExp): Promise<void> {
    for (let presses = 0; presses < 150; presses++) {
      await page.keyboard.press('Tab');
      const focused = await page.evaluate(() => {
        const element = document.activeElement;
        const label = (element as HTMLInputElement | null)?.labels?.[0];
        return (label ?? element)?.textContent?.trim() ?? '';
      });
      if (typeof name === 'string' ? focused === name : name.test(focused)) return;
    }
    throw new Error(`no control named ${name} is reached by Tab`);
  }
  const press = async (name: string | RegExp) => {
    await tabTo(name);
    await page.keyboard.press('Enter');
  };
  async function shopFinds(query: string, sessionId = 'somebody'): Promise<unknown> {
    const answer = await gateway.ask(
      'query ($context: ShopperContext!, $query: String!) { shopper(context: $context) { search(query: $query) { total } } }',
      { variables: { query, context: shopperContext(sessionId) } },
    );
    return answer.at('shopper.search.total');
  }
  /** Different people search for it, and are still there a minute later. */
  async function searchedFor(query: string, people: number): Promise<void> {
    for (let i = 0; i < people; i++) await shopFinds(query, `${query}-${i}`);
    gateway.system.clock.advance(60_000);
    for (let i = 0; i < people; i++) await shopFinds(query, `${query}-${i}`);
  }
  const announced = (text: string | RegExp) => page.locator('[role=status]', { hasText: text }).waitFor();

  it('refuses a key that is not a merchandiser’s, and keeps the right one in the tab only', async () => {
    await expectAccessible();
    await tabTo('Merchandiser key');
    await page.keyboard.type(testKeys.STOREFRONT);
    await page.keyboard.press('Enter');
    await page.locator('[role=alert]', { hasText: 'MERCHANDISER' }).waitFor();
    await page.locator('#key').fill(testKeys.MERCHANDISER);
    await page.keyboard.press('Enter');
    await page.locator('h1', { hasText: 'Preview a search' }).waitFor();
    const kept = await page.evaluate(() => [
      Object.values(sessionStorage),
      { ...localStorage },
      document.cookie,
    ]);
    expect(kept).to.deep.equal([[testKeys.MERCHANDISER], {}, '']);
    await page.reload();
    await page.locator('h1', { hasText: 'Preview a search' }).waitFor();
  });

  it('shows a rule of the draft beside what is published, and explains each result', async () => {
    await tabTo('Query');
    await page.keyboard.type('coffee');
    await page.keyboard.press('Enter');
    await announced('“coffee” finds 6 products; 6 with the draft');
    await page.locator('#query:focus').waitFor();
    const published = page.getByRole('region', { name: 'As published' });
    const drafted = page.getByRole('region', { name: 'With the draft' });
    const ids = (list: typeof published) =>
      list
        .locator('li[data-product]')
        .evaluateAll((nodes) => nodes.map((node) => node.getAttribute('data-product')));
    const before = await ids(published);
    const last = before.at(-1)!;
    const title = await published.locator(`li[data-product="${last}"] a`).first().textContent();
    await press(`Pin ${title}`);
    await announced(`pin ${last} to position 1`);
    await expectAccessible();
    await page.keyboard.press('Shift+Tab');
    await page.locator('#rule-name').focus();
    await page.keyboard.press('Enter');
    await announced(
      'The rule is saved in the draft. Publish the draft to show it to shoppers. “coffee” finds',
    );
    await drafted.locator('.applied', { hasText: 'Search “coffee”' }).waitFor();
    expect((await ids(drafted))[0]).to.equal(last);
    expect(await ids(published)).to.deep.equal(before);
    expect(await drafted.locator(`li[data-product="${last}"] .why li`).allTextContents()).to.deep.equal([
      'up 5 from 6',
      'pinned to 1 by “Search “coffee””',
    ]);
    await expectAccessible();
  });

  it('lists rules with their state, and changes and deletes them in the draft', async () => {
    await press('Rules');
    await page.locator('td', { hasText: 'new in the draft' }).waitFor();
    await expectAccessible();
    await press('Edit Search “coffee”');
    await page.locator('#rule-name:focus').waitFor();
    await page.keyboard.press('ControlOrMeta+a');
    await page.keyboard.type('Grinder first');
    await tabTo('Position');
    await page.keyboard.type('2');
    await page.keyboard.press('Enter');
    await announced('The rule is saved in the draft');
    const row = page.getByRole('row', { name: /Grinder first/ });
    await row.waitFor();
    expect(await row.textContent()).to.match(/query is “coffee”pin coffee-\w+ to position 2/);
    await press('Delete Grinder first');
    await announced('“Grinder first” is removed in the draft');
    await page.getByText('There are no rules yet').waitFor();
  });

  it('reports the faults of a rule where it is written', async () => {
    await press('New rule');
    await page.locator('#rule-name:focus').waitFor();
    await page.keyboard.type('Empty');
    await page.keyboard.press('Enter');
    await page.getByRole('alert').waitFor();
    expect(await page.getByRole('alert').textContent()).to.match(/^rule then: must be a list of at least 1/);
    await expectAccessible();
    await press('Cancel');
  });

  it('imports and exports synonyms, and names what a file cannot say', async () => {
    await press('Synonyms');
    await tabTo('Text of the file');
    await page.keyboard.type('tent, shelter\nlamp => light\n');
    await page.locator('#format').selectOption('SOLR');
    await press('Import synonyms');
    await announced('2 synonyms are saved, 0 were there already');
    await page.locator('#exported').selectOption('SOLR');
    await press('Export synonyms');
    await announced('The file is ready');
    expect(await page.locator('#exported-text').inputValue()).to.include('tent, shelter');
    await expectAccessible();
    await page.locator('#filter').fill('shelter');
    expect(await page.locator('tbody tr').count()).to.equal(1);
    await press('Delete tent, shelter');
    await page.getByRole('dialog').waitFor();
    await press('Yes, delete');
    await announced('The synonym tent, shelter is deleted');
    await page.locator('#filter').fill('');
  });

  it('leads from a query without results to a published change, and back, by the keyboard', async () => {
    await searchedFor('moka', 3);
    await searchedFor('kettle', 2);
    await press('Report');
    await page.locator('tbody tr').first().waitFor();
    await expectAccessible();
    await tabTo('Queries');
    await page.keyboard.press('ArrowDown');
    await press('Show');
    await announced('The report has 1 queries');
    await press('moka');
    await announced('“moka” finds 0 products');

    await press('New synonym for this query');
    await page.locator('h1', { hasText: 'Synonyms' }).waitFor();
    await tabTo('Terms');
    await page.keyboard.press('End');
    await page.keyboard.type('press');
    await page.keyboard.press('Enter');
    await announced('The synonym moka, press is saved');
    await expectAccessible();

    await press('Report');
    await announced('The report has');
    await press('kettle');
    await announced('“kettle” finds');
    await press('New rule for this query');
    await page.locator('#rule-name:focus').waitFor();
    await press('Add an action');
    await tabTo('Action');
    for (let i = 0; i < 4; i++) await page.keyboard.press('ArrowDown');
    expect(await page.locator('#action-0-kind:focus').inputValue()).to.equal('filter');
    await tabTo('Product ids');
    await page.keyboard.type('coffee-press');
    await page.keyboard.press('Enter');
    await announced('“kettle” finds 1 products; 0 with the draft');

    await press('Publish');
    await press('Replay frequent searches');
    await announced('2 queries are replayed');
    expect(await page.getByRole('row', { name: /lose all results/ }).textContent()).to.match(/results4$/);
    await expectAccessible();
    await tabTo('Note');
    await page.keyboard.type('only the press');
    await page.keyboard.press('Enter');
    await page.getByRole('alert').filter({ hasText: 'would find nothing any more' }).waitFor();
    expect(await shopFinds('kettle')).to.equal(1);
    await press('Publish all the same');
    await page.getByRole('dialog').waitFor();
    await expectAccessible();
    await press('Yes, publish');
    await announced('Revision 1 holds now');
    expect(await shopFinds('kettle')).to.equal(0);
    expect(await shopFinds('moka')).to.equal(1);

    await press('Roll back to no rules');
    await page.getByRole('dialog').waitFor();
    await press('Yes, restore');
    await announced('Revision 2 holds now');
    expect(await shopFinds('kettle')).to.equal(1);
    expect(await page.getByRole('row', { name: /only the press/ }).count()).to.equal(1);
    await expectAccessible();
  });

  it('looks a product up by any code, and says why it is recommended and another is not', async () => {
    await press('Catalog');
    await tabTo('Product');
    await page.keyboard.type('no-such-code');
    await page.keyboard.press('Enter');
    await announced('No product has the code “no-such-code”');
    await page.locator('#code').fill('SKU-1');
    await page.locator('#code').press('Enter');
    await announced('Found “kettle for coffee”');
    expect(await page.locator('dl').textContent()).to.match(/Statusactive.*CategoriesCoffee.*In stockyes/i);
    await expectAccessible();

    await press('Why is it recommended, or not?');
    const explained = page.getByRole('region', { name: 'kettle for coffee' });
    await explained.waitFor();
    await tabTo('Why not that product');
    await page.keyboard.type('camping-tent');
    await tabTo('Product of the page');
    await page.keyboard.type('camping-tent');
    await page.keyboard.press('Enter');
    await announced('tent for camping: not in the list. It is the product of the page.');
    expect(await explained.textContent()).to.match(/position \d+\..*Blended rank\d+ of \d+ candidates/);
    await expectAccessible();
    expect(await page.getByRole('region', { name: 'The list' }).locator('li').count()).to.be.above(3);

    await page.getByText('Assumed history').click();
    await page.locator('#dismissed').fill('coffee-kettle');
    await page.locator('#dismissed').press('Enter');
    await announced('kettle for coffee: not in the list. The visitor dismissed it.');
  });

  it('shows a title with markup in it as text, and is legible in the dark and on a narrow screen', async () => {
    const title = '<img src=x onerror="document.title=1"> mug';
    const saved = await gateway.ask(
      'mutation ($products: [ProductInput!]!) { saveProducts(products: $products) { saved } }',
      { role: 'SERVER', variables: { products: [{ id: 'mug', title, categoryIds: ['coffee'] }] } },
    );
    expect(saved.errors).to.equal(undefined);
    await page.goto(`${gateway.url}/console#catalog?code=mug`);
    await page.locator('h2', { hasText: 'onerror' }).waitFor();
    expect(await page.locator('h2').textContent()).to.equal(title);
    expect(await page.title()).to.equal('Catalog · Rapport console');
    await page.emulateMedia({ colorScheme: 'dark' });
    await page.setViewportSize({ width: 400, height: 800 });
    for (const [view, heading] of [
      ['preview?query=coffee', 'As published'],
      ['synonyms', 'New synonym'],
      ['report', 'Search report'],
      ['publish', 'Revisions'],
    ] as const) {
      await page.goto(`${gateway.url}/console#${view}`);
      await page.getByRole('heading', { name: heading }).waitFor();
      await expectAccessible();
      const width = await page.evaluate(() => document.documentElement.scrollWidth);
      expect(width, view).to.equal(400);
    }
  });

  it('forgets the key when the user signs out', async () => {
    await press('Sign out');
    await page.locator('h1', { hasText: 'Sign in' }).waitFor();
    expect(await page.evaluate(() => ({ ...sessionStorage }))).to.deep.equal({});
  });

  it('sends requests to its gateway only, and leaves no error but that of the refused key', () => {
    expect(visit.foreign).to.deep.equal([]);
    expect(visit.errors.filter((error) => !/^Failed to load resource.* 40[13] /.test(error))).to.deep.equal(
      [],
    );
  });
});

describe('The console, as it is served', () => {
  let gateway: TestGateway;
  const serve = async (environment: Record<string, string> = {}) => {
    await buildConsole();
    gateway = await openTestGateway([consolePlugin], { environment });
  };
  afterEach(() => gateway.close());

  it('runs nothing inline and nothing from elsewhere, and serves no other file', async () => {
    await serve();
    const response = await fetch(`${gateway.url}/console`);
    expect(response.status).to.equal(200);
    expect(await response.text()).not.to.match(/<script(?![^>]* src="\/console\/)|<style| style="|https?:/);
    const policy = response.headers.get('content-security-policy') ?? '';
    expect(policy).to.match(/default-src 'none'; script-src 'self'; style-src 'self'/);
    expect(policy).not.to.include('unsafe');
    expect(response.headers.get('referrer-policy')).to.equal('no-referrer');
    for (const name of ['app.tsx', '..%2fplugin.ts', '__proto__']) {
      const { status } = await fetch(`${gateway.url}/console/${name}`);
      expect(status, name).to.equal(404);
    }
  });

  it('is small', async () => {
    await serve();
    const script = await (await fetch(`${gateway.url}/console/app.js`)).text();
    expect(gzipSync(script).length).to.be.within(1_000, scriptBytesMax);
  });

  it('can be turned off', async () => {
    await serve({ RAPPORT_CONSOLE_ENABLED: 'false' });
    expect((await fetch(`${gateway.url}/console`)).status).to.equal(404);
  });
});
