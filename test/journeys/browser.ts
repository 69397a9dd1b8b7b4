import { existsSync } from 'node:fs';
import { type Browser, chromium, type Page } from 'playwright-core';

/** Where distributions put Chromium; `CHROMIUM` names another. */
const places = [
  process.env.CHROMIUM ?? '',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/opt/google/chrome/chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
];
const found = places.find((place) => place !== '' && existsSync(place));
const deadlineMs = 60_000;

/** A page, and what a user's console and network would have shown. */
export interface Visit {
  readonly page: Page;
  /** Errors in the console and exceptions nobody caught. */
  readonly errors: readonly string[];
  /** Requests to any other host than the page's own. */
  readonly foreign: readonly string[];
}

/**
 * Describes what is seen in a real browser. Where there is none, it is pending, with the variable that would name one.
 */
export function describeInBrowser(
  title: string,
  suite: (open: (url: string) => Promise<Visit>) => void,
): void {
  if (!found) {
    it(`${title}: needs Chromium, CHROMIUM=/path/to/chromium npx mocha -f "${title}"`);
    return;
  }
  describe(title, function () {
    this.timeout(deadlineMs);
    let browser: Browser;
    before(async () => {
      browser = await chromium.launch({
        executablePath: found,
        args: [
          '--no-sandbox',
          '--headless',
          '--disable-gpu',
          '--no-first-run',
          '--disable-background-networking',
          '--disable-component-update',
          '--disable-sync',
        ],
      });
    });
    after(() => browser.close());

    suite(async (url) => {
      const page = await browser.newPage({ reducedMotion: 'reduce' });
      const errors: string[] = [];
      const foreign: string[] = [];
      const own = new URL(url).host;
      page.on('console', (message) => {
        if (message.type() === 'error') errors.push(message.text());
      });
      page.on('pageerror', (error) => errors.push(error.message));
      page.on('request', (request) => {
        const { protocol, host } = new URL(request.url());
        if (protocol.startsWith('http') && host !== own) foreign.push(request.url());
      });
      await page.goto(url);
      return { page, errors, foreign };
    });
  });
}
