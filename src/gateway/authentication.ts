import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { Caller } from '../context.js';
import { RapportError } from '../errors.js';
import { addressOf, isPublicNetwork, siteOf } from './address.js';
import type { ApiKeys, KeyOwner } from './keys.js';
import type { RateLimits } from './rate-limits.js';
import type { Tokens } from './tokens.js';

/** A caller without a key: may look at the schema, nothing else. */
export interface Anonymous {
  readonly role: null;
}

export interface Authentication {
  /**
   * The owner of the key that was sent, or of `key`; null without one. Reads headers only. Throws `denied` for an unknown key,
   * and for a key of another role than STOREFRONT sent from a foreign page; such a request counts like one without a key, and `limited` is thrown for too many.
   */
  ownerOf(request: IncomingMessage, key?: string): KeyOwner | null;
  /**
   * The caller, once a bearer token was verified; `address` is as of `addressOf`. Throws `denied` for a bad token, `unavailable` when it
   * cannot be verified.
   */
  caller(owner: KeyOwner | null, headers: IncomingHttpHeaders, address: string): Promise<Caller | Anonymous>;
}

export interface AuthenticationParts {
  readonly keys: ApiKeys;
  readonly tokens: Tokens;
  readonly limits: RateLimits;
  /** Trusted proxies in front of the gateway. */
  readonly proxies: number;
}

export function createAuthentication({ keys, tokens, limits, proxies }: AuthenticationParts): Authentication {
  return {
    ownerOf(request, given) {
      try {
        return ownerIn(keys, request.headers, given);
      } catch (error) {
        limits.client(null, addressOf(request, proxies)).charge(1);
        throw error;
      }
    },
    async caller(owner, headers, address) {
      if (!owner) return { role: null };
      const { role, source } = owner;
      // A merchandiser sees nobody in person, whatever token comes along.
      const customerId = role === 'MERCHANDISER' ? null : await tokens.customerOf(headers);
      const globalPrivacyControl = asksForPrivacy(headers['sec-gpc']);
      if (role !== 'STOREFRONT') return { role, source, customerId, globalPrivacyControl };
      return new StorefrontCaller(source, customerId, globalPrivacyControl, address);
    },
  };
}

/** Looks up the network when it is read, which few requests do. A class for the reason of `RequestContext`. */
class StorefrontCaller implements Caller {
  readonly role = 'STOREFRONT';
  readonly source: string;
  readonly customerId: string | null;
  readonly globalPrivacyControl: boolean;
  readonly #address: string;

  constructor(source: string, customerId: string | null, globalPrivacyControl: boolean, address: string) {
    this.source = source;
    this.customerId = customerId;
    this.globalPrivacyControl = globalPrivacyControl;
    this.#address = address;
  }

  get network(): string | undefined {
    return isPublicNetwork(this.#address) ? siteOf(this.#address) : undefined;
  }
}

function ownerIn(keys: ApiKeys, headers: IncomingHttpHeaders, given: string | undefined): KeyOwner | null {
  const header = headers['x-api-key'];
  const key = given ?? (Array.isArray(header) ? header[0] : header);
  if (!key) {
    if (headers.authorization?.toLowerCase().startsWith('bearer')) throw missingKey();
    return null;
  }
  const owner = keys.ownerOf(key);
  if (!owner)
    throw new RapportError(
      'denied',
      'AUTHENTICATION_KEY_UNKNOWN',
      'This API key is not known, or was revoked.',
    );
  if (owner.role !== 'STOREFRONT' && isForeignPage(headers)) {
    throw new RapportError(
      'denied',
      'AUTHENTICATION_KEY_EXPOSED',
      `A ${owner.role} key must never be in a browser; use a STOREFRONT key there.`,
    );
  }
  return owner;
}

export function missingKey(): RapportError {
  return new RapportError('denied', 'AUTHENTICATION_KEY_MISSING', 'Send an API key in the x-api-key header.');
}

/** Global Privacy Control (w3c.github.io/gpc): the header is `1`. A proxy may repeat it, which makes it a list. */
function asksForPrivacy(header: string | readonly string[] | undefined): boolean {
  if (header === undefined) return false;
  return String(header)
    .split(',')
    .some((value) => value.trim() === '1');
}

/** Browsers send Origin with every cross-origin call; a page of this server itself (GraphiQL) is no foreign one. */
function isForeignPage(headers: IncomingHttpHeaders): boolean {
  const origin = headers.origin;
  if (origin === undefined) return false;
  try {
    return new URL(origin).host !== headers.host;
  } catch {
    return true;
  }
}
