import { expect } from 'chai';
import { openSnapshot } from '../../plugins/store/drivers/embedded/store-files.js';
import { verifyStore } from '../../plugins/store/drivers/embedded/verify.js';
import { open } from '../../plugins/store/drivers/embedded.js';
import { createPeople } from '../../plugins/store/people.js';
import { createStore } from '../../plugins/store/store.js';
import { createHost, createIds, systemClock } from '../../src/host.js';
import type { Document } from '../../src/ports/store.js';
import { createRandom, createTestClock, createTestLog } from '../support/boot.js';
import { filesWith } from '../support/canaries.js';
import { type StoreFiles, storeFiles } from '../support/store-files.js';

interface Text extends Document {
  readonly kind: string;
  readonly text: string;
}

const spec = { name: 'texts', indexes: { byKind: { fields: ['kind'] as const } } };

describe('Scrubbing the embedded store', () => {
  let files: StoreFiles;
  beforeEach(() => {
    files = storeFiles();
  });
  afterEach(() => files.remove());

  function hostOf(clock = systemClock) {
    return createHost({
      clock,
      ids: createIds(clock),
      random: createRandom(1),
      log: createTestLog(),
      dataDir: files.dataDir,
    });
  }

  it('is waited for by a close, and refused after it', async () => {
    const host = hostOf();
    const driver = await open({ checkpointAt: 50, salvage: false }, host);
    const texts = await createStore(driver, createPeople(driver, host, null)).port.collection<Text>(spec);
    for (let n = 0; n < 1_000; n++) await texts.put([{ id: `t${n}`, kind: 'k', text: 'secret'.repeat(200) }]);
    await texts.remove(Array.from({ length: 1_000 }, (_, n) => `t${n}`));
    const ended: string[] = [];
    const scrubbed = driver.scrub!(new Map()).then(() => ended.push('scrub'));
    await driver.close();
    ended.push('close');
    await scrubbed;
    expect(ended).to.deep.equal(['scrub', 'close']);
    expect(filesWith(files.dataDir, 'secretsecret')).to.deep.equal([]);
    const refused = await driver.scrub!(new Map()).catch((error: Error) => error.message);
    expect(refused).to.contain('closed');
  });

  it('leaves nothing of removed, shortened and replaced documents, and everything of others, while much is written', async function () {
    this.timeout(120_000);
    const host = hostOf();
    const random = createRandom(7);
    const driver = await open({ checkpointAt: 50, salvage: false }, host);
    const texts = await createStore(driver, createPeople(driver, host, null)).port.collection<Text>(spec);
    const kept = new Map<string, Text>();
    // Some fill several pages, most share one.
    const textOf = (mark: string) => mark.repeat(1 + Math.floor(random() ** 8 * 2_000));
    let number = 0;
    for (let round = 0; round < 12; round++) {
      const secret = `secret-${round}-`;
      const secrets: string[] = [];
      for (let i = 0; i < 60; i++) {
        const id = `${secret}${number++}`;
        secrets.push(id);
        await texts.put([{ id, kind: `${secret}kind`, text: textOf(secret) }]);
        const plain = { id: `plain-${number++}`, kind: `k${number % 3}`, text: textOf('plain-') };
        kept.set(plain.id, plain);
        await texts.put([plain, { id: `hidden-${i}`, kind: 'k', text: textOf(secret) }]);
      }
      let going = true;
      async function write(): Promise<void> {
        while (going) {
          const plain = {
            id: `plain-${Math.floor(random() * number)}`,
            kind: 'again',
            text: textOf('plain-'),
          };
          kept.set(plain.id, plain);
          await texts.put([plain]);
        }
      }
      const writing = write();
      await texts.remove(secrets);
      for (let i = 0; i < 60; i++) await texts.put([{ id: `hidden-${i}`, kind: 'k', text: '' }]);
      await driver.scrub!(new Map());
      expect(filesWith(files.dataDir, secret), `round ${round}`).to.deep.equal([]);
      going = false;
      await writing;
    }
    await driver.close();
    const { damage } = await verifyStore(files.dataDir);
    expect(damage).to.deep.equal([]);
    const again = await open({ checkpointAt: 50, salvage: false }, host);
    const read = await createStore(again, createPeople(again, host, null)).port.collection<Text>(spec);
    for (const [id, text] of kept) expect(await read.get(id)).to.deep.equal(text);
    expect(await read.count()).to.equal(kept.size + 60);
    await again.close();
  });

  it('does not change a state that a backup reads, and completes when the backup has ended', async () => {
    const clock = createTestClock();
    const host = hostOf(clock);
    const driver = await open({ checkpointAt: 50, salvage: false }, host);
    const texts = await createStore(driver, createPeople(driver, host, null)).port.collection<Text>(spec);
    for (let i = 0; i < 300; i++)
      await texts.put([{ id: `secret-${i}`, kind: 'k', text: 'secret-'.repeat(40) }]);
    const snapshot = await openSnapshot(files.dataDir, host);
    await texts.remove(Array.from({ length: 300 }, (_, i) => `secret-${i}`));
    await driver.scrub!(new Map());
    expect(filesWith(files.dataDir, 'secret-'), 'while it is read').to.deep.equal(['store/data.mdb']);
    snapshot.close();
    for (let turn = 0; turn < 5_000 && filesWith(files.dataDir, 'secret-').length > 0; turn++) {
      clock.advance(5_000);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(filesWith(files.dataDir, 'secret-')).to.deep.equal([]);
    await driver.close();
    expect((await verifyStore(files.dataDir)).damage).to.deep.equal([]);
  });
});
