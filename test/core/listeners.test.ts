import { expect } from 'chai';
import { plugins } from '../../plugins/index.js';
import type { Capability } from '../../src/capabilities.js';
import { definePlugin, type Plugin } from '../../src/plugin.js';
import type { Store } from '../../src/ports/store.js';
import { bootPlugins, type TestSystem } from '../support/boot.js';
import { openTestGateway } from '../support/gateway.js';

/** Every way for a listener to misbehave. */
const misbehaviours: Readonly<Record<string, () => unknown>> = {
  throws: () => {
    throw new TypeError('undefined.x');
  },
  rejects: async () => {
    throw new TypeError('undefined.x');
  },
  hangs: () => new Promise(() => undefined),
};

type Note = { readonly id: string };

/** Registers the listener with every port that has `watch`, and with a collection of its own. */
function listening(name: string, listener: () => unknown): Plugin {
  return definePlugin({
    name,
    provides: null,
    needs: ['store', 'catalog', 'merchandising', 'events'],
    create: ({ needs }) => ({
      port: null,
      start: async () => {
        for (const port of [needs.catalog, needs.merchandising]) port.watch(listener as () => void);
        needs.events.watch(listener as () => void, 'ANALYTICS');
        const notes = await needs.store.collection<Note>({ name, indexes: {} });
        notes.watch(listener as () => void);
        await notes.put([{ id: 'first' }]);
      },
    }),
  });
}

function complaints({ log }: TestSystem, plugin: string): (readonly [string, unknown])[] {
  return log.lines
    .filter(({ fields }) => fields.plugin === plugin)
    .map(({ message, fields }) => [message, fields.capability] as const);
}

describe('A listener of a port', () => {
  const unhandled: unknown[] = [];
  const note = (error: unknown) => void unhandled.push(error);
  before(() => {
    process.on('unhandledRejection', note);
  });
  after(() => {
    process.off('unhandledRejection', note);
  });

  for (const [misbehaviour, listener] of Object.entries(misbehaviours)) {
    it(`that ${misbehaviour} fails no write and is named in the log`, async () => {
      let heard = 0;
      const gateway = await openTestGateway([
        ...plugins,
        listening('unruly', listener),
        listening('orderly', () => void heard++),
      ]);
      try {
        const { system } = gateway;
        await system
          .port('catalog')
          .save([
            { id: 'kettle', title: 'Kettle', categoryIds: [], prices: [{ currency: 'EUR', amount: '9' }] },
          ]);
        await system
          .port('merchandising')
          .saveSynonym({ locale: 'en', kind: 'MULTI_WAY', input: null, terms: ['kettle', 'boiler'] });
        const recorded = await gateway.ask(
          `mutation { recordEvents(context: { channel: WEB, sessionId: "s1" }, events: [
            { messageId: "1", type: PRODUCT_VIEWED, productIds: ["kettle"] }]) { accepted } }`,
        );
        expect(recorded.at('recordEvents.accepted')).to.equal(1);
        expect(heard).to.equal(4);
        await new Promise((resolve) => setImmediate(resolve));
        if (misbehaviour === 'hangs') system.clock.advance(5_000);
        const message =
          misbehaviour === 'hangs' ? 'a listener has not finished within 5 s' : 'a listener failed';
        expect(complaints(system, 'unruly')).to.have.deep.members(
          ['store', 'catalog', 'merchandising', 'events'].map((capability) => [message, capability]),
        );
        expect(complaints(system, 'orderly')).to.deep.equal([]);
        const { err } = system.log.lines.find(({ fields }) => fields.plugin === 'unruly')!.fields;
        if (misbehaviour !== 'hangs')
          expect((err as { stack: string }).stack).to.match(/^TypeError: undefined\.x\n/);
        expect(unhandled).to.deep.equal([]);
      } finally {
        await gateway.close();
      }
    });
  }

  it('that fails on every change is logged once a second, with how often', async () => {
    const system = await bootPlugins([...plugins, listening('unruly', misbehaviours.throws!)]);
    try {
      const catalog = system.port('catalog');
      const save = (version: number) =>
        catalog.save([{ id: 'k', title: `Kettle ${version}`, categoryIds: [], prices: [] }]);
      for (let i = 0; i < 5; i++) await save(i);
      system.clock.advance(1_000);
      await save(5);
      const counts = system.log.lines.flatMap(({ fields }) =>
        fields.plugin === 'unruly' && fields.capability === 'catalog' ? [fields.failures] : [],
      );
      expect(counts).to.deep.equal([1, 5]);
    } finally {
      await system.close();
    }
  });
});

describe('A port', () => {
  it('cannot be changed by a plugin that uses it, and may be an instance of a class', async () => {
    class Counter {
      #count = 0;
      step = 2;
      get count() {
        return this.#count;
      }
      add(): number {
        this.#count += this.step;
        return this.#count;
      }
    }
    const counter: Plugin = {
      name: 'counter',
      provides: 'counter' as Capability,
      needs: [],
      create: () => ({ port: new Counter() }),
    };
    let seen: Counter | null = null;
    const user: Plugin = {
      name: 'user',
      provides: null,
      needs: ['counter' as Capability, 'store'],
      create: ({ needs }) => {
        seen = (needs as unknown as { counter: Counter }).counter;
        expect(() => {
          (needs.store as { check: unknown }).check = async () => undefined;
        }).to.throw(TypeError);
        return { port: null };
      },
    };
    const system = await bootPlugins([...plugins, counter, user]);
    try {
      const own = seen as unknown as Counter;
      expect(own.add()).to.equal(2);
      expect(own.count).to.equal(2);
      expect((system.port('store') as Store).ordered).to.equal(true);
    } finally {
      await system.close();
    }
  });
});
