import { expect } from 'chai';
import { plugins } from '../../plugins/index.js';
import type { Capability } from '../../src/capabilities.js';
import { definePlugin, type Plugin } from '../../src/plugin.js';
import type { Store } from '../../src/ports/store.js';
import { bootPeople, type People } from '../support/people.js';

/** Paths of the objects and arrays in a value that somebody could change. */
function changeable(value: unknown, path = ''): string[] {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return [];
  const below = Object.entries(value).flatMap(([key, each]) => changeable(each, `${path}.${key}`));
  return Object.isFrozen(value) ? below : [path || 'itself', ...below];
}

/** Paths of the properties in a value that are getters of an object literal. */
function getters(value: unknown, path = ''): string[] {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return [];
  return Object.entries(Object.getOwnPropertyDescriptors(value)).flatMap(([key, { get, value: held }]) =>
    get === undefined ? getters(held, `${path}.${key}`) : [`${path}.${key}`],
  );
}

type Note = { readonly id: string; readonly tags: readonly string[] };

describe('What ports hand out', () => {
  const seen = new Map<string, unknown>();
  const note = (what: string) => (news?: unknown) => void seen.set(what, news);
  let people: People;
  let listening: { readonly store: Store };

  const listener = definePlugin({
    name: 'listener',
    provides: null,
    needs: ['store', 'catalog', 'events'],
    create({ needs }) {
      listening = needs;
      return {
        port: null,
        async start() {
          needs.catalog.watch(note('catalog.watch'));
          needs.events.watch(note('events.watch'), 'ANALYTICS');
        },
      };
    },
  });
  /** As careless as a third party may be. */
  const tray = { cups: [{ size: 1 }] };
  const careless: Plugin = {
    name: 'careless',
    provides: 'tray' as Capability,
    needs: [],
    create: () => ({ port: { tray, lift: () => tray, wait: async () => [tray], at: () => new Date(0) } }),
  };

  before(async () => {
    people = await bootPeople([...plugins, listener, careless]);
    await people.port('catalog').save([
      { id: 'kettle', title: 'Kettle', categoryIds: ['kitchen'], prices: [{ currency: 'EUR', amount: '9' }] },
      { id: 'mug', title: 'Mug', categoryIds: ['kitchen'], prices: [{ currency: 'EUR', amount: '4' }] },
    ]);
    await people.port('catalog').setStock([{ productId: 'mug', storeId: 'berne', quantity: 3 }]);
    await people.port('merchandising').saveSynonym({ terms: ['kettle', 'boiler'] });
    const context = people.context({ sessionId: 's1' }, { role: 'SERVER' });
    await people.port('customers').identify(context, { id: 'ada', traits: { tier: 'gold' } });
    const shopper = await people.port('customers').recognise(context);
    await people.port('consent').decide(shopper, [{ purpose: 'PERSONALIZATION', status: 'GRANTED' }]);
    await people
      .port('events')
      .record(context, [{ messageId: '1', type: 'PRODUCT_VIEWED', productIds: ['kettle'] }]);
  });
  after(() => people.close());

  const shopperOf = () =>
    people.port('customers').recognise(people.context({ sessionId: 's1' }, { role: 'SERVER' }));
  const reads: Readonly<Record<string, () => unknown>> = {
    'catalog.products': () => people.port('catalog').products(['kettle', 'nothing']),
    'catalog.scan': async () => {
      for await (const page of people.port('catalog').scan()) return page;
      return null;
    },
    'catalog.stock': () => people.port('catalog').stock(['kettle', 'mug']),
    'catalog.categories': () => people.port('catalog').categories(),
    'catalog.descendants': () => people.port('catalog').descendants('kitchen'),
    'catalog.shelf': () => people.port('catalog').shelf,
    'catalog.shelf.categories': () => {
      const { shelf } = people.port('catalog');
      return shelf.categories(shelf.numberOf('kettle'));
    },
    'catalog.watch': () => seen.get('catalog.watch'),
    'customers.get': () => people.port('customers').get('ada'),
    'customers.recognise': shopperOf,
    'consent.states': async () => people.port('consent').states(await shopperOf()),
    'consent.history': async () => people.port('consent').history(await shopperOf()),
    'consent.personalization': async () => people.port('consent').personalization(await shopperOf()),
    'events.history': async () => {
      const permit = await people.port('consent').permit(await shopperOf(), 'PERSONALIZATION');
      return people.port('events').history(permit!, { limit: 10 });
    },
    'events.replay': async () => {
      for await (const page of people.port('events').replay()) return page;
      return null;
    },
    'events.watch': () => seen.get('events.watch'),
    'merchandising.allSynonyms': () => people.port('merchandising').allSynonyms(),
    'recommendations.recommend': async () =>
      people
        .port('recommendations')
        .recommend(await shopperOf(), { placement: 'home', first: 5, productId: null, cart: [] }),
    'search.suggest': () => people.port('search').suggest('ket', { limit: 5, locale: 'en' }),
    'store.collection': async () => {
      const notes = await listening.store.collection<Note>({ name: 'frozen-notes', indexes: {} });
      notes.watch(note('store.watch'));
      await notes.put([{ id: 'first', tags: ['a'] }]);
      return [await notes.get('first'), await notes.getMany(['first', 'none'])];
    },
    'store.watch': () => seen.get('store.watch'),
    'a port of a third party': async () => {
      const port = people.port('tray' as Capability) as unknown as {
        readonly tray: unknown;
        lift(): unknown;
        wait(): Promise<unknown>;
      };
      return [port.tray, port.lift(), await port.wait()].map((value) => changeable(value));
    },
  };
  for (const [what, read] of Object.entries(reads)) {
    it(`cannot be changed: ${what}`, async () => {
      const value = await read();
      expect(value).not.to.be.oneOf([undefined, null]);
      if (Array.isArray(value)) expect(value).not.to.deep.equal([]);
      if (what.startsWith('a port')) expect(value).to.deep.equal([[], [], []]);
      else if (what === 'store.collection')
        expect((value as unknown[]).flatMap((v) => changeable(v))).to.deep.equal([]);
      else expect(changeable(value)).to.deep.equal([]);
      // V8 keeps each with all that it refers to until the next full collection. A shelf is made once.
      if (what !== 'catalog.shelf') expect(getters(value)).to.deep.equal([]);
    });
  }
});
