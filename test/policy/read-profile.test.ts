import { expect } from 'chai';
import { createReadProfile } from '../../plugins/recommendations/serving/read-profile.js';
import type { VisibleProducts } from '../../plugins/recommendations/serving/visible-products.js';
import type { Consent } from '../../src/ports/consent.js';
import type { Shopper } from '../../src/ports/customers.js';
import { shelfOf } from './shelf.js';

describe('Profiles', () => {
  it('are read once for lists that are asked for side by side, and anew for the next', async () => {
    let reads = 0;
    const readProfile = createReadProfile({
      consent: { permit: async () => ({}) } as unknown as Consent,
      history: {
        async read() {
          reads++;
          return [];
        },
      },
    });
    const shopper = { context: { atMs: 0 } } as Shopper;
    const visible = { ofHistory: shelfOf([]) } as unknown as VisibleProducts;
    await Promise.all(Array.from({ length: 60 }, () => readProfile(shopper, visible)));
    expect(reads).to.equal(1);
    await readProfile(shopper, visible);
    expect(reads).to.equal(2);
  });
});
