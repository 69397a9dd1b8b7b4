import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { createRemoteJWKSet, errors, jwtVerify } from 'jose';
import { type Caller, type Role, roles } from '../context.js';
import { isRapportError, RapportError } from '../errors.js';
import type { Clock } from '../plugin.js';
import type { CoreSettings } from '../settings.js';

/** A caller who showed no key: may look at the schema, nothing else. */
export interface Anonymous {
  readonly role: null;
}

export interface Authentication {
  /** Who sent the request. Throws `denied` for an unknown key, a bad token, or a secret key sent from a foreign page. */
  caller(headers: IncomingHttpHeaders, key?: string): Promise<Caller | Anonymous>;
}

const keyLengthMin = 8;
/** Asymmetric only: neither `none` nor a public key misused as an HMAC secret can pass. */
const tokenAlgorithms = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
];
const clockToleranceSeconds = 5;

export const developmentKeys = roles.map((role) => `${role}=dev-${role.toLowerCase()}-key`).join(',');

/** Reads `STOREFRONT=…,SERVER=…`. Throws an Error that names the fault, never the key. */
export function parseApiKeys(text: string): Map<string, { readonly role: Role; readonly source: string }> {
  const keys = new Map<string, { role: Role; source: string }>();
  for (const entry of text
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean)) {
    const [name = '', ...rest] = entry.split('=');
    const role = roles.find((known) => known === name.trim());
    const key = rest.join('=').trim();
    if (!role)
      throw new Error(`RAPPORT_API_KEYS: "${name.slice(0, 20)}" is no role; known are ${roles.join(', ')}`);
    if (key.length < keyLengthMin)
      throw new Error(`RAPPORT_API_KEYS: the key of ${role} needs at least ${keyLengthMin} characters`);
    const hash = digest(key);
    if (keys.has(hash))
      throw new Error(`RAPPORT_API_KEYS: one key has two roles, ${keys.get(hash)!.role} and ${role}`);
    keys.set(hash, { role, source: `${role.toLowerCase()}-${hash.slice(0, 8)}` });
  }
  return keys;
}

/** Keys are looked up by their digest, so that the time taken tells nothing about them. */
function digest(key: string): string {
  return createHash('sha256').update(key).digest('hex');
}

export function createAuthentication(core: CoreSettings, apiKeys: string, clock: Clock): Authentication {
  const keys = parseApiKeys(apiKeys);
  /** Keys that were found by their digest, as they came: what a wrong key takes tells nothing about them. */
  const shown = new Map<string, { readonly role: Role; readonly source: string }>();

  function roleOf(key: string): { readonly role: Role; readonly source: string } {
    const seen = shown.get(key);
    if (seen) return seen;
    const known = keys.get(digest(key));
    if (!known)
      throw new RapportError(
        'denied',
        'AUTHENTICATION_KEY_UNKNOWN',
        'This API key is not known, or was revoked.',
      );
    shown.set(key, known);
    return known;
  }
  const jwks = core.jwtJwksUrl
    ? createRemoteJWKSet(new URL(core.jwtJwksUrl), { timeoutDuration: 3_000 })
    : null;

  async function customerOf(headers: IncomingHttpHeaders): Promise<string | null> {
    const [scheme, token] = (headers.authorization ?? '').split(' ');
    if (scheme?.toLowerCase() !== 'bearer') return null;
    if (!jwks)
      throw new RapportError(
        'denied',
        'AUTHENTICATION_TOKEN_UNSUPPORTED',
        'No identity provider is configured (RAPPORT_JWT_JWKS_URL), so no bearer token can be accepted.',
      );
    if (!token) throw invalidToken('it is empty');
    try {
      const { payload } = await jwtVerify(token, jwks, {
        algorithms: tokenAlgorithms,
        currentDate: new Date(clock.nowMs()),
        clockTolerance: clockToleranceSeconds,
        requiredClaims: ['sub', 'exp'],
        ...(core.jwtIssuer === undefined ? {} : { issuer: core.jwtIssuer }),
        ...(core.jwtAudience === undefined ? {} : { audience: core.jwtAudience }),
      });
      if (!payload.sub) throw invalidToken('its "sub" is empty');
      return payload.sub;
    } catch (error) {
      if (isRapportError(error)) throw error;
      if (error instanceof errors.JWKSTimeout || !(error instanceof errors.JOSEError)) {
        throw new RapportError(
          'unavailable',
          'AUTHENTICATION_UNAVAILABLE',
          "The identity provider's keys cannot be read; try again.",
          { cause: error, retryAfterSeconds: 5 },
        );
      }
      throw invalidToken(
        error.code === 'ERR_JWT_EXPIRED'
          ? 'it has expired'
          : 'its signature, algorithm, issuer, audience or form is not accepted',
      );
    }
  }

  return {
    async caller(headers, given) {
      const header = headers['x-api-key'];
      const key = given ?? (Array.isArray(header) ? header[0] : header);
      if (!key) {
        if (headers.authorization?.toLowerCase().startsWith('bearer')) throw missingKey();
        return { role: null };
      }
      const known = roleOf(key);
      if ((known.role === 'SERVER' || known.role === 'ADMIN') && isForeignPage(headers)) {
        throw new RapportError(
          'denied',
          'AUTHENTICATION_KEY_EXPOSED',
          `A ${known.role} key must never be in a browser; use a STOREFRONT key there.`,
        );
      }
      return {
        role: known.role,
        source: known.source,
        // A merchandiser sees nobody in person, whoever's token comes along.
        customerId: known.role === 'MERCHANDISER' ? null : await customerOf(headers),
        globalPrivacyControl: headers['sec-gpc'] === '1',
      };
    },
  };
}

export function missingKey(): RapportError {
  return new RapportError('denied', 'AUTHENTICATION_KEY_MISSING', 'Send an API key in the x-api-key header.');
}

function invalidToken(why: string): RapportError {
  return new RapportError(
    'denied',
    'AUTHENTICATION_TOKEN_INVALID',
    `The bearer token is not accepted: ${why}.`,
  );
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
