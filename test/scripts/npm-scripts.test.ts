import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { projectDirectory } from '../../src/project-directory.js';

const root = projectDirectory();

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address ? address.port : 0;
}

describe('npm scripts', function () {
  this.timeout(120_000);
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  /** What a container has: scripts and no source, so that nothing is built while other tests read what is. */
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'rapport-'));
    writeFileSync(join(directory, 'package.json'), JSON.stringify({ type: 'module', scripts }));
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  it('hand SIGTERM to the gateway, which stops before they end', async () => {
    if (!existsSync(join(root, 'dist', 'src', 'main.js')))
      execFileSync('npm', ['run', '--silent', 'build'], { cwd: root });
    symlinkSync(join(root, 'dist'), join(directory, 'dist'));
    const port = await freePort();
    const started = spawn('npm', ['start', '--silent'], {
      cwd: directory,
      detached: true,
      env: {
        ...process.env,
        RAPPORT_PORT: String(port),
        RAPPORT_DATA_DIR: join(directory, 'data'),
        RAPPORT_DEMO: 'false',
      },
      stdio: 'ignore',
    });
    const exited = once(started, 'exit');
    const answers = (): Promise<boolean> =>
      fetch(`http://127.0.0.1:${port}/health/ready`).then(
        ({ ok }) => ok,
        () => false,
      );
    try {
      while (started.exitCode === null && !(await answers()))
        await new Promise((resolve) => setTimeout(resolve, 50));
      expect(started.exitCode).to.equal(null);
      started.kill('SIGTERM');
      await exited;
      expect(await answers()).to.equal(false);
    } finally {
      try {
        process.kill(-started.pid!, 'SIGKILL');
      } catch {
        // All of them have ended.
      }
    }
  });

  it('run what is built where there is no source, as in a container', () => {
    mkdirSync(join(directory, 'dist', 'scripts'), { recursive: true });
    for (const script of [
      'seed',
      'import',
      'explain',
      'migrate',
      'backup',
      'restore',
      'verify',
      'voice',
      'voice-model',
    ])
      expect(scripts[script]).to.equal(`npm run --silent built && exec node dist/scripts/${script}.js`);
    writeFileSync(join(directory, 'dist', 'scripts', 'verify.js'), "console.log('it ran')");
    const { stdout, stderr } = spawnSync('npm', ['run', '--silent', 'verify'], {
      cwd: directory,
      encoding: 'utf8',
    });
    expect(stdout + stderr).to.equal('it ran\n');
  });
});
