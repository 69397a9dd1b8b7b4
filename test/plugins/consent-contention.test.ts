import { expect } from 'chai';
import { createConsent } from '../../plugins/consent/consent.js';
import { createCustomers } from '../../plugins/customers/customers.js';
import { queue } from '../../plugins/queue/plugin.js';
import { store } from '../../plugins/store/plugin.js';
import type { Fact } from '../../src/facts.js';
import type { Collection, CollectionSpec, Document, Store } from '../../src/ports/store.js';
import { createRandom } from '../support/boot.js';
import { bootPeople, type People } from '../support/people.js';

const processes = 40;
const decisions = 200;
const publishing = <T>(_: readonly Fact[], change: () => Promise<T>) => change();

describe('consent decided in many processes', () => {
  let people: People;
  beforeEach(async () => {
    people = await bootPeople([store, queue]);
  });
  afterEach(() => people.close());

  /** Calls of the store that are under way. */
  let underWay = 0;

  /** A collection is opened once in a process; here its processes share it. */
  function sharing(real: Store): Store {
    const opened = new Map<string, Promise<unknown>>();
    return {
      ...real,
      collection<D extends Document>(spec: CollectionSpec<D>) {
        if (!opened.has(spec.name)) opened.set(spec.name, real.collection(spec).then(counted));
        return opened.get(spec.name) as Promise<Collection<D>>;
      },
    };
  }

  function counted<D extends Document>(real: Collection<D>): Collection<D> {
    async function counting<T>(call: Promise<T>): Promise<T> {
      underWay++;
      try {
        return await call;
      } finally {
        underWay--;
      }
    }
    return {
      ...real,
      get: (id) => counting(real.get(id)),
      getMany: (ids, options) => counting(real.getMany(ids, options)),
      insert: (documents) => counting(real.insert(documents)),
      update: (id, change, options) => counting(real.update(id, change, options)),
      find: (query) => counting(real.find(query)),
    };
  }

  /** Plugins of one process on the store that all share: with caches and a queue of their own. */
  async function openProcess(shared: Store, seed: number) {
    const needs = { store: shared, queue: { ...people.port('queue'), publishing } };
    let ids = 0;
    const host = {
      clock: people.clock,
      ids: { next: () => `${seed}-${++ids}` },
      random: createRandom(seed),
      log: people.log,
      dataDir: people.dataDir,
      role: 'all' as const,
      share: () => Promise.reject(new Error('nothing is shared here')),
    };
    const customers = createCustomers(needs, host, { overwriteServerTraits: false });
    const consent = createConsent({ ...needs, customers }, host, { mode: 'opt-in', doubleOptIn: new Set() });
    await customers.open();
    await consent.open();
    return { customers, consent };
  }

  it(`enters each of ${decisions} decisions of one shopper at once, with ${processes} processes in between`, async () => {
    const shared = sharing(people.port('store'));
    const opened = await Promise.all(Array.from({ length: processes }, (_, i) => openProcess(shared, i + 1)));
    const shopper = await opened[0]!.customers.recognise(people.context({ sessionId: 's' }));
    let left = decisions;
    const results = Promise.allSettled(
      Array.from({ length: decisions }, async (_, i) => {
        const evidence = `number ${i}`;
        try {
          const { consent } = opened[i % processes]!;
          await consent.decide(shopper, [{ purpose: 'ANALYTICS', status: 'DENIED', evidence }]);
        } finally {
          left--;
        }
      }),
    );
    while (left > 0) {
      await new Promise((resolve) => setImmediate(resolve));
      if (underWay === 0) people.clock.advance(1);
    }
    expect((await results).filter(({ status }) => status === 'rejected')).to.deep.equal([]);
    const history = await opened[0]!.consent.history(shopper);
    expect(new Set(history.map(({ evidence }) => evidence)).size).to.equal(decisions);
    expect(await opened[0]!.consent.audit('session:s', [])).to.include({ intact: true, decisions });
  });
});
