import { expect } from 'chai';
import { catalog } from '../../plugins/catalog/plugin.js';
import { merchandising } from '../../plugins/merchandising/plugin.js';
import { queue } from '../../plugins/queue/plugin.js';
import * as embedded from '../../plugins/search/drivers/embedded.js';
import { createQueryLog } from '../../plugins/search/query-log/query-log.js';
import { createSearch, type RunningSearch } from '../../plugins/search/search.js';
import { store } from '../../plugins/store/plugin.js';
import { RapportError } from '../../src/errors.js';
import { createHost, createIds } from '../../src/host.js';
import type { SearchAnswer } from '../../src/ports/search.js';
import { ProductsRefused, type SearchDocument, type SearchDriver } from '../../src/ports/search-driver.js';
import { queryOf } from '../contracts/search.js';
import { bootPlugins, type TestSystem } from '../support/boot.js';

const delivery = { id: 'f-1', atMs: 0, attempt: 1 };

/** An index beside the process: it is told of changes, may be away, slow, or refuse a product. */
interface IndexServer {
  readonly driver: SearchDriver;
  away: boolean;
  asked: number;
  retryAfterSeconds: number;
  refuses: string | null;
  /** Runs in the middle of a fill, when the catalog was read and the new index is not in its place yet. */
  duringFill: () => Promise<void>;
}

async function createIndexServer(host: ReturnType<typeof createHost>): Promise<IndexServer> {
  const index = await embedded.open(embedded.settings.parse({}), host);
  let filled = false;
  const answering = (): void => {
    server.asked++;
    if (server.away)
      throw new RapportError('unavailable', 'SEARCH_UNAVAILABLE', 'away', {
        retryAfterSeconds: server.retryAfterSeconds,
      });
  };
  const server: IndexServer = {
    away: false,
    asked: 0,
    retryAfterSeconds: 0,
    refuses: null,
    duringFill: async () => undefined,
    driver: {
      ...index,
      live: false,
      isFilled: async () => {
        answering();
        return filled;
      },
      async fill(documents) {
        answering();
        const pages: (readonly SearchDocument[])[] = [];
        for await (const page of documents) pages.push(page);
        await server.duringFill();
        answering();
        async function* again() {
          yield* pages;
        }
        const count = await index.fill(again());
        filled = true;
        return count;
      },
      async put(documents) {
        answering();
        const refused = documents.filter(({ product }) => product.id === server.refuses);
        index.put(documents.filter((document) => !refused.includes(document)));
        if (refused.length > 0)
          throw new ProductsRefused(
            refused.map(({ product }) => product.id),
            'too large',
          );
      },
      async remove(ids) {
        answering();
        index.remove(ids);
      },
      async search(query) {
        answering();
        return index.search(query);
      },
    },
  };
  return server;
}

describe('search on a server', () => {
  let system: TestSystem;
  let server: IndexServer;
  let search: RunningSearch;

  const shop = () => system.port('catalog');
  const ask = (text: string): Promise<SearchAnswer> => search.port.search(queryOf(text));
  const save = async (id: string, title: string): Promise<void> => {
    await shop().save([{ id, title, prices: [{ amount: '1.00', currency: 'USD' }] }]);
  };
  const told = (...ids: string[]): Promise<void> =>
    search.reactions['product.changed']!({ type: 'product.changed', ids }, delivery);
  /** Lets what is under way in the background come to its end, at this time and a little later. */
  async function advance(ms: number): Promise<void> {
    for (let i = 0; i < 10; i++) {
      system.clock.advance(ms / 10);
      for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
    }
  }
  const pending = async (): Promise<string[]> => {
    const ids: string[] = [];
    for await (const page of notes.scan()) ids.push(...page.map(({ id }) => id));
    return ids;
  };
  /** Until nothing is noted any more: writing to the disk takes its own time. */
  async function settled(): Promise<void> {
    await eventually(async () => (await pending()).length === 0);
  }
  async function eventually(isSo: () => boolean | Promise<boolean>): Promise<void> {
    for (let i = 0; i < 400; i++) {
      if (await isSo()) return;
      await advance(200);
    }
    expect.fail('it never came to be');
  }
  let notes: Awaited<ReturnType<ReturnType<typeof collections>['collection']>>;
  const collections = () => system.port('store');

  beforeEach(async () => {
    system = await bootPlugins([store, queue, catalog, merchandising]);
    const host = createHost({ ...system, ids: createIds(system.clock), random: () => 0.5, dataDir: '' });
    await save('lamp', 'Desk lamp');
    await save('sofa', 'Red sofa');
    server = await createIndexServer(host);
    const opened = new Map<string, unknown>();
    // The collection that notes are kept in, to look into it.
    const port = collections();
    const spied = {
      ...port,
      collection: async (spec: Parameters<typeof port.collection>[0]) => {
        const collection = await port.collection(spec);
        opened.set(spec.name, collection);
        return collection;
      },
    } as typeof port;
    search = createSearch({
      driver: server.driver,
      catalog: shop(),
      merchandising: system.port('merchandising'),
      log: createQueryLog(port, host),
      store: spied,
      host,
    });
    await search.start();
    notes = opened.get('search-pending') as typeof notes;
    await advance(2_000);
  });
  afterEach(async () => {
    await search.close();
    await system.close();
  });

  it('fills an empty index in the background, and knows the shop’s currency without having filled it', async () => {
    expect(await ask('lamp')).to.include({ total: 1, degraded: false });
    expect(search.currency()).to.equal('USD');
  });

  it('shows a change when its fact has been told, and strikes it off when it is settled', async () => {
    await save('lamp', 'Floor lamp');
    await told('lamp');
    expect((await ask('floor')).ids).to.deep.equal(['lamp']);
    expect(await pending()).to.deep.equal(['lamp']);
    await settled();
    await shop().remove(['lamp']);
    await told('lamp');
    expect((await ask('lamp')).total).to.equal(0);
  });

  it('looks again at what it wrote: another process may have read it a moment too early', async () => {
    await told('lamp');
    await save('lamp', 'Floor lamp');
    expect((await ask('floor')).ids).to.deep.equal([]);
    await advance(2_000);
    expect((await ask('floor')).ids).to.deep.equal(['lamp']);
    await settled();
  });

  it('answers from the catalog, and says so, while the server is away, and asks it seldom', async () => {
    server.away = true;
    const first = await ask('lamp');
    expect(first).to.deep.include({ ids: ['lamp'], degraded: true });
    const asked = server.asked;
    for (let i = 0; i < 20; i++) await ask('lamp');
    expect(server.asked).to.equal(asked);
    await advance(1_100);
    await ask('lamp');
    expect(server.asked).to.equal(asked + 1);
    server.away = false;
    await advance(1_100);
    expect((await ask('lamp')).degraded).to.equal(false);
  });

  it('comes again when the server said so', async () => {
    server.away = true;
    server.retryAfterSeconds = 10;
    await ask('lamp');
    server.away = false;
    await advance(9_000);
    expect((await ask('lamp')).degraded).to.equal(true);
    await advance(1_100);
    expect((await ask('lamp')).degraded).to.equal(false);
  });

  it('soon answers an outage as well as before: slips, facets and changes of the moment', async () => {
    server.away = true;
    await eventually(async () => (await ask('lapm')).total > 0);
    expect(await ask('lapm')).to.deep.include({ ids: ['lamp'], correctedQuery: 'lamp', degraded: true });
    await save('couch', 'Green couch');
    const { facets } = await search.port.search(queryOf('couch', { facets: ['price'], currency: 'USD' }));
    expect(facets[0]).to.include({ min: 100, max: 100 });
    const { suggestions } = await search.port.suggest('gre', { limit: 5, locale: 'en' });
    expect(suggestions.map(({ text }) => text)).to.include('Green couch');
  });

  it('answers from its own index, and says so, until the server holds most of what was saved', async () => {
    const saved = Array.from({ length: 20 }, (_, i) => ({ id: `chair-${i}`, title: `Oak chair ${i}` }));
    await shop().save(saved);
    expect(await ask('chair')).to.include({ total: 20, degraded: true });
    expect(await ask('')).to.include({ total: 22, degraded: true });
    const problem = await search.check().catch((error: unknown) => error);
    expect(problem).to.include({ kind: 'unavailable', code: 'SEARCH_FILLING' });
    await told(...saved.map(({ id }) => id));
    await advance(1_100);
    expect(await ask('chair')).to.include({ total: 20, degraded: false });
    await search.check();
  });

  it('fills the server anew when nobody told it of what was saved', async () => {
    await shop().save(Array.from({ length: 20 }, (_, i) => ({ id: `chair-${i}`, title: `Oak chair ${i}` })));
    await eventually(async () => !(await ask('chair')).degraded);
    expect(await ask('chair')).to.include({ total: 20, degraded: false });
  });

  it('loses no change that is made during an outage, and brings it when the server is back', async () => {
    server.away = true;
    await save('lamp', 'Floor lamp');
    await told('lamp');
    await shop().remove(['sofa']);
    await told('sofa');
    await advance(120_000);
    expect(await pending()).to.have.members(['lamp', 'sofa']);
    server.away = false;
    await advance(31_000);
    expect(await ask('floor')).to.deep.include({ ids: ['lamp'], degraded: false });
    expect((await ask('sofa')).total).to.equal(0);
    await settled();
  });

  it('brings changes made during a rebuild to the new index', async () => {
    let changed = false;
    server.duringFill = async () => {
      await save('lamp', 'Floor lamp');
      await told('lamp');
      await save('chair', 'Oak chair');
      await told('chair');
      await shop().remove(['sofa']);
      await told('sofa');
      await advance(5_000);
      changed = true;
    };
    expect(await search.rebuild()).to.equal(true);
    expect(await search.rebuild()).to.equal(false);
    await eventually(() => changed);
    await settled();
    expect((await ask('floor')).ids).to.deep.equal(['lamp']);
    expect((await ask('chair')).ids).to.deep.equal(['chair']);
    expect((await ask('sofa')).total).to.equal(0);
    server.duringFill = async () => undefined;
    await eventually(() => search.rebuild());
  });

  it('says which product the server refused, and takes all others', async () => {
    server.refuses = 'lamp';
    await save('lamp', 'Floor lamp');
    await save('chair', 'Oak chair');
    const [refused, taken] = await Promise.allSettled([told('lamp'), told('chair')]);
    expect(refused.status).to.equal('rejected');
    expect(taken.status).to.equal('fulfilled');
    expect((await ask('chair')).ids).to.deep.equal(['chair']);
    expect(JSON.stringify(system.log.lines.filter(({ level }) => level === 'error'))).to.contain('lamp');
    await settled();
  });
});
