import { expect } from 'chai';
import type { Plugin } from 'rapport/plugin.js';
import { openTestShop, type TestShop } from 'rapport/testing.js';
import { platform, plugin } from './consent-platform.js';

async function refusal(list: readonly Plugin[]): Promise<string> {
  try {
    const gateway = await openTestShop(list);
    await gateway.close();
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('it was not refused');
}

describe('A plugin that replaces a shipped one', () => {
  let shop: TestShop;
  before(async () => {
    shop = await openTestShop([plugin]);
    await shop.system.port('catalog').save([
      { id: 'kettle', title: 'Kettle', prices: [{ currency: 'EUR', amount: '9' }] },
      { id: 'mug', title: 'Mug', prices: [{ currency: 'EUR', amount: '4' }] },
    ]);
  });
  after(async () => {
    platform.clear();
    await shop.close();
  });

  it('decides for every other plugin, behind the same graph', async () => {
    platform.add('yes');
    for (const sessionId of ['yes', 'no']) {
      const context = `context: { channel: WEB, sessionId: "${sessionId}" }`;
      await shop.ask(
        `mutation { recordEvents(${context}, events: [
          { messageId: "${sessionId}", type: PRODUCT_VIEWED, productIds: ["kettle"] }]) { accepted } }`,
      );
      const answer = await shop.ask(
        `{ shopper(${context}) { personalization { applied reason } consents { purpose status }
          recentlyViewed(first: 3) { id } recommendations(placement: "home") { personalized } } }`,
      );
      expect(answer.errors).to.equal(undefined);
      const applied = sessionId === 'yes';
      expect(answer.at('shopper.personalization.applied')).to.equal(applied);
      expect(answer.at('shopper.consents.0.status')).to.equal(applied ? 'GRANTED' : null);
      expect(answer.at('shopper.recentlyViewed')).to.deep.equal(applied ? [{ id: 'kettle' }] : []);
      expect(answer.at('shopper.recommendations.personalized')).to.equal(applied);
    }
    expect(shop.system.plugins.map(({ plugin: { name } }) => name)).not.to.include('consent');
  });

  it('answers fields by its own rules', async () => {
    const { errors } = await shop.ask(
      'mutation { setConsent(context: { channel: WEB }, decisions: [{ purpose: ANALYTICS, status: DENIED }]) { consents { status } } }',
    );
    expect(errors?.[0]?.extensions.code).to.equal('CONSENT_MANAGED');
  });

  it('is refused by name if it leaves fields of the graph without a resolver', async () => {
    const silent: Plugin = {
      ...plugin,
      create(parts) {
        const instance = plugin.create(parts);
        return { ...instance, resolvers: {} };
      },
    };
    expect(await refusal([silent])).to.equal(
      'consent-platform replaces consent and does not resolve Query.consentAudit; resolve it, or give an SDL of its own',
    );
  });

  it('is refused by name if there is nothing that it could replace, or another one does', async () => {
    const named = (change: Partial<Plugin>): Plugin => ({ ...plugin, ...change });
    const table: readonly (readonly [readonly Plugin[], string])[] = [
      [[named({ replaces: 'ledger' })], 'consent-platform replaces ledger, and no other plugin is named so'],
      [[named({ name: 'self', replaces: 'self' })], 'self replaces self, and no other plugin is named so'],
      [[plugin, named({ name: 'other' })], 'consent-platform and other both replace consent'],
      [
        [plugin, named({ name: 'other', replaces: 'consent-platform' })],
        'other replaces consent-platform, which itself replaces consent; load only one',
      ],
      [
        [named({ replaces: 'catalog' })],
        'consent-platform replaces catalog, which provides catalog; it must provide the same, not consent',
      ],
    ];
    for (const [list, message] of table) expect(await refusal(list)).to.equal(message);
  });
});
