import type { IncomingMessage, ServerResponse } from 'node:http';
import { RapportError } from '../../src/errors.js';
import { entityTag, type StaticFile, sendFile } from '../../src/kit/static-file.js';
import type { Router } from '../../src/plugin.js';
import { drawPicture } from './pictures/draw.js';
import { readPictureName } from './pictures/picture-name.js';

/** Nothing inline, nothing from elsewhere: what a product's title says can never run, and no shopper is told to others. */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
].join('; ');

/** An SVG opened by itself runs nothing and loads nothing. */
const picturePolicy = "default-src 'none'; sandbox; frame-ancestors 'none'";
/** A picture of a name only changes when its drawing does, with a new version. */
const pictureSeconds = 86_400;

/** `file` returns the file of a name once the page has been read. */
export function mountPage(router: Router, file: (name: string) => StaticFile | undefined): void {
  router.route('GET', '/showcase', async (request, response) =>
    answer(request, response, file('index.html')),
  );
  router.route('GET', '/showcase/:file', async (request, response, edge) =>
    answer(request, response, file(edge.params.file ?? '')),
  );
  router.route('GET', '/showcase/pictures/:file', async (request, response, edge) =>
    answer(request, response, pictureOf(edge.params.file ?? ''), {
      'cache-control': `public, max-age=${pictureSeconds}`,
      'content-security-policy': picturePolicy,
    }),
  );
}

const pageHeaders = { 'cache-control': 'no-cache', 'content-security-policy': contentSecurityPolicy };

/** Pictures follow from their names alone, so they disclose nothing of a shop; undefined for a name that none has. */
function pictureOf(name: string): StaticFile | undefined {
  const parts = readPictureName(name);
  if (!parts) return undefined;
  const body = Buffer.from(drawPicture(parts));
  return { body, contentType: 'image/svg+xml', etag: entityTag(body) };
}

function answer(
  request: IncomingMessage,
  response: ServerResponse,
  file: StaticFile | undefined,
  own: Readonly<Record<string, string>> = pageHeaders,
): void {
  if (!file) {
    throw new RapportError(
      'missing',
      'SHOWCASE_FILE_UNKNOWN',
      'The showcase has no such file; it is at /showcase.',
    );
  }
  sendFile(request, response, file, { ...own, 'referrer-policy': 'no-referrer' });
}
