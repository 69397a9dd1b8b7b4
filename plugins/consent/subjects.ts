import { RapportError } from '../../src/errors.js';
import { shownValue } from '../../src/kit/shown-value.js';
import type { Person, Shopper } from '../../src/ports/customers.js';
import { type Decided, type Head, isRefusedHere } from './chain.js';
import { decidedIn, type Heads, leastPermissive } from './judgement.js';
import { ledgerPurposes, partsOf, type Scope } from './scopes.js';

export function sessionSubject(sessionId: string): string {
  return `session:${sessionId}`;
}

export function customerSubject(customerId: string): string {
  return `customer:${customerId}`;
}

const subjectShape = /^(session|customer):[^\0]{1,256}$/u;

/** Throws `invalid` for a text that is no subject. */
export function checkSubject(subject: string): void {
  if (subjectShape.test(subject)) return;
  throw new RapportError(
    'invalid',
    'CONSENT_SUBJECT_INVALID',
    `subject ${shownValue(subject)} must read session:<id> or customer:<id>, for example "customer:ada"`,
    { path: ['subject'] },
  );
}

export interface HeadName {
  readonly as: keyof Heads;
  readonly subject: string;
  /** null: a session. */
  readonly customerId: string | null;
}

/** The subjects whose ledgers decide what a shopper allows: those of the session, and of every customer of their person. */
export function headNames({
  sessionId,
  customerId,
  linkedTo,
  person,
}: Pick<Shopper, 'sessionId' | 'customerId' | 'linkedTo' | 'person'>): HeadName[] {
  const names: HeadName[] = [{ as: 'session', subject: sessionSubject(sessionId), customerId: null }];
  const as = customerId === null ? 'linked' : 'customer';
  const own = customerId ?? linkedTo;
  const customers = person?.members ?? (own === undefined ? [] : [own]);
  for (const one of customers) names.push({ as, subject: customerSubject(one), customerId: one });
  return names;
}

/** The heads as they hold at a moment. Several customers of one person have one head. */
export function headsFrom(
  names: readonly HeadName[],
  found: readonly (Head | null)[],
  person: Person | undefined,
  atMs: number,
): Heads {
  const heads: { -readonly [K in keyof Heads]: Heads[K] } = { customer: null, linked: null, session: null };
  for (let i = 0; i < names.length; i++) heads[names[i]!.as] ??= found[i] ?? null;
  if (person === undefined) return heads;
  const own: OwnHead[] = [];
  for (let i = 0; i < names.length; i++) {
    const { customerId } = names[i]!;
    const head = found[i];
    if (customerId !== null && head) own.push({ customerId, head });
  }
  if (own.length > 0) heads[names.at(-1)!.as] = headOfPerson(own, person, atMs);
  return heads;
}

interface OwnHead {
  readonly customerId: string;
  readonly head: Head;
}

/**
 * The head of a merged person. For each purpose the least permissive of the members' decisions holds. A decision that was made after the merge
 * is the person's, and supersedes older ones of the other members. So a merge never turns a refusal into a grant.
 */
export function headOfPerson(own: readonly OwnHead[], person: Person, atMs: number): Head {
  const states: Partial<Record<Scope, Decided>> = {};
  for (const scope of scopesIn(own)) {
    const { purpose, channel } = partsOf(scope);
    const decisions = own.flatMap(({ customerId, head }) => {
      // A decision of one member about a channel is weighed against that of another one about all.
      const decided = decidedIn(head, head.states, purpose, channel ?? undefined, atMs);
      return decided === null ? [] : [{ customerId, decided }];
    });
    let holds: Decided | null = null;
    for (const one of decisions) {
      const isSuperseded = decisions.some((other) => supersedes(other, one, person));
      if (!isSuperseded) holds = leastPermissive(holds, one.decided);
    }
    if (holds !== null) states[scope] = holds;
  }
  const isScoped = own.some(({ head }) => head.scoped);
  return { ...own[0]!.head, states, ...(isScoped ? { scoped: true } : {}) };
}

/** All purposes, and the channels that a decision of a member is about. */
function scopesIn(own: readonly OwnHead[]): Iterable<Scope> {
  if (!own.some(({ head }) => head.scoped)) return ledgerPurposes;
  return new Set<Scope>([
    ...ledgerPurposes,
    ...own.flatMap(({ head }) => Object.keys(head.states) as readonly Scope[]),
  ]);
}

interface OwnDecision {
  readonly customerId: string;
  readonly decided: Decided;
}

function supersedes(other: OwnDecision, one: OwnDecision, person: Person): boolean {
  const { decidedAtMs, status, saidAtMs } = other.decided;
  if (decidedAtMs <= one.decided.decidedAtMs) return false;
  // As within one ledger: a grant that was imported without a date takes back no refusal that was entered here.
  if (status === 'GRANTED' && saidAtMs === null && isRefusedHere(one.decided)) return false;
  return decidedAtMs > person.joinedAtMs(other.customerId, one.customerId);
}
