import { readdir, readFile } from 'node:fs/promises';
import { dirname, extname, join } from 'node:path';
import { entityTag, type StaticFile } from '../../src/kit/static-file.js';

const contentTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** The folder of the page's files, from the project's root: a browser runs them as they stand, so they are not built. */
const pageFolder = join('plugins', 'showcase', 'page');

/** The page's files by name; null where only `dist` was shipped. */
export async function readPage(from = import.meta.dirname): Promise<ReadonlyMap<string, StaticFile> | null> {
  const folder = join(from, pageFolder);
  const names = await readdir(folder).catch((): string[] => []);
  // A folder of built types only is no page.
  if (!names.includes('index.html')) return dirname(from) === from ? null : readPage(dirname(from));
  const files = new Map<string, StaticFile>();
  for (const name of names.sort()) {
    const contentType = contentTypes[extname(name)];
    if (contentType === undefined) continue;
    const body = await readFile(join(folder, name));
    files.set(name, { body, contentType, etag: entityTag(body) });
  }
  return files;
}
