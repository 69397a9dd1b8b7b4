import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';

/** A file that is served as it is. */
export interface StaticFile {
  readonly body: Buffer;
  readonly contentType: string;
  /** Strong, by content. */
  readonly etag: string;
}

/** The strong `ETag` of a body. */
export function entityTag(body: Buffer | string): string {
  return `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`;
}

/**
 * True if the client has this representation, by `If-None-Match`: a list of tags, or `*`. Tags are compared weakly, since a proxy that packs a
 * response marks its tag as weak.
 */
export function isKnownToClient({ headers }: IncomingMessage, etag: string): boolean {
  const known = headers['if-none-match'];
  if (known === undefined) return false;
  return known.split(',').some((tag) => {
    const trimmed = tag.trim();
    return trimmed === '*' || trimmed.replace(/^W\//, '') === etag;
  });
}

/** Sends a file, or 304 if the client has it. */
export function sendFile(
  request: IncomingMessage,
  response: ServerResponse,
  file: StaticFile,
  headers: Readonly<Record<string, string>>,
): void {
  const common = { ...headers, etag: file.etag, 'x-content-type-options': 'nosniff' };
  if (isKnownToClient(request, file.etag)) {
    response.writeHead(304, common);
    response.end();
    return;
  }
  response.writeHead(200, {
    ...common,
    'content-type': file.contentType,
    'content-length': file.body.length,
  });
  response.end(file.body);
}
