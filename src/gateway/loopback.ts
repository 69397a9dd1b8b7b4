import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import { RapportError } from '../errors.js';
import { shownValue } from '../kit/shown-value.js';

/** Names of this machine, the only ones that development mode listens on. */
export const loopback: readonly string[] = ['127.0.0.1', '::1', 'localhost'];

export function notLoopback(bind: string): Error {
  return new Error(
    `development mode (--dev) listens on ${loopback.join(', ')} only, and RAPPORT_BIND is ${bind}; leave out --dev to be reachable from other machines`,
  );
}

/**
 * Throws `denied` for a request to another name. The keys of development mode are known to everybody, and a page of another site can let its
 * own name point to this machine, so that a browser takes the two for one origin (DNS rebinding).
 */
export function refuseOtherHosts({ headers: { host } }: IncomingMessage): void {
  if (host === undefined) return;
  const name = host.replace(/:\d*$/, '').toLowerCase();
  // Nobody can register a name without a dot, and an address names one machine.
  if (!name.includes('.') || name.endsWith('.localhost') || isIP(name) > 0 || name.startsWith('[')) return;
  throw new RapportError(
    'denied',
    'AUTHENTICATION_HOST_FOREIGN',
    `Development mode (--dev) is reached as localhost or by an address; the Host header is ${shownValue(host)}.`,
  );
}
