import { expect } from 'chai';
import { createConsent } from '../../plugins/consent/consent.js';
import { consent as consentPlugin } from '../../plugins/consent/plugin.js';
import { customers as customersPlugin } from '../../plugins/customers/plugin.js';
import { queue } from '../../plugins/queue/plugin.js';
import { store } from '../../plugins/store/plugin.js';
import type { Fact } from '../../src/facts.js';
import type { Store } from '../../src/ports/store.js';
import { createRandom } from '../support/boot.js';
import { bootPeople, type People } from '../support/people.js';

const setting = `mutation ($session: ID!, $decisions: [ConsentInput!]!, $messageId: ID) {
  setConsent(context: { channel: WEB, sessionId: $session }, decisions: $decisions, messageId: $messageId) {
    shopper { personalization { applied } consentHistory { status } }
    userErrors { code }
  }
}`;

describe('a decision that is sent again', () => {
  let people: People;
  before(async () => {
    people = await bootPeople([store, queue, customersPlugin, consentPlugin]);
  });
  after(() => people.close());

  async function decide(session: string, status: string, messageId?: string): Promise<unknown> {
    const decisions = [{ purpose: 'PERSONALIZATION', status }];
    const answer = await people.ask(setting, {}, { session, decisions, messageId });
    if (answer.errors) return answer.codes;
    return answer.at('setConsent.shopper.personalization.applied');
  }
  async function entered(session: string): Promise<readonly string[]> {
    const shopper = await people.port('customers').recognise(people.context({ sessionId: session }));
    return (await people.port('consent').history(shopper)).map(({ status }) => status);
  }

  it('does not grant again what was withdrawn since', async () => {
    expect(await decide('late', 'GRANTED', 'click-1')).to.equal(true);
    expect(await decide('late', 'WITHDRAWN', 'click-2')).to.equal(false);
    expect(await decide('late', 'GRANTED', 'click-1')).to.equal(false);
    expect(await entered('late')).to.deep.equal(['GRANTED', 'WITHDRAWN']);
    expect(await decide('late', 'GRANTED', 'click-3')).to.equal(true);
    const audit = await people.ask('{ consentAudit(subject: "session:late") { intact fault } }', {
      role: 'ADMIN',
    });
    expect(audit.at('consentAudit')).to.deep.equal({ intact: true, fault: null });
  });

  const shopperOf = (sessionId: string) => people.port('customers').recognise(people.context({ sessionId }));

  it('is entered once, also at the same moment', async () => {
    await Promise.all(Array.from({ length: 20 }, () => decide('twice', 'GRANTED', 'click')));
    expect(await entered('twice')).to.deep.equal(['GRANTED']);
  });

  it('counts if it refuses, also under an id that was used before', async () => {
    expect(await decide('careless', 'GRANTED', 'always')).to.equal(true);
    expect(await decide('careless', 'WITHDRAWN', 'always')).to.equal(false);
    expect(await decide('careless', 'GRANTED', 'other')).to.equal(true);
    expect(await decide('careless', 'WITHDRAWN', 'always')).to.equal(false);
  });

  it('is reported if it says something else under an id that was used before', async () => {
    const grant = async (noticeVersion: string) => {
      const decisions = [{ purpose: 'PERSONALIZATION', status: 'GRANTED', noticeVersion }];
      const answer = await people.ask(setting, {}, { session: 'reused', decisions, messageId: 'always' });
      return answer.at('setConsent.userErrors');
    };
    expect(await grant('v1')).to.deep.equal([]);
    expect(await grant('v1')).to.deep.equal([]);
    expect(await grant('v2')).to.deep.equal([{ code: 'CONSENT_MESSAGE_ID_REUSED' }]);
    expect(await entered('reused')).to.deep.equal(['GRANTED']);
  });

  it('is a new one without an id', async () => {
    for (const status of ['GRANTED', 'WITHDRAWN', 'GRANTED']) await decide('plain', status);
    expect(await entered('plain')).to.have.lengthOf(3);
  });

  it('is refused with an id that is none', async () => {
    for (const messageId of ['', 'x'.repeat(129), 'a\nb'])
      expect(await decide('faulty', 'GRANTED', messageId)).to.deep.equal(['CONSENT_MESSAGE_ID_INVALID']);
    expect(await entered('faulty')).to.deep.equal([]);
  });

  it('is published with those that wait beside it, not one by one', async () => {
    const published: Fact[] = [];
    const counting = {
      ...people.port('queue'),
      publishing<T>(facts: readonly Fact[], write: () => Promise<T>): Promise<T> {
        published.push(...facts);
        return write();
      },
    };
    let ids = 0;
    const port = people.port('store');
    const beside: Store = {
      ...port,
      collection: (spec) => port.collection({ ...spec, name: `other-${spec.name}` }),
    };
    const consent = createConsent(
      { store: beside, queue: counting, customers: people.port('customers') },
      {
        clock: people.clock,
        ids: { next: () => `id-${++ids}` },
        random: createRandom(1),
        log: people.log,
        dataDir: people.dataDir,
        role: 'all',
      },
      { mode: 'opt-in', doubleOptIn: new Set() },
    );
    await consent.open();
    const shopper = await shopperOf('crowd');
    const decisions = [{ purpose: 'ANALYTICS', status: 'DENIED' }];
    await Promise.all(Array.from({ length: 200 }, () => consent.decide(shopper, decisions)));
    expect(await consent.history(shopper)).to.have.lengthOf(200);
    expect(published.length).to.be.within(1, 5);
    await consent.close();
  });
});
