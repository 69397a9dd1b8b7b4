import type { IncomingMessage } from 'node:http';
import { addressOf } from './address.js';
import type { Authentication } from './authentication.js';
import type { KeyOwner } from './keys.js';
import type { Client, RateLimits } from './rate-limits.js';

/** Units of a preflight: a page of the shop sends one with most of its requests. */
const preflightUnits = 0.1;

/** A request that has arrived, with its sender as far as limits know it. */
export interface Arrival {
  readonly path: string;
  /** As limits count it. */
  readonly address: string;
  readonly owner: KeyOwner | null;
  readonly client: Client;
  /** Of the key and the client address. */
  readonly sender: string;
}

export interface ArrivalParts {
  readonly authentication: Pick<Authentication, 'ownerOf'>;
  readonly limits: RateLimits;
  /** How many proxies in front are trusted, see `addressOf`. */
  readonly proxies: number;
  readonly isWorker: boolean;
}

/**
 * Returns a function that finds who sent a request and charges it, before it can take room from others. It throws `denied` for a wrong
 * key, and `limited` when its sender has used up a limit. Routes of plugins find and charge their callers by themselves.
 */
export function createArrivals({ authentication, limits, proxies, isWorker }: ArrivalParts) {
  return function arrive(request: IncomingMessage, path: string): Arrival {
    const address = addressOf(request, proxies);
    const unknown = { path, address, owner: null, client: limits.client(null, address), sender: address };
    if (request.method === 'OPTIONS') unknown.client.charge(preflightUnits);
    else if (isWorker) unknown.client.charge(1);
    else if (path === '/graphql') {
      const owner = authentication.ownerOf(request);
      const client = owner === null ? unknown.client : limits.client(owner, address);
      client.charge(1);
      if (owner !== null) return { path, address, owner, client, sender: `${owner.source} ${address}` };
    }
    return unknown;
  };
}
