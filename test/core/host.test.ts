import { expect } from 'chai';
import { systemClock } from '../../src/host.js';
import type { Host, Plugin } from '../../src/plugin.js';
import { bootPlugins } from '../support/boot.js';

describe("The system's clock", () => {
  /** Runs what is set with setTimeout at once, and answers the delays. */
  function delaysOf(delayMs: number): number[] {
    const real = globalThis.setTimeout;
    const delays: number[] = [];
    const waiting: (() => void)[] = [];
    const fake = (run: () => void, ms: number) => {
      delays.push(ms);
      waiting.push(run);
      return { unref: () => undefined };
    };
    let ran = 0;
    try {
      globalThis.setTimeout = fake as unknown as typeof setTimeout;
      systemClock.after(delayMs, () => void ran++);
      for (let run = waiting.shift(); run; run = waiting.shift()) run();
    } finally {
      globalThis.setTimeout = real;
    }
    expect(ran).to.equal(1);
    return delays;
  }

  it('runs after a fraction of a millisecond, never before', () => {
    expect(delaysOf(100.5)).to.deep.equal([101]);
    expect(delaysOf(0)).to.deep.equal([0]);
  });

  it('waits for more than the 24.8 days that one timer can', () => {
    const delays = delaysOf(60 * 86_400_000);
    expect(Math.max(...delays)).to.be.at.most(2 ** 31 - 1);
    expect(delays.reduce((sum, ms) => sum + ms)).to.equal(60 * 86_400_000);
  });
});

describe("A plugin's host", () => {
  it('catches what its timers throw or reject, and names the plugin in every line', async () => {
    const unhandled: unknown[] = [];
    const note = (error: unknown) => void unhandled.push(error);
    process.on('unhandledRejection', note);
    let host: Host | null = null;
    const plugin: Plugin = {
      name: 'timing',
      provides: null,
      needs: [],
      create: (parts) => {
        host = parts.host;
        return { port: null };
      },
    };
    const system = await bootPlugins([plugin]);
    try {
      const { clock, log } = host as unknown as Host;
      clock.after(10, () => {
        throw new TypeError('undefined.x');
      });
      clock.after(5_000, (async () => {
        throw new TypeError('undefined.y');
      }) as () => void);
      system.clock.advance(5_000);
      await new Promise((resolve) => setImmediate(resolve));
      log.info('hello');
      expect(unhandled).to.deep.equal([]);
      expect(system.log.lines.map(({ message, fields }) => [message, fields.plugin])).to.deep.equal([
        ['a timer failed', 'timing'],
        ['a timer failed', 'timing'],
        ['hello', 'timing'],
      ]);
    } finally {
      process.off('unhandledRejection', note);
      await system.close();
    }
  });
});
