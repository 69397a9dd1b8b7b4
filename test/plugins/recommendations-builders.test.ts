import { expect } from 'chai';
import { assemble } from '../../plugins/recommendations/assembly.js';
import { leaseMs } from '../../plugins/recommendations/snapshots/lease.js';
import type { Snapshot } from '../../plugins/recommendations/snapshots/snapshots.js';
import type { Capabilities } from '../../src/capabilities.js';
import { createIds } from '../../src/host.js';
import type { Collection, Store } from '../../src/ports/store.js';
import { openShop, type Shop } from '../support/shop.js';

const hourMs = 3_600_000;

/** A store whose collections several parts of one process open, as several processes would. */
function shared(store: Store): Store {
  const opened = new Map<string, Promise<unknown>>();
  return {
    ordered: store.ordered,
    people: store.people,
    check: () => store.check(),
    collection(spec) {
      if (!opened.has(spec.name))
        opened.set(spec.name, store.collection({ ...spec, name: `w-${spec.name}` }));
      return opened.get(spec.name) as ReturnType<typeof store.collection<never>> as never;
    },
  };
}

describe('several workers', () => {
  let shop: Shop;
  let calls = 0;
  before(async () => {
    shop = await openShop();
    await shop.save(Array.from({ length: 30 }, (_, i) => ({ id: `p${i}` })));
  });
  after(() => shop.close());

  async function trade(): Promise<void> {
    for (let end = calls + 12; calls < end; calls++) {
      await shop.port('events').record(
        shop.context({ sessionId: `visitor-${calls}` }, { role: 'SERVER' }),
        Array.from({ length: 100 }, (_, at) => ({
          messageId: `m-${calls}-${at}`,
          type: 'PRODUCT_VIEWED',
          productIds: [`p${(calls + at) % 30}`],
        })),
      );
    }
  }

  it('store what they learned once, and the others go on when the one who did has gone', async () => {
    const store = shared(shop.port('store'));
    const needs: Pick<Capabilities, 'catalog' | 'consent' | 'events' | 'search' | 'speech' | 'store'> = {
      catalog: shop.port('catalog'),
      consent: shop.port('consent'),
      events: shop.port('events'),
      search: shop.port('search'),
      speech: shop.port('speech'),
      store,
    };
    const { clock, log } = shop;
    const workers = [1, 2, 3].map(() =>
      assemble(needs, { clock, log, ids: createIds(clock), role: 'worker' }, new Map()),
    );
    for (const worker of workers) await worker.start();
    const snapshots: Collection<Snapshot> = await store.collection({
      name: 'recommendation-snapshots',
      indexes: {},
    });
    const complete = async () => {
      const found: string[] = [];
      for await (const page of snapshots.scan())
        for (const { id, chunks } of page) if (chunks !== null) found.push(id);
      return found;
    };
    /** An hour later, when so many are stored, and others have had the time to store as well. */
    const hour = async (count: number) => {
      clock.advance(hourMs);
      for (let turns = 0; turns < 50_000 && (await complete()).length < count; turns++)
        await new Promise(setImmediate);
      for (let turns = 0; turns < 500; turns++) await new Promise(setImmediate);
    };
    await trade();
    await hour(1);
    const [first, ...others] = await complete();
    expect(first).to.be.a('string');
    expect(others).to.deep.equal([]);
    await workers[0]!.stop();
    await workers[1]!.stop();
    expect(await complete(), 'nothing is new').to.deep.equal([first]);
    clock.advance(leaseMs);
    await trade();
    await hour(2);
    expect(await complete()).to.have.lengthOf(2);
    await workers[2]!.stop();
  });
});
