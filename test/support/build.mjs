import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';

/** Builds all code with the tests, for `npm test`. A test finds files beside its source, as if it ran from there. */
await build({
  entryPoints: ['src/**/*.ts', 'plugins/**/*.ts', 'scripts/**/*.ts', 'test/**/*.ts'],
  outdir: 'dist',
  outbase: '.',
  format: 'esm',
  platform: 'node',
  target: 'node20',
  logLevel: 'warning',
  plugins: [
    {
      name: 'place of the source',
      setup({ onLoad }) {
        onLoad({ filter: /[\\/]test[\\/].*\.ts$/ }, async ({ path }) => ({
          contents: (await readFile(path, 'utf8'))
            .replaceAll('import.meta.dirname', JSON.stringify(dirname(path)))
            .replaceAll('import.meta.url', JSON.stringify(pathToFileURL(path).href)),
          loader: 'ts',
        }));
      },
    },
  ],
});
