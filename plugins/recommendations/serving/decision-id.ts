import { hash } from 'node:crypto';
import { fingerprint } from '../../../src/kit/fingerprint.js';
import type { ExperimentAssignment } from '../../../src/ports/placements.js';
import { type Placement, placements } from '../ranking/placements.js';

/** Characters of the code, six bits each, and of the digest, 53 bits. */
const codeChars = 11;
const digestChars = 11;
/** Bits of the Bloom filter over the products of a list (Bloom 1970), and how many each product sets: 1.2 % of other products pass. */
const bitsPerItem = 10;
const bitsPerProduct = 4;
/** Ids have at most 128 characters. In a list of 100 products 10 % of other products pass. */
const bitsMax = 480;
const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

interface DecisionContent {
  readonly placement: string;
  readonly storeId: string | null;
  readonly productId: string | null;
  readonly cart: readonly string[];
  /** In the order of the ranking, before any channel's policy. */
  readonly items: readonly string[];
  /** Only of a personalized list. */
  readonly sessionId: string | null;
  readonly experiment?: ExperimentAssignment | null;
}

/** The list that an event names. */
interface NamedDecision {
  readonly placement: Placement;
  /** False if the product was not in the list. A few other products pass, too. */
  shows(productId: string): boolean;
}

/**
 * `<placement>.<code><digest><products>`: the same for the same list in the same place, in every channel. The digest names the content; the
 * products are a Bloom filter; the code is an HMAC over all of it. So an event can be checked against the list that it names although no list
 * is stored, and a decision has the same id when it is replayed.
 */
export interface DecisionIds {
  idOf(content: DecisionContent): string;
  /** Returns null for an id that this shop did not make, or whose placement does not exist any more. */
  read(decisionId: string | null): NamedDecision | null;
  /** Replaces the key. Without one the secret is empty, as in tests and evaluations. */
  use(secret: string, placements?: ReadonlyMap<string, Placement>): void;
  /** A key of 53 bits, from 0, for hashes that nobody outside can predict. It follows from the secret, and does not tell it. */
  readonly hashKey: number;
}

export function createDecisionIds(): DecisionIds {
  let secret = '';
  let known = placements;
  /** Several consumers read the id of one event, and events of one list follow each other. */
  let last: { readonly decisionId: string; readonly named: NamedDecision | null } | null = null;

  /** Nested as in HMAC. `createHmac` takes five times as long for so short a text. */
  function codeOf(placement: string, coded: string): string {
    const inner = hash('sha256', `${secret}.${placement}.${coded}`, 'base64url');
    return hash('sha256', `${secret}.${inner}`, 'base64url').slice(0, codeChars);
  }

  function named(decisionId: string): NamedDecision | null {
    const dot = decisionId.indexOf('.');
    const placement = known.get(decisionId.slice(0, Math.max(0, dot)));
    const coded = decisionId.slice(dot + 1 + codeChars);
    if (placement === undefined || coded.length < digestChars) return null;
    if (decisionId.slice(dot + 1, dot + 1 + codeChars) !== codeOf(placement.name, coded)) return null;
    const filter = coded.slice(digestChars);
    return { placement, shows: (productId) => isIn(filter, productId) };
  }

  return {
    idOf({ placement, storeId, productId, cart, items, sessionId, experiment = null }) {
      const assigned = experiment === null ? [] : [experiment.experiment, experiment.variant];
      const content = JSON.stringify([placement, storeId, productId, cart, items, sessionId, ...assigned]);
      const coded = digestOf(content) + filterOf(items);
      return `${placement}.${codeOf(placement, coded)}${coded}`;
    },
    read(decisionId) {
      if (decisionId === null) return null;
      if (last?.decisionId !== decisionId) last = { decisionId, named: named(decisionId) };
      return last.named;
    },
    use(key, placements = known) {
      secret = key;
      known = placements;
      last = null;
    },
    get hashKey() {
      return fingerprint(hash('sha256', `${secret}.hashes`, 'base64url'));
    },
  };
}

/** Distinguishes lists. Only the code needs a hash that nobody can invert. */
function digestOf(content: string): string {
  return fingerprint(content).toString(36).padStart(digestChars, '0');
}

function filterOf(items: readonly string[]): string {
  const filter = new Uint8Array(Math.ceil(Math.min(items.length * bitsPerItem, bitsMax) / 6));
  for (const id of items) {
    for (let n = 0, print = fingerprint(id); n < bitsPerProduct; n++) {
      const bit = bitOf(print, n, filter.length);
      filter[Math.floor(bit / 6)]! |= 1 << (bit % 6);
    }
  }
  let text = '';
  for (const six of filter) text += alphabet[six];
  return text;
}

function isIn(filter: string, productId: string): boolean {
  if (filter === '') return false;
  const print = fingerprint(productId);
  for (let n = 0; n < bitsPerProduct; n++) {
    const bit = bitOf(print, n, filter.length);
    if ((alphabet.indexOf(filter[Math.floor(bit / 6)]!) & (1 << (bit % 6))) === 0) return false;
  }
  return true;
}

/** The n-th bit of a product, by double hashing (Kirsch and Mitzenmacher 2006). */
function bitOf(print: number, n: number, chars: number): number {
  const step = (print / 2 ** 32) | 1;
  return ((print + Math.imul(n, step)) >>> 1) % (6 * chars);
}
