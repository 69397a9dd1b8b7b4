import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { entityTag, type StaticFile } from '../../src/kit/static-file.js';

/** The files of the browser client by the path that serves them, with their names in the built folder. */
const builtFiles = {
  '/client.js': 'client.js',
  '/client.d.ts': 'client.d.ts',
  '/client/react.js': 'react.js',
  '/client/react.d.ts': 'react.d.ts',
} as const;
export type ClientPath = keyof typeof builtFiles;
export const clientPaths = Object.keys(builtFiles) as ClientPath[];

/** `npm run build` writes them, as a browser runs nothing of TypeScript. */
const builtFolder = join('dist', 'client');

/** Reads the built files; null if they were not built. Looks in this folder and all above it. */
export async function readClientFiles(
  from = import.meta.dirname,
): Promise<Readonly<Record<ClientPath, StaticFile>> | null> {
  const folder = join(from, builtFolder);
  try {
    const files = await Promise.all(clientPaths.map((path) => fileOf(path, join(folder, builtFiles[path]))));
    return Object.fromEntries(files) as Record<ClientPath, StaticFile>;
  } catch {
    return dirname(from) === from ? null : readClientFiles(dirname(from));
  }
}

async function fileOf(path: ClientPath, name: string): Promise<readonly [ClientPath, StaticFile]> {
  const body = await readFile(name);
  const type = path.endsWith('.js') ? 'text/javascript' : 'text/plain';
  return [path, { body, contentType: `${type}; charset=utf-8`, etag: entityTag(body) }];
}
