import { readdirSync, rmSync } from 'node:fs';
import { expect } from 'chai';
import {
  closedStore,
  killedStore,
  noteOf,
  type OpenNotes,
  openNotes,
  type StoreFiles,
  storeFiles,
} from '../support/store-files.js';

const documents = 100;
const recordsAt = 1_024;
const recordHeaderBytes = 20;
const markAt = 512;

async function writeOneByOne({ notes }: OpenNotes): Promise<void> {
  for (let n = 0; n < documents; n++) await notes.put([noteOf(n)]);
}

/** The file that holds the records, and where each of them begins. */
function recordsOf(files: StoreFiles): { readonly name: string; readonly starts: readonly number[] } {
  const name = ['wal-a', 'wal-b'].find((file) => files.read(file).length > recordsAt)!;
  const bytes = files.read(name);
  const starts: number[] = [];
  for (let at = recordsAt; at < bytes.length; at += recordHeaderBytes + bytes.readUInt32LE(at + 4))
    starts.push(at);
  return { name, starts };
}

/** Opening is refused with these words, and no file of the log is touched. */
async function expectRefused(files: StoreFiles, ...words: readonly string[]): Promise<void> {
  const before = readdirSync(files.path('')).filter((name) => name.startsWith('wal'));
  const bytes = before.map((name) => files.read(name));
  const refusal = await openNotes(files.dataDir).then(
    async ({ system }) => {
      await system.close();
      return 'it was opened';
    },
    (error: Error) => error.message,
  );
  for (const word of ['STORE_DAMAGED', ...words]) expect(refusal).to.contain(word);
  expect(before.filter((name, i) => !files.read(name).equals(bytes[i]!))).to.deep.equal([]);
}

async function countAfterOpening(
  files: StoreFiles,
  environment = {},
): Promise<{ found: number; logged: string[] }> {
  const { system, notes } = await openNotes(files.dataDir, environment);
  const found = (await notes.getMany(Array.from({ length: documents }, (_, n) => noteOf(n).id))).filter(
    Boolean,
  ).length;
  const logged = system.log.lines.map(({ message, fields }) => `${message} ${JSON.stringify(fields)}`);
  await system.close();
  return { found, logged };
}

describe('The write-ahead log', () => {
  let files: StoreFiles;
  afterEach(() => files.remove());

  for (const [what, offset] of [
    ['magic', 0],
    ['length', 5],
    ['number', 14],
    ['checksum', 17],
    ['text', 40],
  ] as const) {
    it(`refuses to open when one bit of the ${what} of its 10th record of ${documents} is flipped`, async () => {
      files = await killedStore(writeOneByOne);
      const { name, starts } = recordsOf(files);
      expect(starts).to.have.length(documents);
      files.flip(name, starts[9]! + offset);
      await expectRefused(files, files.path(name), `byte ${starts[9]}`, 'record 10');
    });
  }

  it('refuses to open when its last acknowledged record is damaged, cut off or overwritten with zeros', async () => {
    files = await killedStore(writeOneByOne);
    const { name, starts } = recordsOf(files);
    const whole = files.read(name);
    const last = starts.at(-1)!;
    for (const damaged of [
      Buffer.concat([whole.subarray(0, last + 30), Buffer.from('#'), whole.subarray(last + 31)]),
      whole.subarray(0, last + 30),
      whole.subarray(0, last),
      Buffer.concat([whole.subarray(0, last), Buffer.alloc(whole.length - last)]),
    ]) {
      files.write(name, damaged);
      await expectRefused(files, files.path(name), `byte ${last}`, 'record 100');
    }
    files.write(name, whole);
    expect((await countAfterOpening(files)).found).to.equal(documents);
  });

  it('drops a last record that a power failure cut off, and says so', async () => {
    files = await killedStore(writeOneByOne);
    const { name, starts } = recordsOf(files);
    const whole = files.read(name);
    // The mark is not flushed, so after a power failure it may be that of the file's beginning.
    const fresh = await killedStore(async () => undefined);
    fresh.read(name).copy(whole, markAt, markAt, markAt + 28);
    fresh.remove();
    files.write(name, whole.subarray(0, starts.at(-1)! + 30));
    const { found, logged } = await countAfterOpening(files);
    expect(found).to.equal(documents - 1);
    expect(logged.join())
      .to.contain('never completed')
      .and.to.contain(String(starts.at(-1)));
  });

  it('refuses a missing, foreign or earlier file, and damage in a header or mark', async () => {
    const earlier = await closedStore(3);
    const other = await killedStore(writeOneByOne, 2);
    files = await killedStore(writeOneByOne);
    const { name } = recordsOf(files);
    const whole = files.read(name);
    for (const [bytes, word] of [
      [other.read(name), 'another store'],
      [earlier.read(name), 'STORE_DAMAGED'],
      [Buffer.from('some text'), 'header'],
      [Buffer.alloc(0), 'header'],
    ] as const) {
      files.write(name, bytes);
      await expectRefused(files, word);
    }
    for (let at = 0; at < 64; at += 5) {
      files.write(name, whole);
      files.flip(name, at, at % 8);
      await expectRefused(files, files.path(name), 'header');
    }
    files.write(name, whole);
    files.flip(name, markAt + 9);
    await expectRefused(files, files.path(name), `byte ${markAt}`);
    rmSync(files.path(name));
    await expectRefused(files, files.path(name), 'missing');
    earlier.remove();
    other.remove();
  });

  it('refuses a log or a data file that was replaced by an earlier copy of itself', async () => {
    files = await closedStore(3);
    const names = ['wal-a', 'wal-b', 'data.mdb'];
    const before = names.map((name) => files.read(name));
    const { system, notes } = await openNotes(files.dataDir);
    await notes.put([noteOf(50)]);
    await system.close();
    const after = names.map((name) => files.read(name));
    for (let replaced = 1; replaced < 7; replaced++) {
      for (const [i, name] of names.entries()) {
        files.write(name, ((replaced >> i) & 1) === 1 ? before[i]! : after[i]!);
      }
      await expectRefused(files);
    }
  });

  it('recovers every whole record when it is told to, keeps the damaged file and says what was dropped', async () => {
    files = await killedStore(writeOneByOne);
    const { name, starts } = recordsOf(files);
    files.flip(name, starts[9]! + 40);
    const damaged = files.read(name);
    const { found, logged } = await countAfterOpening(files, { RAPPORT_STORE_SALVAGE: 'true' });
    expect(found).to.equal(documents - 1);
    expect(logged.join()).to.contain('"recoveredRecords":99,"droppedRecords":1');
    const kept = readdirSync(files.path('')).find((file) => file.startsWith(`${name}.damaged-`))!;
    expect(files.read(kept).equals(damaged)).to.equal(true);
    expect((await countAfterOpening(files)).found).to.equal(documents - 1);
  });

  it('goes on after a copy of a directory in use that lacks nothing, and warns of it', async () => {
    files = await killedStore(writeOneByOne);
    const { found, logged } = await countAfterOpening(files);
    expect(found).to.equal(documents);
    expect(logged.join()).to.contain('copy');
  });

  it('is told apart from that of a fresh directory', async () => {
    files = storeFiles();
    const { found } = await countAfterOpening(files);
    expect(found).to.equal(0);
  });
});
