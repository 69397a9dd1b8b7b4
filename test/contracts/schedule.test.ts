import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { queue as queuePlugin } from '../../plugins/queue/plugin.js';
import { store as storePlugin } from '../../plugins/store/plugin.js';
import { definePlugin, type Plugin } from '../../src/plugin.js';
import type { JobRun, ScheduledJob } from '../../src/ports/queue.js';
import { bootPlugins, createTestClock, type TestClock, type TestSystem } from '../support/boot.js';
import { describeDrivers } from './drivers.js';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
let databases = 0;

function planning(job: Partial<ScheduledJob> & Pick<ScheduledJob, 'run'>): Plugin {
  return definePlugin({
    name: 'digest',
    provides: null,
    needs: [],
    create: () => ({ port: null, schedule: { send: { cron: '0 3 * * *', ...job } } }),
  });
}

describeDrivers('a schedule', ['embedded', 'mongodb'], (_driver, url) => {
  let environment: Readonly<Record<string, string>>;
  let dataDir: string;
  let clock: TestClock;
  let systems: TestSystem[];
  let runs: string[];

  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), 'rapport-'));
    clock = createTestClock(Date.UTC(2026, 2, 27, 12));
    systems = [];
    runs = [];
    const database = `/schedule-${process.pid}-${Date.now()}-${databases++}`;
    environment = url ? { RAPPORT_STORE_URL: Object.assign(new URL(url), { pathname: database }).href } : {};
  });
  afterEach(async () => {
    for (const system of systems) await system.close();
    rmSync(dataDir, { recursive: true, force: true });
  });

  async function open(job: Partial<ScheduledJob> = {}, name = ''): Promise<TestSystem> {
    const run = async ({ dueAtMs, attempt }: JobRun): Promise<void> => {
      runs.push(`${name}${new Date(dueAtMs).toISOString().slice(5, 16)}#${attempt}`);
    };
    const plugins = [storePlugin, queuePlugin, planning({ run, ...job })];
    const system = await bootPlugins(plugins, { dataDir, clock, environment });
    systems.push(system);
    await idle();
    return system;
  }

  async function idle(): Promise<void> {
    for (const system of systems) await system.port('queue').idle();
  }

  async function pass(ms: number, stepMs = hourMs): Promise<void> {
    for (let passed = 0; passed < ms; passed += stepMs) {
      clock.advance(stepMs);
      await idle();
    }
  }

  it('runs a job at its times and at no others', async () => {
    await open();
    expect(runs).to.deep.equal([]);
    await pass(2 * dayMs);
    expect(runs).to.deep.equal(['03-28T03:00#1', '03-29T03:00#1']);
  });

  it('follows the clocks of its time zone', async () => {
    await open({ cron: '30 8 * * *', timeZone: 'Europe/Vienna' });
    await pass(3 * dayMs);
    // Summer time began on the 29th.
    expect(runs).to.deep.equal(['03-28T07:30#1', '03-29T06:30#1', '03-30T06:30#1']);
  });

  it('catches up once what was missed while no process ran', async () => {
    const system = await open();
    await system.close();
    systems = [];
    clock.advance(5 * dayMs);
    await open();
    expect(runs).to.deep.equal(['03-28T03:00#1']);
    await pass(dayMs);
    expect(runs).to.deep.equal(['03-28T03:00#1', '04-02T03:00#1']);
  });

  it('catches up nothing for other times than before', async () => {
    const system = await open();
    await system.close();
    systems = [];
    clock.advance(dayMs);
    await open({ cron: '0 4 * * *' });
    expect(runs).to.deep.equal([]);
    await pass(dayMs);
    expect(runs).to.deep.equal(['03-29T04:00#1']);
  });

  it('runs at its times again after the clock was far ahead for a while', async () => {
    await open();
    clock.advance(30 * dayMs);
    await idle();
    clock.advance(-30 * dayMs);
    await idle();
    expect(runs).to.deep.equal(['03-28T03:00#1']);
    await pass(2 * dayMs);
    expect(runs.slice(1)).to.deep.equal(['03-28T03:00#1', '03-29T03:00#1']);
  });

  it('tries a run that failed again, later and later, and names it in the log', async () => {
    const attempts: number[] = [];
    const system = await open({
      run: async ({ attempt }) => {
        attempts.push(attempt);
        if (attempt < 3) throw new Error('no connection');
      },
    });
    await pass(15 * hourMs);
    await pass(10 * 60_000, 30_000);
    expect(attempts).to.deep.equal([1, 2, 3]);
    const lines = system.log.lines.filter(({ message }) => message === 'a job failed');
    expect(lines.map(({ fields }) => [fields.job, fields.failures])).to.deep.equal([
      ['digest.send', 1],
      ['digest.send', 2],
    ]);
    await pass(dayMs);
    expect(attempts).to.deep.equal([1, 2, 3, 1]);
  });

  it('aborts a run that takes longer than its timeout', async () => {
    const signals: AbortSignal[] = [];
    const system = await open({
      timeoutMs: 5_000,
      run: ({ signal, attempt }) => {
        signals.push(signal);
        return attempt === 1 ? new Promise(() => undefined) : Promise.resolve();
      },
    });
    clock.advance(15 * hourMs);
    void system.port('queue').idle();
    await until(() => signals.length === 1);
    clock.advance(4_999);
    expect(signals[0]!.aborted).to.equal(false);
    clock.advance(1);
    expect(signals[0]!.aborted).to.equal(true);
    await pass(2 * 60_000, 30_000);
    expect(signals).to.have.length(2);
  });

  it('runs again what a stop did not let end', async () => {
    let begun = false;
    const system = await open({
      run: () => {
        begun = true;
        return new Promise(() => undefined);
      },
    });
    clock.advance(15 * hourMs);
    void system.port('queue').idle();
    await until(() => begun);
    let isClosed = false;
    void system.close().then(() => {
      isClosed = true;
    });
    await until(() => isClosed, 500);
    systems = [];
    await open();
    expect(runs).to.deep.equal(['03-28T03:00#1']);
  });

  it('refuses to start with a job that cannot be, by name', async () => {
    const refusal = (job: Partial<ScheduledJob>) => open(job).then(String, String);
    expect(await refusal({ cron: '61 3 * * *' })).to.contain(
      'digest could not be created: its job send cannot be scheduled: cron "61 3 * * *" is not valid',
    );
    expect(await refusal({ cron: '* * * * * *' })).to.contain('does not have five fields');
    expect(await refusal({ cron: '0 3 30 2 *' })).to.contain('never runs');
    expect(await refusal({ timeZone: 'Europe/Wien' })).to.contain('time zone "Europe/Wien" is not known');
  });

  if (url) {
    it('runs a job in one of several processes, and in another one when that one hangs and dies', async () => {
      await open({}, 'a:');
      await open({}, 'b:');
      await pass(3 * dayMs);
      expect(runs.map((run) => run.slice(2))).to.deep.equal([
        '03-28T03:00#1',
        '03-29T03:00#1',
        '03-30T03:00#1',
      ]);
    });
  }

  async function until(holds: () => boolean, stepMs = 0): Promise<void> {
    for (let turn = 0; turn < 500 && !holds(); turn++) {
      clock.advance(stepMs);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    expect(holds()).to.equal(true);
  }
});
