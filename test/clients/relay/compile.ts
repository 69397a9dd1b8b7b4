import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parse, print, printSchema } from 'graphql';
import { plugins } from '../../../plugins/index.js';
import { buildGraph } from '../../../src/gateway/graph.js';
import { projectDirectory } from '../../../src/project-directory.js';
import { createPlugins } from '../../support/boot.js';

/**
 * Compiles `operations.graphql` with Relay's compiler for the schema as it is, and writes the artifacts as JSON. Run it after a change of
 * either: `npx tsx test/clients/relay/compile.ts`. The compiler is fetched for it, since it is too large (118 MB) to be installed with the rest.
 */
const compiler = 'relay-compiler@21.0.1';
const folder = join(projectDirectory(), 'test', 'clients', 'relay');
const work = mkdtempSync(join(tmpdir(), 'relay-'));
const created = await createPlugins(plugins);
const schema = buildGraph(join(projectDirectory(), 'schema'), created.plugins);
writeFileSync(join(work, 'schema.graphql'), printSchema(schema));
const { definitions } = parse(readFileSync(join(folder, 'operations.graphql'), 'utf8'));
mkdirSync(join(work, 'src', 'artifacts'), { recursive: true });
const documents = definitions.map((definition) => `graphql\`${print(definition)}\`;`);
writeFileSync(
  join(work, 'src', 'operations.js'),
  `import { graphql } from 'relay-runtime';\n${documents.join('\n')}`,
);
copyFileSync(join(folder, '..', 'snippets', 'relay.config.json'), join(work, 'relay.config.json'));
writeFileSync(join(work, 'package.json'), '{ "type": "module" }');
execFileSync('npx', ['--yes', compiler, 'relay.config.json'], { cwd: work, stdio: 'inherit' });
const artifacts: Record<string, unknown> = {};
for (const file of readdirSync(join(work, 'src', 'artifacts'))) {
  const path = join(work, 'src', 'artifacts', file);
  const text = readFileSync(path, 'utf8').replaceAll(/(from '\.\/[\w.]+)'/g, "$1.js'");
  writeFileSync(path, text);
}
for (const file of readdirSync(join(work, 'src', 'artifacts'))) {
  const { default: artifact } = (await import(pathToFileURL(join(work, 'src', 'artifacts', file)).href)) as {
    default: unknown;
  };
  artifacts[file.replace(/\.graphql\.js$/, '')] = artifact;
}
writeFileSync(join(folder, 'artifacts.json'), `${JSON.stringify(artifacts)}\n`);
rmSync(work, { recursive: true });
process.exit(0);
