import { expect } from 'chai';
import { consent as consentPlugin } from '../../plugins/consent/plugin.js';
import { customers as customersPlugin } from '../../plugins/customers/plugin.js';
import { queue } from '../../plugins/queue/plugin.js';
import { store } from '../../plugins/store/plugin.js';
import type { Caller } from '../../src/context.js';
import { bootPeople, type People } from '../support/people.js';

const server: Partial<Caller> = { role: 'SERVER' };
const shop = { name: 'Shop GmbH', role: 'controller', email: 'privacy@shop.example', contact: 'the DPO' };
const notice = {
  version: 'v3',
  language: 'de-AT',
  url: 'https://shop.example/datenschutz/v3',
  text: 'Wir merken uns, was Sie ansehen.',
  purposes: [
    {
      purpose: 'PERSONALIZATION',
      description: 'Empfehlungen nach dem, was Sie ansehen',
      type: 'dpv:PersonalisedContent',
      lawfulBasis: 'CONSENT',
      dataCategories: [{ type: 'viewed products', isOptional: false, isSpecial: false }],
      controllers: [shop],
      collectionMethod: 'web shop',
      processingMethods: ['profiling'],
      storageLocations: ['AT'],
      processingLocations: ['AT', 'DE'],
      geographicRestrictions: ['not outside the EEA'],
      retentionDays: 730,
      services: ['recommendations'],
      jurisdictions: ['AT'],
      recipients: [{ name: 'Hoster AG', id: 'FN 1', role: 'processor' }],
      withdrawalMethod: 'https://shop.example/konto',
      privacyRights: ['access', 'erasure'],
      codesOfConduct: ['none'],
      impactAssessment: 'https://shop.example/dpia',
      authority: { name: 'Datenschutzbehörde', url: 'https://dsb.gv.at' },
    },
  ],
};

describe('Notices of consent', () => {
  let people: People;
  beforeEach(async () => {
    people = await bootPeople([store, queue, customersPlugin, consentPlugin]);
  });
  afterEach(() => people.close());

  const save = (of: object) =>
    people.ask(
      'mutation ($notice: ConsentNoticeInput!) { saveConsentNotice(notice: $notice) { notice { version language purposes } userErrors { code message path } } }',
      server,
      { notice: of },
    );

  async function recordOf(decision: object): Promise<Record<string, unknown>> {
    await people.ask(
      'mutation ($decisions: [ConsentInput!]!) { setConsent(context: { channel: WEB, sessionId: "s", customerId: "ada" }, decisions: $decisions) { userErrors { message } } }',
      server,
      { decisions: [decision] },
    );
    const read = await people.ask(
      '{ shopper(context: { channel: WEB, sessionId: "s", customerId: "ada" }) { consentHistory { record } } }',
      server,
    );
    return (read.at('shopper.consentHistory') as { record: Record<string, unknown> }[]).at(-1)!.record;
  }

  it('make a record with all fields of ISO/IEC TS 27560 out of a decision', async () => {
    const saved = await save(notice);
    expect(saved.at('saveConsentNotice')).to.deep.equal({
      notice: { version: 'v3', language: 'de-AT', purposes: ['PERSONALIZATION'] },
      userErrors: [],
    });
    const atMs = people.clock.nowMs();
    const record = await recordOf({
      purpose: 'PERSONALIZATION',
      status: 'GRANTED',
      noticeVersion: 'v3',
      language: 'de-AT',
      expression: 'EXPLICIT',
      expiresAt: new Date(atMs + 86_400_000),
      appliesTo: ['WEB'],
    });
    expect(record).to.deep.include({
      processing: {
        privacy_notice: notice.url,
        notice_version: 'v3',
        language: 'de-AT',
        purposes: [
          {
            purpose: 'Empfehlungen nach dem, was Sie ansehen',
            purpose_type: 'dpv:PersonalisedContent',
            lawful_basis: 'CONSENT',
            pii_information: [
              { pii_type: 'viewed products', pii_optional: false, sensitive_pii_category: false },
            ],
            pii_controllers: ['party-1'],
            collection_method: 'web shop',
            processing_method: ['profiling'],
            storage_locations: ['AT'],
            retention_period: 'P730D',
            processing_locations: ['AT', 'DE'],
            geographic_restrictions: ['not outside the EEA'],
            services: ['recommendations'],
            channels: ['WEB'],
            jurisdictions: ['AT'],
            recipient_third_parties: ['FN 1'],
            withdrawal_method: 'https://shop.example/konto',
            privacy_rights: ['access', 'erasure'],
            codes_of_conduct: ['none'],
            impact_assessment: 'https://shop.example/dpia',
            authority_party: 'party-3',
          },
        ],
      },
      party_identification: [
        {
          party_id: 'party-1',
          party_name: 'Shop GmbH',
          party_role: 'controller',
          party_email: 'privacy@shop.example',
          party_contact: 'the DPO',
        },
        { party_id: 'FN 1', party_name: 'Hoster AG', party_role: 'processor' },
        { party_id: 'party-3', party_name: 'Datenschutzbehörde', party_url: 'https://dsb.gv.at' },
      ],
      event: {
        event_time: new Date(atMs).toISOString(),
        validity_duration: 'PT86400S',
        entity_id: 'ada',
        event_type: 'explicit',
        event_state: 'consent_given',
      },
    });
    expect(record.header).to.include({
      schema_version: 'ISO/IEC TS 27560:2023',
      pii_principal_id: 'customer:ada',
    });
  });

  it('leave out of a record what nobody said', async () => {
    const record = await recordOf({
      purpose: 'ANALYTICS',
      status: 'WITHDRAWN',
      noticeVersion: 'unknown',
      jurisdiction: 'US-CA',
    });
    expect(record.processing).to.deep.equal({
      privacy_notice: 'unknown',
      notice_version: 'unknown',
      purposes: [
        {
          purpose: 'ANALYTICS',
          purpose_type: 'ANALYTICS',
          lawful_basis: 'CONSENT',
          jurisdictions: ['US-CA'],
        },
      ],
    });
    expect(record.event).to.include({ event_state: 'consent_withdrawn' });
  });

  it('are never changed: the same again is taken, another content is not', async () => {
    await save(notice);
    expect((await save({ ...notice, url: notice.url })).at('saveConsentNotice.userErrors')).to.deep.equal([]);
    const changed = await save({ ...notice, text: 'Wir merken uns nichts.' });
    expect(changed.at('saveConsentNotice.notice')).to.equal(null);
    expect(changed.at('saveConsentNotice.userErrors.0.code')).to.equal('CONSENT_NOTICE_KNOWN');
    await save({ ...notice, language: 'en' });
    const listed = await people.ask('{ consentNotices { version language text } }', server);
    expect(
      (listed.at('consentNotices') as { language: string }[]).map(({ language }) => language),
    ).to.have.members(['de-AT', 'en']);
    expect(listed.at('consentNotices.0.text')).to.equal(notice.text);
  });

  it('name what is wrong in them', async () => {
    const result = await save({
      ...notice,
      language: 'Österreichisch',
      purposes: [{ ...notice.purposes[0], retentionDays: 0 }],
    });
    const errors = result.at('saveConsentNotice.userErrors') as { path: string[]; message: string }[];
    expect(errors.map(({ path }) => path.join('.'))).to.deep.equal([
      'notice.language',
      'notice.purposes.0.retentionDays',
    ]);
    expect(errors[0]!.message).to.contain('Österreichisch');
  });
});
