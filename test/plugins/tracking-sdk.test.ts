import { Analytics } from '@segment/analytics-node';
import { expect } from 'chai';
import { contextOf } from '../support/events.js';
import { type TestGateway, testKeys } from '../support/gateway.js';
import { openTracking, recorded } from '../support/tracking.js';

/** `SDK_EVENTS=10000` for a longer look. */
const count = Number(process.env.SDK_EVENTS ?? 1_000);

describe("Segment's own SDK", () => {
  let gateway: TestGateway;
  before(async () => {
    gateway = await openTracking();
  });
  after(() => gateway.close());

  /** Sends by the SDK, and resolves to what it reports as faults. */
  async function by(work: (analytics: Analytics) => void): Promise<readonly string[]> {
    const faults: string[] = [];
    const analytics = new Analytics({
      writeKey: testKeys.SERVER,
      host: gateway.url,
      flushAt: 250,
      maxRetries: 0,
      flushInterval: 1_000,
    });
    analytics.on('error', ({ reason }) => faults.push(String(reason)));
    work(analytics);
    await analytics.closeAndFlush();
    return faults;
  }

  const send = () =>
    by((analytics) => {
      for (let i = 0; i < count; i++) {
        analytics.track({
          messageId: `message-${i}`,
          anonymousId: `session-${i % 100}`,
          event: 'Product Viewed',
          properties: { product_id: `product-${i % 500}` },
        });
      }
    });

  it(`delivers ${count} events, and the same again changes nothing`, async () => {
    expect(await send()).to.deep.equal([]);
    expect(await recorded(gateway)).to.have.length(count);
    expect(await send()).to.deep.equal([]);
    const all = await recorded(gateway);
    expect(new Set(all.map(({ id }) => id))).to.have.property('size', count);
    expect(all).to.have.length(count);
  });

  it('retries an identify, which changes nothing once another customer is there', async () => {
    const identify = (userId: string, plan: string) =>
      by((analytics) =>
        analytics.identify({
          messageId: `identify-${userId}`,
          anonymousId: 'kiosk',
          userId,
          timestamp: new Date(gateway.system.clock.nowMs() - 1_000),
          traits: { plan },
        }),
      );
    const customers = gateway.system.port('customers');
    const customer = async () => (await customers.recognise(contextOf('kiosk'))).customerId;
    for (const userId of ['anna', 'ben']) {
      expect(await identify(userId, 'gold')).to.deep.equal([]);
      gateway.system.clock.advance(10_000);
    }
    expect(await customer()).to.equal('ben');
    expect(await identify('anna', 'gold'), 'the same again').to.deep.equal([]);
    expect(await identify('ben', 'silver'), 'with another body').to.deep.equal([]);
    expect(await customer()).to.equal('ben');
    expect((await customers.get('ben'))?.traits).to.deep.equal({ plan: 'gold' });
    expect((await recorded(gateway)).filter(({ sessionId }) => sessionId === 'kiosk')).to.have.length(1);
  });

  describe('with the consents of a consent platform', () => {
    const consent = () => gateway.system.port('consent');
    const shopper = (sessionId: string, more: object = {}) =>
      gateway.system.port('customers').recognise(contextOf(sessionId, more));
    const statusOf = async (sessionId: string, more: object = {}) =>
      Object.fromEntries(
        (await consent().states(await shopper(sessionId, more))).map(({ purpose, status }) => [
          purpose,
          status,
        ]),
      );
    let sent = 0;

    function says(
      anonymousId: string,
      categoryPreferences: Record<string, unknown>,
      more: { event?: string; userId?: string; agoMs?: number; messageId?: string } = {},
    ) {
      const { event = 'Product Viewed', userId, agoMs = 0, messageId = `consent-${++sent}` } = more;
      return by((analytics) =>
        analytics.track({
          messageId,
          anonymousId,
          ...(userId ? { userId } : {}),
          event,
          properties: { product_id: 'p' },
          timestamp: new Date(gateway.system.clock.nowMs() - agoMs),
          // The SDK's own type lacks the object that consent wrappers add.
          context: { consent: { categoryPreferences } } as object,
        }),
      );
    }

    it('enters them once, before the event that they came with is used', async () => {
      expect(await says('c1', { Analytics: true, Personalization: false, Advertising: true })).to.deep.equal(
        [],
      );
      expect(await statusOf('c1')).to.include({
        ANALYTICS: 'GRANTED',
        PERSONALIZATION: 'DENIED',
        MARKETING_EMAIL: 'UNSET',
      });
      const [event] = (await recorded(gateway)).filter(({ sessionId }) => sessionId === 'c1');
      expect(event).to.include({ learn: true, permitted: false });
      for (let i = 0; i < 3; i++) await says('c1', { analytics: true, personalization: false });
      const history = await consent().history(await shopper('c1'));
      expect(history.map(({ purpose, status }) => `${purpose} ${status}`)).to.have.members([
        'PERSONALIZATION DENIED',
        'ANALYTICS GRANTED',
      ]);
      expect(history[0]).to.include({
        evidence: 'context.consent of a tracking message',
        claimedBy: 'SERVER',
      });
    });

    it('follows a change, and no message that is older than it', async () => {
      await says('c2', { Analytics: true });
      gateway.system.clock.advance(10_000);
      await says('c2', { Analytics: false });
      expect(await statusOf('c2')).to.include({ ANALYTICS: 'WITHDRAWN' });
      gateway.system.clock.advance(10_000);
      await says('c2', { Analytics: true }, { agoMs: 15_000 });
      expect(await statusOf('c2')).to.include({ ANALYTICS: 'WITHDRAWN' });
      await says('c2', { Analytics: true });
      expect(await statusOf('c2')).to.include({ ANALYTICS: 'GRANTED' });
    });

    it('keeps a withdrawal that was made here until the shopper decides anew in the platform', async () => {
      await says('c3', { Personalization: true });
      gateway.system.clock.advance(1_000);
      await consent().decide(await shopper('c3'), [{ purpose: 'PERSONALIZATION', status: 'WITHDRAWN' }]);
      gateway.system.clock.advance(1_000);
      await says('c3', { Personalization: true });
      expect(await statusOf('c3')).to.include({ PERSONALIZATION: 'WITHDRAWN' });
      await says('c3', { Personalization: true }, { event: 'Segment Consent Preference Updated' });
      expect(await statusOf('c3')).to.include({ PERSONALIZATION: 'GRANTED' });
    });

    it('enters them for the customer whom the message signs in', async () => {
      await says('c4', { Personalization: false }, { userId: 'anna' });
      expect(await statusOf('elsewhere', { customerId: 'anna' })).to.include({ PERSONALIZATION: 'DENIED' });
    });

    it('does not use what is neither true nor false, nor an event without the object', async () => {
      await says('c5', { Personalization: 'yes' });
      await says('c5', {});
      expect(await consent().history(await shopper('c5'))).to.deep.equal([]);
    });
  });
});
