import { createHash } from 'node:crypto';
import { mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { compactVerify, importJWK, type JWK } from 'jose';
import { plugins } from '../../plugins/index.js';
import { restoreBackup, writeBackup } from '../../plugins/store/drivers/embedded/backup.js';
import { openSnapshot } from '../../plugins/store/drivers/embedded/store-files.js';
import { verifyStore } from '../../plugins/store/drivers/embedded/verify.js';
import { createHost, createIds } from '../../src/host.js';
import { createRandom } from '../support/boot.js';
import {
  canary,
  failing,
  filesWith,
  other,
  person,
  plantCanaries,
  send,
  sendShared,
} from '../support/canaries.js';
import { type Answer, openTestGateway, type TestGateway } from '../support/gateway.js';
import { shopperContext } from './shop.js';

const erase = `mutation ($id: ID!) { eraseCustomer(id: $id, reason: "asked for it") {
  receipt { id erasedAt counts signature publicKey people } userErrors { code message }
} }`;
const exported = 'mutation ($id: ID!) { exportCustomer(id: $id) { document userErrors { code } } }';

interface Receipt {
  readonly id: string;
  readonly erasedAt: string;
  readonly counts: Readonly<Record<string, number>>;
  readonly people: readonly string[];
  readonly signature: string;
  readonly publicKey: JWK;
}

interface Exported {
  readonly customerIds: readonly string[];
  readonly sessionIds: readonly string[];
  readonly collections: Readonly<Record<string, readonly unknown[]>>;
}

function hostOf({ system: { clock, log, dataDir } }: TestGateway) {
  return createHost({ clock, ids: createIds(clock), random: createRandom(1), log, dataDir });
}

/** Lets work that no test can wait for go on. */
async function until(holds: () => boolean, what: string): Promise<void> {
  for (let turn = 0; turn < 2_000 && !holds(); turn++) await new Promise((resolve) => setImmediate(resolve));
  expect(holds(), what).to.equal(true);
}

describe('A person with rights', () => {
  let directory: string;
  let gateway: TestGateway;

  const open = () => openTestGateway([...plugins, failing], { dataDir: join(directory, 'data') });
  const ask = (query: string, variables: Record<string, unknown>) =>
    gateway.ask(query, { role: 'SERVER', variables });

  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'rapport-'));
    gateway = await open();
    await plantCanaries(gateway);
    for (let minute = 0; minute < 10; minute++) {
      gateway.system.clock.advance(60_000);
      await gateway.system.port('queue').idle();
    }
  });
  afterEach(async () => {
    await gateway.close();
    rmSync(directory, { recursive: true, force: true });
  });

  it('has every collection that holds their ids declare whose its documents are', async () => {
    const declared = gateway.system.port('store').people.collections();
    const personal = declared.filter((each) => each.personal).map(({ name }) => name);
    await gateway.close();
    const holding = new Set<string>();
    await verifyStore(join(directory, 'data'), (collection, _, json) => {
      const text = JSON.stringify(json);
      if (Object.values(person).some((id) => text.includes(id))) holding.add(collection);
    });
    expect([...holding].filter((name) => !personal.includes(name))).to.deep.equal([]);
    expect([...holding].sort()).to.include.members([
      'consent-heads',
      'consent-ledger',
      'customer-identifiers',
      'customer-links',
      'customer-merges',
      'customers',
      'events',
      'loyalty-accounts',
      'preference-changes',
      'preferences',
      'queue-dead-letters',
      'segment-people',
      'voice-handovers',
    ]);
    gateway = await open();
  });

  it('gets a copy of everything, and of nobody else', async () => {
    const answer = await ask(exported, { id: person.mergedId });
    const document = answer.at('exportCustomer.document') as Exported;
    expect([...document.customerIds].sort()).to.deep.equal([person.customerId, person.mergedId].sort());
    expect(document.sessionIds).to.include.members([person.sessionId, person.appSessionId]);
    const text = JSON.stringify(document);
    expect(text).not.to.match(/bens?[-"]/);
    for (const value of [
      'evidence',
      'First',
      'nick',
      'property',
      'typed words',
      'order',
      'shared',
      'reason',
      'search for coffee',
      'spoken coffee',
      'topic',
    ])
      expect(text, value).to.include(`${canary}${value}`);
    const events = (document.collections.events as unknown[]).flat();
    expect(events).to.have.lengthOf(32);
    const unknown = await ask(exported, { id: 'nobody-at-all' });
    expect(unknown.at('exportCustomer.userErrors.0.code')).to.equal('RIGHTS_CUSTOMER_UNKNOWN');
  });

  it('is erased, with everything of nobody else', async () => {
    const before = (await ask(exported, { id: other.customerId })).at('exportCustomer.document') as Exported;
    const answer = await ask(erase, { id: person.mergedId });
    expect(answer.at('eraseCustomer.userErrors'), answer.text).to.deep.equal([]);
    const counts = answer.at('eraseCustomer.receipt.counts') as Record<string, number>;
    expect(counts).to.include({
      customers: 2,
      'customer-identifiers': 2,
      'customer-merges': 1,
      'search-log': 2,
    });
    gateway.system.clock.advance(60_000);
    await gateway.system.port('queue').idle();
    const gone = await ask(exported, { id: person.customerId });
    expect(gone.at('exportCustomer.userErrors.0.code')).to.equal('RIGHTS_CUSTOMER_UNKNOWN');
    const after = (await ask(exported, { id: other.customerId })).at('exportCustomer.document') as Exported;
    expect(after.collections).to.deep.equal(before.collections);
    const audit = await gateway.ask('query ($subject: ID!) { consentAudit(subject: $subject) { intact } }', {
      role: 'ADMIN',
      variables: { subject: `session:${other.sessionId}` },
    });
    expect(audit.at('consentAudit.intact'), audit.text).to.equal(true);
    await gateway.close();
    const left: string[] = [];
    await verifyStore(join(directory, 'data'), (collection, _, json) => {
      const text = JSON.stringify(json);
      if (text.includes(canary)) left.push(`${collection} ${text}`);
    });
    expect(left).to.deep.equal([]);
    gateway = await open();
  });

  it('stays erased: what is sent again, late or anew about them is refused', async () => {
    await ask(erase, { id: person.customerId });
    const refused = (answer: Answer) =>
      (answer.at('recordEvents.userErrors') as { code: string }[]).map(({ code }) => code);
    // The same batch again: its events are still known by their digests.
    expect((await send(gateway, shopperContext(person.sessionId), canary)).at('recordEvents')).to.include({
      accepted: 0,
      duplicates: 5,
    });
    // Eight days later nobody remembers them, except by the erasure.
    gateway.system.clock.advance(10 * 86_400_000);
    for (const context of [
      shopperContext(person.sessionId),
      shopperContext('a-new-session', 'WEB', { customerId: person.mergedId }),
    ]) {
      const answer = await send(gateway, context, `${canary}late-`);
      expect(answer.at('recordEvents'), answer.text).to.include({ accepted: 0, rejected: 5 });
      expect(new Set(refused(answer))).to.deep.equal(new Set(['EVENTS_PERSON_ERASED']));
    }
    const shared = await sendShared(gateway, 'late');
    expect(shared.body).to.include({ accepted: 2, rejected: 2 });
    const identified = await ask(
      'mutation ($context: ShopperContext!, $customer: CustomerInput!) { identify(context: $context, customer: $customer) { customer { id } userErrors { code } } }',
      {
        context: shopperContext('a-new-session'),
        customer: { id: person.customerId, firstName: `${canary}again` },
      },
    );
    expect(identified.at('identify.userErrors.0.code')).to.equal('CUSTOMERS_CUSTOMER_ERASED');
    const consented = await ask(
      'mutation ($context: ShopperContext!) { setConsent(context: $context, decisions: [{ purpose: ANALYTICS, status: GRANTED }]) { userErrors { code } } }',
      { context: shopperContext('a-new-session', 'WEB', { customerId: person.customerId }) },
    );
    expect(consented.errors?.[0]?.extensions.code, consented.text).to.equal('STORE_PERSON_ERASED');
    const documents: string[] = [];
    await gateway.close();
    await verifyStore(join(directory, 'data'), (collection, _, json) => {
      const text = JSON.stringify(json);
      if (text.includes(canary)) documents.push(`${collection} ${text}`);
    });
    expect(documents).to.deep.equal([]);
    gateway = await open();
  });

  it('is in no byte of the data directory a minute later, after a restart, and in a restored backup', async () => {
    const data = join(directory, 'data');
    const backup = join(directory, 'backup');
    const snapshot = await openSnapshot(data, hostOf(gateway));
    writeBackup(snapshot.directory, snapshot, backup, 0);
    snapshot.close();
    expect(filesWith(backup, canary)).to.deep.equal(['store/data.mdb']);
    expect(filesWith(data, canary)).to.include('store/data.mdb');

    await ask(erase, { id: person.customerId });
    gateway.system.clock.advance(60_000);
    await gateway.system.port('queue').idle();
    expect(filesWith(data, canary), 'a minute later').to.deep.equal([]);
    await gateway.close();
    expect(filesWith(data, canary), 'after the stop').to.deep.equal([]);
    gateway = await open();
    gateway.system.clock.advance(60_000);
    expect(filesWith(data, canary), 'after a restart').to.deep.equal([]);
    await gateway.close();

    const restored = join(directory, 'restored');
    restoreBackup(backup, restored, join(data, 'erasures.jsonl'));
    expect(filesWith(restored, canary)).to.deep.equal(['store/data.mdb']);
    rmSync(data, { recursive: true });
    renameSync(restored, data);
    gateway = await open();
    const before = await ask(exported, { id: person.customerId });
    expect(before.at('exportCustomer.document'), before.text).to.equal(null);
    const others = await ask(exported, { id: other.customerId });
    expect(JSON.stringify(others.at('exportCustomer.document'))).to.include('bens-property');
    const late = await send(
      gateway,
      shopperContext('new', 'WEB', { customerId: person.mergedId }),
      `${canary}late-`,
    );
    expect(late.at('recordEvents.accepted'), late.text).to.equal(0);
    gateway.system.clock.advance(60_000);
    await until(() => filesWith(data, canary).length === 0, 'nothing in a byte of the restored directory');
  });

  it('gets a receipt that anybody can verify with the public key', async () => {
    const receipt = (await ask(erase, { id: person.customerId })).at('eraseCustomer.receipt') as Receipt;
    const { payload } = await compactVerify(receipt.signature, await importJWK(receipt.publicKey, 'EdDSA'));
    const { id, erasedAt, counts, people } = receipt;
    expect(JSON.parse(new TextDecoder().decode(payload))).to.deep.equal({
      id,
      erasedAt: new Date(erasedAt).toISOString(),
      reason: 'asked for it',
      counts,
      people,
    });
    const named = createHash('sha256')
      .update(`customer:${person.customerId}`)
      .digest('base64url')
      .slice(0, 22);
    expect(people).to.include(named);
    const verified = (signature: string) =>
      ask('query ($signature: String!) { verifyErasureReceipt(signature: $signature) { id counts } }', {
        signature,
      });
    expect((await verified(receipt.signature)).at('verifyErasureReceipt')).to.deep.equal({ id, counts });
    const [head, body, signature] = receipt.signature.split('.');
    const changed = Buffer.from(Buffer.from(body!, 'base64url').toString().replace('asked', 'begged'));
    const forged = `${head}.${changed.toString('base64url')}.${signature}`;
    expect((await verified(forged)).at('verifyErasureReceipt')).to.equal(null);
    for (const added of ['=', '.x'])
      expect((await verified(receipt.signature + added)).at('verifyErasureReceipt')).to.equal(null);
    const unknown = await ask(erase, { id: 'misspelt' });
    expect(unknown.at('eraseCustomer.userErrors.0.code')).to.equal('RIGHTS_CUSTOMER_UNKNOWN');
  });
});
