import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { markDemoShop } from '../../scripts/demo/marker.js';
import { projectDirectory } from '../../src/project-directory.js';
import { keysText } from '../support/gateway.js';
import { nodeArguments } from '../support/node-arguments.js';

const root = projectDirectory();

/** Starts the process as production does, which must refuse; returns what it says. */
function refusal(environment: Readonly<Record<string, string>>): string {
  const { status, stderr } = spawnSync(process.execPath, nodeArguments('src/main.ts'), {
    cwd: root,
    encoding: 'utf8',
    timeout: 120_000,
    env: { PATH: process.env.PATH, ...environment },
  });
  expect(status, stderr).to.equal(1);
  return stderr;
}

describe('A start in production', function () {
  this.timeout(150_000);
  const dataDir = mkdtempSync(join(tmpdir(), 'rapport-'));
  after(() => rmSync(dataDir, { recursive: true, force: true }));

  it('refuses a data directory with the demo shop, whose shoppers anybody can name', () => {
    markDemoShop(dataDir);
    const message = refusal({ RAPPORT_API_KEYS: keysText, RAPPORT_DATA_DIR: dataDir, RAPPORT_PORT: '0' });
    expect(message).to.contain(`the data directory "${dataDir}" holds the demo shop`);
    expect(message).to.contain('set RAPPORT_DATA_DIR to another directory');
  });

  it('names the faults of keys, plugins and settings together', () => {
    const message = refusal({
      RAPPORT_API_KEYS: 'STOREFRONT=abc',
      RAPPORT_PLUGINS: './none.js',
      RAPPORT_NONE_SIZE: '1',
      RAPPORT_PORT: '99999',
      RAPPORT_ROLE: 'both',
      RAPPORT_PROT: '1',
    });
    const faults = message.trim().split('\n  ').slice(1);
    expect(faults[0]).to.equal(
      'RAPPORT_API_KEYS: a key of STOREFRONT has 3 characters; allowed are 8 to 256',
    );
    expect(faults[1]).to.match(/^RAPPORT_PLUGINS: \.\/none\.js cannot be loaded/);
    expect(faults.slice(2)).to.have.members([
      'RAPPORT_PROT is no setting; did you mean RAPPORT_PORT?',
      'RAPPORT_PORT is "99999"; allowed: a whole number from 0 to 65535',
      'RAPPORT_ROLE is "both"; allowed: all, gateway, worker',
    ]);
  });
});
