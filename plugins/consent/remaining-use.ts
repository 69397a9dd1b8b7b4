import { isRapportError } from '../../src/errors.js';
import type { Clock } from '../../src/plugin.js';
import type { Consent, Purpose } from '../../src/ports/consent.js';
import type { Customers, Person } from '../../src/ports/customers.js';
import type { Head } from './chain.js';
import { type Decider, type Heads, holding, type Mode, refusal, valid } from './judgement.js';
import type { Ledger } from './ledger.js';
import { partsOf, type Scope } from './scopes.js';
import { headNames, headsFrom } from './subjects.js';

function isDamage(error: unknown): boolean {
  return isRapportError(error, 'unavailable') && error.code === 'STORE_DAMAGED';
}

/** The purposes that decide what may be learned. */
const taught: ReadonlySet<string> = new Set<Purpose>(['PERSONALIZATION', 'ANALYTICS']);

/** Decides what may still be learned from events of the log, after what people decided since they were recorded. */
export function createRemainingUse(parts: {
  readonly ledger: () => Ledger;
  readonly customers: Pick<Customers, 'linkedTo' | 'personOf'>;
  readonly mode: Mode;
  readonly clock: Clock;
}): Pick<Consent, 'remaining' | 'withdrawnSince'> {
  const { ledger, customers, mode, clock } = parts;
  // Where nothing is attributed before a grant, a first decision takes nothing back.
  const seqMin = mode === 'opt-in' ? 2 : 1;

  /** Resolves to undefined for each subject whose records are damaged, so that nobody knows what it decided. */
  async function headsOf(subjects: readonly string[]): Promise<readonly (Head | null | undefined)[]> {
    try {
      return await ledger().storedAll(subjects);
    } catch (error) {
      if (!isDamage(error)) throw error;
      const each = subjects.map((subject) =>
        ledger()
          .stored(subject)
          .catch((fault: unknown): undefined => {
            if (!isDamage(fault)) throw fault;
          }),
      );
      return Promise.all(each);
    }
  }

  async function personsOf(customerIds: readonly (string | null)[]): Promise<readonly (Person | null)[]> {
    const reads = new Map<string, Promise<Person>>();
    for (const id of customerIds) if (id !== null && !reads.has(id)) reads.set(id, customers.personOf(id));
    return Promise.all(customerIds.map((id) => (id === null ? null : reads.get(id)!)));
  }

  return {
    async remaining(people) {
      const links = await customers.linkedTo(people.map(({ sessionId }) => sessionId));
      const persons = await personsOf(people.map(({ customerId }, at) => customerId ?? links[at] ?? null));
      const deciders = people.map(({ sessionId, customerId, channel }, at): Decider => {
        const linkedTo = links[at] ?? null;
        const person = persons[at] ?? null;
        return {
          sessionId,
          customerId,
          sessionIds: [sessionId],
          ...(channel === undefined ? {} : { context: { channel } }),
          ...(linkedTo === null ? {} : { linkedTo }),
          ...(person === null || person.members.length === 1 ? {} : { person }),
        };
      });
      const names = deciders.map(headNames);
      const found = await headsOf(names.flat().map(({ subject }) => subject));
      const nowMs = clock.nowMs();
      let next = 0;
      return deciders.map((decider, at) => {
        const own = names[at]!;
        const known: (Head | null)[] = [];
        for (let n = 0; n < own.length; n++) {
          const head = found[next++];
          if (head !== undefined) known.push(head);
        }
        if (known.length < own.length) return { learn: false, permitted: false };
        const heads = headsFrom(own, known, decider.person, nowMs);
        const isRefused = (purpose: Purpose) => refusedBy(decider, purpose, heads, nowMs);
        return { learn: !isRefused('ANALYTICS'), permitted: !isRefused('PERSONALIZATION') };
      });
    },

    async withdrawnSince(sinceMs) {
      const nowMs = clock.nowMs();
      for await (const page of ledger().scan()) {
        if (page.some((head) => head.seq >= seqMin && refusedSince(head, sinceMs, nowMs))) return true;
      }
      return false;
    },
  };
}

function refusedBy(decider: Decider, purpose: Purpose, heads: Heads, nowMs: number): boolean {
  return refusal(holding(decider, purpose, heads, nowMs)) !== null;
}

function refusedSince({ states, anonymous }: Head, sinceMs: number, nowMs: number): boolean {
  return [states, anonymous ?? {}].some((said) =>
    (Object.keys(said) as readonly Scope[]).some((scope) => {
      if (!taught.has(partsOf(scope).purpose)) return false;
      const refused = refusal(valid(said[scope], nowMs));
      return refused !== null && refused.decidedAtMs >= sinceMs;
    }),
  );
}
