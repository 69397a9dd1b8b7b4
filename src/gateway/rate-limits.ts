import type { Role } from '../context.js';
import { RapportError } from '../errors.js';
import type { Clock } from '../plugin.js';
import type { CoreSettings } from '../settings.js';
import type { KeyOwner } from './keys.js';
import type { SharedRates } from './shared-rates.js';
import { type Buckets, createBuckets } from './token-bucket.js';

/**
 * A request counts one unit, each 128 bytes of its body one (they may be stored for good), and each millisecond that its operation
 * is expected to take one. So a personalized page counts about 5, and an event of 1 KB about 18.
 */
export const bytesPerUnit = 128;
export const workPerUnit = 1_000;

/** Who is charged for a request. */
export interface Client {
  /** Throws `limited` when one of the client's buckets does not hold so many units. */
  charge(units: number): void;
}

export interface RateLimits {
  client(owner: KeyOwner | null, address: string): Client;
}

export type RateSettings = Pick<
  CoreSettings,
  'rateLimits' | 'rateKeyless' | 'rateClient' | 'rateStorefront' | 'rateOperator' | 'rateServer'
>;

/** A bucket holds what flows into it in this time, so that bursts pass. */
export const burstSeconds = 10;
const clientsMax = 50_000;
const keysMax = 1_000;

interface Limit {
  readonly buckets: Buckets;
  readonly perSecond: number;
  readonly of: string;
  readonly advice: string;
}

const unlimited: Client = { charge: () => undefined };

/**
 * Token buckets for each API key and, for callers that anybody can be, for each client address. `shared`: other processes count
 * together with this one; null: this process counts by itself.
 */
export function createRateLimits(
  settings: RateSettings,
  clock: Pick<Clock, 'nowMs'>,
  shared: Pick<SharedRates, 'join'> | null = null,
): RateLimits {
  function limit(perSecond: number, bucketsMax: number, of: string, advice: string): Limit {
    const rate = { perSecond, burst: perSecond * burstSeconds };
    const create = (taken?: (id: string, flowMs: number) => void): Buckets =>
      createBuckets(rate, clock, bucketsMax, taken);
    return { buckets: shared ? shared.join(of, create) : create(), perSecond, of, advice };
  }
  const fewer = 'Send fewer or smaller requests';
  const keyless = limit(
    settings.rateKeyless,
    clientsMax,
    'requests of one client address without a valid key',
    'Send an API key, or raise RAPPORT_RATE_KEYLESS',
  );
  const client = limit(
    settings.rateClient,
    clientsMax,
    'one client address with a STOREFRONT key',
    `${fewer}, use a SERVER key from a backend, or raise RAPPORT_RATE_CLIENT`,
  );
  const ofKey = (role: Role, perSecond: number, variable: string): Limit =>
    limit(perSecond, keysMax, `one ${role} key`, `${fewer}, or raise ${variable}`);
  const byRole: Readonly<Record<Role, Limit>> = {
    STOREFRONT: ofKey('STOREFRONT', settings.rateStorefront, 'RAPPORT_RATE_STOREFRONT'),
    SERVER: ofKey('SERVER', settings.rateServer, 'RAPPORT_RATE_SERVER'),
    MERCHANDISER: ofKey('MERCHANDISER', settings.rateOperator, 'RAPPORT_RATE_OPERATOR'),
    ADMIN: ofKey('ADMIN', settings.rateOperator, 'RAPPORT_RATE_OPERATOR'),
  };

  function charge({ buckets, perSecond, of, advice }: Limit, id: string, units: number): void {
    const waitSeconds = buckets.take(id, units);
    if (waitSeconds === 0) return;
    throw new RapportError(
      'limited',
      'GATEWAY_RATE_LIMITED',
      `The limit of ${of} is ${perSecond} units a second and ${perSecond * burstSeconds} at once, and this request needs ${Math.ceil(units)} more; try again in ${waitSeconds} s. ${advice}.`,
      { retryAfterSeconds: waitSeconds },
    );
  }

  return {
    client(owner, address) {
      if (!settings.rateLimits) return unlimited;
      const limits: (readonly [Limit, string])[] =
        owner === null
          ? [[keyless, address]]
          : owner.role === 'STOREFRONT'
            ? [
                [client, address],
                [byRole.STOREFRONT, owner.source],
              ]
            : [[byRole[owner.role], owner.source]];
      return {
        charge: (units) => {
          for (const [limit, id] of limits) charge(limit, id, units);
        },
      };
    },
  };
}
