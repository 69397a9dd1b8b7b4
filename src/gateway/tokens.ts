import type { IncomingHttpHeaders } from 'node:http';
import {
  createRemoteJWKSet,
  customFetch,
  decodeJwt,
  errors,
  type JWTPayload,
  type JWTVerifyOptions,
  type JWTVerifyResult,
  jwtVerify,
} from 'jose';
import { deadlines } from '../deadlines.js';
import { describeError, isRapportError, RapportError } from '../errors.js';
import { customerIdFault } from '../person-ids.js';
import type { Clock, Log } from '../plugin.js';
import type { CoreSettings } from '../settings.js';
import { fetchKeySet, unreadableKeys } from './key-sets.js';
import { createBuckets } from './token-bucket.js';

/** Proves customers by the bearer tokens of the shop's identity providers. */
export interface Tokens {
  /** The customer that the bearer token names; null without a bearer token. */
  customerOf(headers: IncomingHttpHeaders): Promise<string | null>;
}

export type TokenSettings = Pick<
  CoreSettings,
  'jwtJwksUrl' | 'jwtIssuer' | 'jwtAudience' | 'jwtCustomerClaim'
>;

/** Asymmetric only: neither `none` nor a public key misused as an HMAC secret can pass. */
const algorithms = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'];
const clockToleranceSeconds = 5;
/** What a token may call itself (RFC 7519, RFC 9068). Others are made for another use, such as `logout+jwt`. */
const typesAccepted: ReadonlySet<unknown> = new Set([undefined, 'jwt', 'at+jwt']);
/** A token that is good for longer than any session is a mistake of its provider. */
const expiresInMaxSeconds = 400 * 86_400;
const tokenShape = /^eyJ[\w-]*\.[\w-]+\.[\w-]+$/;
const tokenLengthMax = 8_192;
/** A token with an unknown key id, or keys that are old, make the provider's keys be read again, at most so often. */
const keyReads = { perSecond: 0.2, burst: 5 };
/** Keys are read again after this time, while those in use go on to hold. */
const keysFreshMs = 10 * 60_000;
/** While the provider fails its keys hold for so long, so that a short outage of it signs nobody out. */
const keysKeptMs = 60 * 60_000;

interface Provider {
  readonly keys: ReturnType<typeof createRemoteJWKSet>;
  /** When its keys were read; null: not yet. */
  readAtMs: number | null;
  readonly issuers: readonly string[];
}

export function createTokens(settings: TokenSettings, clock: Pick<Clock, 'nowMs'>, log: Log): Tokens {
  const providers = providersOf(settings);
  const rereads = createBuckets(keyReads, clock, providers.length + 1);
  if (providers.length > 0 && (settings.jwtIssuer.length === 0 || settings.jwtAudience.length === 0)) {
    log.warn(
      'bearer tokens are accepted from any issuer or for any audience; set RAPPORT_JWT_ISSUER and RAPPORT_JWT_AUDIENCE',
    );
  }

  function providerOf(token: string): Provider {
    if (providers.length === 1) return providers[0]!;
    const { iss } = decodeJwt(token);
    const provider = providers.find(({ issuers }) => iss !== undefined && issuers.includes(iss));
    if (!provider) throw claimRefused('its issuer is not one of RAPPORT_JWT_ISSUER');
    return provider;
  }

  async function reload(provider: Provider): Promise<void> {
    await provider.keys.reload();
    provider.readAtMs = clock.nowMs();
  }

  /** Waits for the keys of a provider only if there are none, or if they are too old. */
  async function ready(provider: Provider): Promise<void> {
    const ageMs = provider.readAtMs === null ? Number.POSITIVE_INFINITY : clock.nowMs() - provider.readAtMs;
    if (ageMs <= keysFreshMs) return;
    if (ageMs > keysKeptMs) await reload(provider);
    else if (!provider.keys.reloading && rereads.take(provider.issuers.join(), 1) === 0)
      reload(provider).catch((error: unknown) =>
        log.warn('the keys of the identity provider cannot be read; those in use go on to hold', {
          err: describeError(error),
        }),
      );
  }

  async function verify(token: string): Promise<JWTVerifyResult> {
    const provider = providerOf(token);
    const { keys, issuers } = provider;
    const options: JWTVerifyOptions = {
      algorithms,
      currentDate: new Date(clock.nowMs()),
      clockTolerance: clockToleranceSeconds,
      requiredClaims: ['exp'],
      ...(issuers.length === 0 ? {} : { issuer: [...issuers] }),
      ...(settings.jwtAudience.length === 0 ? {} : { audience: settings.jwtAudience }),
    };
    try {
      await ready(provider);
      return await jwtVerify(token, keys, options);
    } catch (error) {
      if (error instanceof errors.JWKSMultipleMatchingKeys) return verifyWithAny(token, error, options);
      // The provider may have a new key since its keys were read.
      if (!(error instanceof errors.JWKSNoMatchingKey) || rereads.take(issuers.join(), 1) > 0) throw error;
      await reload(provider);
      return await jwtVerify(token, keys, options);
    }
  }

  return {
    async customerOf({ authorization }) {
      if (authorization === undefined) return null;
      const [scheme = '', token = ''] = authorization.trim().split(' ');
      if (scheme.toLowerCase() !== 'bearer') {
        // Ignored, its sender would wonder why nobody is signed in.
        if (tokenShape.test(scheme) || tokenShape.test(token))
          throw invalidToken('it is sent without its scheme; send "authorization: Bearer <token>"');
        if (/^bearer(?![\w-])/i.test(scheme))
          throw invalidToken('"Bearer" and the token are not separated by one space');
        return null;
      }
      if (providers.length === 0)
        throw new RapportError(
          'denied',
          'AUTHENTICATION_TOKEN_UNSUPPORTED',
          'No identity provider is configured (RAPPORT_JWT_JWKS_URL), so no bearer token can be accepted.',
        );
      if (token === '') throw invalidToken('it is empty');
      if (token.length > tokenLengthMax)
        throw invalidToken(`it has ${token.length} characters; allowed are ${tokenLengthMax}`);
      const { payload, protectedHeader } = await verify(token).catch((error: unknown) => {
        throw failureOf(error);
      });
      checkUse(protectedHeader.typ);
      checkTimes(payload, clock.nowMs() / 1_000);
      return customerIdOf(payload, settings.jwtCustomerClaim);
    },
  };
}

function providersOf({ jwtJwksUrl: urls, jwtIssuer: issuers }: TokenSettings): readonly Provider[] {
  return urls.map((url, i) => ({
    keys: createRemoteJWKSet(new URL(url), {
      timeoutDuration: deadlines.keysMs,
      [customFetch]: fetchKeySet,
      // `ready` and `verify` decide when keys are read again.
      cacheMaxAge: Number.POSITIVE_INFINITY,
      cooldownDuration: Number.POSITIVE_INFINITY,
    }),
    readAtMs: null,
    issuers: urls.length === 1 ? issuers : [issuers[i]!],
  }));
}

/** Of a token without a key id, while the provider has several keys. */
async function verifyWithAny(
  token: string,
  matching: errors.JWKSMultipleMatchingKeys,
  options: JWTVerifyOptions,
): Promise<JWTVerifyResult> {
  for await (const key of matching) {
    try {
      return await jwtVerify(token, key, options);
    } catch (error) {
      if (!(error instanceof errors.JWSSignatureVerificationFailed)) throw error;
    }
  }
  throw new errors.JWSSignatureVerificationFailed();
}

function checkUse(typ: string | undefined): void {
  const type = typeof typ === 'string' ? typ.toLowerCase().replace(/^application\//, '') : typ;
  if (!typesAccepted.has(type))
    throw invalidToken(`its typ is ${JSON.stringify(typ).slice(0, 40)}; allowed are JWT, at+jwt and none`);
}

function checkTimes({ iat, exp = 0 }: JWTPayload, nowSeconds: number): void {
  if (iat !== undefined && iat > nowSeconds + clockToleranceSeconds)
    throw invalidToken('it was issued in the future by its claim "iat"; check the clocks of both servers');
  if (exp > nowSeconds + expiresInMaxSeconds)
    throw invalidToken(
      `its claim "exp" is ${exp}; a token may be good for ${expiresInMaxSeconds / 86_400} days at most`,
    );
}

function customerIdOf(payload: JWTPayload, claim: string): string {
  const value = payload[claim];
  const fault = customerIdFault(value, 'it must name one customer');
  if (fault === null) return value as string;
  throw invalidToken(`its claim "${claim}" ${fault.message}`);
}

/** Keys that cannot be read are the provider's fault, everything else is the token's. */
function failureOf(error: unknown): RapportError {
  if (isRapportError(error)) return error;
  const isToken =
    error instanceof errors.JOSEError &&
    !(error instanceof errors.JWKSTimeout || error instanceof errors.JWKSInvalid) &&
    error.code !== errors.JOSEError.code;
  if (!isToken) return unreadableKeys('it failed, or sent no key set', error);
  if (error instanceof errors.JWTExpired)
    return new RapportError(
      'denied',
      'AUTHENTICATION_TOKEN_EXPIRED',
      'The bearer token is not accepted: it has expired; renew it, or sign in again.',
    );
  if (error instanceof errors.JWTClaimValidationFailed)
    return claimRefused(`its claim "${error.claim.slice(0, 40)}" is missing or not accepted`);
  return invalidToken('its signature, algorithm or form is not accepted');
}

function invalidToken(why: string): RapportError {
  return new RapportError(
    'denied',
    'AUTHENTICATION_TOKEN_INVALID',
    `The bearer token is not accepted: ${why}.`,
  );
}

/** The token is genuine but made for another use, most likely because the issuer or audience of the settings is wrong. */
function claimRefused(why: string): RapportError {
  return new RapportError(
    'denied',
    'AUTHENTICATION_TOKEN_CLAIM',
    `The bearer token is not accepted: ${why}.`,
  );
}
