import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { expect } from 'chai';
import { open } from 'lmdb';
import { catalog } from '../../plugins/catalog/plugin.js';
import { queue } from '../../plugins/queue/plugin.js';
import { writeCleanMark } from '../../plugins/store/drivers/embedded/clean-mark.js';
import { freedPages } from '../../plugins/store/drivers/embedded/free-pages.js';
import { verifyStore } from '../../plugins/store/drivers/embedded/verify.js';
import { store as storePlugin } from '../../plugins/store/plugin.js';
import { checkHealth } from '../../src/gateway/health.js';
import { bootPlugins } from '../support/boot.js';
import { openTestGateway, testKeys } from '../support/gateway.js';
import { nodeArguments } from '../support/node-arguments.js';
import { closedStore, noteOf, openNotes, type StoreFiles, storeFiles } from '../support/store-files.js';

const metaPagesBytes = 2 * 4_096;

/** Opens, and returns the refusal or what was logged; `use` is given what was opened. */
async function opening(
  files: StoreFiles,
  use: (open: Awaited<ReturnType<typeof openNotes>>) => Promise<unknown> = async () => undefined,
): Promise<string> {
  try {
    const open = await openNotes(files.dataDir);
    try {
      await use(open);
      return open.system.log.lines
        .map(({ message, fields }) => `${message} ${JSON.stringify(fields)}`)
        .join('\n');
    } finally {
      await open.system.close();
    }
  } catch (error) {
    return (error as Error).message;
  }
}

describe('The data file', () => {
  let files: StoreFiles;
  afterEach(() => files.remove());

  it('names a document with one flipped bit, leaves it out of scans, and takes it back when it is written', async () => {
    files = await closedStore(50);
    const at = files.read('data.mdb').lastIndexOf('"kind":"k5","rank":12');
    files.flip('data.mdb', at + 9);
    const logged = await opening(files, async ({ system, notes }) => {
      const failure = await notes.get('n12').catch((error: Error & { code: string }) => error);
      expect(failure).to.include({ kind: 'unavailable', code: 'STORE_DAMAGED' });
      expect((failure as Error).message).to.contain('"n12" of notes');
      const health = await system
        .port('store')
        .check()
        .catch((error: Error) => error.message);
      expect(health).to.contain('STORE_DAMAGED').and.to.contain('notes n12');
      expect(await notes.getMany(['n11', 'n13'])).to.deep.equal([noteOf(11), noteOf(13)]);
      const scanned: string[] = [];
      for await (const page of notes.scan()) scanned.push(...page.map(({ id }) => id));
      expect(scanned).to.have.length(49).and.not.to.include('n12');
      const byKind = { index: 'byKind', equals: ['k5'], limit: 100 };
      expect(await notes.find(byKind).catch((error: { code: string }) => error.code)).to.equal(
        'STORE_DAMAGED',
      );
      expect((await notes.find({ ...byKind, skipDamaged: true })).items).to.have.length(6);
      await notes.put([{ ...noteOf(12), kind: 'k1' }]);
      system.clock.advance(1_000);
      expect((await notes.get('n12'))?.kind).to.equal('k1');
    });
    expect(logged).to.contain('damaged').and.to.contain('"id":"n12"');
    const after = await opening(files, async ({ system, notes }) => {
      await system.port('store').check();
      expect((await notes.find({ index: 'byKind', equals: ['k5'], limit: 100 })).items).to.have.length(6);
      expect((await notes.find({ index: 'byKind', equals: ['k1'], limit: 100 })).items).to.have.length(9);
    });
    expect(after).not.to.contain('damaged');
  });

  it('leaves a product out whose price has one flipped bit, and serves the others', async () => {
    files = storeFiles();
    const boot = () => bootPlugins([storePlugin, queue, catalog], { dataDir: files.dataDir });
    const product = (id: string, amount: string) => ({
      id,
      sku: id,
      title: id,
      prices: [{ currency: 'EUR', amount }],
    });
    let system = await boot();
    await system.port('catalog').save([product('a', '950.49'), product('b', '950.50')]);
    await system.close();
    files.flip('data.mdb', files.read('data.mdb').lastIndexOf('95050') + 4);
    system = await boot();
    const [a, b] = await system.port('catalog').products(['a', 'b']);
    expect([a?.prices[0]?.amountMinor, b]).to.deep.equal([95_049, null]);
    expect(system.port('catalog').shelf.size).to.equal(1);
    const health = await checkHealth(system);
    expect(health).to.deep.include({ ready: true, degraded: ['store'] });
    expect(health.parts.store).to.contain('products b');
    await system.close();
  });

  it('lets a damaged product and damaged stock be saved over, and serves the others meanwhile', async () => {
    files = storeFiles();
    const boot = () => bootPlugins([storePlugin, queue, catalog], { dataDir: files.dataDir });
    const product = (id: string, quantity?: number) => ({
      id,
      sku: `sku-${id}`,
      title: `title of ${id}`,
      prices: [{ currency: 'EUR', amount: '9.50' }],
      ...(quantity === undefined ? {} : { stock: [{ quantity }] }),
    });
    let system = await boot();
    const saved = await system.port('catalog').save([product('a', 7_001), product('b', 7_002)]);
    expect(saved.userErrors).to.deep.equal([]);
    await system.close();
    files.flip('data.mdb', files.read('data.mdb').lastIndexOf('title of b'));
    files.flip('data.mdb', files.read('data.mdb').lastIndexOf('7001]'));
    system = await boot();
    const port = system.port('catalog');
    const inStock = (id: string) => port.shelf.inStock(port.shelf.numberOf(id));
    expect((await port.products(['a', 'b'])).map((found) => found?.id ?? null)).to.deep.equal(['a', null]);
    expect((await port.stock(['a', 'b'])).map((levels) => levels?.online ?? null)).to.deep.equal([
      null,
      7_002,
    ]);
    expect(inStock('a')).to.equal(false);
    expect((await checkHealth(system)).parts.store)
      .to.contain('products b')
      .and.to.contain('stock a');
    expect(await port.setStock([{ productId: 'b', quantity: 7_003 }])).to.deep.equal({
      set: 1,
      userErrors: [],
    });
    expect(await port.save([product('b')])).to.include({ unchanged: 0 });
    expect(await port.setStock([{ productId: 'a', quantity: 5 }])).to.deep.equal({ set: 1, userErrors: [] });
    system.clock.advance(1_000);
    expect((await port.products(['b']))[0]).to.include({ sku: 'sku-b', title: 'title of b' });
    expect((await port.productBy('sku', 'sku-b'))?.id).to.equal('b');
    expect((await port.stock(['a', 'b'])).map((levels) => levels?.online)).to.deep.equal([5, 7_003]);
    expect([inStock('a'), inStock('b')]).to.deep.equal([true, true]);
    await system.close();
    system = await boot();
    expect((await checkHealth(system)).degraded).to.deep.equal([]);
    await system.close();
  });

  it('makes an answer about a damaged product degraded, and kept by no shared cache', async () => {
    files = storeFiles();
    const options = { dataDir: files.dataDir };
    const system = await bootPlugins([storePlugin, queue, catalog], options);
    await system.port('catalog').save([
      { id: 'a', sku: 'sku-a', title: 'title of a' },
      { id: 'b', sku: 'sku-b', title: 'title of b' },
    ]);
    await system.close();
    files.flip('data.mdb', files.read('data.mdb').lastIndexOf('title of b'));
    const gateway = await openTestGateway([storePlugin, queue, catalog], options);
    const cacheControl = async (query: string): Promise<string | null> => {
      const url = `${gateway.url}/graphql?query=${encodeURIComponent(query)}`;
      return (await fetch(url, { headers: { 'x-api-key': testKeys.STOREFRONT } })).headers.get(
        'cache-control',
      );
    };
    for (const which of ['id: "b"', 'sku: "sku-b"']) {
      const damaged = await gateway.ask(`{ product(${which}) { title } }`);
      expect(damaged.data).to.deep.equal({ product: null });
      expect(damaged.extensions.rapport).to.include({ cacheScope: 'PRIVATE' });
      expect(damaged.extensions.rapport.degraded, which).to.deep.equal(['catalog']);
      expect(await cacheControl(`{ product(${which}) { title } }`)).to.not.contain('public');
    }
    for (const which of ['id: "a"', 'id: "unknown"', 'sku: "unknown"']) {
      const { extensions } = await gateway.ask(`{ product(${which}) { title } }`);
      expect(extensions.rapport, which).to.deep.equal({ degraded: [], cacheScope: 'PUBLIC' });
      expect(await cacheControl(`{ product(${which}) { title } }`)).to.contain('public');
    }
    await gateway.close();
  });

  it('lets a damaged product be removed', async () => {
    files = storeFiles();
    const boot = () => bootPlugins([storePlugin, queue, catalog], { dataDir: files.dataDir });
    let system = await boot();
    await system.port('catalog').save([{ id: 'b', title: 'title of b', prices: [] }]);
    await system.close();
    files.flip('data.mdb', files.read('data.mdb').lastIndexOf('title of b'));
    system = await boot();
    expect(await system.port('catalog').remove(['b'])).to.deep.equal(['b']);
    system.clock.advance(1_000);
    await system.close();
    system = await boot();
    expect((await checkHealth(system)).degraded).to.deep.equal([]);
    await system.close();
  });

  it('builds an index anew that does not agree with its documents', async () => {
    files = await closedStore(50);
    const at = files.read('data.mdb').indexOf(Buffer.from('\u0004t3\u0000n13', 'latin1'));
    files.flip('data.mdb', at + 2);
    const logged = await opening(files, async ({ notes }) => {
      const { items } = await notes.find({ index: 'byTag', equals: ['t3'], limit: 100 });
      expect(items.map(({ id }) => id))
        .to.include('n13')
        .and.to.have.length(10);
    });
    expect(logged).to.contain('index').and.to.contain('byTag');
    expect(await opening(files)).to.equal('');
  });

  it('reports an index entry whose document is missing', async () => {
    files = await closedStore(50);
    const root = open<string, string>({ path: files.path(''), maxDbs: 16, encoding: 'string' });
    await root
      .openDB<string, string>({
        name: 'notes',
        encoding: 'string',
        keyEncoder: plainKeys('utf8'),
      } as { name: string })
      .remove('n12');
    await root.close();
    // As if it had happened while a process was using the file: without an inspection at the start.
    writeCleanMark(files.path(''), files.path('data.mdb'));
    const logged = await opening(files, async ({ system, notes }) => {
      const byKind = { index: 'byKind', equals: ['k5'], limit: 100 };
      const failure = await notes.find(byKind).catch((error: Error & { code: string }) => error);
      expect(failure).to.include({ kind: 'unavailable', code: 'STORE_DAMAGED' });
      const skipped: string[] = [];
      const { items } = await notes.find({ ...byKind, skipDamaged: (id) => skipped.push(id) });
      expect(items).to.have.length(6);
      expect(skipped).to.deep.equal(['n12']);
      const health = await system
        .port('store')
        .check()
        .catch((error: Error) => error.message);
      expect(health).to.contain('notes n12');
    });
    expect(logged).to.contain('"id":"n12"');
  });

  it('makes a gateway not ready while it cannot be read', async () => {
    files = storeFiles();
    const gateway = await openTestGateway([storePlugin], { dataDir: files.dataDir });
    const ready = () => fetch(`${gateway.url}/health/ready`).then(({ status }) => status);
    const whole = files.read('data.mdb');
    /** In place, as LMDB has mapped it: everything behind the meta pages. */
    function overwrite(bytes: Buffer): void {
      const file = openSync(files.path('data.mdb'), 'r+');
      writeSync(file, bytes, metaPagesBytes, bytes.length - metaPagesBytes, metaPagesBytes);
      closeSync(file);
    }
    try {
      expect(await ready()).to.equal(200);
      overwrite(Buffer.alloc(whole.length));
      expect(await ready()).to.equal(503);
      overwrite(whole);
      expect(await ready()).to.equal(200);
    } finally {
      await gateway.close();
    }
  });

  it('and its directory are closed to other users, also where they were open before', async () => {
    files = await closedStore(5);
    chmodSync(files.path(''), 0o755);
    for (const name of readdirSync(files.path(''))) chmodSync(files.path(name), 0o644);
    await opening(files, async () => {
      const modes = [files.path(''), ...readdirSync(files.path('')).map(files.path)].map(
        (path) => statSync(path).mode & 0o077,
      );
      expect(modes.every((mode) => mode === 0)).to.equal(true);
    });
  });

  it('is refused when a document lies under another key', async () => {
    files = await closedStore(50);
    const bytes = files.read('data.mdb');
    for (let at = bytes.indexOf('n31'); at >= 0; at = bytes.indexOf('n31', at + 1)) {
      // The key of the document stands before its checksum and text.
      if (bytes.toString('latin1', at + 11, at + 16) === '{"id"') bytes.write('n32', at, 'latin1');
    }
    files.write('data.mdb', bytes);
    expect(await opening(files))
      .to.contain('STORE_DAMAGED')
      .and.to.contain(files.path('data.mdb'));
  });

  it('is refused by name, without a crash, when it is cut off, replaced or missing', async () => {
    files = await closedStore(1_000);
    const whole = files.read('data.mdb');
    for (const bytes of [
      whole.subarray(0, whole.length / 2),
      whole.subarray(0, 5_000),
      whole.subarray(0, 100),
      Buffer.alloc(0),
      Buffer.from('once upon a time '.repeat(5_000)),
      Buffer.alloc(whole.length),
    ]) {
      files.write('data.mdb', bytes);
      expect(await opening(files), `${bytes.length} bytes`)
        .to.contain('STORE_DAMAGED')
        .and.to.contain(files.path('data.mdb'));
      expect(files.read('data.mdb').equals(bytes)).to.equal(true);
    }
    writeFileSync(files.path('data.mdb'), whole);
    expect(await opening(files)).to.equal('');
  });

  it('is refused by name, without a crash, when a bit of its newer meta page names pages that do not exist or another kind of tree', async () => {
    files = await closedStore(50);
    const whole = files.read('data.mdb');
    const transactionAt = 152;
    const newer =
      whole.readBigUInt64LE(transactionAt) > whole.readBigUInt64LE(4_096 + transactionAt) ? 0 : 4_096;
    const flagsOfFreePages = [52, 53];
    const flagsOfMainTree = [100, 101];
    const lastPage = [146, 147, 148, 149, 150, 151];
    for (const at of [...flagsOfFreePages, ...flagsOfMainTree, ...lastPage]) {
      for (let bit = 0; bit < 8; bit++) {
        // Says how the file was synced, and nothing about its pages.
        if (at === 53 && bit === 4) continue;
        files.write('data.mdb', whole);
        files.flip('data.mdb', newer + at, bit);
        expect(await opening(files), `bit ${bit} of byte ${at}`)
          .to.contain('STORE_DAMAGED')
          .and.to.contain(files.path('data.mdb'));
      }
    }
    files.write('data.mdb', whole);
    expect(await opening(files)).to.equal('');
  });

  it('is not taken for whole at the next start when it was damaged while a process used it', async () => {
    files = await closedStore(1_000);
    const open = await openNotes(files.dataDir);
    const file = openSync(files.path('data.mdb'), 'r+');
    const pages = statSync(files.path('data.mdb')).size / 4_096;
    for (let page = 3; page < pages; page++) writeSync(file, Buffer.alloc(16), 0, 16, page * 4_096);
    closeSync(file);
    await open.system.close();
    expect(open.system.log.lines.map(({ message }) => message)).to.include(
      'the data file was damaged while it was in use',
    );
    expect(await opening(files))
      .to.contain('STORE_DAMAGED')
      .and.to.contain(files.path('data.mdb'));
  });

  it('is not shared with a second process when the record of its owner is damaged', async function () {
    this.timeout(30_000);
    files = await closedStore(10);
    const writer = nodeArguments('test/contracts/store-writer.ts');
    const other = spawn(process.execPath, [...writer, files.dataDir, 'other', 'write'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    try {
      await once(other.stdout, 'data');
      files.write('owner', `X${files.read('owner').toString().slice(1)}`);
      expect(await opening(files)).to.contain(`is read by process ${other.pid}`);
    } finally {
      other.kill('SIGKILL');
      await once(other, 'exit');
    }
    expect(await opening(files)).not.to.contain('is read by');
  });

  it('is refused by name when a list of free pages names a run that does not exist', () => {
    const list = (...numbers: number[]) =>
      Buffer.from(BigInt64Array.from([numbers.length, ...numbers].map(BigInt)).buffer);
    expect(freedPages('data.mdb', list(-3, 5, 9), 9)).to.deep.equal([5, 6, 7, 9]);
    for (const damaged of [list(-(2 ** 40), 5), list(-3, 8), list(1), list(10), list(-3)]) {
      expect(() => freedPages('data.mdb', damaged, 9)).to.throw('STORE_DAMAGED');
    }
  });

  it('and the record of its process are refused by name when they are directories', async () => {
    files = await closedStore(10);
    for (const name of ['owner', 'data.mdb']) {
      const before = files.read(name);
      rmSync(files.path(name));
      mkdirSync(files.path(name));
      const damage = `STORE_DAMAGED: ${files.path(name)}, byte 0: it is a directory`;
      expect(await opening(files)).to.contain(damage);
      expect((await verifyStore(files.dataDir)).damage.join()).to.contain(damage);
      rmdirSync(files.path(name));
      files.write(name, before);
    }
    expect(await opening(files)).to.equal('');
  });

  it('is damage that a verification names when it is missing, with the mark of an orderly end or without', async () => {
    files = await closedStore(10);
    for (const name of ['data.mdb', 'clean']) {
      rmSync(files.path(name));
      const { damage } = await verifyStore(files.dataDir);
      expect(damage).to.deep.equal([`STORE_DAMAGED: ${files.path('data.mdb')}, byte 0: the file is missing`]);
    }
  });

  it('of a release without checksums is taken over, its log too', async () => {
    files = storeFiles();
    await openNotes(files.dataDir).then(({ system }) => system.close());
    files.remove();
    files = await writtenBefore();
    const logged = await opening(files, async ({ notes }) => {
      expect(await notes.getMany(['n0', 'n1', 'n2'])).to.deep.equal([noteOf(0), noteOf(1), noteOf(2)]);
      expect((await notes.find({ index: 'byRank', limit: 10 })).items).to.have.length(3);
    });
    expect(logged).to.equal('');
    const at = files.read('data.mdb').lastIndexOf('"rank":1,');
    files.flip('data.mdb', at + 7);
    await opening(files, async ({ notes }) => {
      expect(await notes.get('n1').catch((error: { code: string }) => error.code)).to.equal('STORE_DAMAGED');
    });
  });
});

function plainKeys(encoding: 'utf8' | 'latin1') {
  return {
    writeKey: (key: string, target: Buffer, start: number) => start + target.write(key, start, encoding),
    readKey: (source: Buffer, start: number, end: number) => source.toString(encoding, start, end),
  };
}

/** Two documents in the data file and one in the log, as releases before 2026-12 wrote them. */
async function writtenBefore(): Promise<StoreFiles> {
  const { entryKeys } = await import('../../plugins/store/drivers/embedded/keys.js');
  const { crc32 } = await import('node:zlib');
  const { mkdirSync } = await import('node:fs');
  const files = storeFiles();
  mkdirSync(files.path(''), { recursive: true });
  const indexes = [
    { name: 'byKind', fields: ['kind', 'rank'] },
    { name: 'byTag', fields: ['tags'] },
    { name: 'byRank', fields: ['rank'] },
  ];
  const root = open<string, string>({ path: files.path(''), maxDbs: 16, encoding: 'string' });
  const meta = root.openDB<string, string>({ name: '#meta', encoding: 'string' });
  const notes = root.openDB<string, string>({
    name: 'notes',
    encoding: 'string',
    keyEncoder: plainKeys('utf8'),
  } as {
    name: string;
  });
  for (const n of [0, 1]) {
    await notes.put(`n${n}`, JSON.stringify(noteOf(n)));
    for (const index of indexes) {
      const name = `notes/${index.name}`;
      const entries = root.openDB<Buffer, string>({
        name,
        encoding: 'binary',
        keyEncoder: plainKeys('latin1'),
      } as {
        name: string;
      });
      for (const key of entryKeys(index, noteOf(n))) await entries.put(key, Buffer.alloc(0));
    }
  }
  await meta.put('layout notes', JSON.stringify({ name: 'notes', indexes, shardBy: null, watched: true }));
  await meta.put('applied', '7');
  await root.close();
  const record = Buffer.from(`0000000000000000notes ${JSON.stringify(noteOf(2))}\n`);
  record.writeUInt32LE(record.length - 16, 0);
  record.writeDoubleLE(8, 8);
  record.writeUInt32LE(crc32(record.subarray(8)), 4);
  files.write('journal-a', record);
  files.write('journal-b', '');
  return files;
}
