import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { plugins } from '../../plugins/index.js';
import { shardingCommands } from '../../scripts/migrate/sharding.js';
import { declaredCollections } from '../../scripts/migrate/stores.js';

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
    const readme = readFileSync(new URL('../../plugins/store/README.md', import.meta.url), 'utf8');
    expect(readme).to.contain(`\n${commands.join('\n')}\n`);
  });
});
