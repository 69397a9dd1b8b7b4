import { Analytics } from '@segment/analytics-node';
import { expect } from 'chai';
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

  async function send(): Promise<readonly string[]> {
    const faults: string[] = [];
    const analytics = new Analytics({
      writeKey: testKeys.SERVER,
      host: gateway.url,
      flushAt: 250,
      maxRetries: 0,
      flushInterval: 1_000,
    });
    analytics.on('error', ({ reason }) => faults.push(String(reason)));
    for (let i = 0; i < count; i++) {
      analytics.track({
        messageId: `message-${i}`,
        anonymousId: `session-${i % 100}`,
        event: 'Product Viewed',
        properties: { product_id: `product-${i % 500}` },
      });
    }
    await analytics.closeAndFlush();
    return faults;
  }

  it(`delivers ${count} events, and the same again changes nothing`, async () => {
    expect(await send()).to.deep.equal([]);
    expect(await recorded(gateway)).to.have.length(count);
    expect(await send()).to.deep.equal([]);
    const all = await recorded(gateway);
    expect(new Set(all.map(({ id }) => id))).to.have.property('size', count);
    expect(all).to.have.length(count);
  });
});
