import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { withSettings } from '../scripts/readme.js';

describe('The README', () => {
  it('has the table of settings that the schemas have; npm run readme writes it', async () => {
    const readme = readFileSync(join(import.meta.dirname, '..', 'README.md'), 'utf8');
    expect(readme).to.equal(await withSettings(readme));
  });
});

describe('The README of the gateway', () => {
  const folder = join(import.meta.dirname, '..', 'src', 'gateway');
  const readme = readFileSync(join(folder, 'README.md'), 'utf8');
  const code = readdirSync(folder)
    .filter((file) => file.endsWith('.ts'))
    .map((file) => readFileSync(join(folder, file), 'utf8'))
    .join('\n');
  const all = (pattern: RegExp) => [...code.matchAll(pattern)].map(([, found]) => found!);

  it('names every metric', () => {
    const names = all(/name: '(rapport_\w+)'/g);
    expect(names).not.to.deep.equal([]);
    expect(names.filter((name) => !readme.includes(`\`${name}\``))).to.deep.equal([]);
  });

  it('names every line of the log that tells of plugins and clients', () => {
    const lines = all(/log\.(?:warn|error|info)\(\s*'([^']+)'/g);
    expect(lines).not.to.deep.equal([]);
    const told = (line: string) => readme.includes(line.split(':', 1)[0]!);
    expect(lines.filter((line) => !told(line))).to.deep.equal([]);
  });
});
