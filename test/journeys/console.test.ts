import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { expect } from 'chai';
import type { Page } from 'playwright-core';
import { console as consolePlugin } from '../../plugins/console/plugin.js';
import { plugins } from '../../plugins/index.js';
import { buildConsole } from '../support/browser-client.js';
import { openTestGateway, type TestGateway, testKeys } from '../support/gateway.js';
import { describeInBrowser, type Visit } from './browser.js';
import { openShop } from './shop.js';

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
        const label = element instanceof HTMLInputElement ? element.labels?.[0] : null;
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
    await announced('“coffee” finds');
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

  it('sends requests to its gateway only, and leaves no error in the console', () => {
    expect(visit.foreign).to.deep.equal([]);
    expect(visit.errors.filter((error) => !error.includes('40'))).to.deep.equal([]);
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

  it('can be turned off', async () => {
    await serve({ RAPPORT_CONSOLE_ENABLED: 'false' });
    expect((await fetch(`${gateway.url}/console`)).status).to.equal(404);
  });
});
