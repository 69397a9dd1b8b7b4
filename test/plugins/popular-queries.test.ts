import { expect } from 'chai';
import { queue } from '../../plugins/queue/plugin.js';
import type { Asker } from '../../plugins/search/query-log/popular-queries.js';
import { createPopularQueries, settledAfterMs } from '../../plugins/search/query-log/popular-queries.js';
import { createQueryLog, type QueryLog } from '../../plugins/search/query-log/query-log.js';
import { store } from '../../plugins/store/plugin.js';
import { createHost, createIds } from '../../src/host.js';
import type { Store } from '../../src/ports/store.js';
import { bootPlugins } from '../support/boot.js';

const dayMs = 86_400_000;

describe('the people who ask a query', () => {
  let system: Awaited<ReturnType<typeof bootPlugins>>;
  let restartable: Store;
  let log: QueryLog;
  let notes = 0;

  const open = async (): Promise<void> => {
    const host = createHost({ ...system, ids: createIds(system.clock), random: () => 0.5, dataDir: '' });
    log = createQueryLog(restartable, host);
    await log.start(async () => true);
  };
  const note = (text: string, person: Asker, locale = 'en'): void =>
    log.note({ id: `note-${++notes}`, text, total: 1, locale, person }, Promise.resolve(true));
  /** Searches, and is seen again a minute later. */
  const asks = async (text: string, person: Asker, locale = 'en'): Promise<void> => {
    note(text, person, locale);
    await reported();
    system.clock.advance(settledAfterMs);
    log.seen(person);
  };
  const reported = async (): Promise<string[]> =>
    (
      await log.report({
        fromMs: system.clock.nowMs() - 60 * 86_400_000,
        toMs: system.clock.nowMs() + 1,
        limit: 10,
      })
    ).map(({ query }) => query);
  const visitor = (n: number): Asker => ({
    sessionId: `visitor-${n}`,
    customerId: null,
    network: `192.0.2.${n}`,
  });
  const customer = (n: number): Asker => ({ sessionId: `session-${n}`, customerId: `customer-${n}` });

  beforeEach(async () => {
    system = await bootPlugins([store, queue]);
    const port = system.port('store');
    const opened = new Map<string, ReturnType<Store['collection']>>();
    // A log that starts again opens its collection again.
    const collection = (spec: { readonly name: string }) => {
      const known = opened.get(spec.name) ?? port.collection(spec as never);
      opened.set(spec.name, known);
      return known;
    };
    restartable = { ...port, collection } as unknown as Store;
    await open();
  });
  afterEach(async () => {
    await log.close();
    await system.close();
  });

  it('are one if one person asks on five days, with a restart in each night', async () => {
    for (const person of [visitor(1), { sessionId: 's', customerId: 'ada' }]) {
      for (let day = 0; day < 5; day++) {
        await asks('anna muster bremen', person);
        system.clock.advance(dayMs);
        await log.close();
        await open();
      }
      expect(await reported()).to.deep.equal([]);
      expect(log.popular('anna', 'en', 5)).to.deep.equal([]);
    }
  });

  it('are five if five people ask with a restart in each night', async () => {
    for (let day = 0; day < 5; day++) {
      await asks('coffee grinder', visitor(day));
      system.clock.advance(dayMs);
      await log.close();
      await open();
    }
    expect(await reported()).to.deep.equal(['coffee grinder']);
    expect(log.popular('cof', 'en', 5)).to.deep.equal(['coffee grinder']);
  });

  it('are one in one network, whatever sessions and languages it uses', async () => {
    for (const [at, locale] of ['en', 'de', 'fr', 'it', 'es', 'pl'].entries()) {
      await asks('anna muster bremen', { ...visitor(1), sessionId: `again-${at}` }, locale);
      system.clock.advance(dayMs);
    }
    expect(await reported()).to.deep.equal([]);
  });

  it('are one, whatever many others search for in between', () => {
    const queries = createPopularQueries(system.clock, 2, () => undefined);
    const count = (query: string, person: Asker): void => {
      const id = `search-${++notes}`;
      queries.count(
        { id, query, total: 1, locale: 'en', atMs: system.clock.nowMs(), clicked: false },
        person,
      );
    };
    for (let time = 0; time < 2; time++) {
      count('otto muster', { sessionId: 's', customerId: 'otto' });
      for (let n = 0; n < 100_001; n++) count('lamp', { sessionId: `${time} ${n}`, customerId: null });
      system.clock.advance(dayMs);
    }
    expect(queries.popular('otto', 'en', 5)).to.deep.equal([]);
  });

  it('count in the languages of the shop after searches in many made-up ones', async () => {
    const letters = 'abcdefghijklmnopqrstuvwxyz';
    for (const first of 'qx') {
      for (const second of letters) note('lamp', customer(0), `${first}${second}`);
    }
    for (let day = 0; day < 2; day++) {
      for (let n = 1; n < 4; n++) note('kaffee', customer(day * 3 + n), 'de');
      await reported();
      system.clock.advance(dayMs);
    }
    expect(log.popular('kaf', 'de', 5)).to.deep.equal(['kaffee']);
  });
});
