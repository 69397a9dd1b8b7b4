import { createServer, type IncomingMessage } from 'node:http';
import { listen, portOf } from '../../src/gateway/server.js';
import { entityTag, knowsTag } from '../../src/kit/static-file.js';

/** A gateway that an example uses. */
export interface Shop {
  readonly url: string;
  /** A STOREFRONT key. */
  readonly key: string;
}

export interface Page {
  readonly status?: number;
  readonly body: string;
  readonly contentType?: string;
  readonly cacheControl: string;
}

export interface Site {
  readonly url: string;
  close(): Promise<void>;
}

/** Pages that show nothing of a shopper: browsers and a CDN keep them for a minute, and may show them while they fetch a newer one. */
export const forEverybody = 'public, max-age=60, stale-while-revalidate=300';
/** Pages of one shopper. */
export const forOne = 'private, no-store';

/**
 * Serves pages on a port of this machine, with an ETag where caches may keep them. `port` 0 picks a free one. `pageOf` gets the path as it was
 * sent, with its percent-encoding.
 */
export async function openSite(
  port: number,
  pageOf: (request: IncomingMessage, path: string) => Promise<Page>,
): Promise<Site> {
  const server = createServer((request, response) => {
    const path = (request.url ?? '/').split('?', 1)[0]!;
    pageOf(request, path)
      .catch((error: Error): Page => ({ status: 502, body: error.message, cacheControl: 'no-store' }))
      .then(({ status = 200, body, contentType = 'text/html; charset=utf-8', cacheControl }) => {
        const etag = entityTag(body);
        const headers = {
          'cache-control': cacheControl,
          ...(status === 200 && cacheControl !== forOne ? { etag } : {}),
        };
        if ('etag' in headers && knowsTag(request.headers['if-none-match'], etag)) {
          response.writeHead(304, headers).end();
          return;
        }
        response.writeHead(status, { ...headers, 'content-type': contentType }).end(body);
      });
  });
  await listen(server, port, '127.0.0.1', '--port');
  return {
    url: `http://127.0.0.1:${portOf(server)}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Text as HTML shows it, also within a quoted attribute. */
export function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** A value as a script of a page reads it. */
export function asScript(value: unknown): string {
  return JSON.stringify(value).replaceAll('<', '\\u003c');
}
