import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect } from 'chai';

const root = join(import.meta.dirname, '..', '..');
const outside = join(root, 'test', 'plugins-from-outside');

const plugin = /* TypeScript */ `
import { isRapportError } from 'rapport/errors.js';
import { definePlugin, type Instance } from 'rapport/plugin.js';
import type { Product } from 'rapport/ports/catalog.js';

declare module 'rapport/capabilities.js' {
  interface Capabilities {
    weather: { at(storeId: string): Promise<'clear' | 'rain'> };
  }
}

const instance: Instance<null> = {
  port: null,
  // @ts-expect-error: only for plugins of the repository.
  steady: {},
};

export const titleOf = (product: Product): string => product.title;

export const plugin = definePlugin({
  name: 'weather',
  provides: 'weather',
  needs: ['catalog'],
  compatibility: '^1.0.0',
  create({ needs }) {
    const size: number = needs.catalog.shelf.size;
    // @ts-expect-error: a need that was not declared is not handed over.
    needs.search;
    return { ...instance, port: { at: async () => (isRapportError(size, 'missing') ? 'rain' : 'clear') } };
  },
});
`;

const page = /* TypeScript */ `
import { type Client, createClient, type ProductCard } from 'rapport/client.js';
import { useRecommendations } from 'rapport/client/react.js';

const client: Client = createClient({ url: 'https://rapport.shop.example', key: 'k', currency: 'EUR' });
export const titles = async (): Promise<string[]> =>
  (await client.recommend({ placement: 'home' })).items.map(({ product }) => product.title);
export const card = (): ProductCard | undefined => useRecommendations({ placement: 'home' }).data?.items[0]?.product;
// @ts-expect-error: a purpose that there is not.
client.consent.grant(['EVERYTHING']);
`;

describe('the package, from a folder of its own', function () {
  // Packing compiles all types, which takes minutes on a busy machine.
  this.timeout(1_200_000);
  let directory: string;

  function run(command: string, args: readonly string[], cwd = directory): string {
    const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: 'utf8' });
    expect(status, `${command} ${args.join(' ')}\n${stdout}${stderr}`).to.equal(0);
    return stdout;
  }

  before(() => {
    directory = mkdtempSync(join(tmpdir(), 'rapport-'));
    const packed = run('npm', ['pack', '--silent', '--pack-destination', directory], root).trim();
    const modules = join(directory, 'node_modules');
    mkdirSync(join(modules, 'rapport'), { recursive: true });
    run('tar', ['-xzf', packed, '--strip-components=1', '-C', join(modules, 'rapport')]);
    const { dependencies } = JSON.parse(readFileSync(join(modules, 'rapport', 'package.json'), 'utf8'));
    const tools = [
      '@types/chai',
      '@types/mocha',
      '@types/node',
      '@types/react',
      'chai',
      'fast-check',
      'mocha',
      'react',
      'tsx',
    ];
    for (const name of [...Object.keys(dependencies), ...tools]) {
      mkdirSync(dirname(join(modules, name)), { recursive: true });
      symlinkSync(join(root, 'node_modules', name), join(modules, name));
    }
    writeFileSync(join(directory, 'package.json'), '{ "type": "module" }');
  });
  after(() => rmSync(directory, { recursive: true, force: true }));

  it('can be imported as far as it is for plugins, and no further', () => {
    const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    const words = Object.keys(exports).map((path) =>
      path.replace('./', 'rapport/').replace('ports/*', 'ports/catalog').replace('kit/*', 'kit/retry'),
    );
    expect(words).to.include.members(['rapport/plugin.js', 'rapport/errors.js', 'rapport/ports/catalog.js']);
    writeFileSync(
      join(directory, 'imports.js'),
      `for (const word of ${JSON.stringify(words)}) await import(word);
      const refused = await import('rapport/boot.js').catch(({ code }) => code);
      console.log(refused);`,
    );
    expect(run('node', ['imports.js']).trim()).to.equal('ERR_PACKAGE_PATH_NOT_EXPORTED');
  });

  it('has the types of what plugins are written with', () => {
    writeFileSync(join(directory, 'weather.ts'), plugin);
    writeFileSync(join(directory, 'page.ts'), page);
    const options = ['--strict', '--noEmit', '--module', 'nodenext', '--target', 'es2023', '--skipLibCheck'];
    run(join(root, 'node_modules', '.bin', 'tsc'), [...options, '--types', 'node', 'weather.ts', 'page.ts']);
  });

  it('tests plugins and drivers that are written with nothing else', () => {
    cpSync(outside, join(directory, 'plugins-from-outside'), { recursive: true });
    // The data of a small shop that its tests share with others.
    mkdirSync(join(directory, 'journeys'));
    copyFileSync(join(root, 'test', 'journeys', 'shop.ts'), join(directory, 'journeys', 'shop.ts'));
    const files = readdirSync(outside).map((name) => join('plugins-from-outside', name));
    const tests = files.filter((name) => name.endsWith('.test.ts'));
    expect(tests).to.have.length.of.at.least(7);
    const options = ['--strict', '--noEmit', '--module', 'nodenext', '--target', 'es2023', '--skipLibCheck'];
    run(join(root, 'node_modules', '.bin', 'tsc'), [...options, '--types', 'node,mocha', ...files]);
    const mocha = join(root, 'node_modules', 'mocha', 'bin', 'mocha.js');
    const said = run('node', [mocha, '--node-option', 'import=tsx', '--timeout', '120000', ...tests]);
    // Of a plugin that was left out, no test would run.
    expect(Number(/(\d+) passing/.exec(said)?.[1])).to.be.at.least(90);
  });

  it('has what a gateway runs on', () => {
    const has = (path: string): string =>
      readFileSync(join(directory, 'node_modules', 'rapport', path), 'utf8');
    expect(has('dist/src/main.js')).to.not.equal('');
    expect(has('schema/base.graphql')).to.not.equal('');
    expect(() => has('dist/test/plugins')).to.throw();
    expect(() => has('src/plugin.ts')).to.throw();
  });
});
