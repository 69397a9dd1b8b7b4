import type { IncomingMessage, ServerResponse } from 'node:http';
import { RapportError } from '../../src/errors.js';
import { type StaticFile, sendFile } from '../../src/kit/static-file.js';
import type { Router } from '../../src/plugin.js';

/** Nothing inline and nothing from elsewhere, so no text of the catalog can run, and the key stays with this origin. */
const headers = {
  'cache-control': 'no-cache',
  'content-security-policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; '),
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
};

/** `file` returns the file of a name once the page has been read. */
export function mountConsole(router: Router, file: (name: string) => StaticFile | undefined): void {
  router.route('GET', '/console', async (request, response) =>
    send(request, response, file('index.html'), 'The console is not built; run `npm run build`.'),
  );
  router.route('GET', '/console/:file', async (request, response, edge) =>
    send(request, response, file(edge.params.file ?? ''), 'The console has no such file; it is at /console.'),
  );
}

function send(
  request: IncomingMessage,
  response: ServerResponse,
  file: StaticFile | undefined,
  absent: string,
): void {
  if (!file) throw new RapportError('missing', 'CONSOLE_FILE_UNKNOWN', absent);
  sendFile(request, response, file, headers);
}
