import { expect } from 'chai';
import {
  createLeasing,
  type Lease,
  leaseMs,
  leaseSpec,
} from '../../plugins/recommendations/snapshots/lease.js';
import { store as storePlugin } from '../../plugins/store/plugin.js';
import { createIds } from '../../src/host.js';
import type { Collection } from '../../src/ports/store.js';
import { bootPlugins, type TestSystem } from '../support/boot.js';
import { describeDrivers } from './drivers.js';

const runs = Date.now().toString(36);
let times = 0;

describeDrivers('a lease', ['embedded', 'mongodb'], (_driver, url) => {
  let system: TestSystem;
  let leases: Collection<Lease>;
  let name: string;
  before(async () => {
    system = await bootPlugins([storePlugin], { environment: url ? { RAPPORT_STORE_URL: url } : {} });
    leases = await system.port('store').collection(leaseSpec);
  });
  after(() => system.close());
  beforeEach(() => {
    name = `building-${runs}-${times++}`;
  });

  const joining = () => {
    const { clock, log } = system;
    return createLeasing(leases, name, { clock, log, ids: createIds(clock) });
  };
  it('is one process’s, as long as it goes on asking', async () => {
    const [first, second] = [joining(), joining()];
    expect(await first.take()).to.equal(true);
    expect(await second.take()).to.equal(false);
    for (let minutes = 0; minutes < 30; minutes++) {
      system.clock.advance(60_000);
      expect([first.held(), second.held()], `after ${minutes} minutes`).to.deep.equal([true, false]);
      // What they ask beside.
      expect([await first.take(), await second.take()]).to.deep.equal([true, false]);
    }
  });

  it('of several that come at once is one’s', async () => {
    const all = Array.from({ length: 8 }, joining);
    const held = await Promise.all(all.map((one) => one.take()));
    expect(held.filter((one) => one)).to.have.lengthOf(1);
  });

  it('is another’s minutes after its holder has died, and the dead one knows', async () => {
    const [first, second] = [joining(), joining()];
    await first.take();
    system.clock.advance(leaseMs - 1);
    expect(await second.take()).to.equal(false);
    system.clock.advance(1);
    expect(await second.take()).to.equal(true);
    expect(first.held()).to.equal(false);
    expect(await first.take()).to.equal(false);
  });

  it('is another’s at once where its holder has left', async () => {
    const [first, second] = [joining(), joining()];
    await first.take();
    await first.release();
    expect(first.held()).to.equal(false);
    expect(await second.take()).to.equal(true);
    await first.release();
    expect(await second.take()).to.equal(true);
    expect(await first.take(), 'whoever has left does not come back').to.equal(false);
  });
});
