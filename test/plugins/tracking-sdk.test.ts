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
});
