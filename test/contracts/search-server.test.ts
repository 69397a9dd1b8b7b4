import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'chai';
import { catalog } from '../../plugins/catalog/plugin.js';
import { merchandising } from '../../plugins/merchandising/plugin.js';
import { queue } from '../../plugins/queue/plugin.js';
import * as meilisearch from '../../plugins/search/drivers/meilisearch.js';
import { createQueryLog } from '../../plugins/search/query-log/query-log.js';
import { createSearch, type RunningSearch } from '../../plugins/search/search.js';
import { store } from '../../plugins/store/plugin.js';
import { createHost, createIds, systemClock } from '../../src/host.js';
import type { SearchAnswer } from '../../src/ports/search.js';
import { bootPlugins, type TestSystem } from '../support/boot.js';
import { type Cuttable, openCuttable } from '../support/cuttable.js';
import { describeDrivers } from './drivers.js';
import { queryOf } from './search.js';

const products = Number(process.env.PRODUCTS ?? 300);
const withinMs = 120_000;
const delivery = { id: 'f-1', atMs: 0, attempt: 1 };

/** The whole plugin over a real server: rebuilds and outages while shoppers search and products change. */
describeDrivers('search through rebuilds and outages', ['meilisearch'], (_, url) => {
  let system: TestSystem;
  let line: Cuttable;
  let search: RunningSearch;
  let closeDriver: () => Promise<void>;
  let changes = 0;

  const ask = (text: string): Promise<SearchAnswer> => search.port.search(queryOf(text));
  const idOf = (n: number): string => `p-${n % products}`;

  /** Gives a product a new word in its title; answers the word. */
  async function change(n: number): Promise<string> {
    const word = `word${(changes++).toString(36)}x`;
    await system.port('catalog').save([{ id: idOf(n), title: `Lamp ${word}` }]);
    await search.reactions['product.changed']!({ type: 'product.changed', ids: [idOf(n)] }, delivery);
    return word;
  }
  async function until(what: string, isSo: () => Promise<boolean>): Promise<number> {
    const startedMs = Date.now();
    while (!(await isSo())) {
      if (Date.now() - startedMs > withinMs) throw new Error(`not within ${withinMs} ms: ${what}`);
      await pause(50);
    }
    return Date.now() - startedMs;
  }
  /** Searches without pause until it is stopped. */
  function load(): {
    stop(): Promise<{ answered: number; empty: number; degraded: number; failed: unknown[] }>;
  } {
    const seen = { answered: 0, empty: 0, degraded: 0, failed: [] as unknown[] };
    let going = true;
    const one = async (): Promise<void> => {
      while (going) {
        try {
          const { total, degraded } = await ask('lamp');
          seen.answered++;
          if (total === 0) seen.empty++;
          if (degraded) seen.degraded++;
        } catch (error) {
          seen.failed.push(error);
        }
        await pause(2);
      }
    };
    const all = Promise.all([one(), one(), one()]);
    return {
      async stop() {
        going = false;
        await all;
        return seen;
      },
    };
  }

  before(async function () {
    this.timeout(withinMs);
    const server = new URL(url!);
    line = await openCuttable(server.hostname, Number(server.port));
    system = await bootPlugins([store, queue, catalog, merchandising]);
    for (let n = 0; n < products; n += 100) {
      const some = Array.from({ length: Math.min(100, products - n) }, (_, i) => n + i);
      await system.port('catalog').save(some.map((i) => ({ id: idOf(i), title: `Lamp number ${i}` })));
    }
    const host = createHost({
      clock: systemClock,
      ids: createIds(systemClock),
      random: Math.random,
      log: system.log,
      dataDir: '',
    });
    const driver = await meilisearch.open(
      meilisearch.settings.parse({ url: `http://127.0.0.1:${line.port}`, index: 'rapport-rebuilds' }),
      host,
    );
    closeDriver = driver.close;
    search = createSearch({
      driver,
      catalog: system.port('catalog'),
      merchandising: system.port('merchandising'),
      log: createQueryLog(system.port('store'), host),
      store: system.port('store'),
      host,
    });
    await search.start();
    await search.rebuild();
    await until('the index is filled', async () => {
      const { total, degraded } = await ask('lamp');
      return total === products && !degraded;
    });
  });
  after(async function () {
    this.timeout(withinMs);
    await search?.close();
    await closeDriver?.();
    await system?.close();
    await line?.close();
  });

  it('finds what was saved before the server holds it, and says so', async function () {
    this.timeout(withinMs);
    const stools = Array.from({ length: 2 * products }, (_, i) => ({
      id: `stool-${i}`,
      title: `Stool ${i}`,
    }));
    for (let i = 0; i < stools.length; i += 500) await system.port('catalog').save(stools.slice(i, i + 500));
    const first = await ask('stool');
    expect(first).to.include({ total: stools.length, degraded: true });
    const ids = stools.map(({ id }) => id);
    const told = search.reactions['product.changed']!({ type: 'product.changed', ids }, delivery);
    await until('the server holds them', async () => {
      const { total, degraded } = await ask('stool');
      if (degraded) expect(total).to.equal(stools.length);
      return total === stools.length && !degraded;
    });
    await told;
    await system.port('catalog').remove(ids);
    await search.reactions['product.changed']!({ type: 'product.changed', ids }, delivery);
  });

  it('fills the index anew while shoppers search and products change: no error, no empty answer, no change lost', async function () {
    this.timeout(2 * withinMs);
    await until('the first fill has ended', async () => (await search.rebuild()) === true);
    const running = load();
    const words = new Map<string, string>();
    let rebuilding = true;
    const ended = until('the rebuild has ended', async () => {
      const filled = system.log.lines.filter(({ message }) => message === 'the search index was rebuilt');
      return filled.length >= 2;
    }).then(() => {
      rebuilding = false;
    });
    for (let n = 0; rebuilding || n < 40; n += 7) words.set(idOf(n), await change(n));
    await ended;
    for (const [id, word] of words)
      await until(`${id} is found by ${word}`, async () => (await ask(word)).ids[0] === id);
    const { answered, empty, degraded, failed } = await running.stop();
    expect(failed).to.deep.equal([]);
    expect({ empty, degraded }).to.deep.equal({ empty: 0, degraded: 0 });
    console.log(
      `      ${answered} answers and ${changes} changes during the rebuild of ${products} products`,
    );
  });

  it('answers from the catalog during an outage, and is back without a restart, with every change', async function () {
    this.timeout(2 * withinMs);
    const running = load();
    await pause(300);
    await line.cut();
    await until('an answer says that it is degraded', async () => (await ask('lamp')).degraded);
    const words = new Map<string, string>();
    for (let n = 0; n < 20; n++) words.set(idOf(n), await change(n));
    for (const [id, word] of words) expect((await ask(word)).ids, id).to.deep.equal([id]);
    await line.restore();
    const backMs = await until('the server answers again', async () => !(await ask('lamp')).degraded);
    let broughtMs = 0;
    for (const [id, word] of words)
      broughtMs += await until(`${id} is found by ${word}`, async () => (await ask(word)).ids[0] === id);
    const { answered, empty, failed, degraded } = await running.stop();
    expect(failed).to.deep.equal([]);
    expect(empty).to.equal(0);
    console.log(
      `      ${answered} answers, ${degraded} of them degraded; back ${backMs} ms after the server, all changes ${broughtMs} ms later`,
    );
  });
});
