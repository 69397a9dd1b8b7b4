import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { plugins } from '../../plugins/index.js';
import { shardingCommands } from '../../scripts/migrate/sharding.js';
import { declaredCollections } from '../../scripts/migrate/stores.js';
import { projectDirectory } from '../../src/project-directory.js';

describe('Sharding', () => {
  it('is declared for whatever grows with the number of people, as the README of the store lists it', async () => {
    const commands = shardingCommands(await declaredCollections(plugins), 'rapport');
    expect(commands.map((command) => /rapport\.([a-z-]+)/.exec(command)![1])).to.include.members([
      'consent-heads',
      'consent-ledger',
      'customer-links',
      'customers',
      'events',
    ]);
    const readme = readFileSync(join(projectDirectory(), 'plugins/store/README.md'), 'utf8');
    expect(readme).to.contain(`\n${commands.join('\n')}\n`);
  });
});
