import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { plugins } from '../../plugins/index.js';
import { openShop, shopperContext } from '../journeys/shop.js';
import { openTestGateway, type TestGateway } from '../support/gateway.js';

describe('A customer whose processing is restricted', () => {
  let directory: string;
  let gateway: TestGateway;
  let messages = 0;
  const open = () => openTestGateway(plugins, { dataDir: directory });
  const ask = async (query: string, variables: Record<string, unknown> = {}) => {
    const answer = await gateway.ask(query, { role: 'SERVER', variables });
    expect(answer.errors, answer.text).to.equal(undefined);
    return answer;
  };
  const contextOf = (customerId: string, sessionId = `session-of-${customerId}`) =>
    shopperContext(sessionId, 'WEB', { customerId });
  const restrict = (id: string, restricted: boolean) =>
    ask(
      'mutation ($id: ID!, $restricted: Boolean!) { restrictProcessing(id: $id, restricted: $restricted) { restrictedSince userErrors { code } } }',
      { id, restricted },
    );
  const view = (customerId: string, productId: string) =>
    ask(
      'mutation ($context: ShopperContext!, $events: [EventInput!]!) { recordEvents(context: $context, events: $events) { accepted } }',
      {
        context: contextOf(customerId),
        events: [{ messageId: `m${++messages}`, type: 'PRODUCT_VIEWED', productIds: [productId] }],
      },
    );
  async function seen(customerId: string, sessionId?: string): Promise<readonly unknown[]> {
    const answer = await ask(
      'query ($context: ShopperContext!) { shopper(context: $context) { personalization { applied reason } recentlyViewed { id } profile { id processingRestricted } } }',
      { context: contextOf(customerId, sessionId) },
    );
    return [
      answer.at('shopper.personalization.reason'),
      answer.at('shopper.profile.processingRestricted'),
      (answer.at('shopper.recentlyViewed') as { id: string }[]).map(({ id }) => id),
    ];
  }

  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'rapport-'));
    gateway = await open();
    await openShop(gateway);
    for (const id of ['anna', 'ben']) {
      await ask(
        'mutation ($context: ShopperContext!, $customer: CustomerInput!) { identify(context: $context, customer: $customer) { userErrors { code } } setConsent(context: $context, decisions: [{ purpose: PERSONALIZATION, status: GRANTED }, { purpose: MARKETING_EMAIL, status: GRANTED }]) { userErrors { code } } }',
        { context: contextOf(id), customer: { id } },
      );
      await view(id, 'coffee-press');
    }
  });
  afterEach(async () => {
    await gateway.close();
    rmSync(directory, { recursive: true, force: true });
  });

  it('has their data stored and used for nothing, in every session and after a restart, until the restriction ends', async () => {
    expect(await seen('anna')).to.deep.equal(['CONSENTED', false, ['coffee-press']]);
    expect((await restrict('anna', true)).at('restrictProcessing.restrictedSince')).to.be.a('string');
    expect(await seen('anna')).to.deep.equal(['RESTRICTED', true, []]);
    expect(await seen('anna', 'another')).to.deep.equal(['RESTRICTED', true, []]);
    expect(await seen('ben')).to.deep.equal(['CONSENTED', false, ['coffee-press']]);
    const consent = gateway.system.port('consent');
    const shopper = await gateway.system.port('customers').shopper({ customerId: 'anna' });
    expect(await consent.permit(shopper, 'MARKETING_EMAIL')).to.equal(null);
    expect((await view('anna', 'coffee-kettle')).at('recordEvents.accepted')).to.equal(1);

    await gateway.close();
    gateway = await open();
    expect(await seen('anna')).to.deep.equal(['RESTRICTED', true, []]);
    const learned: (string | null)[] = [];
    for await (const page of gateway.system.port('events').replay())
      for (const event of page) learned.push(event.customerId);
    expect(learned).to.deep.equal(['ben']);

    expect((await restrict('anna', false)).at('restrictProcessing.restrictedSince')).to.equal(null);
    expect(await seen('anna')).to.deep.equal(['CONSENTED', false, ['coffee-press']]);
  });

  it('must be known', async () => {
    const { at } = await restrict('nobody-here', true);
    expect(at('restrictProcessing.userErrors.0.code')).to.equal('RIGHTS_CUSTOMER_UNKNOWN');
  });
});
