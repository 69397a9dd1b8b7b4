import { expect } from 'chai';
import { openLedger } from '../../plugins/consent/ledger.js';
import { store } from '../../plugins/store/plugin.js';
import type { ConsentDecision } from '../../src/ports/consent.js';
import type { Collection, CollectionSpec, Document, Store } from '../../src/ports/store.js';
import { createRandom } from '../support/boot.js';
import { bootPeople, type People } from '../support/people.js';

const subject = 'session:busy';
const decision = {
  id: 'd',
  purpose: 'PERSONALIZATION',
  status: 'WITHDRAWN',
  noticeVersion: 'x'.repeat(200),
  evidence: 'x'.repeat(200),
  channel: 'WEB',
  source: 'storefront-1',
  customerId: null,
  globalPrivacyControl: false,
  expiresAtMs: null,
} as const;

describe('the decisions that are read of one subject', () => {
  let people: People;
  /** Decisions in the records that the store returned. */
  let read = 0;
  before(async () => {
    people = await bootPeople([store]);
  });
  after(() => people.close());

  function counting(real: Store): Store {
    return {
      ...real,
      async collection<D extends Document>(spec: CollectionSpec<D>): Promise<Collection<D>> {
        const collection = await real.collection(spec);
        return {
          ...collection,
          async find(query) {
            const page = await collection.find(query);
            for (const item of page.items as readonly Partial<{ entries: readonly ConsentDecision[] }>[])
              read += item.entries?.length ?? 0;
            return page;
          },
        };
      },
    };
  }

  it('are little more than were asked for, however many each record has', async () => {
    const ledger = await openLedger(counting(people.port('store')), {
      clock: people.clock,
      random: createRandom(1),
    });
    const full = Array.from({ length: 100 }, () => decision);
    for (let record = 0; record < 40; record++) await ledger.append(subject, full);
    read = 0;
    expect(await ledger.history(subject, 1_000)).to.have.lengthOf(1_000);
    expect(read, 'for a history of 1,000').to.equal(1_000);
    read = 0;
    await ledger.append(subject, [{ ...decision, status: 'GRANTED', messageId: 'click' }]);
    expect(read, 'for a grant with a messageId').to.be.at.most(1_000);

    for (let record = 0; record < 30; record++) await ledger.append(subject, [decision]);
    read = 0;
    const history = await ledger.history(subject, 100);
    expect(history).to.have.lengthOf(100);
    expect(history.at(-1)!.decidedAtMs).to.be.greaterThan(history[0]!.decidedAtMs);
    expect(read, 'where newer records have one decision each').to.be.at.most(1_030);
    await ledger.close();
  });
});
