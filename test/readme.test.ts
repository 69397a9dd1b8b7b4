import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { plugins } from '../plugins/index.js';
import { parseMapping } from '../scripts/import/mapping/mapping.js';
import { withSettings } from '../scripts/readme.js';
import { projectDirectory } from '../src/project-directory.js';
import { openShop } from './journeys/shop.js';
import { openTestGateway, type TestGateway, testKeys } from './support/gateway.js';

describe('The README', () => {
  it('has the table of settings that the schemas have; npm run readme writes it', async () => {
    const readme = readFileSync(join(projectDirectory(), 'README.md'), 'utf8');
    expect(readme).to.equal(await withSettings(readme));
  });
});

describe('The samples of the README', () => {
  const readme = readFileSync(join(projectDirectory(), 'README.md'), 'utf8');
  const samples = (language: string) =>
    [...readme.matchAll(new RegExp(`\`\`\`${language}\n([^]*?)\`\`\``, 'g'))].map(([, text]) => text!);
  let gateway: TestGateway;
  before(async () => {
    gateway = await openTestGateway(plugins);
    await openShop(gateway);
  });
  after(() => gateway?.close());

  it('of GraphQL are answered without an error', async () => {
    const context = { channel: 'WEB', sessionId: 'demo-ada', currency: 'EUR', locale: 'en' };
    expect(samples('graphql')).to.have.length.of.at.least(3);
    for (const query of samples('graphql')) {
      const { data, errors } = await gateway.ask(query, { role: 'SERVER', variables: { context } });
      expect(errors, query).to.equal(undefined);
      expect(JSON.stringify(data), query).not.to.match(/"userErrors":\[\{/);
    }
  });

  it('of JavaScript run: the first storefront consents, clicks and lists again', async () => {
    const [script = ''] = samples('js');
    const own = script
      .replace('http://localhost:4000', gateway.url)
      .replace('dev-storefront-key', testKeys.STOREFRONT);
    expect(own).to.contain(gateway.url).and.contain(testKeys.STOREFRONT);
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', own]);
    expect(stdout).to.contain('accepted: 2');
  });

  it('of a mapping can be imported with', () => {
    const mapping = samples('json').find((text) => text.includes('"constant"'));
    expect(parseMapping(JSON.parse(mapping ?? '{}'))).to.include({ id: 'sku', title: 'name' });
  });
});

describe('The README of the gateway', () => {
  const folder = join(projectDirectory(), 'src', 'gateway');
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
