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
const tokenOf = (customerId: string): Partial<Caller> => ({ customerId });
const minuteMs = 60_000;
const farMs = Date.UTC(9999, 0, 1);

describe('a claim that a session is a customer’s', () => {
  let people: People;
  beforeEach(async () => {
    people = await bootPeople(plugins);
  });
  afterEach(() => people.close());

  const customers = () => people.port('customers');
  const shopperOf = (sessionId: string, caller: Partial<Caller> = server) =>
    customers().recognise(people.context({ sessionId }, caller));
  /** Whom the session is linked to, whoever vouches for it. */
  const linkedTo = async (sessionId: string) => (await shopperOf(sessionId)).linkedTo ?? null;

  /** An identification now, by a device whose clock is off by so much; resolves to the codes of what was at fault. */
  async function claim(session: string, id: string, offMs: number | null, caller = tokenOf(id)) {
    people.clock.advance(minuteMs);
    const atMs = people.clock.nowMs();
    const device = offMs === null ? {} : { deviceAtMs: atMs + offMs };
    const { userErrors } = await customers().identify(
      people.context({ sessionId: session }, caller),
      { id },
      { atMs, ...device },
    );
    return userErrors.map(({ code }) => code);
  }
  const signOut = (session: string, caller: Partial<Caller> = {}) => {
    people.clock.advance(minuteMs);
    return customers().signOut(people.context({ sessionId: session }, caller));
  };

  describe('by a device whose clock is wrong', () => {
    for (const [name, offMs] of [
      ['in the year 9999', farMs],
      ['an hour fast', 60 * minuteMs],
      ['an hour slow', -60 * minuteMs],
      ['in 1970', -1.5e12],
    ] as const) {
      it(`${name} never keeps another customer or the same one out`, async () => {
        await claim('k', 'evil', offMs);
        expect(await claim('k', 'jane', 0), 'by a clock that is right').to.deep.equal([]);
        expect(await linkedTo('k')).to.equal('jane');
        await claim('k', 'evil', offMs);
        expect(await linkedTo('k'), 'the clock of the year does no harm to its own customer').to.equal(
          'evil',
        );
        expect(await claim('k', 'jane', null), 'by no clock').to.deep.equal([]);
        expect(await linkedTo('k')).to.equal('jane');
        await claim('k', 'evil', offMs);
        await signOut('k');
        expect(await claim('k', 'jane', 0), 'after a sign-out').to.deep.equal([]);
        expect(await linkedTo('k')).to.equal('jane');
        await signOut('k');
        expect(await claim('k', 'evil', 0), 'when the clock was set right').to.deep.equal([]);
        expect(await linkedTo('k')).to.equal('evil');
      });
    }

    it('through another key says nothing about the clock behind this one', async () => {
      await claim('k', 'jane', 60 * minuteMs, { ...server, source: 'till' });
      await signOut('k');
      expect(await claim('k', 'jane', 2 * minuteMs, { ...server, source: 'web' })).to.deep.equal([]);
      expect(await linkedTo('k')).to.equal('jane');
    });
  });

  it('says so when it comes too late to be made, after a sign-out and after the next customer', async () => {
    await claim('k', 'jane', 0);
    const before = people.clock.nowMs();
    await signOut('k');
    const late = async (id: string) => {
      const context = people.context({ sessionId: 'k' }, tokenOf(id));
      const { customer, userErrors } = await customers().identify(context, { id }, { atMs: before });
      expect(customer?.id).to.equal(id);
      return userErrors.map(({ code, path }) => [code, ...path]);
    };
    const outdated = [['CUSTOMERS_LINK_OUTDATED', 'context', 'sessionId']];
    expect(await late('jane')).to.deep.equal(outdated);
    await claim('k', 'ben', 0);
    expect(await late('jane')).to.deep.equal(outdated);
    expect(await late('ben'), 'it is his anyway').to.deep.equal([]);
    expect(await linkedTo('k')).to.equal('ben');
  });

  it('remembers the clock of a customer who was here before the next one', async () => {
    await claim('k', 'anna', -10 * minuteMs);
    const deviceAtMs = people.clock.nowMs() - 10 * minuteMs;
    await signOut('k');
    await claim('k', 'ben', -10 * minuteMs);
    await signOut('k');
    people.clock.advance(60 * minuteMs);
    // Its time of sending is repeated, so that it looks new.
    const said = { atMs: people.clock.nowMs(), deviceAtMs };
    const anna = people.context({ sessionId: 'k' }, tokenOf('anna'));
    const { userErrors } = await customers().identify(anna, { id: 'anna' }, said);
    expect(userErrors.map(({ code }) => code)).to.deep.equal(['CUSTOMERS_LINK_OUTDATED']);
    expect(await linkedTo('k')).to.equal(null);
  });

  describe('that only a token makes', () => {
    const renewedBy = async (session: string, id: string) => {
      const result = await people.ask(
        `mutation ($session: ID, $id: ID!) {
          identify(context: { channel: WEB, sessionId: $session }, customer: { id: $id }) { shopper { sessionId } }
        }`,
        tokenOf(id),
        { session, id },
      );
      return result.at('identify.shopper.sessionId') as string;
    };
    const decide = async (session: string, status: string, caller: Partial<Caller>) => {
      people.clock.advance(minuteMs);
      const decisions = [{ purpose: 'PERSONALIZATION', status }];
      await people.port('consent').decide(await shopperOf(session, caller), decisions);
    };

    it('binds the new id, and not an id that may be somebody else’s', async () => {
      const renewed = await renewedBy('visitor', 'evil');
      expect(await shopperOf('visitor')).to.include({ customerId: null, sessionId: 'visitor' });
      expect(await shopperOf(renewed)).to.include({ customerId: 'evil' });
    });

    it('takes over neither the consent nor the orders of the guest whose id it is', async () => {
      await decide('visitor', 'GRANTED', {});
      await renewedBy('visitor', 'evil');
      people.clock.advance(minuteMs);
      const order = { messageId: 'o1', type: 'ORDER_COMPLETED', productIds: ['secret'] };
      await people.port('events').record(people.context({ sessionId: 'visitor' }, server), [order]);
      await decide('elsewhere', 'GRANTED', tokenOf('evil'));
      const permit = await people
        .port('consent')
        .permit(await shopperOf('elsewhere', tokenOf('evil')), 'PERSONALIZATION');
      expect(await people.port('events').history(permit!, { limit: 10 })).to.deep.equal([]);

      await decide('visitor', 'DENIED', {});
      await decide('visitor', 'GRANTED', tokenOf('evil'));
      for (const caller of [{}, server]) {
        const shopper = await shopperOf('visitor', caller);
        expect(await people.port('consent').personalization(shopper)).to.deep.equal({
          applied: false,
          reason: 'NO_CONSENT',
        });
      }
    });

    it('binds the id once a server says so, too, and stays bound', async () => {
      await renewedBy('s', 'jane');
      expect(await shopperOf('s')).to.include({ customerId: null });
      await customers().identify(people.context({ sessionId: 's' }, server), { id: 'jane' });
      expect(await shopperOf('s')).to.include({ customerId: 'jane' });
      await claim('s', 'jane', 0);
      expect(await shopperOf('s')).to.include({ customerId: 'jane' });
    });
  });
});
