import { expect } from 'chai';
import { store as storePlugin } from '../../plugins/store/plugin.js';
import type { Change, Collection, Document } from '../../src/ports/store.js';
import { bootPlugins, type TestSystem } from '../support/boot.js';
import { openCuttable } from '../support/cuttable.js';
import { describeDrivers } from './drivers.js';

interface Counter extends Document {
  readonly value: number;
}

const runs = Date.now().toString(36);
let collections = 0;

/** Asks until it is so, for a few seconds. */
async function until<T>(wanted: T, ask: () => Promise<T>): Promise<T> {
  for (let waitedMs = 0; ; waitedMs += 50) {
    const answer = await ask();
    if (answer === wanted || waitedMs >= 5_000) return answer;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

describeDrivers('a store of many processes', ['mongodb'], (_driver, url) => {
  const systems: TestSystem[] = [];

  async function join(
    name: string,
    at = url!,
  ): Promise<{ system: TestSystem; counters: Collection<Counter> }> {
    // Processes differ in their chance, and so in the ids they give.
    const seed = systems.length + 1;
    const system = await bootPlugins([storePlugin], { environment: { RAPPORT_STORE_URL: at }, seed });
    systems.push(system);
    return { system, counters: await system.port('store').collection<Counter>({ name, indexes: {} }) };
  }
  function fresh(): string {
    return `shared-${runs}-${collections++}`;
  }
  afterEach(async () => {
    for (const system of systems.splice(0)) await system.close();
  });

  it('shows every process what another one wrote, and tells it within a second', async () => {
    const name = fresh();
    const [here, there] = [await join(name), await join(name)];
    const told: Change<Counter>[] = [];
    there.counters.watch((changes) => told.push(...changes));
    await here.counters.put([{ id: 'a', value: 1 }]);
    expect(await there.counters.get('a')).to.deep.equal({ id: 'a', value: 1 });
    await here.counters.remove(['a']);
    await here.counters.insert([{ id: 'b', value: 2 }]);
    let waitedMs = 0;
    for (; waitedMs < 1_000 && !told.some(({ id }) => id === 'b'); waitedMs += 50) {
      there.system.clock.advance(50);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    expect(waitedMs).to.be.below(1_000);
    expect(told.find(({ id }) => id === 'b')).to.deep.equal({ id: 'b', document: { id: 'b', value: 2 } });
    expect(told.filter(({ id }) => id === 'a').at(-1)).to.deep.equal({ id: 'a', document: null });
  });

  it('loses no update of processes that compete; a server that cannot promise it is named at the start', async function () {
    this.timeout(60_000);
    const name = fresh();
    const all = [await join(name), await join(name), await join(name), await join(name)];
    const named = all.map(({ system }) =>
      system.log.lines.some(
        ({ level, message }) => level === 'warn' && message.includes('conditional writes'),
      ),
    );
    const count = (counter: Counter | null): Counter => ({ id: 'n', value: (counter?.value ?? 0) + 1 });
    await Promise.all(
      all.map(async ({ counters }) => {
        for (let i = 0; i < 25; i++) await counters.update('n', count);
      }),
    );
    const { value } = (await all[0]!.counters.get('n'))!;
    console.log(
      `      100 increments by 4 processes: ${value}${named[0] ? ', as was said at the start' : ''}`,
    );
    if (named.includes(false)) expect(value).to.equal(100);
    expect(new Set(named).size, 'processes that disagree about their server').to.equal(1);
  });

  it('is not well any more when it was cut off for so long that it missed what others wrote', async () => {
    const name = fresh();
    const [here, there] = [await join(name), await join(name)];
    await here.counters.put([{ id: 'a', value: 1 }]);
    await here.counters.put([{ id: 'a', value: 2 }]);
    for (let i = 0; i < 3; i++) {
      here.system.clock.advance(601_000);
      await here.counters.put([{ id: 'a', value: 3 + i }]);
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
    await there.system.port('store').check();
    const code = await until('STORE_UNAVAILABLE', () => {
      there.system.clock.advance(250);
      return there.system
        .port('store')
        .check()
        .then(
          () => 'well',
          (error: { code: string }) => error.code,
        );
    });
    expect(code).to.equal('STORE_UNAVAILABLE');
    await here.system.port('store').check();
  });

  it('answers unavailable while the server is away, and goes on when it is back', async function () {
    this.timeout(40_000);
    const { hostname, port, pathname } = new URL(url!);
    const line = await openCuttable(hostname, Number(port || 27017));
    try {
      const { system, counters } = await join(fresh(), `mongodb://127.0.0.1:${line.port}${pathname}`);
      await counters.put([{ id: 'a', value: 1 }]);
      await line.cut();
      const began = Date.now();
      for (const call of [
        () => counters.get('a'),
        () => counters.put([{ id: 'b', value: 2 }]),
        () => counters.insert([{ id: 'c', value: 3 }]),
        () => counters.update('a', (counter) => counter),
        () => system.port('store').check(),
      ]) {
        const code = await call().then(
          () => 'answered',
          (error: { code: string }) => error.code,
        );
        expect(code).to.equal('STORE_UNAVAILABLE');
      }
      expect(Date.now() - began).to.be.below(5 * 3_000);
      await line.restore();
      for (let i = 0; i < 100; i++) {
        if (
          await system
            .port('store')
            .check()
            .then(() => true)
            .catch(() => false)
        )
          break;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      expect(await counters.get('a')).to.deep.equal({ id: 'a', value: 1 });
      await counters.put([{ id: 'b', value: 2 }]);
    } finally {
      await line.close();
    }
  });

  it('gives up reads that are not answered within their deadline, answers the next ones at once, and goes on afterwards', async function () {
    this.timeout(60_000);
    const { hostname, port, pathname } = new URL(url!);
    const line = await openCuttable(hostname, Number(port || 27017));
    try {
      const { system, counters } = await join(fresh(), `mongodb://127.0.0.1:${line.port}${pathname}`);
      await counters.put([{ id: 'a', value: 1 }]);
      line.hang();
      const codes: string[] = [];
      const read = () =>
        counters.get('a').then(
          () => codes.push('answered'),
          (error: { code: string }) => codes.push(error.code),
        );
      void read();
      for (let beats = 0; codes.length === 0 && beats < 4; beats++) {
        system.clock.advance(1_000);
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      await read();
      expect(codes).to.deep.equal(['STORE_UNAVAILABLE', 'STORE_UNAVAILABLE']);
      await line.restore();
      const answer = await until(1, async () => {
        system.clock.advance(1_000);
        return (await counters.get('a').catch(() => null))?.value ?? 0;
      });
      expect(answer).to.equal(1);
    } finally {
      await line.close();
    }
  });

  it('tells everybody of writes whose answers were lost, once the server is back', async function () {
    this.timeout(60_000);
    const { hostname, port, pathname } = new URL(url!);
    const line = await openCuttable(hostname, Number(port || 27017));
    try {
      const name = fresh();
      const here = await join(name, `mongodb://127.0.0.1:${line.port}${pathname}`);
      const there = await join(name);
      const last = [here, there].map(({ counters }) => {
        const told = new Map<string, Counter | null>();
        counters.watch((changes) => {
          for (const { id, document } of changes) told.set(id, document);
        });
        return told;
      });
      const writes: Promise<unknown>[] = [];
      for (let value = 1; value <= 12; value++) {
        for (const id of ['a', 'b', 'c']) {
          writes.push(here.counters.put([{ id, value }]).catch(() => undefined));
        }
        await new Promise((resolve) => setTimeout(resolve, 3));
      }
      await line.cut();
      let settled = false;
      void Promise.all(writes).then(() => {
        settled = true;
      });
      while (!settled) {
        here.system.clock.advance(250);
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      await line.restore();
      const stored = await there.counters.getMany(['a', 'b', 'c']);
      const toldAll = () =>
        last.every((told) => stored.every((each) => told.get(each!.id)?.value === each!.value));
      for (let waitedMs = 0; waitedMs < 10_000 && !toldAll(); waitedMs += 50) {
        for (const { system } of [here, there]) system.clock.advance(250);
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      for (const told of last) expect([...told.values()]).to.have.deep.members(stored);
    } finally {
      await line.close();
    }
  });

  it('refuses to start without its server, saying so', async () => {
    const refusal = await join(fresh(), 'mongodb://127.0.0.1:9/rapport').catch(
      (error: Error) => error.message,
    );
    expect(refusal).to.match(/^store could not be opened on its mongodb driver: .*127\.0\.0\.1:9/);
  });
});
