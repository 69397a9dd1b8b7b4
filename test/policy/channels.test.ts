import { expect } from 'chai';
import { applyChannelPolicy } from '../../plugins/recommendations/serving/channel-policy.js';
import type { Channel } from '../../src/context.js';
import type { Product } from '../../src/ports/catalog.js';
import { openShop } from '../support/shop.js';

describe('what a channel can use', () => {
  let products: readonly Product[];
  before(async () => {
    const shop = await openShop();
    await shop.save(
      Array.from({ length: 40 }, (_, at) => ({
        id: `p${at}`,
        prices: [{ currency: 'EUR', amount: '1.00' }],
      })),
    );
    const found = await shop.port('catalog').products(Array.from({ length: 40 }, (_, at) => `p${at}`));
    products = found.flatMap((product) => product ?? []);
    await shop.close();
  });
  const kept = (channel: Channel, currency = 'EUR') =>
    applyChannelPolicy(
      products.map((product) => ({ product })),
      { channel, currency, storeId: null, atMs: 0 },
      true,
    ).kept.length;

  it('is five products for a voice, twelve for a kiosk, all for the others', () => {
    expect(kept('VOICE')).to.equal(5);
    expect(kept('KIOSK')).to.equal(12);
    for (const channel of ['WEB', 'APP', 'EMAIL', 'SMS', 'PUSH', 'STORE'] as const)
      expect(kept(channel), channel).to.equal(40);
  });

  it('needs a price in the currency of the shopper, but is never nothing', () => {
    for (const channel of ['WEB', 'KIOSK', 'VOICE'] as const) expect(kept(channel, 'GBP')).to.equal(1);
  });
});
