import { expect } from 'chai';
import { consent as consentPlugin } from '../../plugins/consent/plugin.js';
import { customers as customersPlugin } from '../../plugins/customers/plugin.js';
import { queue } from '../../plugins/queue/plugin.js';
import { store } from '../../plugins/store/plugin.js';
import type { Caller } from '../../src/context.js';
import type { Purpose } from '../../src/ports/consent.js';
import { type Asked, bootPeople, type People } from '../support/people.js';

const plugins = [store, queue, customersPlugin, consentPlugin];
const server: Partial<Caller> = { role: 'SERVER' };
const signal: Partial<Caller> = { globalPrivacyControl: true };
const hourMs = 3_600_000;

const setting = `mutation ($session: ID, $named: ID, $decisions: [ConsentInput!]!, $channel: Channel = WEB) {
  setConsent(context: { channel: $channel, sessionId: $session, customerId: $named }, decisions: $decisions) {
    shopper { personalization { applied reason } consents { purpose status } }
    consents { purpose status decidedAt expiresAt }
    userErrors { code message path }
  }
}`;
const asking = `query ($session: ID, $named: ID, $channel: Channel = WEB) {
  shopper(context: { channel: $channel, sessionId: $session, customerId: $named }) {
    personalization { applied reason }
    consents { purpose status decidedAt expiresAt }
    consentHistory { id purpose status noticeVersion evidence channel expiresAt decidedAt hash }
  }
}`;

interface Who {
  readonly session?: string;
  readonly named?: string;
  readonly channel?: string;
}

describe('consent', () => {
  let people: People;
  let optOut: People;
  let test = 0;

  before(async () => {
    people = await bootPeople(plugins);
    optOut = await bootPeople(plugins, { environment: { RAPPORT_CONSENT_MODE: 'opt-out' } });
  });

  after(async () => {
    await people.close();
    await optOut.close();
  });

  beforeEach(() => {
    test++;
  });

  /** Sessions and customers of this test only. */
  const own = (name: string) => `${name}-${test}`;
  const ownOf = ({ session, named, ...who }: Who) => ({
    ...who,
    ...(session ? { session: own(session) } : {}),
    ...(named ? { named: own(named) } : {}),
  });

  function decide(
    who: Who,
    status: string,
    caller?: Partial<Caller>,
    more: Record<string, unknown> = {},
  ): Promise<Asked> {
    const decisions = [{ purpose: 'PERSONALIZATION', status, ...more }];
    return people.ask(setting, who.named ? { ...server, ...caller } : caller, { ...ownOf(who), decisions });
  }

  const ask = (who: Who, caller?: Partial<Caller>) =>
    people.ask(asking, who.named ? { ...server, ...caller } : caller, ownOf(who));
  const reason = async (who: Who, caller?: Partial<Caller>) =>
    (await ask(who, caller)).at('shopper.personalization.reason');

  async function identify(sessionId: string, id: string): Promise<void> {
    await people
      .port('customers')
      .identify(people.context({ sessionId: own(sessionId) }, server), { id: own(id) });
  }

  const recognised = ({ session, named }: Who) =>
    people
      .port('customers')
      .recognise(
        people.context(
          { ...(session ? { sessionId: own(session) } : {}), ...(named ? { customerId: own(named) } : {}) },
          server,
        ),
      );

  describe('whether an answer is personal', () => {
    const table: readonly [
      mode: string,
      decided: string | null,
      signalThen: boolean,
      signalNow: boolean,
      reason: string,
    ][] = [
      ['opt-in', null, false, false, 'NO_CONSENT'],
      ['opt-in', 'GRANTED', false, false, 'CONSENTED'],
      ['opt-in', 'DENIED', false, false, 'NO_CONSENT'],
      ['opt-in', 'WITHDRAWN', false, false, 'NO_CONSENT'],
      ['opt-in', null, false, true, 'GLOBAL_PRIVACY_CONTROL'],
      ['opt-in', 'GRANTED', false, true, 'GLOBAL_PRIVACY_CONTROL'],
      ['opt-in', 'GRANTED', true, true, 'CONSENTED'],
      ['opt-in', 'GRANTED', true, false, 'CONSENTED'],
      ['opt-in', 'WITHDRAWN', true, true, 'GLOBAL_PRIVACY_CONTROL'],
      ['opt-out', null, false, false, 'NOT_OBJECTED'],
      ['opt-out', 'GRANTED', false, false, 'CONSENTED'],
      ['opt-out', 'DENIED', false, false, 'NO_CONSENT'],
      ['opt-out', 'WITHDRAWN', false, false, 'NO_CONSENT'],
      ['opt-out', null, false, true, 'GLOBAL_PRIVACY_CONTROL'],
      ['opt-out', 'GRANTED', false, true, 'GLOBAL_PRIVACY_CONTROL'],
      ['opt-out', 'GRANTED', true, true, 'CONSENTED'],
      ['opt-out', 'DENIED', false, true, 'GLOBAL_PRIVACY_CONTROL'],
    ];
    for (const [mode, decided, signalThen, signalNow, expected] of table) {
      const said = decided ? `said ${decided}${signalThen ? ' in spite of Sec-GPC' : ''}` : 'said nothing';
      it(`${mode}: a shopper who ${said}${signalNow ? ', asking with Sec-GPC' : ''}: ${expected}`, async () => {
        const other = mode === 'opt-in' ? people : optOut;
        if (decided) {
          const decisions = [{ purpose: 'PERSONALIZATION', status: decided }];
          await other.ask(setting, signalThen ? signal : {}, { session: own('s1'), decisions });
        }
        const result = await other.ask(asking, signalNow ? signal : {}, { session: own('s1') });
        const applied = expected === 'CONSENTED' || expected === 'NOT_OBJECTED';
        expect(result.at('shopper.personalization')).to.deep.equal({ applied, reason: expected });
        const context = other.context({ sessionId: own('s1') }, signalNow ? signal : {});
        const shopper = await other.port('customers').recognise(context);
        const permit = await other.port('consent').permit(shopper, 'PERSONALIZATION');
        expect(permit === null).to.equal(!applied);
        if (permit) expect(permit).to.deep.include({ purpose: 'PERSONALIZATION', shopper });
      });
    }

    it('is opt-in for messages even where profiling is opt-out', async () => {
      const shopper = await optOut.port('customers').recognise(optOut.context({ sessionId: own('s1') }));
      const permitted = async (purpose: Purpose) =>
        (await optOut.port('consent').permit(shopper, purpose)) !== null;
      expect(await permitted('ANALYTICS')).to.equal(true);
      expect(await permitted('MARKETING_EMAIL')).to.equal(false);
    });

    it('is the same answer for a shopper who withdrew and for a blank visitor', async () => {
      const query = `query ($session: ID) { shopper(context: { channel: WEB, sessionId: $session }) { known personalization { applied reason } } }`;
      await decide({ session: 's1' }, 'GRANTED');
      await decide({ session: 's1' }, 'WITHDRAWN');
      const [withdrew, blank] = await Promise.all(
        ['s1', 's2'].map((session) => people.ask(query, {}, { session: own(session) })),
      );
      expect(JSON.stringify(withdrew)).to.equal(JSON.stringify(blank));
    });

    it('never is for a merchandiser, whose key sees nobody', async () => {
      await decide({ session: 's1' }, 'GRANTED');
      const shopper = await people.port('customers').recognise({
        ...people.context({ sessionId: own('s1') }),
        caller: people.context({}, { role: 'MERCHANDISER' }).caller,
      });
      expect(await people.port('consent').permit(shopper, 'PERSONALIZATION')).to.equal(null);
      const refused = await ask({ session: 's1' }, { role: 'MERCHANDISER' });
      expect(refused.codes).to.deep.equal(['AUTHENTICATION_ROLE', 'AUTHENTICATION_ROLE']);
      expect(refused.at('shopper.consents')).to.equal(null);
    });
  });

  describe('a decision', () => {
    it('shows in the answer that enters it and in the next one in every channel', async () => {
      const granted = await decide({ session: 's1' }, 'GRANTED');
      expect(granted.at('setConsent.shopper.personalization.reason')).to.equal('CONSENTED');
      expect(granted.at('setConsent.shopper.consents.0')).to.deep.equal({
        purpose: 'PERSONALIZATION',
        status: 'GRANTED',
      });
      await decide({ session: 's1', channel: 'VOICE' }, 'WITHDRAWN');
      for (const channel of ['WEB', 'APP', 'KIOSK', 'VOICE', 'EMAIL', 'SMS', 'PUSH', 'STORE']) {
        expect(await reason({ session: 's1', channel }), channel).to.equal('NO_CONSENT');
      }
    });

    it("can be granted again after a withdrawal: the server's order counts", async () => {
      for (const status of ['GRANTED', 'WITHDRAWN', 'GRANTED']) await decide({ session: 's1' }, status);
      expect(await reason({ session: 's1' })).to.equal('CONSENTED');
    });

    it('lapses at the moment it expires', async () => {
      const expiresAt = new Date(people.clock.nowMs() + hourMs).toISOString();
      const granted = await decide({ session: 's1' }, 'GRANTED', {}, { expiresAt });
      expect(granted.at('setConsent.consents.0.expiresAt')).to.equal(expiresAt);
      people.clock.advance(hourMs - 1);
      expect(await reason({ session: 's1' })).to.equal('CONSENTED');
      people.clock.advance(1);
      expect(await reason({ session: 's1' })).to.equal('NO_CONSENT');
      expect((await ask({ session: 's1' })).at('shopper.consents.0.status')).to.equal(null);
    });

    it('is about its own purpose and subject only', async () => {
      await decide({ session: 's1' }, 'GRANTED');
      const result = await ask({ session: 's1' });
      const statuses = (result.at('shopper.consents') as { status: unknown }[]).map(({ status }) => status);
      expect(statuses).to.deep.equal(['GRANTED', null, null, null, null]);
      expect(await reason({ session: 's2' })).to.equal('NO_CONSENT');
    });

    it('tells other plugins whose ledger changed', async () => {
      const facts: unknown[] = [];
      people.port('queue').react('test', 'consent.changed', async (fact) => void facts.push(fact));
      await decide({ session: 's1', named: 'ada' }, 'GRANTED');
      await people.port('queue').idle();
      expect(facts).to.have.deep.members([
        { type: 'consent.changed', subject: `customer:${own('ada')}`, origin: 'test' },
        { type: 'consent.changed', subject: `session:${own('s1')}`, origin: 'test' },
      ]);
    });
  });

  describe('of a person', () => {
    const proven = (session: string) => reason({ session }, server);

    it('holds in all their sessions and channels', async () => {
      await decide({ session: 'web', named: 'ada' }, 'GRANTED');
      await identify('phone', 'ada');
      expect(await proven('phone')).to.equal('CONSENTED');
      await decide({ session: 'phone' }, 'WITHDRAWN', server);
      expect(await reason({ session: 'web', named: 'ada' })).to.equal('NO_CONSENT');
      expect(await reason({ session: 'voice', named: 'ada' })).to.equal('NO_CONSENT');
      await decide({ session: 'voice', named: 'ada' }, 'GRANTED');
      for (const session of ['web', 'phone', 'voice', 'new']) {
        expect(await reason({ session, named: 'ada' }), session).to.equal('CONSENTED');
      }
    });

    it('is not what was granted in their session without proof, before or after they signed in', async () => {
      await decide({ session: 'before' }, 'GRANTED');
      await identify('before', 'ada');
      await identify('after', 'ada');
      await decide({ session: 'after' }, 'GRANTED');
      for (const session of ['before', 'after']) {
        expect(await proven(session), session).to.equal('NO_CONSENT');
        expect(await reason({ session }), session).to.equal('CONSENTED');
      }
      const { data } = await ask({ session: 'after', named: 'ada' });
      expect(JSON.stringify(data)).not.to.contain('GRANTED');
    });

    it('is the least permissive of what they and their session said', async () => {
      await decide({ session: 'web', named: 'ada' }, 'GRANTED');
      await decide({ session: 'phone' }, 'DENIED');
      await identify('phone', 'ada');
      expect(await proven('phone')).to.equal('NO_CONSENT');
      expect(await reason({ session: 'web', named: 'ada' })).to.equal('CONSENTED');

      await decide({ session: 'tv' }, 'GRANTED');
      await decide({ session: 'web', named: 'ben' }, 'WITHDRAWN');
      await identify('tv', 'ben');
      expect(await proven('tv')).to.equal('NO_CONSENT');
    });

    it('restricts their sessions without proof, and is not shown there', async () => {
      await identify('tablet', 'ada');
      await decide({ session: 'tablet' }, 'GRANTED');
      await decide({ session: 'web', named: 'ada' }, 'WITHDRAWN');
      const seen = await ask({ session: 'tablet' });
      expect(seen.at('shopper.personalization.applied')).to.equal(false);
      expect(seen.at('shopper.consents.0.status')).to.equal('GRANTED');
      expect(JSON.stringify(seen.data)).not.to.contain('WITHDRAWN');
      await decide({ session: 'web', named: 'ada' }, 'GRANTED');
      expect(await reason({ session: 'tablet' })).to.equal('CONSENTED');
    });

    it('who decides again where they were a stranger has the last word there', async () => {
      await decide({ session: 's1' }, 'DENIED');
      await identify('s1', 'ada');
      await decide({ session: 's1' }, 'GRANTED', server);
      expect(await proven('s1')).to.equal('CONSENTED');
    });

    it('is not what somebody else said on the same device', async () => {
      await decide({ session: 'kiosk' }, 'GRANTED');
      await identify('kiosk', 'ada');
      await decide({ session: 'kiosk' }, 'GRANTED', server);
      await identify('kiosk', 'ben');
      expect(await proven('kiosk')).to.equal('NO_CONSENT');
      expect(await reason({ session: 'kiosk' })).to.equal('NO_CONSENT');
      await decide({ session: 'kiosk' }, 'GRANTED', server);
      await identify('kiosk', 'ada');
      await decide({ session: 'kiosk' }, 'WITHDRAWN', server);
      await identify('kiosk', 'ben');
      expect(await proven('kiosk')).to.equal('CONSENTED');
    });
  });

  describe('what may not be entered', () => {
    const far = new Date(Date.UTC(9999, 0, 1)).toISOString();
    const faults: readonly [Record<string, unknown>, string, string][] = [
      [{ status: 'GRANTED', expiresAt: '2026-01-15T12:00:00Z' }, 'CONSENT_EXPIRY_PAST', 'expiresAt'],
      [{ status: 'GRANTED', expiresAt: '2001-01-01T00:00:00Z' }, 'CONSENT_EXPIRY_PAST', 'expiresAt'],
      [{ status: 'GRANTED', expiresAt: far }, 'CONSENT_EXPIRY_FAR', 'expiresAt'],
      [{ status: 'DENIED', expiresAt: '2027-01-01T00:00:00Z' }, 'CONSENT_EXPIRY_NOT_GRANTED', 'expiresAt'],
      [{ status: 'WITHDRAWN', expiresAt: '2027-01-01T00:00:00Z' }, 'CONSENT_EXPIRY_NOT_GRANTED', 'expiresAt'],
      [{ status: 'GRANTED', noticeVersion: 'x'.repeat(2_001) }, 'CONSENT_NOTICE_INVALID', 'noticeVersion'],
      [{ status: 'GRANTED', evidence: 'x'.repeat(2_001) }, 'CONSENT_EVIDENCE_INVALID', 'evidence'],
      [{ status: 'GRANTED', evidence: '\ud800' }, 'CONSENT_EVIDENCE_INVALID', 'evidence'],
    ];
    for (const [input, code, field] of faults) {
      it(`${code}: ${JSON.stringify(input).slice(0, 70)}`, async () => {
        const decisions = [
          { purpose: 'MARKETING_SMS', status: 'GRANTED' },
          { purpose: 'PERSONALIZATION', ...input },
        ];
        const result = await people.ask(setting, {}, { session: own('s1'), decisions });
        expect(result.at('setConsent.userErrors.0')).to.deep.include({
          code,
          path: ['decisions', '1', field],
        });
        expect(result.at('setConsent.userErrors.length')).to.equal(1);
        const statuses = (result.at('setConsent.consents') as { status: unknown }[]).map(
          ({ status }) => status,
        );
        expect(statuses, 'the faultless one is entered').to.deep.equal([null, null, null, 'GRANTED', null]);
      });
    }

    it('takes texts of exactly 2,000 characters', async () => {
      const result = await decide({ session: 's1' }, 'GRANTED', {}, { evidence: 'x'.repeat(2_000) });
      expect(result.at('setConsent.userErrors')).to.deep.equal([]);
    });

    it('enters none of two decisions about one purpose', async () => {
      const decisions = ['GRANTED', 'WITHDRAWN'].map((status) => ({ purpose: 'PERSONALIZATION', status }));
      const result = await people.ask(setting, {}, { session: own('s1'), decisions });
      const errors = result.at('setConsent.userErrors') as { code: string; path: string[] }[];
      expect(errors.map(({ code, path }) => [code, path[1]])).to.deep.equal([
        ['CONSENT_PURPOSE_REPEATED', '0'],
        ['CONSENT_PURPOSE_REPEATED', '1'],
      ]);
      expect((await ask({ session: 's1' })).at('shopper.consentHistory')).to.deep.equal([]);
    });

    it("has no date but the server's", async () => {
      const shopper = await people.port('customers').recognise(people.context({ sessionId: own('s1') }));
      const { userErrors } = await people
        .port('consent')
        .decide(shopper, [
          { purpose: 'ANALYTICS', status: 'GRANTED', decidedAt: new Date(0) },
          null,
          'GRANTED',
          { purpose: '__proto__', status: 'GRANTED' },
        ]);
      expect(userErrors.map(({ code }) => code)).to.deep.equal([
        'CONSENT_FIELD_UNKNOWN',
        'CONSENT_PURPOSE_INVALID',
        'CONSENT_PURPOSE_INVALID',
        'CONSENT_PURPOSE_INVALID',
      ]);
    });

    it('is refused altogether when it is absurdly much', async () => {
      const decisions = Array.from({ length: 51 }, () => ({ purpose: 'ANALYTICS', status: 'GRANTED' }));
      expect((await people.ask(setting, {}, { session: own('s1'), decisions })).codes).to.deep.equal([
        'CONSENT_DECISIONS_TOO_MANY',
      ]);
    });
  });

  describe('the history', () => {
    const statuses = (result: Asked) =>
      (result.at('shopper.consentHistory') as { status: string }[]).map(({ status }) => status);

    it('tells every decision once, oldest first, with its wording, channel and time', async () => {
      await identify('s1', 'ada');
      await decide({ session: 's1' }, 'DENIED', server);
      people.clock.advance(hourMs);
      await decide({ session: 's1', named: 'ada', channel: 'APP' }, 'GRANTED', server, {
        noticeVersion: 'v3',
        evidence: 'button',
      });
      const result = await ask({ session: 's1', named: 'ada' });
      expect(statuses(result)).to.deep.equal(['DENIED', 'GRANTED']);
      expect(result.at('shopper.consentHistory.1')).to.deep.include({
        noticeVersion: 'v3',
        evidence: 'button',
        channel: 'APP',
        decidedAt: new Date(people.clock.nowMs()).toISOString(),
      });
      expect(result.at('shopper.consentHistory.1.hash')).to.match(/^[0-9a-f]{64}$/);
      expect(result.personal).to.equal(true);
    });

    it('of a customer is told to them and to servers; a session alone tells what was said without proof', async () => {
      await decide({ session: 'web', named: 'ada' }, 'GRANTED');
      await identify('phone', 'ada');
      await decide({ session: 'phone' }, 'WITHDRAWN', server);
      await decide({ session: 'phone' }, 'DENIED');
      expect(statuses(await ask({ session: 'phone' }))).to.deep.equal(['DENIED']);
      expect(statuses(await ask({ session: 'phone' }, { customerId: own('ada') }))).to.deep.equal([
        'GRANTED',
        'WITHDRAWN',
      ]);
      expect(statuses(await ask({ session: 'phone' }, server))).to.deep.equal(['GRANTED', 'WITHDRAWN']);
    });

    it('names whose claim a decision and its evidence are', async () => {
      const claims = async (who: Who, caller?: Partial<Caller>) =>
        (
          await people.ask(
            'query ($session: ID, $named: ID) { shopper(context: { channel: WEB, sessionId: $session, customerId: $named }) { consentHistory { claimedBy } } }',
            caller,
            ownOf(who),
          )
        ).at('shopper.consentHistory');
      await decide({ session: 's1' }, 'GRANTED', {}, { evidence: 'a server saw it' });
      expect(await claims({ session: 's1' })).to.deep.equal([{ claimedBy: 'SESSION' }]);
      await decide({ session: 's1' }, 'GRANTED', { customerId: own('ada') });
      await decide({ session: 's1', named: 'ada' }, 'GRANTED');
      expect(await claims({ session: 's1', named: 'ada' }, server)).to.deep.equal([
        { claimedBy: 'CUSTOMER' },
        { claimedBy: 'SERVER' },
      ]);
      const audit = await people.port('consent').history(await recognised({ session: 's1', named: 'ada' }));
      expect(audit).to.have.length(2);
    });

    it('on a shared device does not tell what others said', async () => {
      await decide({ session: 'kiosk' }, 'DENIED', {}, { evidence: 'before anybody was known' });
      await identify('kiosk', 'ada');
      await decide({ session: 'kiosk' }, 'GRANTED', {}, { evidence: 'ada said so' });
      await identify('kiosk', 'ben');
      expect(statuses(await ask({ session: 'kiosk' }))).to.deep.equal([]);
      expect(statuses(await ask({ session: 'kiosk' }, { customerId: own('ben') }))).to.deep.equal([]);
    });
  });

  describe('a refusal takes back what was learned', () => {
    async function takesBack(of: People, statuses: readonly string[]): Promise<boolean> {
      const sinceMs = of.clock.nowMs();
      for (const status of statuses) {
        of.clock.advance(1);
        await of.ask(setting, undefined, {
          ...ownOf({ session: 'learned' }),
          decisions: [{ purpose: 'PERSONALIZATION', status }],
        });
      }
      return of.port('consent').withdrawnSince(sinceMs);
    }

    it('where it is opt-out, also as the first decision', async () => {
      expect(await takesBack(optOut, ['DENIED'])).to.equal(true);
    });

    it('where it is opt-in, after a grant only', async () => {
      const fresh = await bootPeople(plugins);
      expect(await takesBack(fresh, ['DENIED'])).to.equal(false);
      expect(await takesBack(fresh, ['GRANTED', 'WITHDRAWN'])).to.equal(true);
      await fresh.close();
    });
  });

  describe('whether the shop may learn', () => {
    it('is yes unless analytics was refused, by the customer or in the session', async () => {
      const analytics = (who: Who, status: string) => decide(who, status, {}, { purpose: 'ANALYTICS' });
      await analytics({ session: 'no' }, 'DENIED');
      await analytics({ session: 'yes' }, 'GRANTED');
      await analytics({ session: 'web', named: 'ada' }, 'WITHDRAWN');
      await analytics({ session: 'web', named: 'ben' }, 'WITHDRAWN');
      await analytics({ session: 'tv', named: 'ben' }, 'GRANTED');
      const subjects: readonly Who[] = [
        { session: 'blank' },
        { session: 'no' },
        { session: 'no', named: 'eve' },
        { session: 'yes' },
        { session: 'phone', named: 'ada' },
        { session: 'yes', named: 'ada' },
        { session: 'phone', named: 'ben' },
        { session: 'web', named: 'ben' },
        { session: 'blank' },
      ];
      const shoppers = await Promise.all(subjects.map((who) => recognised(who)));
      const learn = await people.port('consent').mayLearn(shoppers);
      expect(learn).to.deep.equal([true, false, false, true, false, false, true, true, true]);
    });
  });
});
