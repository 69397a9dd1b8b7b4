import { expect } from 'chai';
import { consent } from '../../plugins/consent/plugin.js';
import { customers } from '../../plugins/customers/plugin.js';
import { queue } from '../../plugins/queue/plugin.js';
import { rights } from '../../plugins/rights/plugin.js';
import { store } from '../../plugins/store/plugin.js';
import { contextOf } from '../support/events.js';
import { openTestGateway, type TestGateway } from '../support/gateway.js';

const base = 'https://shop.example/rapport';
const dayMs = 86_400_000;

describe('Links of consent', () => {
  let gateway: TestGateway;
  beforeEach(async () => {
    gateway = await openTestGateway([store, queue, customers, consent, rights], {
      environment: {
        RAPPORT_CONSENT_LINK_BASE_URL: `${base}/`,
        RAPPORT_CONSENT_DOUBLE_OPT_IN: 'MARKETING_SMS, MARKETING_EMAIL',
      },
    });
  });
  afterEach(() => gateway.close());

  const ada = () => gateway.system.port('customers').recognise(contextOf('of ada', { customerId: 'ada' }));
  const status = async (purpose = 'MARKETING_EMAIL') =>
    (await gateway.system.port('consent').states(await ada())).find((state) => state.purpose === purpose)!
      .status;
  const history = async () => gateway.system.port('consent').history(await ada());
  const imported = (given: string) =>
    gateway.ask(
      `mutation { importConsents(entries: [{ customerId: "ada", purpose: MARKETING_EMAIL, status: ${given} }]) { imported } }`,
      { role: 'SERVER' },
    );

  async function linkOf(
    mutation: string,
  ): Promise<{ url: string; headers: { name: string; value: string }[] }> {
    const answer = await gateway.ask(
      `mutation { made: ${mutation} { link { url headers { name value } } userErrors { code message path } } }`,
      { role: 'SERVER' },
    );
    expect(answer.at('made.userErrors')).to.deep.equal([]);
    return answer.at('made.link') as { url: string; headers: { name: string; value: string }[] };
  }
  const unsubscribing = (more = '') =>
    linkOf(`createUnsubscribeLink(customerId: "ada", purpose: MARKETING_EMAIL${more})`);
  const confirming = () =>
    linkOf(
      'requestConsentConfirmation(customerId: "ada", decision: { purpose: MARKETING_EMAIL, status: GRANTED, noticeVersion: "v3", evidence: "newsletter form" })',
    );

  async function follow(url: string, method = 'GET', body?: string | FormData) {
    const response = await fetch(gateway.url + url.slice(base.length), {
      method,
      redirect: 'error',
      ...(body === undefined ? {} : { body }),
      ...(typeof body === 'string'
        ? { headers: { 'content-type': 'application/x-www-form-urlencoded' } }
        : {}),
    });
    return { status: response.status, headers: response.headers, text: await response.text() };
  }

  it('unsubscribe by the POST of a mail client, and never by following them', async () => {
    await imported('GRANTED');
    const { url, headers } = await unsubscribing();
    expect(headers).to.deep.equal([
      { name: 'List-Unsubscribe', value: `<${url}>` },
      { name: 'List-Unsubscribe-Post', value: 'List-Unsubscribe=One-Click' },
    ]);
    for (let times = 0; times < 3; times++) {
      const page = await follow(url);
      expect(page.status).to.equal(200);
      expect(page.text).to.contain('<form method="post">');
      expect(page.headers.get('cache-control')).to.equal('no-store');
      expect(page.headers.get('referrer-policy')).to.equal('no-referrer');
    }
    expect(await status()).to.equal('GRANTED');
    const form = new FormData();
    form.set('List-Unsubscribe', 'One-Click');
    expect((await follow(url, 'POST', form)).text).to.contain('You are unsubscribed');
    expect(await status()).to.equal('WITHDRAWN');
    expect((await history()).at(-1)).to.include({
      source: 'unsubscribe-link',
      channel: 'EMAIL',
      claimedBy: 'CUSTOMER',
    });
    // Once more, with the other encoding, and after a new consent: an old message unsubscribes, too.
    await follow(url, 'POST', 'List-Unsubscribe=One-Click');
    // It is entered again: a link to confirm may have been made meanwhile.
    expect(await history()).to.have.length(3);
    gateway.system.clock.advance(400 * dayMs);
    await gateway.ask(
      `mutation { importConsents(entries: [{ customerId: "ada", purpose: MARKETING_EMAIL, status: GRANTED, decidedAt: "${new Date(gateway.system.clock.nowMs()).toISOString()}" }]) { imported } }`,
      { role: 'SERVER' },
    );
    await follow(url, 'POST', 'List-Unsubscribe=One-Click');
    expect(await status()).to.equal('WITHDRAWN');
  });

  it('hold for nobody who changes a character of them', async () => {
    await imported('GRANTED');
    const { url } = await unsubscribing();
    const start = url.lastIndexOf('/') + 1;
    for (let at = start; at < url.length; at++) {
      const changed = `${url.slice(0, at)}${url[at] === 'A' ? 'B' : 'A'}${url.slice(at + 1)}`;
      expect(
        (await follow(changed, 'POST', 'List-Unsubscribe=One-Click')).status,
        `character ${at}`,
      ).to.equal(404);
    }
    expect((await follow(url.replace('/unsubscribe/', '/confirm/'), 'POST')).status).to.equal(404);
    expect(await status()).to.equal('GRANTED');
  });

  it('have a page in the language of the customer', async () => {
    const { url } = await unsubscribing(', locale: "de-AT"');
    const page = await follow(url);
    expect(page.text).to.contain('<html lang="de">').and.contain('keine Werbe-E-Mails mehr');
  });

  it('grant by a double opt-in, with the time of the request, and only once it is confirmed', async () => {
    const direct = await gateway.ask(
      'mutation { setConsent(context: { channel: WEB, sessionId: "of ada", customerId: "ada" }, decisions: [{ purpose: ANALYTICS, status: GRANTED }, { purpose: MARKETING_EMAIL, status: GRANTED }]) { userErrors { code path } } }',
      { role: 'SERVER' },
    );
    expect(direct.at('setConsent.userErrors')).to.deep.equal([
      { code: 'CONSENT_CONFIRMATION_REQUIRED', path: ['decisions', '1', 'status'] },
    ]);
    const requestedAt = new Date(gateway.system.clock.nowMs()).toISOString();
    const { url } = await confirming();
    gateway.system.clock.advance(dayMs);
    expect((await follow(url)).text).to.contain('Yes, I confirm');
    expect(await status()).to.equal('UNSET');
    expect((await follow(url, 'POST')).status).to.equal(200);
    expect(await status()).to.equal('GRANTED');
    expect((await history()).at(-1)).to.include({
      noticeVersion: 'v3',
      evidence: `double opt-in, requested ${requestedAt}; newsletter form`,
      source: 'confirm-link',
    });
    const entries = (await history()).length;
    await follow(url, 'POST');
    expect(await history()).to.have.length(entries);
    // Somebody finds the message after the customer unsubscribed.
    gateway.system.clock.advance(1_000);
    await follow((await unsubscribing()).url, 'POST');
    expect((await follow(url, 'POST')).status).to.equal(410);
    expect(await status()).to.equal('WITHDRAWN');
    // Nor after a second refusal does a request that was made before it.
    gateway.system.clock.advance(1_000);
    const again = await confirming();
    gateway.system.clock.advance(20);
    await follow((await unsubscribing()).url, 'POST');
    expect((await follow(again.url, 'POST')).status).to.equal(410);
    expect(await status()).to.equal('WITHDRAWN');
  });

  it('of a double opt-in lapse after seven days', async () => {
    const { url } = await confirming();
    gateway.system.clock.advance(7 * dayMs + 1);
    expect((await follow(url, 'POST')).status).to.equal(410);
    expect(await status()).to.equal('UNSET');
  });

  it('do nothing for a person who was erased', async () => {
    await gateway.system
      .port('customers')
      .identify(contextOf('of ada', { customerId: 'ada' }), { id: 'ada' });
    const [unsubscribe, confirm] = [await unsubscribing(), await confirming()];
    const erased = await gateway.ask('mutation { eraseCustomer(id: "ada") { userErrors { code } } }', {
      role: 'ADMIN',
    });
    expect(erased.errors).to.equal(undefined);
    expect((await follow(unsubscribe.url, 'POST')).status).to.equal(200);
    expect((await follow(confirm.url, 'POST')).status).to.equal(410);
    expect(await history()).to.deep.equal([]);
  });

  it('are refused for what no message is about', async () => {
    const answer = await gateway.ask(
      `mutation {
        a: createUnsubscribeLink(customerId: "null", purpose: ANALYTICS) { link { url } userErrors { code path } }
        b: requestConsentConfirmation(customerId: "ada", decision: { purpose: MARKETING_SMS, status: DENIED, language: "?" }) { userErrors { code path } }
        c: requestConsentConfirmation(customerId: "ada", decision: { purpose: MARKETING_SMS, status: DENIED }) { userErrors { code path } }
      }`,
      { role: 'SERVER' },
    );
    expect(answer.at('a')).to.deep.equal({
      link: null,
      userErrors: [
        { code: 'CONSENT_CUSTOMER_INVALID', path: ['customerId'] },
        { code: 'CONSENT_PURPOSE_INVALID', path: ['purpose'] },
      ],
    });
    expect(answer.at('b.userErrors')).to.deep.equal([
      { code: 'CONSENT_LANGUAGE_INVALID', path: ['decision', 'language'] },
    ]);
    expect(answer.at('c.userErrors')).to.deep.equal([
      { code: 'CONSENT_STATUS_INVALID', path: ['decision', 'status'] },
    ]);
  });
});
