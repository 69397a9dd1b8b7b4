import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { handlerDeadlineMs } from '../../plugins/events/handling.js';
import type { EventDelivery, FollowOptions } from '../../src/ports/events.js';
import { createTestClock, type TestClock, type TestSystem } from '../support/boot.js';
import { bootEvents, contextOf, view } from '../support/events.js';
import { describeDrivers } from './drivers.js';

let databases = 0;

describeDrivers('events.follow', ['embedded', 'mongodb'], (_driver, url) => {
  let environment: Readonly<Record<string, string>>;
  let dataDir: string;
  let clock: TestClock;
  let systems: TestSystem[];
  let handled: string[];

  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), 'rapport-'));
    clock = createTestClock(Date.UTC(2026, 0, 15, 12));
    handled = [];
    systems = [];
    const database = `/follow-${process.pid}-${Date.now()}-${databases++}`;
    environment = url ? { RAPPORT_STORE_URL: Object.assign(new URL(url), { pathname: database }).href } : {};
  });
  afterEach(async () => {
    for (const system of systems) await system.close();
    rmSync(dataDir, { recursive: true, force: true });
  });

  async function open(other: Readonly<Record<string, string>> = {}): Promise<TestSystem> {
    const system = await bootEvents({ dataDir, clock, environment: { ...environment, ...other } });
    systems.push(system);
    return system;
  }

  function follow(system: TestSystem, options: Partial<FollowOptions> = {}, name = ''): () => Promise<void> {
    return system
      .port('events')
      .follow('notes', { purpose: 'PERSONALIZATION', fromMs: 0, ...options }, async ({ productIds }) => {
        handled.push(`${name}${productIds[0]}`);
      });
  }

  /** Lets time pass until it holds. */
  async function until(holds: () => boolean, stepMs = 100): Promise<void> {
    for (let turn = 0; turn < 2_000 && !holds(); turn++) {
      clock.advance(stepMs);
      await new Promise((resolve) => setTimeout(resolve, url ? 5 : 0));
    }
    expect(holds(), `so far ${handled.join(' ')}`).to.equal(true);
  }

  async function record(system: TestSystem, session: string, ...products: string[]): Promise<void> {
    for (const product of products) {
      clock.advance(1);
      await system.port('events').record(contextOf(session), [view(`m-${product}`, product)]);
    }
  }

  it('delivers what is in the log and what comes, in order', async () => {
    const system = await open();
    await record(system, 's1', 'a', 'b');
    follow(system);
    await record(system, 's2', 'c');
    await until(() => handled.length >= 3);
    await record(system, 's1', 'd', 'e');
    await until(() => handled.length >= 5);
    expect(handled).to.deep.equal(['a', 'b', 'c', 'd', 'e']);
  });

  it('begins with the present if no position is stored and none is given', async () => {
    const system = await open();
    await record(system, 's1', 'a');
    clock.advance(1_000);
    system.port('events').follow('notes', { purpose: 'ANALYTICS' }, async ({ productIds }) => {
      handled.push(productIds[0]!);
    });
    await record(system, 's1', 'b');
    await until(() => handled.length > 0);
    expect(handled).to.deep.equal(['b']);
  });

  it('goes on after a restart where it stopped, and delivers what came meanwhile', async () => {
    const first = await open();
    follow(first);
    await record(first, 's1', 'a', 'b');
    await until(() => handled.length === 2);
    await first.close();
    const second = await open();
    await record(second, 's1', 'c');
    follow(second);
    await until(() => handled.length >= 3);
    expect(handled).to.deep.equal(['a', 'b', 'c']);
  });

  it('calls a handler that fails again, and no other event before', async () => {
    const system = await open();
    const attempts: string[] = [];
    system
      .port('events')
      .follow(
        'notes',
        { purpose: 'PERSONALIZATION', fromMs: 0 },
        async ({ productIds }, { attempt }: EventDelivery) => {
          attempts.push(`${productIds[0]}${attempt}`);
          if (productIds[0] === 'a' && attempt < 3) throw new Error('not yet');
        },
      );
    await record(system, 's1', 'a', 'b');
    await until(() => attempts.includes('b1'));
    expect(attempts).to.deep.equal(['a1', 'a2', 'a3', 'b1']);
  });

  it('aborts a handler that hangs, and calls it again', async () => {
    const system = await open();
    const signals: AbortSignal[] = [];
    system
      .port('events')
      .follow('notes', { purpose: 'PERSONALIZATION', fromMs: 0 }, (_, { attempt, signal }) => {
        signals.push(signal);
        return attempt === 1 ? new Promise(() => undefined) : Promise.resolve();
      });
    await record(system, 's1', 'a');
    await until(() => signals.length === 1, 0);
    clock.advance(handlerDeadlineMs - 1);
    expect(signals[0]!.aborted).to.equal(false);
    clock.advance(1);
    expect(signals[0]!.aborted).to.equal(true);
    await until(() => signals.length === 2);
    expect(signals[1]!.aborted).to.equal(false);
  });

  it('delivers an event that was received while a later one was handled', async () => {
    const system = await open();
    let free: () => void = () => undefined;
    const blocked = new Promise<void>((resolve) => {
      free = resolve;
    });
    const stop = system
      .port('events')
      .follow('notes', { purpose: 'ANALYTICS', fromMs: 0 }, async ({ productIds }) => {
        handled.push(productIds[0]!);
        if (productIds[0] === 'a') await blocked;
      });
    await record(system, 's1', 'a');
    await until(() => handled.length === 1);
    await record(system, 's1', 'b', 'c');
    free();
    await until(() => handled.length === 3);
    expect(handled).to.deep.equal(['a', 'b', 'c']);
    await stop();
    await record(system, 's1', 'd');
    expect(handled).to.have.length(3);
  });

  it('delivers nothing again while nothing comes', async () => {
    const system = await open();
    follow(system);
    await record(system, 's1', 'a');
    await until(() => handled.length === 1);
    const untilMs = clock.nowMs() + 600_000;
    await until(() => clock.nowMs() > untilMs, 5_000);
    await record(system, 's1', 'b');
    await until(() => handled.includes('b'));
    expect(handled).to.deep.equal(['a', 'b']);
  });

  it('delivers what is received while the clock was set back, once', async () => {
    const system = await open();
    follow(system);
    await record(system, 's1', 'a');
    await until(() => handled.length === 1);
    for (const backMs of [70_000, 3_600_000]) {
      clock.advance(-backMs);
      await record(system, 's1', `b${backMs}`, `c${backMs}`);
      await until(() => handled.includes(`c${backMs}`), 10);
      clock.advance(backMs);
    }
    await record(system, 's1', 'd');
    await until(() => handled.includes('d'));
    await until(() => clock.nowMs() > Date.UTC(2026, 0, 15, 12, 10), 1_000);
    expect(handled).to.deep.equal(['a', 'b70000', 'c70000', 'b3600000', 'c3600000', 'd']);
  });

  it('misses nothing after the clock was a day ahead for a while', async () => {
    const first = await open();
    const stop = follow(first);
    await record(first, 's1', 'a');
    await until(() => handled.length === 1);
    clock.advance(86_400_000);
    const untilMs = clock.nowMs() + 300_000;
    await until(() => clock.nowMs() > untilMs, 5_000);
    clock.advance(-86_400_000);
    await stop();
    await record(first, 's1', 'b');
    follow(first);
    await until(() => handled.length >= 2);
    expect(handled).to.deep.equal(['a', 'b']);
  });

  if (!url)
    it('delivers after a crash what was not handled, and the last 90 seconds again', async () => {
      const first = await open();
      first
        .port('events')
        .follow('notes', { purpose: 'PERSONALIZATION', fromMs: 0 }, async ({ productIds }) => {
          handled.push(productIds[0]!);
          if (productIds[0] === 'c') await new Promise(() => undefined);
        });
      await record(first, 's1', 'a');
      await until(() => handled.includes('a'));
      await record(first, 's1', 'b', 'c', 'd');
      await until(() => handled.includes('c'), 1);
      // The files as a process that is killed now would leave them.
      const left = mkdtempSync(join(tmpdir(), 'rapport-'));
      cpSync(dataDir, left, { recursive: true });
      const second = await bootEvents({ dataDir: left, clock });
      const again: string[] = [];
      second.port('events').follow('notes', { purpose: 'PERSONALIZATION' }, async ({ productIds }) => {
        again.push(productIds[0]!);
      });
      await until(() => again.includes('d'), 1_000);
      expect(again).to.deep.equal(['a', 'b', 'c', 'd']);
      await second.close();
      rmSync(left, { recursive: true, force: true });
    });

  it('leaves out other types, and whom consent does not permit when the event is handled', async () => {
    const system = await open();
    const consent = system.port('consent');
    await record(system, 's1', 'a');
    await record(system, 's2', 'b');
    const shopper = await system.port('customers').recognise(contextOf('s1'));
    await consent.decide(shopper, [{ purpose: 'PERSONALIZATION', status: 'DENIED' }]);
    follow(system, { types: ['PRODUCT_VIEWED'] });
    await system.port('events').record(contextOf('s2'), [{ ...view('x', 'x'), type: 'PRODUCT_DISMISSED' }]);
    await record(system, 's2', 'c');
    await until(() => handled.includes('c'));
    expect(handled).to.deep.equal(['b', 'c']);
  });

  it('delivers for marketing only to people who agreed', async () => {
    const system = await open();
    const shopper = await system.port('customers').recognise(contextOf('s2'));
    await system.port('consent').decide(shopper, [{ purpose: 'MARKETING_PUSH', status: 'GRANTED' }]);
    await record(system, 's1', 'a');
    await record(system, 's2', 'b');
    follow(system, { purpose: 'MARKETING_PUSH' });
    await until(() => handled.length > 0);
    expect(handled).to.deep.equal(['b']);
  });

  it('refuses a name that is taken or malformed, and an unknown purpose', async () => {
    const system = await open();
    follow(system);
    expect(() => follow(system)).to.throw('"notes" follows the events already');
    const events = system.port('events');
    const handle = async (): Promise<void> => undefined;
    expect(() => events.follow('A b', { purpose: 'ANALYTICS' }, handle)).to.throw('"A b" is not kebab case');
    expect(() => events.follow('x', { purpose: 'ADS' as 'ANALYTICS' }, handle)).to.throw('not for "ADS"');
  });

  it('does nothing in a gateway', async () => {
    const system = await open({ RAPPORT_ROLE: 'gateway' });
    follow(system);
    await record(system, 's1', 'a');
    clock.advance(60_000);
    expect(handled).to.deep.equal([]);
  });

  if (url) {
    it('is one process’s at a time, and another one’s when it stops', async () => {
      const [first, second] = [await open(), await open()];
      follow(first, {}, '1');
      await record(second, 's1', 'a');
      await until(() => handled.length === 1);
      follow(second, {}, '2');
      await record(second, 's1', 'b', 'c');
      await until(() => handled.length === 3);
      expect(handled).to.deep.equal(['1a', '1b', '1c']);
      await first.close();
      systems.shift();
      await record(second, 's1', 'd');
      await until(() => handled.includes('2d'));
      expect(handled).to.have.length(4);
    });
  }
});
