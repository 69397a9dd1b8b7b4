import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { advance, type Decision, emptyHead, nextRecord } from '../../plugins/consent/chain.js';
import { createChainAudit } from '../../plugins/consent/chain-audit.js';
import { headsSpec, ledgerSpec } from '../../plugins/consent/ledger.js';
import { restoreBackup, writeBackup } from '../../plugins/store/drivers/embedded/backup.js';
import { repairStore } from '../../plugins/store/drivers/embedded/repair.js';
import { openSnapshot } from '../../plugins/store/drivers/embedded/store-files.js';
import { verifyStore } from '../../plugins/store/drivers/embedded/verify.js';
import { store as storePlugin } from '../../plugins/store/plugin.js';
import { createHost, createIds } from '../../src/host.js';
import { bootPlugins, createRandom, createTestClock, createTestLog } from '../support/boot.js';
import { moduleFile, nodeArguments, nodeLoader } from '../support/node-arguments.js';
import { closedStore, noteOf, openNotes, type StoreFiles, storeFiles } from '../support/store-files.js';

function hostOf(dataDir: string) {
  const clock = createTestClock();
  return createHost({ clock, ids: createIds(clock), random: createRandom(1), log: createTestLog(), dataDir });
}

async function backUp(dataDir: string, to: string) {
  const snapshot = await openSnapshot(dataDir, hostOf(dataDir));
  try {
    return writeBackup(snapshot.directory, snapshot, to, 0);
  } finally {
    snapshot.close();
  }
}

async function exported(dataDir: string): Promise<string> {
  const lines: string[] = [];
  const { damage } = await verifyStore(dataDir, (collection, _, json) => lines.push(`${collection} ${json}`));
  expect(damage).to.deep.equal([]);
  return lines.join('\n');
}

function modesBelow(directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true }).flatMap((entry) => {
    const mode = statSync(join(entry.parentPath, entry.name)).mode & 0o777;
    return mode === (entry.isDirectory() ? 0o700 : 0o600) ? [] : [`${entry.name} ${mode.toString(8)}`];
  });
}

describe('A backup of the store', () => {
  let files: StoreFiles;
  let work: string;
  beforeEach(() => {
    work = mkdtempSync(join(tmpdir(), 'rapport-'));
  });
  afterEach(() => {
    files.remove();
    rmSync(work, { recursive: true, force: true });
  });

  it('holds all that was acknowledged before it began, at one point, while the store is written to', async () => {
    files = storeFiles();
    const { system, notes } = await openNotes(files.dataDir, { RAPPORT_STORE_CHECKPOINT_AT: '50' });
    let written = 0;
    let going = true;
    async function write(): Promise<void> {
      // One document after the other, so that a point in time is a number.
      while (going) {
        await notes.put([noteOf(written)]);
        written++;
      }
    }
    const writing = write();
    for (let round = 0; round < 4; round++) {
      const before = written;
      const { documents } = await backUp(files.dataDir, join(work, `${round}`));
      expect(documents.notes).to.be.within(before, written + 1);
      const to = join(work, `restored-${round}`);
      restoreBackup(join(work, `${round}`), to);
      const restored = await openNotes(to);
      const found = await restored.notes.find({ index: 'byRank', limit: 10_000 });
      expect(found.items).to.deep.equal(Array.from({ length: documents.notes! }, (_, n) => noteOf(n)));
      await restored.system.close();
      expect(await exported(to)).to.equal(await exported(join(work, `${round}`)));
    }
    going = false;
    await writing;
    expect((await notes.get(noteOf(written - 1).id))?.rank).to.equal(written - 1);
    await system.close();
  });

  it('is readable by nobody else, as the data directory is, whatever the umask', async () => {
    const before = process.umask(0);
    try {
      files = await closedStore(10);
      const open = await openNotes(files.dataDir);
      await backUp(files.dataDir, join(work, 'backup'));
      restoreBackup(join(work, 'backup'), join(work, 'restored'));
      const found = [files.dataDir, join(work, 'backup'), join(work, 'restored')].flatMap(modesBelow);
      await open.system.close();
      expect(found).to.deep.equal([]);
    } finally {
      process.umask(before);
    }
  });

  it('is refused when a file of it is damaged or missing, and never restored over anything', async () => {
    files = await closedStore(100);
    const backup = join(work, 'backup');
    await backUp(files.dataDir, backup);
    const to = join(work, 'restored');
    for (const name of ['manifest.json', 'store/data.mdb', 'store/wal-a', 'store/wal-b']) {
      const copy = join(work, 'copy');
      cpSync(backup, copy, { recursive: true });
      rmSync(join(copy, name));
      expect(() => restoreBackup(copy, to)).to.throw(name.split('/').at(-1)!);
      cpSync(backup, copy, { recursive: true });
      const damaged = storeFiles(copy);
      damaged.flip(`../${name}`, statSync(join(copy, name)).size >> 1);
      expect(() => restoreBackup(copy, to)).to.throw();
      rmSync(copy, { recursive: true });
    }
    mkdirSync(to);
    writeFileSync(join(to, 'mine'), '');
    expect(() => restoreBackup(backup, to)).to.throw('not empty');
    await backUp(files.dataDir, to).then(
      () => expect.fail('written over a directory'),
      (error: Error) => expect(error.message).to.contain('not empty'),
    );
    expect(readdirSync(to)).to.deep.equal(['mine']);
  });

  it('that was restored by half is named by the start, and restored again', async () => {
    files = await closedStore(100);
    const backup = join(work, 'backup');
    await backUp(files.dataDir, backup);
    const to = join(work, 'restored');
    const killed = join(work, 'killed.mjs');
    // A process that is killed once the first file was copied.
    writeFileSync(
      killed,
      `import fs from 'node:fs';
       import { syncBuiltinESMExports } from 'node:module';
       let copied = 0;
       const fsyncSync = fs.fsyncSync;
       fs.fsyncSync = (file) => (++copied === 2 ? process.kill(process.pid, 'SIGKILL') : fsyncSync(file));
       syncBuiltinESMExports();
       const { restoreBackup } = await import(${JSON.stringify(moduleFile('plugins/store/drivers/embedded/backup.ts'))});
       restoreBackup(${JSON.stringify(backup)}, ${JSON.stringify(to)});`,
    );
    const { signal, stderr } = spawnSync(process.execPath, [...nodeLoader, killed]);
    expect(signal, String(stderr)).to.equal('SIGKILL');
    const refused = await openNotes(to).then(
      () => 'opened',
      (error: Error) => error.message,
    );
    expect(refused).to.contain(`a restore into ${to} was interrupted`).and.to.contain('store.restoring');
    restoreBackup(backup, to);
    expect(readdirSync(to)).to.deep.equal(['store']);
    expect(await exported(to)).to.equal(await exported(backup));
  });

  it('is not made of a store with a damaged document', async () => {
    files = await closedStore(100);
    files.flip('data.mdb', files.read('data.mdb').lastIndexOf('"rank":12,') + 7);
    const failure = await backUp(files.dataDir, join(work, 'backup')).catch((error: Error) => error.message);
    expect(failure).to.contain('STORE_DAMAGED').and.to.contain('notes n12');
    expect(() => restoreBackup(join(work, 'backup'), join(work, 'restored'))).to.throw('manifest');
  });
});

describe('Verification of the store', () => {
  let files: StoreFiles;
  afterEach(() => files.remove());

  it('counts documents, offline and while a process uses it', async () => {
    files = await closedStore(100);
    const offline = await verifyStore(files.dataDir);
    const { system, notes } = await openNotes(files.dataDir);
    await notes.put([noteOf(200)]);
    const online = await verifyStore(files.dataDir);
    await system.close();
    expect(offline).to.deep.include({ online: false, damage: [], records: 0 });
    expect(online).to.deep.include({ online: true, damage: [] });
    expect(
      [offline, online].map(
        ({ collections }) => collections?.find(({ schema }) => schema.name === 'notes')?.documents,
      ),
    ).to.deep.equal([100, 101]);
  });

  it('names damage in documents, indexes and pages, and a repair keeps what is whole', async () => {
    files = await closedStore(1_000);
    const whole = await exported(files.dataDir);
    const bytes = files.read('data.mdb');
    const document = bytes.lastIndexOf('"rank":12,') + 7;
    const entry = bytes.indexOf(Buffer.from('\u0004t3\u0000n13', 'latin1')) + 2;
    const page = (bytes.lastIndexOf('"id":"n500"') >> 12) * 4_096 + 20;
    for (const [at, word, lost] of [
      [document, 'document "n12" of notes', 1],
      [entry, 'index byTag of notes', 0],
      [page, 'STORE_DAMAGED', 100],
    ] as const) {
      files.write('data.mdb', bytes);
      files.flip('data.mdb', at, 3);
      const { damage } = await verifyStore(files.dataDir);
      expect(damage.join('\n')).to.contain(word);
      const repaired = await repairStore(files.dataDir, hostOf(files.dataDir));
      const after = (await exported(files.dataDir)).split('\n');
      expect(1_000 - after.length).to.be.within(Math.min(lost, 1), lost);
      expect(after.filter((line) => !whole.includes(line))).to.deep.equal([]);
      expect(storeFiles(files.dataDir).read('data.mdb').equals(bytes)).to.equal(false);
      const { system, notes } = await openNotes(files.dataDir);
      const found = await notes.find({ index: 'byTag', equals: ['t3'], limit: 1_000 });
      expect(found.items).to.have.length(after.filter((line) => line.includes('"t3"')).length);
      await system.close();
      rmSync(files.path(''), { recursive: true });
      cpSync(repaired.kept, files.path(''), { recursive: true });
      rmSync(repaired.kept, { recursive: true });
    }
  });

  it('checks the hash chains of the consent ledger', async () => {
    files = storeFiles();
    const system = await bootPlugins([storePlugin], { dataDir: files.dataDir });
    const store = system.port('store');
    const [ledger, heads] = [await store.collection(ledgerSpec), await store.collection(headsSpec)];
    const decision = (status: 'GRANTED' | 'DENIED'): Decision => ({
      id: status,
      purpose: 'PERSONALIZATION',
      status,
      noticeVersion: null,
      evidence: null,
      channel: 'WEB',
      source: 'test',
      customerId: null,
      globalPrivacyControl: false,
      expiresAtMs: null,
    });
    for (const subject of ['whole', 'changed', 'cut', 'behind']) {
      const first = nextRecord(emptyHead(subject), [decision('DENIED')], 1_000);
      const head = advance(emptyHead(subject), first);
      const second = nextRecord(head, [decision('GRANTED')], 2_000);
      await ledger.put([first, second]);
      // What a process leaves that died before it wrote the state of the second record.
      await heads.put([subject === 'behind' ? head : advance(head, second)]);
    }
    await ledger.update('changed#0000000001', (record) => ({
      ...record!,
      entries: record!.entries.map((entry) => ({ ...entry, status: 'GRANTED' })),
    }));
    await ledger.remove(['cut#0000000002']);
    await system.close();
    const chains = createChainAudit();
    expect((await verifyStore(files.dataDir, chains.visit)).damage).to.deep.equal([]);
    expect(chains.faults()).to.deep.equal([
      'consent of "changed": record 1 was changed: PERSONALIZATION DENIED',
      'consent of "cut": record 2 is missing',
    ]);
  });

  it('is a command that says how it went by its exit code', async function () {
    this.timeout(60_000);
    files = await closedStore(10);
    const run = (...args: string[]) =>
      spawnSync(process.execPath, [...nodeArguments('scripts/verify.ts'), '--data', files.dataDir, ...args], {
        encoding: 'utf8',
      });
    const good = run();
    expect(good.stdout).to.contain('| notes | 10 |').and.to.contain('All files are whole.');
    files.flip('data.mdb', files.read('data.mdb').lastIndexOf('"rank":3,') + 7);
    const bad = run('--repair', '--export', join(files.dataDir, 'export'));
    expect(bad.stdout).to.contain('document "n3" of notes').and.to.contain('| notes | 9 |');
    const none = run('--export', join(files.dataDir, 'export'));
    expect([good.status, bad.status, none.status]).to.deep.equal([0, 0, 2]);
  });
});
