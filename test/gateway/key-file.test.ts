import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { followKeyFile, type KeyFile, keysPollMs } from '../../src/gateway/key-file.js';
import { type ApiKeys, createApiKeys } from '../../src/gateway/keys.js';
import { createTestClock, createTestLog, type TestClock } from '../support/boot.js';

describe('the file of API keys', () => {
  const before = 'STOREFRONT=storefront-key\nSERVER=leaked-key\n';
  let directory: string;
  let path: string;
  let keys: ApiKeys;
  let clock: TestClock;
  let log: ReturnType<typeof createTestLog>;
  let followed: KeyFile;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'rapport-keys-'));
    path = join(directory, 'keys');
    writeFileSync(path, before);
    keys = createApiKeys('', { development: false, file: { name: path, text: before } });
    clock = createTestClock();
    log = createTestLog();
    followed = followKeyFile(path, before, keys, { clock, log });
  });
  afterEach(() => {
    followed.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  /** Passes the time until the next reading and lets it end. */
  async function look(): Promise<void> {
    clock.advance(keysPollMs);
    while (!clock.waits()) await new Promise(setImmediate);
  }
  const valid = () =>
    ['storefront', 'leaked', 'fresh'].filter((name) => keys.ownerOf(`${name}-key`)).join(' ');

  it('is used when two readings are equal, so never while it is being written', async () => {
    const after = 'STOREFRONT=storefront-key\nSERVER=fresh-key\n';
    for (const end of [0, 12, 30, after.length]) {
      writeFileSync(path, after.slice(0, end));
      await look();
      expect(valid(), `${end} characters`).to.equal('storefront leaked');
    }
    await look();
    expect(valid()).to.equal('storefront fresh');
    expect(log.lines.map(({ level }) => level)).to.deep.equal(['info']);
  });

  it('complains once and keeps the keys while something else is in its place, of which reading may never end', async () => {
    rmSync(path);
    execFileSync('mkfifo', [path]);
    for (let i = 0; i < 3; i++) await look();
    rmSync(path);
    symlinkSync('/dev/zero', path);
    for (let i = 0; i < 3; i++) await look();
    expect(valid()).to.equal('storefront leaked');
    expect(log.lines.map(({ level }) => level)).to.deep.equal(['error']);
    rmSync(path);
    writeFileSync(path, 'SERVER=fresh-key\n');
    for (let i = 0; i < 2; i++) await look();
    expect(valid()).to.equal('fresh');
  });

  it('complains once and keeps the keys while it is empty, gone or half-written', async () => {
    writeFileSync(path, '');
    for (let i = 0; i < 4; i++) await look();
    rmSync(path);
    for (let i = 0; i < 4; i++) await look();
    writeFileSync(path, 'SERVER=fresh-k');
    for (let i = 0; i < 4; i++) await look();
    expect(valid()).to.equal('storefront leaked');
    expect(log.lines.map(({ level }) => level)).to.deep.equal(['error', 'error', 'error']);
    expect(JSON.stringify(log.lines)).to.contain('lists no usable key').and.not.to.contain('fresh-k');
  });

  it('is used at once when it is asked for', async () => {
    writeFileSync(path, 'SERVER=fresh-key\nSERVER=short\n');
    await followed.readNow();
    expect(valid()).to.equal('fresh');
    expect(log.lines.map(({ fields }) => fields.fault)).to.deep.equal([
      undefined,
      `${path}, line 2: a key of SERVER has 5 characters; allowed are 8 to 256`,
    ]);
  });
});
