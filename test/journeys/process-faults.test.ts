import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect } from 'chai';
import { projectDirectory } from '../../src/project-directory.js';
import { keysText } from '../support/gateway.js';
import { moduleFile, nodeArguments } from '../support/node-arguments.js';

interface Line {
  readonly msg: string;
  readonly port?: number;
  readonly plugin?: string;
  readonly suspects?: readonly string[];
  readonly err?: { readonly message: string; readonly stack: string | null };
}

const root = projectDirectory();

describe('A process with a plugin whose errors nobody catches', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'rapport-'));
  const lines: Line[] = [];
  let child: ChildProcess;
  let url: string;

  before(async function () {
    this.timeout(60_000);
    child = spawn(process.execPath, nodeArguments('src/main.ts'), {
      cwd: root,
      stdio: ['ignore', 'pipe', 'inherit'],
      env: {
        PATH: process.env.PATH,
        RAPPORT_PORT: '0',
        RAPPORT_BIND: '127.0.0.1',
        RAPPORT_DATA_DIR: dataDir,
        RAPPORT_API_KEYS: keysText,
        RAPPORT_PLUGINS: moduleFile('test/support/rude.ts'),
      },
    });
    createInterface({ input: child.stdout! }).on('line', (line) => {
      const read = JSON.parse(line) as Line;
      lines.push(read);
      child.emit('line', read);
    });
    url = `http://127.0.0.1:${(await lineWith('ready')).port}`;
  });
  after(() => {
    child.kill('SIGKILL');
    rmSync(dataDir, { recursive: true, force: true });
  });

  const lineWith = (text: string) => lineThat(({ msg, err }) => msg === text || err?.message === text);
  const lineWithError = (pattern: RegExp) => lineThat(({ err }) => pattern.test(err?.message ?? ''));

  async function lineThat(fits: (line: Line) => boolean): Promise<Line> {
    for (;;) {
      const found = lines.find(fits);
      if (found) return found;
      if (child.exitCode !== null) throw new Error(`the process ended: ${JSON.stringify(lines)}`);
      await Promise.race([once(child, 'line'), once(child, 'exit')]);
    }
  }

  for (const [way, message] of [
    ['rejection', 'a floating promise'],
    ['timer', 'a timer'],
    ['callback', 'a callback'],
  ] as const) {
    it(`logs it with the plugin's name and goes on: ${message}`, async function () {
      this.timeout(20_000);
      await fetch(`${url}/rude/${way}`);
      const { plugin, err } = await lineWith(message);
      expect(plugin).to.equal('rude');
      expect(err?.stack).to.match(/^TypeError: a .*\n.*rude\.[tj]s/);
      expect((await fetch(`${url}/health/live`)).status).to.equal(200);
    });
  }

  it('goes on after a network error of a connection that has no listener', async function () {
    this.timeout(20_000);
    await fetch(`${url}/rude/network`);
    await Promise.race([lineWithError(/ECONNREFUSED/), once(child, 'exit')]);
    expect((await fetch(`${url}/health/live`)).status).to.equal(200);
  });

  for (const [way, message] of [
    ['nothing', /^null$/],
    ['words', /^some words$/],
    ['file', /ENOENT.*no.such.file/],
    ['program', /spawn no-such-program/],
    ['packed', /incorrect header check/],
    ['worker', /^a worker$/],
    ['response', /Parse Error/],
  ] as const) {
    it(`logs an error without code in its stack with the plugin in whose scope it comes, and goes on: ${way}`, async function () {
      this.timeout(20_000);
      await fetch(`${url}/rude/${way}`);
      expect((await lineWithError(message)).plugin).to.equal('rude');
      expect((await fetch(`${url}/health/live`)).status).to.equal(200);
    });
  }

  it('goes on after a rejection of a text, and ends after an exception of unknown origin', async function () {
    this.timeout(20_000);
    await fetch(`${url}/rude/text`);
    expect(await lineWith('a text')).to.have.property('plugin', 'rude');
    expect((await fetch(`${url}/health/live`)).status).to.equal(200);
    await fetch(`${url}/rude/anywhere`);
    await lineWith('words from anywhere');
    expect((await fetch(`${url}/health/live`)).status).to.equal(200);
    const ended = once(child, 'exit');
    await fetch(`${url}/rude/unknown`);
    expect(await ended).to.deep.equal([1, null]);
    expect(lines.at(-1)?.msg).to.match(/the state of this process is unknown, so it ends/);
    expect(lines.at(-1)?.suspects).to.deep.equal(['rude']);
  });
});
