import { expect } from 'chai';
import { z } from 'zod';
import { plugins as shipped } from '../../plugins/index.js';
import { createLifecycle, type Part } from '../../src/lifecycle.js';
import type { DriverModule, Instance, Plugin } from '../../src/plugin.js';
import { bootPlugins, createTestLog } from '../support/boot.js';
import { openTestGateway } from '../support/gateway.js';

/** Fails the expectation unless the promise rejects; returns the message. */
async function refusal(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('it was not refused');
}

/** A plugin with a driver, which reports everything that is done to it. */
function reporting(
  name: string,
  happened: string[],
  instance: Partial<Instance<unknown>> = {},
  driver: Partial<DriverModule<{ answer(): number; readonly size: number }>> = {},
): Plugin {
  return {
    name,
    provides: null,
    needs: [],
    drivers: {
      embedded: async () => ({
        settings: z.strictObject({}),
        async open() {
          happened.push(`open ${name}`);
          return { answer: () => 42, size: 1, close: async () => void happened.push(`close driver ${name}`) };
        },
        ...driver,
      }),
    },
    create: () => ({
      port: {},
      start: async () => void happened.push(`start ${name}`),
      close: async () => void happened.push(`close ${name}`),
      ...instance,
    }),
  };
}

describe('A start', () => {
  const wrong: Readonly<Record<string, readonly [Plugin, RegExp]>> = {
    'a resolver of another plugin': [
      reporting('usurper', [], { resolvers: { Query: { version: () => '0' } } }),
      /^usurper resolves Query\.version/,
    ],
    'a root field that is open': [
      { ...reporting('open', []), sdl: 'extend type Query { all: Int }' },
      /^open declares Query\.all without saying who/,
    ],
    'an endpoint of the gateway': [
      reporting('usurper', [], { routes: (router) => router.route('GET', '/health', async () => undefined) }),
      /^usurper mounts GET \/health/,
    ],
    'a plugin that cannot be created': [
      {
        ...reporting('broken', []),
        create: () => {
          throw new TypeError('undefined.x');
        },
      },
      /^broken could not be created: undefined\.x$/,
    ],
  };
  for (const [what, [plugin, message]] of Object.entries(wrong)) {
    it(`opens and starts nothing if the graph is wrong by ${what}`, async () => {
      const happened: string[] = [];
      const list = [...shipped, reporting('early', happened), plugin];
      expect(await refusal(openTestGateway(list))).to.match(message);
      expect(happened).to.deep.equal([]);
    });
  }

  it('creates all plugins, then opens all drivers, then starts each in the order of needs', async () => {
    const happened: string[] = [];
    const part = (name: string, change: Partial<Plugin>): Plugin => {
      const plugin = { ...reporting(name, happened), ...change };
      return {
        ...plugin,
        create(parts) {
          happened.push(`create ${name}`);
          return plugin.create(parts);
        },
      };
    };
    const system = await bootPlugins([
      part('user', { needs: ['catalog'] }),
      part('provider', { provides: 'catalog' }),
    ]);
    await system.close();
    expect(happened).to.deep.equal([
      'create provider',
      'create user',
      'open provider',
      'open user',
      'start provider',
      'start user',
      'close user',
      'close provider',
      'close driver user',
      'close driver provider',
    ]);
  });

  it('closes in reverse what was started when a later plugin cannot start, and says which one', async () => {
    const happened: string[] = [];
    const list = [
      reporting('first', happened),
      reporting('second', happened, { start: () => Promise.reject(new Error('the disk is on fire')) }),
      reporting('third', happened),
    ];
    expect(await refusal(bootPlugins(list))).to.equal('second could not start: the disk is on fire');
    expect(happened).to.deep.equal([
      'open first',
      'open second',
      'open third',
      'start first',
      'close second',
      'close first',
      'close driver third',
      'close driver second',
      'close driver first',
    ]);
  });

  it('that throws is one that failed, and a close that throws keeps nobody else from closing', async () => {
    const happened: string[] = [];
    const throws = (message: string) => (): never => {
      throw new Error(message);
    };
    const list = [
      reporting('first', happened),
      reporting('second', happened, { close: throws('no') }),
      reporting('third', happened, { start: throws('at once'), close: throws('nor this') }),
    ];
    expect(await refusal(bootPlugins(list))).to.equal('third could not start: at once');
    expect(happened.slice(-4)).to.deep.equal([
      'close first',
      'close driver third',
      'close driver second',
      'close driver first',
    ]);
  });
});

describe('A driver', () => {
  const traits = { size: 1 };

  function asking(ask: (driver: { answer(): number; size: number }) => unknown, seen: unknown[]): Plugin {
    const plugin = reporting('asker', [], {}, { traits });
    return {
      ...plugin,
      create({ driver }) {
        const own = driver as { answer(): number; size: number };
        seen.push(ask(own));
        return { port: null, start: async () => void seen.push(own.answer()) };
      },
    };
  }

  it('is open from the start of its plugin on; before, its traits can be read', async () => {
    const seen: unknown[] = [];
    await (await bootPlugins([asking((driver) => driver.size, seen)])).close();
    expect(seen).to.deep.equal([1, 42]);
  });

  it('is refused by name if it is used in `create`', async () => {
    expect(await refusal(bootPlugins([asking((driver) => driver.answer(), [])]))).to.equal(
      'asker could not be created: asker uses answer of its embedded driver before its start',
    );
  });
});

describe('A part that misses the deadline of its start', () => {
  async function late(start: (finish: () => void, fail: () => void) => void): Promise<string[]> {
    const happened: string[] = [];
    const log = createTestLog();
    const lifecycle = createLifecycle(log);
    let finish: () => void = () => undefined;
    let fail: () => void = () => undefined;
    const running = new Promise<void>((resolve, reject) => {
      finish = resolve;
      fail = () => reject(new Error('at last'));
    });
    const part = (name: string, run: () => Promise<void>): Part => ({
      name,
      start: { run, deadlineMs: 5, failure: `${name} could not start` },
      close: async () => void happened.push(`close ${name}`),
    });
    await lifecycle.start(part('first', async () => undefined));
    expect(await refusal(lifecycle.start(part('slow', () => running)))).to.equal(
      'slow could not start: it took longer than 0.005 s',
    );
    await lifecycle.close();
    await lifecycle.close();
    expect(happened).to.deep.equal(['close first']);
    start(finish, fail);
    await new Promise((resolve) => setImmediate(resolve));
    return happened;
  }

  it('is closed once, when its start has ended', async () => {
    expect(await late((finish) => finish())).to.deep.equal(['close first', 'close slow']);
  });

  it('is closed once, too, when its start fails in the end', async () => {
    expect(await late((_, fail) => fail())).to.deep.equal(['close first', 'close slow']);
  });
});
