import { expect } from 'chai';
import { consent as consentPlugin } from '../../plugins/consent/plugin.js';
import { customers as customersPlugin } from '../../plugins/customers/plugin.js';
import { queue } from '../../plugins/queue/plugin.js';
import { store } from '../../plugins/store/plugin.js';
import { bootPeople, type People } from '../support/people.js';

const withdrawn = { purpose: 'PERSONALIZATION', status: 'WITHDRAWN' };

describe('decisions that are imported', () => {
  let people: People;
  beforeEach(async () => {
    people = await bootPeople([store, queue, customersPlugin, consentPlugin]);
  });
  afterEach(() => people.close());

  const importing = `mutation ($entries: [ConsentImportInput!]!) {
    importConsents(entries: $entries) { imported userErrors { code path } }
  }`;
  const customer = (customerId: string) =>
    people.port('customers').recognise(people.context({ customerId }, { role: 'SERVER' }));
  const grant = { customerId: 'ada', purpose: 'PERSONALIZATION', status: 'GRANTED' };
  const send = async (...entries: Record<string, unknown>[]) =>
    (await people.ask(importing, { role: 'SERVER' }, { entries })).at('importConsents');
  const statusOf = async (customerId: string) =>
    (await people.port('consent').states(await customer(customerId)))[0]!.status;
  const ago = (ms: number) => new Date(people.clock.nowMs() - ms).toISOString();

  it('name their customer: a placeholder is not to be left out', async () => {
    const { errors, data } = await people.ask(
      importing.replace('{ code path }', '{ code message }'),
      { role: 'SERVER' },
      { entries: [{ ...grant, customerId: 'guest' }] },
    );
    expect(errors).to.equal(undefined);
    expect(JSON.stringify(data)).to.contain('leave out the entry').and.not.contain('leave it out');
  });

  it('never grant again what the customer withdrew later, and keep it in the history', async () => {
    await people.port('consent').decide(await customer('ada'), [withdrawn]);
    const decidedAt = ago(1_000);
    people.clock.advance(1_000);
    expect(await send({ ...grant, decidedAt })).to.deep.equal({ imported: 1, userErrors: [] });
    expect(await statusOf('ada')).to.equal('WITHDRAWN');
    const history = await people.ask(
      'query { shopper(context: { channel: WEB, customerId: "ada" }) { consentHistory { status decidedAt enteredAt } } }',
      { role: 'SERVER' },
    );
    expect(history.at('shopper.consentHistory.1')).to.deep.equal({
      status: 'GRANTED',
      decidedAt,
      enteredAt: new Date(people.clock.nowMs()).toISOString(),
    });
    people.clock.advance(1_000);
    await send({ ...grant, decidedAt: ago(0) });
    expect(await statusOf('ada'), 'a later grant').to.equal('GRANTED');
  });

  it('without a date name the rows that the customer has refused, also behind an imported refusal', async () => {
    await people.port('consent').decide(await customer('ada'), [withdrawn]);
    people.clock.advance(1_000);
    const denial = { ...grant, status: 'DENIED', decidedAt: ago(0) };
    expect(await send({ ...grant, customerId: 'ben' }, denial, grant)).to.deep.equal({
      imported: 2,
      userErrors: [{ code: 'CONSENT_GRANT_UNDATED', path: ['entries', '2', 'decidedAt'] }],
    });
    expect(await statusOf('ada')).to.equal('DENIED');
    expect(await statusOf('ben')).to.equal('GRANTED');
  });

  it('count by their dates, whatever order they are sent in', async () => {
    await send({ ...grant, decidedAt: ago(1_000) }, { ...grant, status: 'DENIED', decidedAt: ago(5_000) });
    expect(await statusOf('ada')).to.equal('GRANTED');
  });

  it('are refused for ids of nobody, and for dates to come', async () => {
    const ids = ['guest', ' null ', ' ada ', ''];
    const entries = ids.map((customerId) => ({ ...grant, customerId }));
    const future = { ...grant, decidedAt: ago(-1_000) };
    expect(await send(...entries, future)).to.deep.equal({
      imported: 0,
      userErrors: [
        ...ids.map((_, i) => ({
          code: 'CONSENT_CUSTOMER_INVALID',
          path: ['entries', String(i), 'customerId'],
        })),
        { code: 'CONSENT_DECIDED_INVALID', path: ['entries', '4', 'decidedAt'] },
      ],
    });
  });

  it('of many customers are imported in one call, by a server only', async () => {
    const importing = `mutation ($entries: [ConsentImportInput!]!) { importConsents(entries: $entries) { imported userErrors { code path } } }`;
    const entries = [
      ...Array.from({ length: 300 }, (_, i) => ({
        customerId: `c${i % 150}`,
        purpose: 'MARKETING_EMAIL',
        status: i < 150 ? 'DENIED' : 'GRANTED',
      })),
      { customerId: 'x'.repeat(129), purpose: 'ANALYTICS', status: 'GRANTED' },
      { customerId: 'c1', purpose: 'ANALYTICS', status: 'GRANTED', evidence: 'x'.repeat(2_001) },
    ];
    const refused = await people.ask(importing, {}, { entries });
    expect(refused.codes).to.deep.equal(['AUTHENTICATION_ROLE']);
    const result = await people.ask(importing, { role: 'SERVER' }, { entries });
    expect(result.at('importConsents')).to.deep.equal({
      imported: 300,
      userErrors: [
        { code: 'CONSENT_CUSTOMER_INVALID', path: ['entries', '300', 'customerId'] },
        { code: 'CONSENT_EVIDENCE_INVALID', path: ['entries', '301', 'evidence'] },
      ],
    });
    for (const customerId of ['c0', 'c149']) {
      const shopper = await people
        .port('customers')
        .recognise(people.context({ customerId }, { role: 'SERVER' }));
      expect(await people.port('consent').permit(shopper, 'MARKETING_EMAIL')).not.to.equal(null);
    }
  });
});
