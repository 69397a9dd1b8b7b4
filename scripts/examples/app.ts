import { readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { projectDirectory } from '../../src/project-directory.js';
import { openSite, type Shop, type Site } from './site.js';

const folder = join(projectDirectory(), 'scripts', 'examples', 'app');
const files: Readonly<Record<string, string>> = {
  '/': 'index.html',
  '/app.js': 'app.js',
  '/worker.js': 'worker.js',
  '/app.webmanifest': 'app.webmanifest',
  '/icon.svg': 'icon.svg',
};
const contentTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.webmanifest': 'application/manifest+json',
};

/** An app page that can be installed and works offline: static files, and a service worker that keeps them and the last list. */
export async function openApp(shop: Shop, port: number): Promise<Site> {
  return openSite(port, async (_, path) => {
    if (path === '/shop.json')
      return { body: JSON.stringify(shop), contentType: 'application/json', cacheControl: 'no-cache' };
    const name = files[path];
    if (name === undefined) return { status: 404, body: 'Not found', cacheControl: 'no-store' };
    const body = await readFile(join(folder, name), 'utf8');
    return { body, contentType: contentTypes[extname(name)]!, cacheControl: 'no-cache' };
  });
}
