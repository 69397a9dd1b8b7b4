import type { Caller, Context, ContextInput, Request, Role } from '../context.js';
import { RapportError, type UserError } from '../errors.js';
import type { Host } from '../plugin.js';
import { type Anonymous, missingKey } from './authentication.js';
import { bytesPerUnit } from './rate-limits.js';
import { createContext, type Defaults } from './shopper-context.js';
import { createWork, type Work } from './work.js';

const degradedPartsMax = 20;
const warningsMax = 20;

/** A request and what its answer must say about itself. */
export interface TrackedRequest extends Request {
  readonly anonymous: boolean;
  /** The first context that was used; what `extensions.rapport` echoes. */
  readonly effective: Context | null;
  readonly degradedParts: readonly string[];
  readonly warnings: readonly UserError[];
  readonly isPersonal: boolean;
  readonly work: Work;
  /** The key and address that its operations count for; null: for nobody, as those of a warm-up. */
  readonly sender: string | null;
  /** Notes the bytes of the body, for which the caller was charged. */
  received(bytes: number): void;
  /**
   * Counts bytes that a mutation may store. Several fields may be given one variable, so what goes beyond the body is
   * charged to the caller. Throws `limited`, before anything is stored.
   */
  stores(bytes: number): void;
  /** Another request of the same caller, who has not used anything yet: each event of a subscription is one. */
  again(): TrackedRequest;
}

/** Whether errors may suggest names of the schema: not to a page that anybody can open. */
export function seesSchema({ anonymous, caller }: Pick<TrackedRequest, 'anonymous' | 'caller'>): boolean {
  return !anonymous && caller.role !== 'STOREFRONT';
}

const nobody: Caller = {
  role: 'STOREFRONT',
  source: 'anonymous',
  customerId: null,
  globalPrivacyControl: false,
};

export function createRequest(
  caller: Caller | Anonymous,
  host: Pick<Host, 'clock' | 'ids'>,
  defaults: Defaults,
  charge: Request['charge'] = () => undefined,
  sender: string | null = null,
): TrackedRequest {
  // A plugin's code must not give its caller another role.
  if (caller.role !== null) Object.freeze(caller);
  return new MadeRequest(caller, host, defaults, charge, sender);
}

/** A class for its accessors, for the reason of `RequestContext`. Its functions need no receiver, since resolvers take them apart. */
class MadeRequest implements TrackedRequest {
  readonly caller: Caller;
  readonly anonymous: boolean;
  readonly degradedParts: string[] = [];
  readonly warnings: UserError[] = [];
  readonly work: Work;
  readonly charge: Request['charge'];
  readonly sender: string | null;
  /** What plugins cannot replace. */
  readonly #from: Caller | Anonymous;
  readonly #charge: Request['charge'];
  readonly #host: Pick<Host, 'clock' | 'ids'>;
  readonly #defaults: Defaults;
  #effective: Context | null = null;
  #isPersonal = false;
  #chargedBytes = 0;
  #storedBytes = 0;
  #id = '';

  constructor(
    from: Caller | Anonymous,
    host: Pick<Host, 'clock' | 'ids'>,
    defaults: Defaults,
    charge: Request['charge'],
    sender: string | null,
  ) {
    this.caller = from.role === null ? nobody : from;
    this.anonymous = from.role === null;
    this.work = createWork(host.clock);
    this.charge = charge;
    this.sender = sender;
    this.#from = from;
    this.#charge = charge;
    this.#host = host;
    this.#defaults = defaults;
  }

  get id(): string {
    this.#id ||= this.#host.ids.next();
    return this.#id;
  }

  get signal(): AbortSignal {
    return this.work.signal;
  }

  get effective(): Context | null {
    return this.#effective;
  }

  get isPersonal(): boolean {
    // An answer that is not as it should be is kept for nobody else, and so is one for another role, which sees more than shoppers.
    return (
      this.#isPersonal || this.anonymous || this.caller.role !== 'STOREFRONT' || this.degradedParts.length > 0
    );
  }

  readonly allow: Request['allow'] = (...allowed) => {
    if (this.#from.role === null) throw missingKey();
    allowRole(this.#from.role, allowed);
  };

  readonly context: Request['context'] = (input) => {
    if (this.#from.role === null) throw missingKey();
    const context = createContext(this.#from, input, this.#host, this.#defaults, this.work);
    this.#effective ??= context;
    if (isOfPerson(input, context)) this.#isPersonal = true;
    for (const warning of this.#defaults.warningsOf?.(context) ?? []) this.warn(warning);
    return context;
  };

  readonly degraded: Request['degraded'] = (part) => {
    const parts = this.degradedParts;
    if (parts.length < degradedPartsMax && !parts.includes(part)) parts.push(part);
  };

  readonly warn: Request['warn'] = (warning) => {
    // Several lists of one page name the same product or store.
    const isKnown = this.warnings.some(({ message }) => message === warning.message);
    if (!isKnown && this.warnings.length < warningsMax) this.warnings.push(warning);
  };

  readonly personal: Request['personal'] = () => {
    this.#isPersonal = true;
  };

  received(bytes: number): void {
    this.#chargedBytes += bytes;
  }

  stores(bytes: number): void {
    this.#storedBytes += bytes;
    if (this.#storedBytes <= this.#chargedBytes) return;
    this.#charge((this.#storedBytes - this.#chargedBytes) / bytesPerUnit);
    this.#chargedBytes = this.#storedBytes;
  }

  again(): TrackedRequest {
    return createRequest(this.#from, this.#host, this.#defaults, this.#charge, this.sender);
  }
}

/** False for a place and a language alone: currency, store, locale and channel are in the address, and the answer is everybody's. */
function isOfPerson(input: ContextInput, { customerId, customerGroup }: Context): boolean {
  return customerId !== null || Boolean(customerGroup || input.sessionId || input.deviceId || input.at);
}

function allowRole(role: Role, allowed: readonly Role[]): void {
  if (role === 'ADMIN' || allowed.includes(role)) return;
  throw new RapportError(
    'denied',
    'AUTHENTICATION_ROLE',
    `A ${role} key may not do this; it takes ${[...new Set<Role>([...allowed, 'ADMIN'])].join(' or ')}.`,
  );
}
