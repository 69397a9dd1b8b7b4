import type { Consent, PastConsent } from '../../src/ports/consent.js';
import type { Customers, Person } from '../../src/ports/customers.js';
import { saidAtMsOf } from './chain.js';
import { type Decider, evaluate, type Heads, holding, isPaused, type Mode } from './judgement.js';
import type { Ledger } from './ledger.js';
import { isPublic } from './scopes.js';
import { customerSubject, headNames, headsFrom } from './subjects.js';

const customerPrefix = customerSubject('');
/** A caller whose key and browser restrict nothing. */
const anyCaller = { role: 'SERVER', globalPrivacyControl: false } as const;

/** Reads from the history which decision was in force at a moment. */
export function createConsentAt(parts: {
  readonly ledger: () => Ledger;
  readonly customers: Pick<Customers, 'personOf'>;
  readonly mode: Mode;
}): Consent['consentAt'] {
  const { ledger, customers, mode } = parts;

  /** The person of a customer without those who were merged with them later. */
  async function personAt(customerId: string, atMs: number): Promise<Person> {
    const person = await customers.personOf(customerId);
    const members = person.members.filter(
      (member) => member === customerId || person.joinedAtMs(customerId, member) <= atMs,
    );
    return { id: person.id, members, joinedAtMs: person.joinedAtMs };
  }

  return async (subject, purpose, atMs, channel): Promise<PastConsent> => {
    const isCustomer = subject.startsWith(customerPrefix);
    const id = subject.slice(subject.indexOf(':') + 1);
    const decider: Decider = {
      sessionId: isCustomer ? '' : id,
      sessionIds: [isCustomer ? '' : id],
      customerId: isCustomer ? id : null,
      ...(isCustomer ? { person: await personAt(id, atMs) } : {}),
      ...(channel === undefined ? {} : { context: { channel } }),
    };
    const names = headNames(decider).filter(({ as }) => (as === 'session') !== isCustomer);
    const read = await Promise.all(names.map((name) => ledger().headAt(name.subject, atMs, purpose)));
    const heads: Heads = headsFrom(
      names,
      read.map(({ head }) => head),
      decider.person,
      atMs,
    );
    const decided = holding(decider, purpose, heads, atMs);
    const isPermitted = evaluate(mode, anyCaller, purpose, decided).applied;
    const decision = read
      .flatMap(({ entries }) => entries)
      .findLast((entry) => saidAtMsOf(entry) === decided?.decidedAtMs && entry.status === decided.status);
    return {
      purpose,
      status: decided?.status ?? 'UNSET',
      decidedAtMs: decided?.decidedAtMs ?? null,
      expiresAtMs: decided?.expiresAtMs ?? null,
      permitted: isPermitted && !(purpose === 'PERSONALIZATION' && isPaused(decider, heads, atMs)),
      decision: decision !== undefined && isPublic(decision) ? decision : null,
    };
  };
}
