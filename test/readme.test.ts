import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { withSettings } from '../scripts/readme.js';

describe('The README', () => {
  it('has the table of settings that the schemas have; npm run readme writes it', async () => {
    const readme = readFileSync(join(import.meta.dirname, '..', 'README.md'), 'utf8');
    expect(readme).to.equal(await withSettings(readme));
  });
});
