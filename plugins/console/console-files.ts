import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { entityTag, type StaticFile } from '../../src/kit/static-file.js';

/** The files of the page, by name. */
const contentTypes: Readonly<Record<string, string>> = {
  'index.html': 'text/html; charset=utf-8',
  'console.css': 'text/css; charset=utf-8',
  'app.js': 'text/javascript; charset=utf-8',
  'icon.svg': 'image/svg+xml',
};

/** `npm run build` writes them. */
const builtFolder = join('dist', 'console');

/** Reads the built files; null if they were not built. Looks in this folder and all above it. */
export async function readConsole(
  from = import.meta.dirname,
): Promise<ReadonlyMap<string, StaticFile> | null> {
  try {
    const files = Object.entries(contentTypes).map(async ([name, contentType]) => {
      const body = await readFile(join(from, builtFolder, name));
      return [name, { body, contentType, etag: entityTag(body) }] as const;
    });
    return new Map(await Promise.all(files));
  } catch {
    return dirname(from) === from ? null : readConsole(dirname(from));
  }
}
