import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { expect } from 'chai';

/** Who may import whom, and what may be called where; the reasons stand in src/README.md. */
const root = join(import.meta.dirname, '..');
const words =
  /^src\/(ports\/[\w-]+|facts|errors|context|person-ids|capabilities|contributed|money|deadlines)\.ts$/;
/** Domain-free code: hashes, deadlines, listeners. Everybody may use it, and it uses nothing of the project but itself. */
const kit = /^src\/kit\/[\w-]+\.ts$/;
const vendors = /^(mongoose|mongodb|meilisearch|bull|ioredis|lmdb)$/;
const web = /^(express|graphql-yoga|helmet)$/;

interface Source {
  readonly path: string;
  readonly text: string;
  /** Paths from the root for relative imports, names for packages. */
  readonly imports: readonly string[];
}

function sources(...folders: readonly string[]): Source[] {
  return folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
      .map((entry) => read(relative(root, join(entry.parentPath, entry.name)))),
  );
}

function read(path: string): Source {
  const text = readFileSync(join(root, path), 'utf8');
  const imports = [...text.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map(([, specifier]) =>
    specifier!.startsWith('.')
      ? relative(root, resolve(root, dirname(path), specifier!)).replace(/\.js$/, '.ts')
      : specifier!.replace(/^((?:@[^/]+\/)?[^/]+).*/, '$1'),
  );
  return { path, text, imports };
}

function offenders(
  files: readonly Source[],
  isOffence: (file: Source, imported: string) => boolean,
): string[] {
  return files.flatMap((file) =>
    file.imports
      .filter((imported) => isOffence(file, imported))
      .map((imported) => `${file.path} imports ${imported}`),
  );
}

const isLocal = (imported: string) => /^(src|plugins|scripts|test)\//.test(imported);
const pluginOf = (path: string) => /^plugins\/([\w-]+)\//.exec(path)?.[1];

/** Groups of files that import each other, by Tarjan's algorithm (SIAM J. Comput. 1972). */
function circlesOf(imports: ReadonlyMap<string, readonly string[]>): string[][] {
  const numbers = new Map<string, number>();
  const lowest = new Map<string, number>();
  const path: string[] = [];
  const circles: string[][] = [];

  function visit(file: string): number {
    let low = numbers.size;
    numbers.set(file, low);
    path.push(file);
    for (const imported of imports.get(file) ?? []) {
      if (!imports.has(imported)) continue;
      if (!numbers.has(imported)) low = Math.min(low, visit(imported));
      else if (path.includes(imported)) low = Math.min(low, lowest.get(imported) ?? numbers.get(imported)!);
    }
    lowest.set(file, low);
    if (low === numbers.get(file)) {
      const circle = path.splice(path.indexOf(file));
      if (circle.length > 1) circles.push(circle);
    }
    return low;
  }
  for (const file of imports.keys()) if (!numbers.has(file)) visit(file);
  return circles;
}

describe('The architecture', () => {
  const core = sources('src');
  const plugins = sources('plugins');

  it('keeps words to themselves: ports, facts, errors, context, person ids, capabilities, money, deadlines know only each other and zod', () => {
    const files = core.filter(({ path }) => words.test(path));
    expect(files.length).to.be.above(10);
    expect(offenders(files, (_, imported) => !words.test(imported) && imported !== 'zod')).to.deep.equal([]);
  });

  it('keeps the kit free of the domain: it imports packages and itself only', () => {
    const files = core.filter(({ path }) => kit.test(path));
    expect(offenders(files, (_, imported) => isLocal(imported) && !kit.test(imported))).to.deep.equal([]);
  });

  it('lets the core know no plugin, except main', () => {
    const files = core.filter(({ path }) => path !== 'src/main.ts');
    expect(offenders(files, (_, imported) => /^(plugins|scripts|test)\//.test(imported))).to.deep.equal([]);
  });

  it('lets a plugin import words, the kit, the plugin contract and itself, never another plugin or the gateway', () => {
    const files = plugins.filter(({ path }) => path !== 'plugins/index.ts');
    const allowed = (file: Source, imported: string) =>
      words.test(imported) ||
      kit.test(imported) ||
      imported === 'src/plugin.ts' ||
      pluginOf(imported) === pluginOf(file.path);
    expect(offenders(files, (file, imported) => isLocal(imported) && !allowed(file, imported))).to.deep.equal(
      [],
    );
  });

  it('keeps vendor clients in drivers, and express and yoga in the gateway', () => {
    const files = [...core, ...plugins];
    expect(
      offenders(
        files,
        ({ path }, imported) => vendors.test(imported) && !/^plugins\/[\w-]+\/drivers\//.test(path),
      ),
    ).to.deep.equal([]);
    expect(
      offenders(files, ({ path }, imported) => web.test(imported) && !path.startsWith('src/gateway/')),
    ).to.deep.equal([]);
  });

  it('has no circle of imports, types included', () => {
    const files = [...core, ...plugins, ...sources('scripts', 'test')];
    const circles = circlesOf(new Map(files.map(({ path, imports }) => [path, imports.filter(isLocal)])));
    expect(circles.map((circle) => circle.sort().join(' '))).to.deep.equal([]);
  });

  it('takes the environment in main only, and clock, chance and ids from the host only', () => {
    const rules: readonly (readonly [RegExp, RegExp])[] = [
      [/process\.env/, /^src\/main\.ts$/],
      [/Date\.now\(\)|new Date\(\)|Math\.random\(|randomUUID\(|randomBytes\(/, /^src\/host\.ts$/],
      [/\bset(Timeout|Interval)\(/, /^src\/(host|lifecycle|gateway\/http)\.ts$|^plugins\/[\w-]+\/drivers\//],
    ];
    // Code for browsers has one file for what a page offers, and React its own.
    const inBrowser = /^plugins\/client\/browser\/(environment|react)\.ts$/;
    const found = [...core, ...plugins.filter(({ path }) => !inBrowser.test(path))].flatMap(
      ({ path, text }) =>
        rules
          .filter(([call, home]) => call.test(text) && !home.test(path))
          .map(([call]) => `${path} uses ${call}`),
    );
    expect(found).to.deep.equal([]);
  });

  it('has a README in each plugin and a first page of at most 40 lines', () => {
    const names = new Set(plugins.map(({ path }) => pluginOf(path)).filter(Boolean));
    for (const name of names) {
      expect(readFileSync(join(root, 'plugins', name!, 'README.md'), 'utf8'), name).to.match(/^# /);
      const lines = readFileSync(join(root, 'plugins', name!, 'plugin.ts'), 'utf8').split('\n').length - 1;
      expect(lines, `${name}/plugin.ts`).to.be.at.most(40);
    }
  });
});
