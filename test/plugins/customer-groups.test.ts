import { expect } from 'chai';
import { catalog } from '../../plugins/catalog/plugin.js';
import { customers } from '../../plugins/customers/plugin.js';
import { queue } from '../../plugins/queue/plugin.js';
import { store } from '../../plugins/store/plugin.js';
import type { Caller } from '../../src/context.js';
import { bootPeople, type People } from '../support/people.js';

describe('prices of a customer group', () => {
  let people: People;

  beforeEach(async () => {
    people = await bootPeople([store, queue, customers, catalog]);
    await people.port('catalog').save([
      {
        id: 'mug',
        title: 'Mug',
        prices: [
          { amount: '10', currency: 'EUR' },
          { amount: '6', currency: 'EUR', customerGroup: 'wholesale' },
        ],
      },
    ]);
  });
  afterEach(() => people.close());

  const server = { role: 'SERVER' } as const;

  async function priceFor(caller: Partial<Caller>, context = ''): Promise<unknown> {
    const { at, codes } = await people.ask(
      `{ product(id: "mug", context: { channel: WEB${context} }) { price { amount } } }`,
      caller,
    );
    return codes[0] ?? at('product.price.amount');
  }

  async function setGroup(caller: Partial<Caller>, customerGroup: string | null): Promise<void> {
    const { userErrors } = await people
      .port('customers')
      .identify(people.context({ sessionId: 's' }, caller), { id: 'anna', traits: { customerGroup } });
    expect(userErrors).to.deep.equal([]);
  }

  it('hold for those whom a server names', async () => {
    expect(await priceFor(server)).to.equal('10.00');
    expect(await priceFor(server, ', customerGroup: "wholesale"')).to.equal('6.00');
    expect(await priceFor(server, ', customerGroup: "staff"')).to.equal('10.00');
  });

  for (const role of ['STOREFRONT', 'MERCHANDISER'] as const) {
    it(`are not for a ${role} that claims the group`, async () => {
      expect(await priceFor({ role }, ', customerGroup: "wholesale"')).to.equal('CONTEXT_CUSTOMER_GROUP');
    });
  }

  it('hold for a customer whose trait a server set, at once, until it is removed', async () => {
    const anna = { customerId: 'anna' };
    expect(await priceFor(anna)).to.equal('10.00');
    await setGroup(server, 'wholesale');
    expect(await priceFor(anna)).to.equal('6.00');
    expect(await priceFor(server, ', customerId: "anna"')).to.equal('6.00');
    expect(await priceFor({ customerId: 'bert' })).to.equal('10.00');
    const shopper = await people.port('customers').recognise(people.context({ sessionId: 'x' }, anna));
    expect(shopper.context.customerGroup).to.equal('wholesale');
    await setGroup(server, null);
    expect(await priceFor(anna)).to.equal('10.00');
  });

  it('are not for a customer who set the trait', async () => {
    const anna = { customerId: 'anna' };
    await setGroup(anna, 'wholesale');
    expect(await priceFor(anna)).to.equal('10.00');
    const shopper = await people.port('customers').recognise(people.context({ sessionId: 'x' }, anna));
    expect(shopper.context.customerGroup ?? null).to.equal(null);
  });
});
