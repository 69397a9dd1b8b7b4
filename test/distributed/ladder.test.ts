import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'chai';
import { store as storePlugin } from '../../plugins/store/plugin.js';
import { describeDrivers } from '../contracts/drivers.js';
import { everything, grant, openShop, shopperContext } from '../journeys/shop.js';
import { bootPlugins } from '../support/boot.js';
import { type Cuttable, openCuttable } from '../support/cuttable.js';
import { testKeys } from '../support/gateway.js';
import { backendsOf } from './backends.js';
import { openLoad, type Phase, saveMutation, tableOf } from './load.js';
import { type Backends, openProcess, type RunningProcess, untilSo } from './processes.js';
import { witnessedSpec } from './witness.js';

interface Health {
  readonly degraded: readonly string[];
  readonly parts: Readonly<Record<string, string>>;
}

/** How long a backend is away. `AWAY_MS=30000` for figures. */
const awayMs = Number(process.env.AWAY_MS ?? 8_000);
const aroundMs = 1_500;
const defaultPorts: Readonly<Record<string, number>> = { 'redis:': 6379, 'mongodb:': 27_017, 'http:': 7_700 };
/** Consent may be believed that long when it cannot be read any more. */
const consentFreshMs = 5_000;
/** A wake-up that was lost on its way costs a fact no more than the lease it was published with. */
const factWithinMs = 150_000;

/**
 * A gateway and a worker whose ways to MongoDB (`MONGODB_URL`), Redis (`REDIS_URL`) and Meilisearch (`MEILISEARCH_URL`, when `DRIVERS`
 * names it) are cut while requests flow.
 */
describeDrivers('when a backend fails', ['bull'], () => {
  const backends = backendsOf('ladder');
  let lines: { readonly store: Cuttable; readonly queue: Cuttable; readonly search: Cuttable | undefined };
  let cuttable: Backends;
  let gateway: RunningProcess;
  let worker: RunningProcess;
  const tables: string[] = [];

  before(async function () {
    this.timeout(90_000);
    const [store, queue] = await Promise.all([inFrontOf(backends.store), inFrontOf(backends.queue)]);
    const search = backends.search ? await inFrontOf(backends.search) : undefined;
    lines = { store: store.line, queue: queue.line, search: search?.line };
    cuttable = { store: store.url, queue: queue.url, search: search?.url };
    [gateway, worker] = await Promise.all([
      openProcess('gateway', cuttable),
      openProcess('worker', cuttable),
    ]);
    await openShop(gateway);
    for (const n of [0, 1, 2, 3]) await grant(gateway, `known-${n}`);
  });
  after(async function () {
    this.timeout(30_000);
    await Promise.all([gateway, worker].map((each) => each?.stop()));
    await Promise.all(Object.values(lines ?? {}).map((line) => line?.close()));
    for (const table of tables) console.log(table);
  });

  async function throughOutage(
    what: string,
    { cut, restore }: Pick<Cuttable, 'cut' | 'restore'>,
  ): Promise<{ load: ReturnType<typeof openLoad>; phases: Readonly<Record<string, Phase>> }> {
    const load = openLoad(gateway);
    await pause(aroundMs);
    load.phase('down');
    await cut();
    await pause(awayMs);
    load.phase('back');
    await restore();
    let health = '';
    await untilSo(
      'ready again',
      async () => {
        const answer = await fetch(`${gateway.url}/health/ready`, {
          headers: { 'x-api-key': testKeys.ADMIN },
        });
        health = await answer.text();
        const { degraded, parts } = JSON.parse(health) as Health;
        // Products whose facts were delayed are found in the gateway's own index until the server holds them.
        const isTakingUp = parts.search?.includes('taking up the catalog') === true;
        return answer.ok && degraded.every((part) => part === 'search' && isTakingUp);
      },
      20_000,
    ).catch(async (error: Error) => {
      await load.stop();
      throw new Error(`${error.message}: ${health}`);
    });
    load.phase('after');
    await pause(aroundMs);
    const phases = await load.stop();
    tables.push(tableOf(what, phases));
    return { load, phases };
  }

  async function effects(ids: readonly string[]): Promise<(number | null)[]> {
    const system = await bootPlugins([storePlugin], { environment: { RAPPORT_STORE_URL: backends.store } });
    try {
      const witnessed = await system.port('store').collection(witnessedSpec);
      const tookMs = await untilSo(
        'every fact has had its effect',
        async () => (await witnessed.getMany(ids)).every((each) => each !== null),
        factWithinMs,
      );
      tables.push(
        `every fact has had its effect ${Math.round(tookMs)} ms after the backend was back and the load over`,
      );
      return (await witnessed.getMany(ids)).map((each) => each?.times ?? null);
    } finally {
      await system.close();
    }
  }

  const storeOutages = {
    'the store is away': { cut: () => lines.store.cut(), restore: () => lines.store.restore() },
    'the store hangs': { cut: async () => lines.store.hang(), restore: () => lines.store.restore() },
  };
  for (const [what, outage] of Object.entries(storeOutages)) {
    it(`${what}: the shop goes on from memory, nobody is personalized on a guess, writes say when to come again, none that was acknowledged is lost`, async function () {
      this.timeout(awayMs + factWithinMs + 60_000);
      const { load, phases } = await throughOutage(what, outage);
      const { down, after } = phases as { down: Phase; after: Phase };
      for (const kind of ['products', 'product', 'search', 'recommendations', 'personal'] as const) {
        expect(down[kind].failed, `${kind}: ${JSON.stringify(down[kind].codes)}`).to.equal(0);
        expect(after[kind].failed, kind).to.equal(0);
      }
      for (const kind of ['events', 'save'] as const) {
        for (const code of Object.keys(down[kind].codes)) expect(code, kind).to.match(/_UNAVAILABLE$/);
        expect(down[kind].retryAfter, kind).to.equal(down[kind].failed);
        expect(down[kind].failed, kind).to.be.above(0);
        expect(after[kind].failed, kind).to.equal(0);
      }
      expect(load.guesses(consentFreshMs), 'personal answers on an unknown consent').to.equal(0);
      expect(await load.lost(gateway)).to.deep.equal([]);
      expect((await effects(load.saved)).filter((times) => times === null)).to.deep.equal([]);
    });
  }

  /** Redis that dies without having written anything down comes back empty. */
  const outages = {
    'the queue is away and comes back empty': {
      cut: async () => {
        await lines.queue.cut();
        await flushAll(backends.queue);
      },
      restore: () => lines.queue.restore(),
    },
    'the queue is emptied': { cut: () => flushAll(backends.queue), restore: async () => undefined },
  };
  for (const [what, outage] of Object.entries(outages)) {
    it(`${what}: everything that answers at once still does, and every fact has its effect`, async function () {
      this.timeout(awayMs + factWithinMs + 60_000);
      const { load, phases } = await throughOutage(what, outage);
      for (const phase of Object.values(phases)) {
        for (const [kind, { failed, codes }] of Object.entries(phase)) {
          expect(failed, `${kind}: ${JSON.stringify(codes)}`).to.equal(0);
        }
      }
      expect(await load.lost(gateway)).to.deep.equal([]);
      expect((await effects(load.saved)).filter((times) => times === null)).to.deep.equal([]);
    });
  }

  it('the search: everything is answered, what is searched from the catalog and said to be so', async function () {
    if (!lines.search) return this.skip();
    this.timeout(awayMs + factWithinMs + 60_000);
    const { load, phases } = await throughOutage('the search is away', lines.search);
    for (const [name, phase] of Object.entries(phases)) {
      for (const [kind, { failed, codes }] of Object.entries(phase)) {
        expect(failed, `${name} ${kind}: ${JSON.stringify(codes)}`).to.equal(0);
      }
    }
    expect(phases.down!.search.degraded).to.be.above(0);
    await untilSo(
      'searched in its own index again',
      async () => {
        const answer = await gateway.ask(
          'query ($context: ShopperContext!) { shopper(context: $context) { search(query: "camping") { total } } }',
          { variables: { context: shopperContext('searcher') } },
        );
        return answer.extensions.rapport.degraded.length === 0;
      },
      factWithinMs,
    );
    expect(await load.lost(gateway)).to.deep.equal([]);
  });

  it('a worker killed in the middle of its work: another one does the rest', async function () {
    this.timeout(factWithinMs + 90_000);
    const ids = Array.from({ length: 60 }, (_, i) => `killed-${i}`);
    const saving = ids.map((id) =>
      gateway.ask(saveMutation, { role: 'SERVER', variables: { products: [{ id, title: id }] } }),
    );
    await Promise.race(saving);
    await worker.kill();
    for (const answer of await Promise.all(saving)) expect(answer.errors).to.equal(undefined);
    worker = await openProcess('worker', cuttable);
    expect((await effects(ids)).filter((times) => times === null)).to.deep.equal([]);
  });

  it('a stranger is answered as before, once all is back', async () => {
    const answer = await gateway.ask(
      'query ($context: ShopperContext!) { shopper(context: $context) { recommendations(placement: "home") { items { product { id } } } } }',
      { variables: { context: shopperContext('stranger') } },
    );
    expect(answer.extensions.rapport.degraded).to.deep.equal([]);
    const items = answer.at('shopper.recommendations.items') as { product: { id: string } }[];
    // Places of trials may show what was saved meanwhile.
    const known = items.filter(({ product }) => everything.includes(product.id));
    expect(known.length).to.be.above(items.length / 2);
  });
});

async function flushAll(url: string): Promise<void> {
  const { hostname, port } = new URL(url);
  const redis = connect(Number(port || 6379), hostname);
  redis.end('FLUSHALL\r\nQUIT\r\n');
  redis.resume();
  await once(redis, 'close');
}

async function inFrontOf(url: string): Promise<{ readonly line: Cuttable; readonly url: string }> {
  const { protocol, hostname, port, pathname } = new URL(url);
  const line = await openCuttable(hostname, Number(port || defaultPorts[protocol]));
  return { line, url: `${protocol}//127.0.0.1:${line.port}${pathname}` };
}
