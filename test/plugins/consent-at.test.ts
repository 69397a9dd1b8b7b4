import { expect } from 'chai';
import { consent as consentPlugin } from '../../plugins/consent/plugin.js';
import { customers as customersPlugin } from '../../plugins/customers/plugin.js';
import { queue } from '../../plugins/queue/plugin.js';
import { store } from '../../plugins/store/plugin.js';
import type { Caller } from '../../src/context.js';
import { bootPeople, type People } from '../support/people.js';

const server: Partial<Caller> = { role: 'SERVER' };
const dayMs = 86_400_000;

describe('consent in one channel, and at a moment', () => {
  let people: People;

  beforeEach(async () => {
    people = await bootPeople([store, queue, customersPlugin, consentPlugin]);
  });
  afterEach(() => people.close());

  const iso = (ms: number) => new Date(ms).toISOString();

  function decide(decisions: readonly Record<string, unknown>[], customerId: string | null = 'ada') {
    people.clock.advance(1_000);
    return people.ask(
      `mutation ($customerId: ID, $decisions: [ConsentInput!]!) {
        setConsent(context: { channel: WEB, sessionId: "s", customerId: $customerId }, decisions: $decisions) {
          userErrors { code message path }
        }
      }`,
      customerId === null ? {} : server,
      { customerId, decisions },
    );
  }

  async function reasonIn(channel: string) {
    const result = await people.ask(
      `{ shopper(context: { channel: ${channel}, sessionId: "s", customerId: "ada" }) { personalization { reason } } }`,
      server,
    );
    return result.at('shopper.personalization.reason');
  }

  async function consentAt(subject: string, atMs: number, more = '') {
    const result = await people.ask(
      `{ consentAt(subject: "${subject}", purpose: PERSONALIZATION, at: "${iso(atMs)}"${more}) {
        status permitted decidedAt decision { noticeVersion evidence language jurisdiction expression appliesTo enteredAt } } }`,
      server,
    );
    expect(result.errors).to.equal(undefined);
    return result.at('consentAt') as Record<string, unknown> & { decision: Record<string, unknown> | null };
  }

  it('refuses one channel and leaves the others, also after a later yes to all', async () => {
    await decide([{ purpose: 'PERSONALIZATION', status: 'GRANTED' }]);
    await decide([{ purpose: 'PERSONALIZATION', status: 'DENIED', appliesTo: ['VOICE', 'KIOSK'] }]);
    expect([await reasonIn('WEB'), await reasonIn('VOICE'), await reasonIn('KIOSK')]).to.deep.equal([
      'CONSENTED',
      'NO_CONSENT',
      'NO_CONSENT',
    ]);
    await decide([{ purpose: 'PERSONALIZATION', status: 'GRANTED' }]);
    expect(await reasonIn('VOICE')).to.equal('NO_CONSENT');
    await decide([{ purpose: 'PERSONALIZATION', status: 'GRANTED', appliesTo: ['VOICE'] }]);
    expect([await reasonIn('VOICE'), await reasonIn('KIOSK')]).to.deep.equal(['CONSENTED', 'NO_CONSENT']);
    await decide([{ purpose: 'PERSONALIZATION', status: 'WITHDRAWN' }]);
    expect([await reasonIn('WEB'), await reasonIn('VOICE')]).to.deep.equal(['NO_CONSENT', 'NO_CONSENT']);
  });

  it('lists the state of each purpose in the channel that is asked for', async () => {
    await decide([
      { purpose: 'PERSONALIZATION', status: 'GRANTED' },
      { purpose: 'PERSONALIZATION', status: 'DENIED', appliesTo: ['VOICE'] },
    ]);
    const result = await people.ask(
      '{ shopper(context: { channel: WEB, sessionId: "s", customerId: "ada" }) { here: consents { status } voice: consents(channel: VOICE) { status } } }',
      server,
    );
    expect([result.at('shopper.here.0.status'), result.at('shopper.voice.0.status')]).to.deep.equal([
      'GRANTED',
      'DENIED',
    ]);
  });

  it('keeps a refusal of the customer for all channels from a grant that another one makes for one', async () => {
    await decide([{ purpose: 'PERSONALIZATION', status: 'DENIED' }]);
    await decide([{ purpose: 'PERSONALIZATION', status: 'GRANTED', appliesTo: ['WEB'] }], 'ben');
    const anonymous = await people.ask(
      '{ shopper(context: { channel: WEB, sessionId: "s" }) { personalization { reason } } }',
    );
    expect(anonymous.at('shopper.personalization.reason')).to.equal('NO_CONSENT');
  });

  it('names what is wrong with a channel, a language or a jurisdiction', async () => {
    const result = await decide([
      { purpose: 'MARKETING_EMAIL', status: 'GRANTED', appliesTo: ['VOICE'] },
      { purpose: 'ANALYTICS', status: 'GRANTED', appliesTo: [] },
      { purpose: 'MARKETING_SMS', status: 'GRANTED', language: 'deutsch oder so' },
      { purpose: 'PERSONALIZATION', status: 'GRANTED', jurisdiction: 'Germany' },
      { purpose: 'PERSONALIZATION', status: 'GRANTED', appliesTo: ['WEB'] },
      { purpose: 'PERSONALIZATION', status: 'DENIED', appliesTo: ['WEB', 'APP'] },
    ]);
    const errors = result.at('setConsent.userErrors') as { code: string; message: string; path: string[] }[];
    expect(errors.map(({ code, path }) => `${path.slice(1).join('.')} ${code}`)).to.deep.equal([
      '0.appliesTo CONSENT_CHANNELS_INVALID',
      '1.appliesTo CONSENT_CHANNELS_INVALID',
      '2.language CONSENT_LANGUAGE_INVALID',
      '3.jurisdiction CONSENT_JURISDICTION_INVALID',
      '4.purpose CONSENT_PURPOSE_REPEATED',
      '5.purpose CONSENT_PURPOSE_REPEATED',
    ]);
    expect(errors[3]!.message).to.contain('"Germany"');
  });

  it('tells what was in force at a moment, with its entry', async () => {
    const startMs = people.clock.nowMs();
    await decide([
      {
        purpose: 'PERSONALIZATION',
        status: 'GRANTED',
        noticeVersion: 'v3',
        evidence: 'checkbox',
        language: 'de-AT',
        jurisdiction: 'AT',
        expression: 'EXPLICIT',
      },
    ]);
    people.clock.advance(dayMs);
    await decide([{ purpose: 'PERSONALIZATION', status: 'WITHDRAWN' }]);
    expect(await consentAt('customer:ada', startMs)).to.include({
      status: null,
      permitted: false,
      decision: null,
    });
    const then = await consentAt('customer:ada', startMs + dayMs);
    expect(then).to.include({ status: 'GRANTED', permitted: true, decidedAt: iso(startMs + 1_000) });
    expect(then.decision).to.include({ noticeVersion: 'v3', evidence: 'checkbox', language: 'de-AT' });
    expect(then.decision).to.include({ jurisdiction: 'AT', expression: 'EXPLICIT', appliesTo: null });
    expect(await consentAt('customer:ada', people.clock.nowMs())).to.include({ status: 'WITHDRAWN' });
    expect(await consentAt('session:s', startMs + dayMs)).to.include({ status: null });
  });

  it('counts a decision that was entered later from its own date on', async () => {
    const nowMs = people.clock.nowMs();
    await people.ask(
      `mutation { importConsents(entries: [{ customerId: "ada", purpose: PERSONALIZATION, status: GRANTED, decidedAt: "${iso(nowMs - 9 * dayMs)}", appliesTo: [VOICE] }]) { imported userErrors { message } } }`,
      server,
    );
    expect(await consentAt('customer:ada', nowMs - dayMs)).to.include({ permitted: false });
    const voice = await consentAt('customer:ada', nowMs - dayMs, ', channel: VOICE');
    expect(voice).to.include({ permitted: true });
    expect(voice.decision).to.deep.include({ appliesTo: ['VOICE'], enteredAt: iso(nowMs) });
    expect(await consentAt('customer:ada', nowMs - 10 * dayMs, ', channel: VOICE')).to.include({
      permitted: false,
    });
  });

  it('joins merged customers from their merge on', async () => {
    const customers = people.port('customers') as unknown as {
      identify(context: unknown, input: unknown): Promise<unknown>;
      merge(caller: unknown, into: string, from: string, reason: string): Promise<unknown>;
    };
    for (const id of ['ada', 'eve'])
      await customers.identify(people.context({ sessionId: `of-${id}`, customerId: id }, server), { id });
    await decide([{ purpose: 'PERSONALIZATION', status: 'GRANTED' }], 'ada');
    await decide([{ purpose: 'PERSONALIZATION', status: 'DENIED' }], 'eve');
    const beforeMs = people.clock.nowMs();
    people.clock.advance(dayMs);
    await customers.merge(people.context({}, server).caller, 'ada', 'eve', 'the same person');
    expect(await consentAt('customer:ada', beforeMs)).to.include({ status: 'GRANTED' });
    expect(await consentAt('customer:ada', people.clock.nowMs() + 1)).to.include({ status: 'DENIED' });
  });

  it('is refused for a subject that is none', async () => {
    const result = await people.ask(
      '{ consentAt(subject: "ada", purpose: ANALYTICS, at: "2026-01-01T00:00:00Z") { status } }',
      server,
    );
    expect(result.codes).to.deep.equal(['CONSENT_SUBJECT_INVALID']);
    expect(result.errors![0]!.message).to.contain('"ada"');
  });

  describe('a pause', () => {
    const shopper = (input: Record<string, unknown> = {}, caller: Partial<Caller> = server) =>
      people.port('customers').recognise(people.context({ sessionId: 's', ...input }, caller));
    const ada = () => shopper({ customerId: 'ada' });

    it('ends personalization and attribution while it lasts, and changes no decision', async () => {
      const consent = people.port('consent');
      await decide([{ purpose: 'PERSONALIZATION', status: 'GRANTED' }]);
      expect(await consent.pause(await ada(), true)).to.equal(true);
      expect(await consent.pause(await ada(), true)).to.equal(false);
      expect(await reasonIn('WEB')).to.equal('PAUSED');
      expect(await consent.permit(await ada(), 'PERSONALIZATION')).to.equal(null);
      const pausedMs = people.clock.nowMs();
      const [use] = await consent.recording([await ada()], [Number.POSITIVE_INFINITY]);
      expect(use!(Number.POSITIVE_INFINITY)).to.deep.equal({ learn: true, permitted: false });
      expect((await consent.states(await ada()))[0]).to.include({ status: 'GRANTED' });
      expect((await consent.history(await ada())).map(({ purpose }) => purpose)).to.deep.equal([
        'PERSONALIZATION',
      ]);
      people.clock.advance(dayMs);
      await consent.pause(await ada(), false);
      expect(await reasonIn('WEB')).to.equal('CONSENTED');
      // An event of the pause that arrives now.
      const [late] = await consent.recording([await ada()], [pausedMs]);
      expect(late!(pausedMs + 1)).to.include({ permitted: false });
      expect(late!(Number.POSITIVE_INFINITY)).to.include({ permitted: true });
      expect(await consent.isPaused(await ada())).to.equal(false);
      expect((await consent.pauses(await ada())).map((change) => change.paused)).to.deep.equal([true, false]);
      expect(await consentAt('customer:ada', pausedMs + 1)).to.include({
        status: 'GRANTED',
        permitted: false,
      });
    });

    it('of the customer holds in their session without proof, which may not lift it', async () => {
      const consent = people.port('consent');
      await people
        .port('customers')
        .identify(people.context({ sessionId: 's', customerId: 'ada' }, server), { id: 'ada' });
      await consent.pause(await ada(), true);
      const nobody = await shopper({}, {});
      await consent.decide(nobody, [{ purpose: 'PERSONALIZATION', status: 'GRANTED' }]);
      expect((await consent.personalization(nobody)).reason).to.equal('PAUSED');
      await consent.pause(nobody, false);
      expect((await consent.personalization(nobody)).reason).to.equal('PAUSED');
      expect(await consent.isPaused(nobody)).to.equal(false);
    });
  });
});
