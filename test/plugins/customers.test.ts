import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import fc from 'fast-check';
import { customers as customersPlugin } from '../../plugins/customers/plugin.js';
import { queue } from '../../plugins/queue/plugin.js';
import { store } from '../../plugins/store/plugin.js';
import type { Caller } from '../../src/context.js';
import { RapportError } from '../../src/errors.js';
import type { Customers } from '../../src/ports/customers.js';
import { bootPeople, type People } from '../support/people.js';
import { runs } from '../support/runs.js';

const plugins = [store, queue, customersPlugin];
const server: Partial<Caller> = { role: 'SERVER' };
const identifying = `mutation ($session: ID, $customer: CustomerInput!, $named: ID) {
  identify(context: { channel: WEB, sessionId: $session, customerId: $named }, customer: $customer) {
    customer { id email firstName lastName locale traits createdAt updatedAt }
    shopper { sessionId known profile { id } }
    userErrors { code message path }
  }
}`;

describe('customers', () => {
  let people: People;
  let customers: Customers;

  async function open(): Promise<void> {
    people = await bootPeople(plugins);
    customers = people.port('customers');
  }
  const close = () => people.close();

  const identify = (session: string, customer: Record<string, unknown>, caller = server) =>
    people.ask(identifying, caller, { session, customer });

  async function sessionsOf(sessionId: string, customerId?: string): Promise<readonly string[]> {
    return (
      await customers.recognise(
        people.context(customerId ? { sessionId, customerId } : { sessionId }, server),
      )
    ).sessionIds;
  }

  describe('who is there', () => {
    beforeEach(open);
    afterEach(close);

    it('is a stranger in a session that nobody was identified in', async () => {
      const shopper = await customers.recognise(people.context({ sessionId: 's1' }));
      expect(shopper.customerId).to.equal(null);
      expect(shopper.sessionIds).to.deep.equal(['s1']);
    });

    it('are listed in pages, each customer once', async () => {
      for (const id of ['cy', 'ada', 'ben']) await identify(`of ${id}`, { id });
      expect(await customers.list({ limit: 2 })).to.deep.equal(['ada', 'ben']);
      expect(await customers.list({ limit: 2, after: 'ben' })).to.deep.equal(['cy']);
      expect(await customers.list({ limit: 2, after: 'cy' })).to.deep.equal([]);
      const error = await customers.list({ limit: 0 }).catch((thrown: unknown) => thrown);
      expect(error).to.include({ code: 'CUSTOMERS_LIMIT_INVALID' });
    });

    it('is found outside a request by the ids of a customer, a session or both', async () => {
      await identify('s1', { id: 'ada' });
      const bySession = await customers.shopper({ sessionId: 's1', channel: 'EMAIL' });
      expect(bySession).to.include({ sessionId: 's1', customerId: 'ada' });
      expect(bySession.context).to.include({ channel: 'EMAIL', locale: 'en', currency: 'EUR' });
      const byCustomer = await customers.shopper({ customerId: 'ada', locale: 'de' });
      expect(byCustomer.customerId).to.equal('ada');
      expect(byCustomer.sessionIds).to.include('s1');
      expect((await customers.shopper({ sessionId: 's2' })).customerId).to.equal(null);
      for (const names of [{}, { sessionId: '' }, { customerId: 'x'.repeat(1_000) }]) {
        const error = await customers.shopper(names).catch((thrown: unknown) => thrown);
        expect(error).to.include({ kind: 'invalid', code: 'CUSTOMERS_ID_INVALID' });
      }
    });

    it('is one object for one context, so that nothing is worked out twice', async () => {
      const context = people.context({ sessionId: 's1' });
      expect(await customers.recognise(context)).to.equal(await customers.recognise(context));
    });

    it('is the customer in every later request of an identified session, in every channel', async () => {
      await identify('s1', { id: 'ada' });
      for (const channel of ['WEB', 'APP', 'VOICE'] as const) {
        const shopper = await customers.recognise(people.context({ sessionId: 's1', channel }, server));
        expect(shopper.customerId).to.equal('ada');
        const unproven = await customers.recognise(people.context({ sessionId: 's1', channel }));
        expect(unproven).to.include({ customerId: null, sessionId: 's1' });
      }
    });

    it('is seen by the very context that was identified', async () => {
      const context = people.context({ sessionId: 's1' }, server);
      expect((await customers.recognise(context)).customerId).to.equal(null);
      await customers.identify(context, { id: 'ada' });
      expect((await customers.recognise(context)).customerId).to.equal('ada');
    });

    it('brings the past of all their sessions together, this one first, then the newest', async () => {
      for (const session of ['phone', 'web', 'voice']) {
        await customers.identify(people.context({ sessionId: session }, server), { id: 'ada' });
        people.clock.advance(1_000);
      }
      expect(await sessionsOf('phone')).to.deep.equal(['phone', 'voice', 'web']);
      expect(await sessionsOf('new', 'ada')).to.deep.equal(['new', 'voice', 'web', 'phone']);
    });

    it('looks at the 50 newest sessions of a person and still knows the oldest', async () => {
      for (let i = 0; i < 53; i++) {
        await customers.identify(people.context({ sessionId: `s${i}` }, server), { id: 'ada' });
        people.clock.advance(1);
      }
      const oldest = await customers.recognise(people.context({ sessionId: 's0' }, server));
      expect(oldest.customerId).to.equal('ada');
      expect(oldest.sessionIds).to.have.length(50);
      expect(oldest.sessionIds.slice(0, 3)).to.deep.equal(['s0', 's52', 's51']);
    });

    it('is refused for ids that careless clients send when nobody is signed in', () => {
      for (const customerId of ['null', 'undefined', 'GUEST', 'NaN', '0'])
        expect(() => people.context({ customerId }, server), customerId).to.throw(`"${customerId}"`);
    });

    it('is remembered by a system that starts again', async () => {
      const dataDir = mkdtempSync(join(tmpdir(), 'rapport-'));
      const before = await bootPeople(plugins, { dataDir });
      await before.ask(identifying, server, { session: 's1', customer: { id: 'ada' } });
      await before.close();
      const after = await bootPeople(plugins, { dataDir });
      const shopper = await after.port('customers').recognise(after.context({ sessionId: 's1' }, server));
      await after.close();
      rmSync(dataDir, { recursive: true });
      expect(shopper.customerId).to.equal('ada');
    });
  });

  describe('shared devices', () => {
    beforeEach(open);
    afterEach(close);
    const signIn = (session: string, id: string) =>
      customers.identify(people.context({ sessionId: session }, server), { id, firstName: `Name of ${id}` });
    const recognise = (session: string, caller = server) =>
      customers.recognise(people.context({ sessionId: session }, caller));

    it('begin a new session for the next customer, who inherits nothing', async () => {
      await signIn('kiosk', 'ada');
      const ada = await recognise('kiosk');
      await signIn('kiosk', 'ben');
      const ben = await recognise('kiosk');
      expect(ben.customerId).to.equal('ben');
      expect(ben.sessionIds).to.deep.equal([ben.sessionId]);
      expect(ben.sessionId).not.to.equal(ada.sessionId);
    });

    it('leave the earlier customer nothing of what is done after', async () => {
      await signIn('kiosk', 'ada');
      people.clock.advance(1_000);
      await signIn('kiosk', 'ben');
      const { sessionIds, pastUntilMs } = await customers.recognise(
        people.context({ sessionId: 'phone', customerId: 'ada' }, server),
      );
      expect(sessionIds).to.deep.equal(['phone', 'kiosk']);
      expect(pastUntilMs[1]).to.equal(people.clock.nowMs() - 1_000);
    });

    it("do not lend a stranger's past to a customer who is named in the context only", async () => {
      await signIn('kiosk', 'ada');
      expect(await sessionsOf('kiosk', 'ben')).to.deep.equal([]);
    });

    it('keep 100 people apart, in whatever order they come back', async () => {
      const sessionsOfPeople = new Map<string, string>();
      for (let i = 0; i < 150; i++) {
        const id = `c${(i * 7) % 100}`;
        await signIn('kiosk', id);
        const { customerId, sessionId } = await recognise('kiosk');
        expect(customerId).to.equal(id);
        expect(sessionsOfPeople.get(sessionId) ?? id).to.equal(id);
        sessionsOfPeople.set(sessionId, id);
      }
      for (let i = 0; i < 100; i++) {
        expect((await customers.get(`c${i}`))?.firstName).to.equal(`Name of c${i}`);
        for (const session of await sessionsOf('own', `c${i}`))
          if (session !== 'own') expect(sessionsOfPeople.get(session)).to.equal(`c${i}`);
      }
    });
  });

  describe('who may identify', () => {
    beforeEach(open);
    afterEach(close);

    const victim = { id: 'victim', email: 'victim@example.com' };
    const cases: readonly [string, Partial<Caller>, string, boolean][] = [
      ['a server', { role: 'SERVER' }, 'victim', true],
      ['an administrator', { role: 'ADMIN' }, 'victim', true],
      ['the customer by token', { customerId: 'victim' }, 'victim', true],
      ['a storefront key', {}, 'victim', false],
      ['a storefront key naming nobody who exists', {}, 'nobody-yet', false],
      ['a storefront key with a reserved id', {}, 'null', false],
      ['another customer by token', { customerId: 'mallory' }, 'victim', false],
      ['a merchandiser', { role: 'MERCHANDISER' }, 'victim', false],
    ];
    for (const [who, caller, id, allowed] of cases) {
      it(`${allowed ? 'is' : 'is not'} ${who}`, async () => {
        await identify('theirs', victim);
        const result = await identify('mine', { id }, caller);
        expect(result.at('identify.customer.id')).to.equal(allowed ? id : undefined);
        const refusal =
          caller.role === 'MERCHANDISER' ? 'AUTHENTICATION_ROLE' : 'CUSTOMERS_IDENTITY_UNPROVEN';
        expect(result.codes).to.deep.equal(allowed ? [] : [refusal]);
      });
    }

    it('gets the same refusal for a victim and for nobody, by id and by e-mail', async () => {
      await identify('theirs', victim);
      const refusals = [
        await identify('mine', victim, {}),
        await identify('mine', { id: 'nobody-yet' }, {}),
        await identify('mine', { id: 'me', email: victim.email }, {}),
        await identify('mine', { id: 'me', email: 'nobody@example.com' }, {}),
      ];
      expect(
        new Set(refusals.map((refusal) => JSON.stringify([refusal.data, refusal.errors]))).size,
      ).to.equal(1);
      expect((await customers.recognise(people.context({ sessionId: 'mine' }))).customerId).to.equal(null);
    });
  });

  describe('a profile', () => {
    beforeEach(open);
    afterEach(close);

    it('keeps what is not named, removes what is null and is dated by the server', async () => {
      await identify('s1', {
        id: 'ada',
        email: ' ada@example.com ',
        locale: 'de-ch',
        traits: { tier: 'gold', age: 36 },
      });
      people.clock.advance(60_000);
      const result = await identify('s1', {
        id: 'ada',
        firstName: 'Ada',
        email: null,
        traits: { age: null, vip: true },
      });
      expect(result.at('identify.customer')).to.deep.include({
        email: null,
        firstName: 'Ada',
        locale: 'de-CH',
        traits: { tier: 'gold', vip: true },
      });
      const customer = (await customers.get('ada'))!;
      expect(customer.updatedAtMs - customer.createdAtMs).to.equal(60_000);
    });

    it('is untouched by the same identification again', async () => {
      await identify('s1', { id: 'ada', firstName: 'Ada', traits: { tier: 'gold' } });
      const before = await customers.get('ada');
      people.clock.advance(60_000);
      await identify('s1', { id: 'ada', firstName: 'Ada', traits: { tier: 'gold' } });
      const values = (customer: unknown) => ({ ...(customer as object), origins: null });
      expect(values(await customers.get('ada'))).to.deep.equal(values(before));
    });
  });

  describe('a profile that is refused', () => {
    before(open);
    after(close);

    const faults: readonly [Record<string, unknown>, string, string][] = [
      [{ id: 'null' }, 'CUSTOMERS_ID_RESERVED', 'id'],
      [{ id: 'undefined' }, 'CUSTOMERS_ID_RESERVED', 'id'],
      [{ id: 'Guest' }, 'CUSTOMERS_ID_RESERVED', 'id'],
      [{ id: 'anonymous' }, 'CUSTOMERS_ID_RESERVED', 'id'],
      [{ id: '0' }, 'CUSTOMERS_ID_RESERVED', 'id'],
      [{ id: 'true' }, 'CUSTOMERS_ID_RESERVED', 'id'],
      [{ id: 'NaN' }, 'CUSTOMERS_ID_RESERVED', 'id'],
      [{ id: '[object Object]' }, 'CUSTOMERS_ID_RESERVED', 'id'],
      [{ id: '' }, 'CUSTOMERS_ID_INVALID', 'id'],
      [{ id: ' ada' }, 'CUSTOMERS_ID_INVALID', 'id'],
      [{ id: 'a\u0000b' }, 'CUSTOMERS_ID_INVALID', 'id'],
      [{ id: '\ud800' }, 'CUSTOMERS_ID_INVALID', 'id'],
      [{ id: 'x'.repeat(129) }, 'CUSTOMERS_ID_INVALID', 'id'],
      [{ id: 'ada', email: 'ada' }, 'CUSTOMERS_EMAIL_INVALID', 'email'],
      [{ id: 'ada', email: 'a@b@c.org' }, 'CUSTOMERS_EMAIL_INVALID', 'email'],
      [{ id: 'ada', email: `${'x'.repeat(300)}@example.com` }, 'CUSTOMERS_EMAIL_INVALID', 'email'],
      [{ id: 'ada', firstName: '  ' }, 'CUSTOMERS_FIRST_NAME_INVALID', 'firstName'],
      [{ id: 'ada', lastName: 'x'.repeat(101) }, 'CUSTOMERS_LAST_NAME_INVALID', 'lastName'],
      [{ id: 'ada', lastName: 'two\nlines' }, 'CUSTOMERS_LAST_NAME_INVALID', 'lastName'],
      [{ id: 'ada', locale: 'no locale' }, 'CUSTOMERS_LOCALE_INVALID', 'locale'],
      [{ id: 'ada', traits: ['a'] }, 'CUSTOMERS_TRAITS_INVALID', 'traits'],
      [{ id: 'ada', traits: 'gold' }, 'CUSTOMERS_TRAITS_INVALID', 'traits'],
      [{ id: 'ada', traits: { home: { city: 'Ulm' } } }, 'CUSTOMERS_TRAIT_VALUE_INVALID', 'traits'],
      [{ id: 'ada', traits: { big: Number.POSITIVE_INFINITY } }, 'CUSTOMERS_TRAIT_VALUE_INVALID', 'traits'],
      [{ id: 'ada', traits: { text: 'x'.repeat(1_001) } }, 'CUSTOMERS_TRAIT_VALUE_INVALID', 'traits'],
      [{ id: 'ada', traits: JSON.parse('{"__proto__": 1}') }, 'CUSTOMERS_TRAIT_NAME_INVALID', 'traits'],
      [{ id: 'ada', traits: { constructor: 1 } }, 'CUSTOMERS_TRAIT_NAME_INVALID', 'traits'],
      [{ id: 'ada', traits: { $where: '1' } }, 'CUSTOMERS_TRAIT_NAME_INVALID', 'traits'],
      [{ id: 'ada', traits: { 'a.b': 1 } }, 'CUSTOMERS_TRAIT_NAME_INVALID', 'traits'],
      [{ id: 'ada', password: 'secret' }, 'CUSTOMERS_FIELD_UNKNOWN', 'password'],
    ];
    for (const [customer, code, field] of faults) {
      const name = JSON.stringify(customer).slice(0, 60);
      if (field === 'id') {
        it(`is refused, and changes nothing: ${name}, ${code}`, async () => {
          const result = await customers.identify(people.context({ sessionId: 's1' }, server), customer);
          expect(result.customer).to.equal(null);
          expect(result.userErrors.map((error) => error.code)).to.deep.equal([code]);
          expect(
            (await customers.recognise(people.context({ sessionId: 's1' }, server))).customerId,
          ).to.equal(null);
        });
        continue;
      }
      it(`is left out, and the session linked: ${name}, ${code}`, async () => {
        const sessionId = `s-${faults.findIndex(([, other]) => other === code)}`;
        const context = people.context({ sessionId }, server);
        const result = await customers.identify(context, { ...customer, id: 'bob', firstName: 'Bob' });
        const named = result.userErrors.filter(({ path }) => path[1] === field);
        if (field !== 'firstName') expect(named.map((error) => error.code)).to.deep.equal([code]);
        expect(named[0]?.path.slice(0, 2) ?? ['customer', field]).to.deep.equal(['customer', field]);
        expect(result.customer).to.include({ id: 'bob', firstName: 'Bob', email: null, locale: null });
        expect(result.customer!.traits).to.deep.equal({});
        expect((await customers.recognise(context)).customerId).to.equal('bob');
      });
    }

    it('names every fault at once', async () => {
      const result = await customers.identify(people.context({}, server), {
        id: 'many faults',
        email: 'x',
        locale: '!',
        traits: { __proto__: null, ok: 1, 'no.dots': 1 },
      });
      expect(result.userErrors.map((error) => error.path.join('.'))).to.deep.equal([
        'customer.email',
        'customer.locale',
        'customer.traits.no.dots',
      ]);
    });

    it('has at most 100 traits, over all identifications together', async () => {
      const traits = (from: number, count: number) =>
        Object.fromEntries(Array.from({ length: count }, (_, i) => [`t${from + i}`, i]));
      expect(
        (await identify('s1', { id: 'ada', traits: traits(0, 100) })).at('identify.userErrors'),
      ).to.deep.equal([]);
      const over = await identify('s2', { id: 'ada', traits: traits(100, 1) });
      expect(over.at('identify.userErrors.0')).to.deep.include({
        code: 'CUSTOMERS_TRAITS_TOO_MANY',
        path: ['customer', 'traits', 't100'],
      });
      expect(over.at('identify.shopper.known')).to.equal(true);
      const swapped = await identify('s1', { id: 'ada', traits: { t0: null, t100: 1 } });
      expect(swapped.at('identify.userErrors')).to.deep.equal([]);
    });

    it('refuses a context that names somebody else', async () => {
      const result = await people.ask(identifying, server, {
        session: 's1',
        named: 'ben',
        customer: { id: 'ada' },
      });
      expect(result.at('identify.userErrors.0.code')).to.equal('CUSTOMERS_ID_CONFLICT');
    });

    it('never takes an arbitrary value apart in a way that is a defect', async () => {
      await fc.assert(
        fc.asyncProperty(fc.anything({ withNullPrototype: true }), async (input) => {
          try {
            const result = await customers.identify(people.context({}, server), input);
            if (result.customer === null) expect(result.userErrors).not.to.deep.equal([]);
          } catch (error) {
            expect(error).to.be.instanceOf(RapportError);
          }
        }),
        { numRuns: runs(200) },
      );
    });
  });

  describe('who may read a profile', () => {
    before(open);
    after(close);

    const query = `query ($session: ID, $id: ID!, $named: ID) {
      shopper(context: { channel: WEB, sessionId: $session, customerId: $named }) { known profile { email } }
      customer(id: $id) { email }
    }`;
    const cases: readonly [string, Partial<Caller>, string | undefined, unknown, unknown][] = [
      ['a server', { role: 'SERVER' }, undefined, 'ada@example.com', 'ada@example.com'],
      ['the customer by token', { customerId: 'ada' }, undefined, 'ada@example.com', 'ada@example.com'],
      ['not a storefront key with the session alone', {}, undefined, undefined, undefined],
      ['not another customer by token', { customerId: 'mallory' }, undefined, undefined, undefined],
    ];
    for (const [who, caller, named, profile, customer] of cases) {
      it(`is ${who}`, async () => {
        await identify('s1', { id: 'ada', email: 'ada@example.com' });
        const result = await people.ask(query, caller, { session: 's1', id: 'ada', named });
        expect(result.at('shopper.known')).to.equal(caller.role === 'SERVER' || 'customerId' in caller);
        expect(result.at('shopper.profile.email')).to.equal(profile);
        expect(result.at('customer.email')).to.equal(customer);
        expect(result.codes).to.deep.equal(customer ? [] : ['AUTHENTICATION_ROLE']);
        if (caller.customerId === 'mallory')
          expect(result.errors?.[0]?.message).to.contain('The bearer token is another customer');
        expect(result.personal).to.equal(true);
      });
    }

    it('is refused alike whether or not the customer exists', async () => {
      await identify('s1', { id: 'ada' });
      const [known, unknown] = await Promise.all(
        ['ada', 'nobody'].map((id) =>
          people.ask('query ($id: ID!) { customer(id: $id) { id } }', {}, { id }),
        ),
      );
      expect(known?.errors).to.deep.equal(unknown?.errors);
      expect(known?.data).to.deep.equal(unknown?.data);
    });

    it('answers a server null for a customer there is not, however odd the id', async () => {
      for (const id of ['nobody', '', 'x'.repeat(5_000), '__proto__']) {
        const result = await people.ask('query ($id: ID!) { customer(id: $id) { id } }', server, { id });
        expect(result.codes).to.deep.equal([]);
        expect(result.at('customer')).to.equal(null);
      }
    });
  });

  describe('traits', () => {
    beforeEach(open);
    afterEach(close);
    const values = async () => (await customers.get('ada'))?.traits;

    it('of a server are not changed by the customer, who may set others', async () => {
      await identify('s1', { id: 'ada', traits: { tier: 'gold' } });
      const result = await identify(
        's1',
        { id: 'ada', traits: { tier: 'platinum', size: 'M' } },
        { customerId: 'ada' },
      );
      expect(result.at('identify.userErrors')).to.have.length(1);
      expect(result.at('identify.userErrors.0')).to.deep.include({
        code: 'CUSTOMERS_TRAIT_PROTECTED',
        path: ['customer', 'traits', 'tier'],
      });
      expect(await values()).to.deep.equal({ tier: 'gold', size: 'M' });
      await identify('s1', { id: 'ada', traits: { tier: null } }, { customerId: 'ada' });
      await identify('s1', { id: 'ada', traits: { size: 'L' } });
      expect(await values()).to.deep.equal({ tier: 'gold', size: 'L' });
    });

    it('of a server may be changed where the shop allows it', async () => {
      const other = await bootPeople(plugins, {
        environment: { RAPPORT_CUSTOMERS_OVERWRITE_SERVER_TRAITS: 'true' },
      });
      const set = (caller: Partial<Caller>, tier: string) =>
        other.ask(identifying, caller, { session: 's1', customer: { id: 'ada', traits: { tier } } });
      await set(server, 'gold');
      await set({ customerId: 'ada' }, 'silver');
      expect((await other.port('customers').get('ada'))?.traits).to.deep.equal({ tier: 'silver' });
      await other.close();
    });

    it('end as the newest that was said, whatever order it arrives in, from several sources', async () => {
      const said = fc.record({
        atMs: fc.integer({ min: 0, max: 4 }),
        source: fc.constantFrom('a', 'b', 'c'),
        value: fc.constantFrom(null, 'x', 'y', 'z'),
      });
      const distinct = fc.uniqueArray(said, {
        selector: ({ atMs, source }) => `${atMs} ${source}`,
        minLength: 1,
        maxLength: 6,
      });
      let run = 0;
      await fc.assert(
        fc.asyncProperty(
          distinct.chain((all) =>
            fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })),
          ),
          async ([all, shuffled]) => {
            const id = `c${++run}`;
            for (const { atMs, source, value } of shuffled) {
              const context = people.context({ sessionId: id }, { ...server, source });
              await customers.identify(context, { id, traits: { t: value } }, { atMs });
            }
            const newest = [...all].sort((p, q) => p.atMs - q.atMs || (p.source < q.source ? -1 : 1)).at(-1)!;
            expect((await customers.get(id))?.traits.t ?? null).to.equal(newest.value);
          },
        ),
        { numRuns: runs(1_000) },
      );
    }).timeout(60_000);

    it('are listed with their source and time', async () => {
      await identify('s1', { id: 'ada', traits: { tier: 'gold' } });
      const result = await people.ask(
        '{ customer(id: "ada") { traitValues { name value source at } } }',
        server,
      );
      expect(result.at('customer.traitValues')).to.deep.equal([
        { name: 'tier', value: 'gold', source: 'test', at: new Date(people.clock.nowMs()).toISOString() },
      ]);
    });
  });

  describe('the fact', () => {
    beforeEach(open);
    afterEach(close);

    it('tells other plugins when a value changes, and only then', async () => {
      const facts: unknown[] = [];
      people.port('queue').react('test', 'customer.changed', async (fact) => void facts.push(fact));
      for (const tier of ['gold', 'gold', 'silver']) await identify('s1', { id: 'ada', traits: { tier } });
      await people.port('queue').idle();
      expect(facts).to.deep.equal(Array(2).fill({ type: 'customer.changed', customerId: 'ada' }));
    });

    it('tells other plugins once when a session is recognised', async () => {
      const facts: unknown[] = [];
      people.port('queue').react('test', 'customer.identified', async (fact) => void facts.push(fact));
      await identify('s1', { id: 'ada' });
      await identify('s1', { id: 'ada', firstName: 'Ada' });
      await people.port('queue').idle();
      expect(facts).to.deep.equal([{ type: 'customer.identified', customerId: 'ada', sessionId: 's1' }]);
    });
  });
});
