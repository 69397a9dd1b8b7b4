import { Analytics } from '@segment/analytics-node';
import { expect } from 'chai';
import { plugins } from '../../plugins/index.js';
import { openTestGateway, type TestGateway, testKeys } from '../support/gateway.js';

const needed = new Set(['store', 'queue', 'customers', 'consent', 'events', 'tracking']);

describe("Segment's own SDK", () => {
  let gateway: TestGateway;
  before(async () => {
    gateway = await openTestGateway(plugins.filter(({ name }) => needed.has(name)));
  });
  after(() => gateway.close());

  async function send(count: number): Promise<readonly string[]> {
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

  async function stored(): Promise<number> {
    let count = 0;
    for await (const page of gateway.system.port('events').replay()) count += page.length;
    return count;
  }

  it('delivers 10,000 events, and the same again changes nothing', async () => {
    expect(await send(10_000)).to.deep.equal([]);
    expect(await stored()).to.equal(10_000);
    expect(await send(10_000)).to.deep.equal([]);
    expect(await stored()).to.equal(10_000);
  });
});
