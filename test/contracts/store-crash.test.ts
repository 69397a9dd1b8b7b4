import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect } from 'chai';
import { store as storePlugin } from '../../plugins/store/plugin.js';
import type { Collection } from '../../src/ports/store.js';
import { bootPlugins, type TestSystem } from '../support/boot.js';
import { nodeArguments } from '../support/node-arguments.js';
import { type Acknowledged, type Note, notesSpec } from './store-writer.js';

const rounds = Number(process.env.CRASH_ROUNDS ?? 2);
const writer = nodeArguments('test/contracts/store-writer.ts');

interface Writer {
  readonly child: ChildProcess;
  readonly lines: Acknowledged[];
  /** Resolves when it has said so many lines, and rejects when it ends before. */
  said(count: number): Promise<void>;
  readonly ended: Promise<unknown>;
}

function startWriter(command: string, args: readonly string[]): Writer {
  const child = spawn(command, args, {
    // lmdb reports every failure there, before it throws it.
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const lines: Acknowledged[] = [];
  let heard: () => void = () => undefined;
  const reader = createInterface({ input: child.stdout! });
  reader.on('line', (line) => {
    // The last one may be cut off; nobody has been told of it then.
    if (line.endsWith('}')) lines.push(JSON.parse(line) as Acknowledged);
    heard();
  });
  // The output of a killed process closes a moment before the process is gone.
  const ended = Promise.all([once(reader, 'close'), once(child, 'exit')]);
  let done = false;
  void ended.then(() => {
    done = true;
    heard();
  });
  return {
    child,
    lines,
    ended,
    said: (count) =>
      new Promise((resolve, reject) => {
        heard = () => {
          if (lines.length >= count) resolve();
          else if (done) reject(new Error(`the writer ended after ${lines.length} lines`));
        };
        heard();
      }),
  };
}

describe('The embedded store', () => {
  let dataDir: string;
  let system: TestSystem | null = null;

  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), 'rapport-'));
  });
  afterEach(async () => {
    await system?.close();
    system = null;
    rmSync(dataDir, { recursive: true, force: true });
  });

  async function reopen(): Promise<Collection<Note>> {
    system = await bootPlugins([storePlugin], { dataDir });
    return system.port('store').collection<Note>(notesSpec);
  }

  async function everything(notes: Collection<Note>): Promise<Map<string, Note>> {
    const all = new Map<string, Note>();
    for await (const page of notes.scan()) for (const note of page) all.set(note.id, note);
    return all;
  }

  /** Every entry of every index leads to a document that has it, and every document has all of its entries. */
  async function expectIndexesToAgree(
    notes: Collection<Note>,
    all: ReadonlyMap<string, Note>,
  ): Promise<void> {
    const entries = new Map<string, string[]>();
    async function collect(name: string, query: Parameters<typeof notes.find>[0]): Promise<void> {
      const found: string[] = [];
      for (let after: string | null | undefined; after !== null; ) {
        const page: Awaited<ReturnType<typeof notes.find>> = await notes.find({
          ...query,
          ...(after === undefined ? {} : { after }),
        });
        found.push(...page.items.map(({ id }) => id));
        after = page.next;
      }
      entries.set(name, found.sort());
    }
    await collect('kind', { index: 'byKind', limit: 10_000 });
    await collect('rank', { index: 'byRank', limit: 10_000 });
    const ids = [...all.keys()].sort();
    expect(entries.get('kind')).to.deep.equal(ids);
    expect(entries.get('rank')).to.deep.equal(ids);
    for (let tag = 0; tag < 5; tag++) {
      await collect('tag', { index: 'byTag', equals: [`t${tag}`], limit: 10_000 });
      const tagged = [...all.values()].filter(({ tags }) => tags.includes(`t${tag}`));
      expect(entries.get('tag')).to.deep.equal(tagged.map(({ id }) => id).sort());
    }
  }

  it(`is one process's alone, and loses nothing it acknowledged when that is killed (${rounds} times)`, async function () {
    this.timeout(10_000 + rounds * 10_000);
    const expected = new Map<string, Note>();
    let acknowledged = 0;
    for (let round = 0; round < rounds; round++) {
      const { child, lines, said, ended } = startWriter(process.execPath, [
        ...writer,
        dataDir,
        `life${round}`,
        'run',
      ]);
      await said(100 + round * 300);
      const refusal = await reopen().catch((error: Error) => error.message);
      expect(refusal).to.contain(dataDir).and.to.contain(String(child.pid));
      child.kill('SIGKILL');
      await ended;
      for (const line of lines) {
        if (line.did === 'put') for (const note of line.notes) expected.set(note.id, note);
        else if (line.did === 'removed') for (const id of line.ids) expected.delete(id);
      }
      acknowledged += lines.length;
      const notes = await reopen();
      const all = await everything(notes);
      let lost = 0;
      for (const [id, note] of expected) {
        const found = all.get(id);
        // What was asked for and not acknowledged may have come to be: one step further, or gone.
        const further = found ? found.rank === note.rank + 1 && id.endsWith('.0') : id.endsWith('.1');
        if (JSON.stringify(found) !== JSON.stringify(note) && !further) lost++;
      }
      expect(lost, `of ${acknowledged} acknowledged writes`).to.equal(0);
      await expectIndexesToAgree(notes, all);
      expect(await notes.count()).to.equal(all.size);
      for (const id of [...expected.keys()]) {
        const found = all.get(id);
        if (found) expected.set(id, found);
        else expected.delete(id);
      }
      await system?.close();
      system = null;
    }
  });

  it('is opened once in one process, too', async () => {
    await reopen();
    const twice = await bootPlugins([storePlugin], { dataDir }).catch((error: Error) => error.message);
    expect(twice).to.contain(dataDir).and.to.contain(String(process.pid));
  });

  it('answers unavailable while the disk is full, loses nothing, and goes on when there is room', async function () {
    if (process.platform !== 'linux') this.skip();
    this.timeout(30_000);
    // A limit on the size of files stands for the full disk; it is lifted from outside.
    const command = `trap '' XFSZ; ulimit -S -f 8192; exec "$0" "$@"`;
    const { child, lines, said, ended } = startWriter('sh', [
      '-c',
      command,
      process.execPath,
      ...writer,
      dataDir,
      'full',
      'fill',
    ]);
    for (let count = 10; !lines.some(({ did }) => did === 'failed'); count = lines.length + 1)
      await said(count);
    execFileSync('prlimit', ['--pid', String(child.pid), '--fsize=unlimited']);
    await ended;
    expect(lines.find((line) => line.did === 'failed')).to.deep.equal({
      did: 'failed',
      code: 'STORE_UNAVAILABLE',
    });
    expect(lines.at(-1)!.did).to.equal('put');
    const all = await everything(await reopen());
    const written = lines.flatMap((line) => (line.did === 'put' ? line.notes : []));
    expect(written.filter(({ id }) => !all.has(id))).to.deep.equal([]);
    expect(written.length).to.be.greaterThan(100);
  });

  it('builds an index that is declared later, and one that is declared differently', async () => {
    system = await bootPlugins([storePlugin], { dataDir });
    const before = await system
      .port('store')
      .collection<Note>({ name: 'notes', indexes: { byRank: { fields: ['kind'] } } });
    await before.put(
      Array.from({ length: 50 }, (_, i) => ({ id: `n${i}`, kind: 'k', rank: 100 - i, tags: [`t${i % 5}`] })),
    );
    await system.close();
    const notes = await reopen();
    const first = await notes.find({ index: 'byRank', limit: 2 });
    expect(first.items.map(({ id }) => id)).to.deep.equal(['n49', 'n48']);
    await expectIndexesToAgree(notes, await everything(notes));
  });
});
