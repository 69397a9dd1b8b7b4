import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';

/** A file that is served as it is. */
export interface StaticFile {
  readonly body: Buffer;
  readonly contentType: string;
  /** By content. */
  readonly etag: string;
}

/** The `ETag` of a body. It is weak, since the body may be packed on its way. */
export function entityTag(body: Buffer | string): string {
  return `W/"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`;
}

/** True if `If-None-Match`, a list of tags or `*`, names the tag. Tags are compared weakly. */
export function knowsTag(ifNoneMatch: string | undefined, etag: string): boolean {
  const opaque = (tag: string) => tag.trim().replace(/^W\//, '');
  return ifNoneMatch?.split(',').some((tag) => tag.trim() === '*' || opaque(tag) === opaque(etag)) ?? false;
}

/** Sends a file, or 304 if the client has it. */
export function sendFile(
  request: IncomingMessage,
  response: ServerResponse,
  file: StaticFile,
  headers: Readonly<Record<string, string>>,
): void {
  const common = {
    ...headers,
    etag: file.etag,
    // Also of a 304, which replaces the headers that a cache has stored.
    vary: 'accept-encoding',
    'x-content-type-options': 'nosniff',
  };
  if (knowsTag(request.headers['if-none-match'], file.etag)) {
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
