import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { createConsent } from '../../plugins/consent/consent.js';
import { headsSpec, ledgerSpec } from '../../plugins/consent/ledger.js';
import { consent as consentPlugin } from '../../plugins/consent/plugin.js';
import { createCustomers } from '../../plugins/customers/customers.js';
import { customers as customersPlugin } from '../../plugins/customers/plugin.js';
import { queue } from '../../plugins/queue/plugin.js';
import { store } from '../../plugins/store/plugin.js';
import { RapportError } from '../../src/errors.js';
import type { Collection, CollectionSpec, Document, Store } from '../../src/ports/store.js';
import { bootPeople, callerOf, type People } from '../support/people.js';

const plugins = [store, queue, customersPlugin, consentPlugin];
const granted = { purpose: 'PERSONALIZATION', status: 'GRANTED' };
const withdrawn = { purpose: 'PERSONALIZATION', status: 'WITHDRAWN' };
const down = () => new RapportError('unavailable', 'STORE_UNAVAILABLE', 'The store does not answer.');

const auditing = `query ($subject: ID!, $receipts: [String!]) {
  consentAudit(subject: $subject, receipts: $receipts) { subject intact decisions fault }
}`;

describe('the consent ledger', () => {
  describe('in a running system', () => {
    let people: People;
    before(async () => {
      people = await bootPeople(plugins);
    });
    after(() => people.close());

    const shopper = (sessionId: string) => people.port('customers').recognise(people.context({ sessionId }));
    const audit = (subject: string, receipts: readonly string[] = []) =>
      people.ask(auditing, { role: 'ADMIN' }, { subject, receipts });

    it('gives every one of 20 decisions at once its own place in the chain', async () => {
      const consent = people.port('consent');
      await Promise.all(
        Array.from({ length: 20 }, async (_, i) =>
          consent.decide(await shopper('busy'), [i % 2 ? granted : withdrawn]),
        ),
      );
      const history = await consent.history(await shopper('busy'));
      expect(new Set(history.map(({ hash }) => hash)).size).to.equal(20);
      expect((await audit('session:busy')).at('consentAudit')).to.deep.equal({
        subject: 'session:busy',
        intact: true,
        decisions: 20,
        fault: null,
      });
      const permit = await consent.permit(await shopper('busy'), 'PERSONALIZATION');
      expect(permit !== null).to.equal(history.at(-1)?.status === 'GRANTED');
    });

    it('finds a receipt of a shopper whose decision is gone', async () => {
      await people.port('consent').decide(await shopper('s1'), [granted]);
      const [entry] = await people.port('consent').history(await shopper('s1'));
      expect((await audit('session:s1', [entry!.hash])).at('consentAudit.intact')).to.equal(true);
      const missing = await audit('session:s1', [entry!.hash, 'f'.repeat(64)]);
      expect(missing.at('consentAudit.fault')).to.contain('is missing');
    });

    it('is audited by administrators only, subject by subject', async () => {
      for (const role of ['STOREFRONT', 'SERVER', 'MERCHANDISER'] as const) {
        const result = await people.ask(auditing, { role }, { subject: 'session:s1' });
        expect(result.codes, role).to.deep.equal(['AUTHENTICATION_ROLE']);
      }
      for (const subject of ['', 'session:', 'nobody', `session:${'x'.repeat(300)}`]) {
        expect((await audit(subject)).codes, subject).to.deep.equal(['CONSENT_SUBJECT_INVALID']);
      }
      expect((await audit('session:never-seen')).at('consentAudit.intact')).to.equal(true);
    });
  });

  describe('tampered with in the database', () => {
    type Tamper = (raw: Store) => Promise<void>;
    const record = <D extends Document>(
      spec: CollectionSpec<D>,
      id: string,
      change: (document: D) => D | null,
    ): Tamper => {
      return async (raw) => {
        const collection = await raw.collection(spec);
        await collection.update(id, (current) => change(current!));
      };
    };
    const cases: readonly [string, Tamper, string][] = [
      [
        'a withdrawal that was made a grant',
        record(ledgerSpec, 'session:s1#0000000002', (r) => ({
          ...r,
          entries: r.entries.map((entry) => ({ ...entry, status: 'GRANTED' as const })),
        })),
        'record 2 was changed',
      ],
      [
        'a decision that was removed',
        record(ledgerSpec, 'session:s1#0000000001', () => null),
        'record 1 is missing',
      ],
      [
        'the last decision removed',
        record(ledgerSpec, 'session:s1#0000000002', () => null),
        'record 2 is missing',
      ],
      [
        'a state that was turned over',
        record(headsSpec, 'session:s1', (head) => ({
          ...head,
          states: { PERSONALIZATION: { ...head.states.PERSONALIZATION!, status: 'GRANTED' as const } },
        })),
        'the state is not what the history comes to',
      ],
      ['a state that was removed', record(headsSpec, 'session:s1', () => null), 'the state is missing'],
    ];
    for (const [what, tamper, fault] of cases) {
      it(`shows ${what}`, async () => {
        const dataDir = mkdtempSync(join(tmpdir(), 'rapport-'));
        const first = await bootPeople(plugins, { dataDir });
        const shopper = await first.port('customers').recognise(first.context({ sessionId: 's1' }));
        await first.port('consent').decide(shopper, [granted]);
        await first.port('consent').decide(shopper, [withdrawn]);
        await first.close();
        const raw = await bootPeople([store], { dataDir });
        await tamper(raw.port('store'));
        await raw.close();
        const last = await bootPeople(plugins, { dataDir });
        const result = await last.ask(auditing, { role: 'ADMIN' }, { subject: 'session:s1' });
        await last.close();
        rmSync(dataDir, { recursive: true });
        expect(result.at('consentAudit.intact')).to.equal(false);
        expect(result.at('consentAudit.fault')).to.contain(fault);
      });
    }
  });

  describe('many decisions at once', () => {
    let people: People;
    beforeEach(async () => {
      people = await bootPeople(plugins);
    });
    afterEach(() => people.close());

    const decideAtOnce = async (count: number) => {
      const shopper = await people.port('customers').recognise(people.context({ sessionId: 's1' }));
      return Promise.allSettled(
        Array.from({ length: count }, (_, i) =>
          people.port('consent').decide(shopper, [
            {
              purpose: 'PERSONALIZATION',
              status: i % 2 ? 'GRANTED' : 'WITHDRAWN',
              evidence: `number ${i}`,
            },
          ]),
        ),
      );
    };

    it('of one shopper are all entered, in their order, and the chain is intact', async () => {
      const results = await decideAtOnce(200);
      expect(results.filter(({ status }) => status === 'rejected')).to.deep.equal([]);
      const shopper = await people.port('customers').recognise(people.context({ sessionId: 's1' }));
      const history = await people.port('consent').history(shopper);
      expect(history.map(({ evidence }) => evidence)).to.deep.equal(
        Array.from({ length: 200 }, (_, i) => `number ${i}`),
      );
      const audit = await people.ask(auditing, { role: 'ADMIN' }, { subject: 'session:s1' });
      expect(audit.at('consentAudit')).to.deep.include({ intact: true, decisions: 200 });
    });

    it('beyond a thousand waiting are refused with a time to come again', async () => {
      const results = await decideAtOnce(1_010);
      const refused = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
      expect(refused.length).to.be.within(1, 9);
      for (const error of refused)
        expect(error).to.include({ kind: 'limited', code: 'CONSENT_TOO_MANY_WAITING', retryAfterSeconds: 1 });
    });
  });

  it('of an earlier version, with one state for customers and strangers, is read from its history', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'rapport-'));
    const first = await bootPeople(plugins, { dataDir });
    const decide = async (system: People, customerId: string | null, decision: typeof granted) => {
      const context = system.context({ sessionId: 's1', customerId }, { role: 'SERVER' });
      await system.port('consent').decide(await system.port('customers').recognise(context), [decision]);
    };
    await decide(first, null, withdrawn);
    await decide(first, 'ada', granted);
    await first.close();
    const raw = await bootPeople([store], { dataDir });
    const heads = await raw.port('store').collection(headsSpec);
    await heads.update('session:s1', (head) => {
      const { anonymous: _, ...old } = head!;
      return old;
    });
    await raw.close();
    const last = await bootPeople(plugins, { dataDir, environment: { RAPPORT_CONSENT_MODE: 'opt-out' } });
    const shopper = await last.port('customers').recognise(last.context({ sessionId: 's1' }));
    expect((await last.port('consent').personalization(shopper)).reason).to.equal('NO_CONSENT');
    expect((await last.port('consent').states(shopper))[0]!.status).to.equal('WITHDRAWN');
    const audit = await last.ask(auditing, { role: 'ADMIN' }, { subject: 'session:s1' });
    expect(audit.at('consentAudit.fault')).to.equal(null);
    await last.close();
    rmSync(dataDir, { recursive: true });
  });

  describe('when the store fails', () => {
    let people: People;
    let fails: (collection: string, method: string) => boolean;

    beforeEach(async () => {
      people = await bootPeople([store, queue]);
      fails = () => false;
    });
    afterEach(() => people.close());

    /** The real store, with calls that fail when the test says so. */
    function failing(real: Store): Store {
      return {
        ...real,
        async collection<D extends Document>(spec: CollectionSpec<D>): Promise<Collection<D>> {
          const collection = await real.collection(spec);
          return new Proxy(
            { ...collection },
            {
              get(target, method: keyof Collection<D> & string) {
                return fails(spec.name, method) ? () => Promise.reject(down()) : target[method];
              },
            },
          );
        },
      };
    }

    async function open() {
      const needs = { store: failing(people.port('store')), queue: people.port('queue') };
      const host = {
        clock: people.clock,
        ids: { next: () => `id-${Math.floor(people.clock.nowMs())}` },
        random: () => 0.5,
        log: people.log,
        dataDir: people.dataDir,
        role: 'all' as const,
        share: () => Promise.reject(new Error('nothing is shared here')),
      };
      const customers = createCustomers(needs, host, { overwriteServerTraits: false });
      const consent = createConsent({ ...needs, customers }, host, {
        mode: 'opt-out',
        doubleOptIn: new Set(),
      });
      await customers.open();
      await consent.open();
      const shopper = (sessionId: string) => customers.recognise(people.context({ sessionId }));
      return { customers, consent, shopper };
    }

    it('nobody is personalized, not even where it is opt-out, and nothing throws', async () => {
      const { consent, shopper } = await open();
      fails = (collection) => collection.startsWith('consent');
      const stranger = await shopper('s1');
      expect(await consent.permit(stranger, 'PERSONALIZATION')).to.equal(null);
      expect(await consent.personalization(stranger)).to.deep.equal({
        applied: false,
        reason: 'CONSENT_UNKNOWN',
      });
      expect(await consent.mayLearn([stranger])).to.deep.equal([false]);
      fails = () => false;
      expect((await consent.personalization(stranger)).reason).to.equal('NOT_OBJECTED');
    });

    it('a consent that was read before holds for 5 seconds at most', async () => {
      const { consent, shopper } = await open();
      await consent.decide(await shopper('s1'), [granted]);
      expect((await consent.personalization(await shopper('s1'))).reason).to.equal('CONSENTED');
      fails = () => true;
      people.clock.advance(4_999);
      expect((await consent.personalization(await shopper('s1'))).reason).to.equal('CONSENTED');
      people.clock.advance(1);
      expect((await consent.personalization(await shopper('s1'))).reason).to.equal('CONSENT_UNKNOWN');
    });

    it('nobody can tell whose session it is, so nothing personal is shown or entered', async () => {
      const { customers, consent, shopper } = await open();
      await consent.decide(await shopper('s1'), [granted]);
      await customers.identify(people.context({ sessionId: 's1' }, callerOf({ role: 'SERVER' })), {
        id: 'ada',
      });
      fails = (collection) => collection === 'customer-links';
      const unsure = await shopper('s1');
      expect(unsure.uncertain).to.equal(true);
      expect((await consent.personalization(unsure)).reason).to.equal('CONSENT_UNKNOWN');
      const refused = await consent.decide(unsure, [withdrawn]).catch((error: unknown) => error);
      expect(refused).to.be.instanceOf(RapportError).and.to.have.property('kind', 'unavailable');
    });

    it('a decision that was not acknowledged is refused as unavailable and changes nothing', async () => {
      const { consent, shopper } = await open();
      fails = (collection, method) => collection === 'consent-ledger' && method === 'insert';
      const refused = await consent.decide(await shopper('s1'), [granted]).catch((error: unknown) => error);
      expect(refused).to.have.property('kind', 'unavailable');
      fails = () => false;
      expect((await consent.personalization(await shopper('s1'))).reason).to.equal('NOT_OBJECTED');
      expect(await consent.history(await shopper('s1'))).to.deep.equal([]);
    });

    it('between a record and its state, the next decision puts both right', async () => {
      const { consent, shopper } = await open();
      fails = (collection, method) => collection === 'consent-heads' && method === 'update';
      await consent.decide(await shopper('s1'), [granted]).catch(() => undefined);
      fails = () => false;
      expect((await consent.audit('session:s1', [])).fault).to.equal('the state is missing');
      await consent.decide(await shopper('s1'), [withdrawn]);
      expect((await consent.history(await shopper('s1'))).map(({ status }) => status)).to.deep.equal([
        'GRANTED',
        'WITHDRAWN',
      ]);
      expect((await consent.audit('session:s1', [])).intact).to.equal(true);
      expect((await consent.personalization(await shopper('s1'))).reason).to.equal('NO_CONSENT');
    });

    it('between a record and its state, the fact puts the state right', async () => {
      const { consent, shopper } = await open();
      fails = (collection, method) => collection === 'consent-heads' && method === 'update';
      await consent.decide(await shopper('s1'), [withdrawn]).catch(() => undefined);
      fails = () => false;
      await consent.catchUp('session:s1');
      await consent.catchUp('session:s1');
      expect((await consent.audit('session:s1', [])).intact).to.equal(true);
      expect((await consent.personalization(await shopper('s1'))).reason).to.equal('NO_CONSENT');
    });
  });
});
