import { spawnSync } from 'node:child_process';
import { expect } from 'chai';
import { consent as consentPlugin } from '../../plugins/consent/plugin.js';
import { customers as customersPlugin } from '../../plugins/customers/plugin.js';
import { queue } from '../../plugins/queue/plugin.js';
import { store } from '../../plugins/store/plugin.js';
import { projectDirectory } from '../../src/project-directory.js';
import { nodeArguments } from '../support/node-arguments.js';
import { bootPeople, type People } from '../support/people.js';
import { type StoreFiles, storeFiles } from '../support/store-files.js';

const root = projectDirectory();
const optOut = { RAPPORT_CONSENT_MODE: 'opt-out' };

describe('damage to documents about people', () => {
  let files: StoreFiles;
  let people: People;
  const open = async () => {
    people = await bootPeople([store, queue, customersPlugin, consentPlugin], {
      dataDir: files.dataDir,
      environment: optOut,
    });
  };
  const shopper = () => people.port('customers').recognise(people.context({ sessionId: 's1' }));
  const reason = async () => (await people.port('consent').personalization(await shopper())).reason;

  /** Flips a bit behind every place where the data file holds a text. */
  function damage(text: string): void {
    const bytes = files.read('data.mdb');
    let found = 0;
    for (let at = bytes.indexOf(text); at >= 0; at = bytes.indexOf(text, at + 1)) {
      bytes[at + text.length + 1]! ^= 1;
      found++;
    }
    expect(found, text).to.be.greaterThan(0);
    files.write('data.mdb', bytes);
  }

  beforeEach(async () => {
    files = storeFiles();
    await open();
    for (const status of ['GRANTED', 'WITHDRAWN'])
      await people.port('consent').decide(await shopper(), [{ purpose: 'PERSONALIZATION', status }]);
    await people.port('customers').identify(people.context({ sessionId: 's2' }, { role: 'SERVER' }), {
      id: 'ada',
      firstName: 'Ada',
    });
    await people.close();
  });
  afterEach(() => files.remove());

  it('does not lose a refusal: its head is made again from the ledger', async () => {
    damage('{"id":"session:s1",');
    await open();
    expect(await reason()).to.equal('NO_CONSENT');
    const audit = await people.port('consent').decide(await shopper(), []);
    expect(audit.states[0]!.status).to.equal('WITHDRAWN');
    await people.close();
  });

  it('leaves nothing to learn from of somebody whose decisions are damaged, and everything of others', async () => {
    damage('{"id":"session:s1",');
    damage('{"id":"session:s1#0000000002"');
    await open();
    const consents = people.port('consent');
    const of = (sessionId: string) => ({ sessionId, customerId: null });
    expect(await consents.remaining([of('s1'), of('s2')])).to.deep.equal([
      { learn: false, permitted: false },
      { learn: true, permitted: true },
    ]);
    expect(await consents.withdrawnSince(0)).to.equal(false);
    await people.close();
  });

  it('does not lose a refusal in a repair', async () => {
    damage('{"id":"session:s1",');
    const run = spawnSync(
      process.execPath,
      [...nodeArguments('scripts/verify.ts'), '--data', files.dataDir, '--repair'],
      {
        cwd: root,
        encoding: 'utf8',
      },
    );
    expect(run.stdout).to.contain('The consent of 1 subjects was made again from their ledgers.');
    expect(run.status, run.stderr).to.equal(0);
    await open();
    expect(await reason()).to.equal('NO_CONSENT');
    await people.close();
  }).timeout(60_000);

  it('does not keep a customer from signing in', async () => {
    damage('{"id":"ada",');
    await open();
    const context = people.context({ sessionId: 's3' }, { role: 'SERVER' });
    const { customer } = await people.port('customers').identify(context, { id: 'ada', lastName: 'L' });
    expect(customer).to.include({ id: 'ada', firstName: null, lastName: 'L' });
    expect((await people.port('customers').recognise({ ...context })).customerId).to.equal('ada');
    await people.close();
  });
});
