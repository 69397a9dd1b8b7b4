import type { IncomingMessage } from 'node:http';

/** The write key as the user name of Basic authentication, else as `writeKey` in the query; null without. */
export function shownKey({ headers, url }: IncomingMessage): string | null {
  return keyOfHeader(headers.authorization) ?? keyOfQuery(url);
}

function keyOfHeader(header: string | undefined): string | null {
  const match = /^basic +([a-z0-9+/=_-]+)$/i.exec(header ?? '');
  if (!match) return null;
  const [key = ''] = Buffer.from(match[1]!, 'base64').toString('utf8').split(':', 1);
  return key === '' ? null : key;
}

function keyOfQuery(url: string | undefined): string | null {
  return new URLSearchParams((url ?? '').split('?')[1] ?? '').get('writeKey');
}
