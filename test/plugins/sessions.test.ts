import { expect } from 'chai';
import { consent as consentPlugin } from '../../plugins/consent/plugin.js';
import { customers as customersPlugin } from '../../plugins/customers/plugin.js';
import { events as eventsPlugin } from '../../plugins/events/plugin.js';
import { queue } from '../../plugins/queue/plugin.js';
import { store } from '../../plugins/store/plugin.js';
import type { Caller } from '../../src/context.js';
import { bootPeople, type People } from '../support/people.js';

const plugins = [store, queue, customersPlugin, consentPlugin, eventsPlugin];
const server: Partial<Caller> = { role: 'SERVER' };
const token: Partial<Caller> = { customerId: 'ada' };
const storefront: Partial<Caller> = {};

describe('a session id', () => {
  let people: People;
  let messages = 0;
  beforeEach(async () => {
    people = await bootPeople(plugins, { environment: { RAPPORT_CONSENT_MODE: 'opt-out' } });
  });
  afterEach(() => people.close());

  async function see(session: string, productId: string, caller = storefront): Promise<void> {
    people.clock.advance(1_000);
    const result = await people
      .port('events')
      .record(people.context({ sessionId: session }, caller), [
        { messageId: `m${++messages}`, type: 'PRODUCT_VIEWED', productIds: [productId] },
      ]);
    expect(result.userErrors).to.deep.equal([]);
  }

  async function seen(session: string, caller = storefront): Promise<string[]> {
    const shopper = await people.port('customers').recognise(people.context({ sessionId: session }, caller));
    const permit = await people.port('consent').permit(shopper, 'PERSONALIZATION');
    const history = await people.port('events').history(permit!, { limit: 100 });
    return history.flatMap(({ productIds }) => productIds).sort();
  }

  async function signIn(session: string, id = 'ada', caller = server): Promise<string> {
    people.clock.advance(1_000);
    return signInNow(session, id, caller);
  }

  async function signInNow(session: string, id = 'ada', caller = server): Promise<string> {
    const result = await people.ask(
      `mutation ($session: ID, $id: ID!) {
        identify(context: { channel: WEB, sessionId: $session }, customer: { id: $id }) { shopper { sessionId } userErrors { code } }
      }`,
      caller,
      { session, id },
    );
    expect(result.errors).to.equal(undefined);
    expect(result.at('identify.userErrors')).to.deep.equal([]);
    return result.at('identify.shopper.sessionId') as string;
  }

  async function signOut(session: string, caller = storefront): Promise<string> {
    people.clock.advance(1_000);
    const result = await people.ask(
      'mutation ($session: ID) { signOut(context: { channel: WEB, sessionId: $session }) { shopper { sessionId known } userErrors { code } } }',
      caller,
      { session },
    );
    expect(result.errors).to.equal(undefined);
    expect(result.at('signOut.shopper.known')).to.equal(false);
    return result.at('signOut.shopper.sessionId') as string;
  }

  const shopperOf = (sessionId: string, caller = storefront) =>
    people.port('customers').recognise(people.context({ sessionId }, caller));

  async function decide(session: string, status: string, caller = storefront): Promise<void> {
    people.clock.advance(1_000);
    const shopper = await shopperOf(session, caller);
    await people.port('consent').decide(shopper, [{ purpose: 'PERSONALIZATION', status }]);
  }

  const applied = async (session: string, caller = storefront) =>
    (await people.port('consent').personalization(await shopperOf(session, caller))).applied;

  /** Ada bought something elsewhere, looked around anonymously, signed in, and went on. */
  async function journey(): Promise<string> {
    await signIn('phone');
    await see('phone', 'bought elsewhere', server);
    await see('s', 'before');
    const renewed = await signIn('s');
    await see('s', 'old id, token', token);
    await see('s', 'old id');
    await see(renewed, 'new id, token', token);
    await see(renewed, 'new id');
    return renewed;
  }
  const own = ['before', 'bought elsewhere', 'new id', 'new id, token', 'old id, token'];

  it('of before a sign-in shows no server the customer, where old ids are not trusted', async () => {
    await people.close();
    const environment = { RAPPORT_CONSENT_MODE: 'opt-out', RAPPORT_CUSTOMERS_TRUST_OLD_SESSION_IDS: 'false' };
    people = await bootPeople(plugins, { environment });
    await see('chosen', 'before');
    const fresh = await signIn('chosen');
    await see(fresh, 'secret', server);
    await see('chosen', 'by a stranger');
    expect(await seen('chosen', server)).to.deep.equal(['before', 'by a stranger']);
    expect(await seen(fresh, server)).to.deep.equal(['before', 'secret']);
    expect(await seen('any', { ...server, ...token })).to.include('secret');
  });

  it('before the sign-in shows what was done in it, to everybody who has it', async () => {
    await see('s', 'before');
    for (const caller of [storefront, token, server])
      expect(await seen('s', caller)).to.deep.equal(['before']);
  });

  it('after the sign-in shows the customer only to their token and to a server', async () => {
    const renewed = await journey();
    expect(renewed).not.to.equal('s');
    for (const caller of [token, server]) {
      expect(await seen(renewed, caller)).to.deep.equal(own);
      expect(await seen('s', caller)).to.deep.equal([...own, 'old id'].sort());
    }
    expect(await seen('elsewhere', token)).to.deep.equal(own);
    expect(await seen(renewed)).to.deep.equal(['new id']);
    expect(await seen('s')).to.deep.equal(['before', 'old id']);
    expect(await seen('s', { customerId: 'mallory' })).to.deep.equal([]);
  });

  it('that an attacker chose learns nothing of what the victim does with the new one', async () => {
    const renewed = await signIn('chosen', 'ada', token);
    await see(renewed, 'secret', token);
    await see(renewed, 'secret too');
    await see('chosen', 'planted');
    expect(await seen('chosen')).to.deep.equal(['planted']);
    expect(await seen(renewed, token)).to.deep.equal(['secret', 'secret too']);
  });

  it('is renewed once, however often the sign-in is sent', async () => {
    const renewed = await signIn('s');
    expect(await signIn('s')).to.equal(renewed);
    expect(await signIn(renewed)).to.equal(renewed);
    expect(await signIn('s', 'ben')).not.to.equal(renewed);
    await signOut(renewed, server);
    expect(await signIn('s')).not.to.equal(renewed);
  });

  it('is renewed once by sign-ins at the same time, and a proven sign-out ends it', async () => {
    const renewed = await Promise.all(Array.from({ length: 8 }, () => signInNow('s')));
    expect(new Set(renewed)).to.have.property('size', 1);
    await signOut('s', token);
    expect(await shopperOf(renewed[0]!, server)).to.include({ customerId: null });
  });

  it('after the sign-out is a blank visitor, to everybody', async () => {
    const renewed = await journey();
    const fresh = await signOut(renewed, token);
    expect(new Set(['s', renewed, fresh])).to.have.property('size', 3);
    for (const session of [renewed, fresh, 's']) {
      for (const caller of [storefront, server])
        expect(await seen(session, caller), session).to.deep.equal([]);
    }
    await see(renewed, 'by the next one');
    expect(await seen(renewed, server)).to.deep.equal(['by the next one']);
    expect(await seen(fresh)).to.deep.equal([]);
    expect(await seen('elsewhere', token)).to.deep.equal(own);
  });

  it('without proof signs out itself and nothing else', async () => {
    const renewed = await journey();
    await signOut('s');
    expect(await seen('s', server)).to.deep.equal([]);
    expect(await seen(renewed, server)).to.deep.equal(own);
  });

  it('signed out by its holder takes its consents along', async () => {
    const { customers, consent } = { customers: people.port('customers'), consent: people.port('consent') };
    const shopper = () => customers.recognise(people.context({ sessionId: 's' }));
    await consent.decide(await shopper(), [{ purpose: 'MARKETING_EMAIL', status: 'GRANTED' }]);
    await signOut('s');
    expect((await consent.states(await shopper())).every(({ status }) => status === 'UNSET')).to.equal(true);
    expect(await consent.history(await shopper())).to.deep.equal([]);
  });

  it('brings a refusal along when it is signed in', async () => {
    await decide('elsewhere', 'GRANTED', token);
    await decide('s', 'DENIED');
    const renewed = await signIn('s', 'ada', token);
    expect(await applied(renewed, token)).to.equal(false);
  });

  it('lets the customer take back a refusal from before the sign-in', async () => {
    await decide('s', 'DENIED');
    const renewed = await signIn('s');
    expect(await applied(renewed, token)).to.equal(false);
    await decide(renewed, 'GRANTED', token);
    expect(await applied(renewed, token)).to.equal(true);
    expect(await applied(renewed)).to.equal(true);
    await decide('s', 'DENIED');
    expect(await applied(renewed, token)).to.equal(true);
    expect(await applied(renewed)).to.equal(true);
    await decide(renewed, 'WITHDRAWN', token);
    expect(await applied(renewed)).to.equal(false);
  });

  describe('that was refused', () => {
    const refused = async (session: string, caller = storefront) => !(await applied(session, caller));

    it('stays refused after a sign-out that nobody proved, and after the next one', async () => {
      await decide('s', 'DENIED');
      for (let again = 0; again < 3; again++) {
        const fresh = await signOut('s');
        expect(await refused('s'), `old id ${again}`).to.equal(true);
        expect(await refused(fresh), `new id ${again}`).to.equal(true);
        expect(await refused(await signOut(fresh)), `next id ${again}`).to.equal(true);
      }
      const renewed = await signIn('s', 'ada', token);
      expect(await refused(renewed, token)).to.equal(true);
    });

    it('takes no grant along, and lets a newer decision of the new session win', async () => {
      await decide('s', 'DENIED');
      await signOut('s');
      await decide('s', 'GRANTED');
      expect(await refused('s')).to.equal(false);
      const states = await people.port('consent').states(await shopperOf(await signOut('s')));
      expect(states.every(({ status }) => status === 'UNSET')).to.equal(true);
    });

    it('by its customer elsewhere stays refused when somebody else signs it out', async () => {
      await signIn('s');
      await decide('phone', 'WITHDRAWN', token);
      expect(await refused('s')).to.equal(true);
      const fresh = await signOut('s');
      for (const session of ['s', fresh]) {
        expect(await refused(session), session).to.equal(true);
        expect(JSON.stringify(await people.port('consent').states(await shopperOf(session)))).not.to.contain(
          'WITHDRAWN',
        );
      }
    });

    it('stays refused when somebody signs in as another customer with it', async () => {
      await decide('s', 'DENIED');
      await signIn('s');
      await signIn('s', 'mallory', { customerId: 'mallory' });
      expect(await refused('s')).to.equal(true);
      expect(await refused('s', token)).to.equal(true);
      expect(await refused('s', { customerId: 'mallory' })).to.equal(false);
    });

    it('is not lost when the refusal and the sign-out arrive at once', async () => {
      const shopper = await shopperOf('s');
      await Promise.all([
        people.port('consent').decide(shopper, [{ purpose: 'PERSONALIZATION', status: 'DENIED' }]),
        people.port('customers').signOut(people.context({ sessionId: 's' })),
      ]);
      expect(await refused('s')).to.equal(true);
    });

    it('before the sign-in stays refused, whatever a stranger says under the old id later', async () => {
      await decide('s', 'DENIED');
      const renewed = await signIn('s', 'ada', token);
      await decide('s', 'GRANTED');
      expect(await refused(renewed, token)).to.equal(true);
      expect(await refused(renewed)).to.equal(true);
    });

    it('by the customer there is not granted by a stranger, nor hides what the stranger said', async () => {
      await decide('s', 'WITHDRAWN', token);
      await decide('s', 'GRANTED');
      expect(await refused('s')).to.equal(true);
      await decide('t', 'DENIED');
      await decide('t', 'GRANTED', token);
      expect(await refused('t')).to.equal(true);
      expect(await refused('t', token)).to.equal(false);
    });
  });

  it('refused by a visitor between two customers counts for the one who signs in next', async () => {
    await signIn('kiosk');
    await decide('kiosk', 'DENIED');
    const renewed = await signIn('kiosk', 'ben');
    expect(await applied(renewed, { customerId: 'ben' })).to.equal(false);
    expect(await applied('elsewhere', token)).to.equal(true);
  });

  it('refused by a customer is not granted by another one who knows it', async () => {
    await decide('s', 'WITHDRAWN', token);
    await decide('s', 'GRANTED', { customerId: 'mallory' });
    expect(await applied('s')).to.equal(false);
    expect(await applied('s', { customerId: 'mallory' })).to.equal(true);
  });

  it('of a kiosk is blank after each of its customers signed out, also from the second on', async () => {
    for (const id of ['ada', 'ben', 'eve']) {
      await see('kiosk', `seen by ${id}`);
      const renewed = await signIn('kiosk', id);
      await signOut(renewed, { customerId: id });
      expect(await shopperOf('kiosk', server)).to.include({ customerId: null });
      expect(await seen('kiosk', server), id).to.deep.equal([]);
    }
  });

  it('shows another customer nothing that was decided before its sign-in', async () => {
    await decide('s', 'GRANTED', server);
    await decide('t', 'DENIED');
    for (const session of ['s', 't']) {
      const renewed = await signIn(session);
      const ben = await shopperOf(renewed, { customerId: 'ben' });
      const states = await people.port('consent').states(ben);
      expect(states.map(({ status }) => status)).to.deep.equal(states.map(() => 'UNSET'));
    }
  });
});
