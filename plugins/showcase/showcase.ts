import type { IncomingMessage, ServerResponse } from 'node:http';
import { RapportError } from '../../src/errors.js';
import type { Router } from '../../src/plugin.js';
import type { PageFile } from './page-files.js';

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

/** `file` returns the file of a name once the page has been read. */
export function mountPage(router: Router, file: (name: string) => PageFile | undefined): void {
  router.route('GET', '/showcase', async (request, response) =>
    answer(request, response, file('index.html')),
  );
  router.route('GET', '/showcase/:file', async (request, response, edge) =>
    answer(request, response, file(edge.params.file ?? '')),
  );
}

function answer(request: IncomingMessage, response: ServerResponse, file: PageFile | undefined): void {
  if (!file) {
    throw new RapportError(
      'missing',
      'SHOWCASE_FILE_UNKNOWN',
      'The showcase has no such file; it is at /showcase.',
    );
  }
  const headers = {
    'cache-control': 'no-cache',
    'content-security-policy': contentSecurityPolicy,
    etag: file.etag,
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
  };
  if (request.headers['if-none-match'] === file.etag) {
    response.writeHead(304, headers);
    response.end();
    return;
  }
  response.writeHead(200, {
    ...headers,
    'content-type': file.contentType,
    'content-length': file.body.length,
  });
  response.end(file.body);
}
