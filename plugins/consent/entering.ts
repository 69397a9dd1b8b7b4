import type { Fact } from '../../src/facts.js';
import type { Host } from '../../src/plugin.js';
import type { Customers, Handover, Shopper } from '../../src/ports/customers.js';
import type { Queue } from '../../src/ports/queue.js';
import { carriedOver, missingIn } from './carry.js';
import type { Decision, Head } from './chain.js';
import type { Ledger } from './ledger.js';
import { customerSubject, headOfPerson, sessionSubject } from './subjects.js';

/** Facts that are published together. */
const factsMax = 100;

/** Enters decisions into the ledger: those of a shopper, of many subjects, and of a session that is replaced. */
export function createEntering(
  { ledger, customers, queue }: { ledger(): Ledger; readonly customers: Customers; readonly queue: Queue },
  { clock, ids }: Pick<Host, 'clock' | 'ids'>,
) {
  /** Enters the decisions of each subject; they hold when it resolves. Returns those that `append` does, for each subject. */
  const enter = (bySubject: ReadonlyMap<string, readonly Decision[]>) =>
    allDone(
      [...bySubject]
        .filter(([, decisions]) => decisions.length > 0)
        .map(([subject, decisions]) => ledger().append(subject, decisions)),
    );

  /** The same for many subjects, whose facts are published together. */
  async function enterMany(
    bySubject: ReadonlyMap<string, readonly Decision[]>,
    origin: string,
  ): Promise<void> {
    const all = [...bySubject].filter(([, decisions]) => decisions.length > 0);
    for (let at = 0; at < all.length; at += factsMax) {
      const part = all.slice(at, at + factsMax);
      await queue.publishing(
        part.map(([subject]) => changed(subject, origin)),
        () =>
          allDone(
            part.map(([subject, decisions]) => ledger().append(subject, decisions, { published: true })),
          ),
      );
    }
  }

  /** The head of a customer's person, from the store. */
  async function storedHeadOf(customerId: string): Promise<Head | null> {
    const person = await customers.personOf(customerId);
    const { members } = person;
    const heads = await Promise.all(members.map((member) => ledger().stored(customerSubject(member))));
    const own = heads.flatMap((head, i) => (head === null ? [] : [{ customerId: members[i]!, head }]));
    if (members.length === 1 || own.length === 0) return heads[0] ?? null;
    return headOfPerson(own, person, clock.nowMs());
  }

  /** Enters the decisions that sessions take over from the one they replace; see `carriedOver`. */
  async function carry(handover: Handover): Promise<void> {
    const { from, to, customerId } = handover;
    const [session, customer] = await Promise.all([
      ledger().stored(sessionSubject(from)),
      customerId === null ? null : storedHeadOf(customerId),
    ]);
    const decisions = carriedOver(handover, { session, customer }, ids, clock.nowMs());
    if (decisions.length === 0) return;
    const subjects = to.map(sessionSubject);
    const heads = await Promise.all(subjects.map(ledger().stored));
    await enter(new Map(subjects.map((subject, i) => [subject, missingIn(heads[i]!, decisions)])));
  }

  /** Copies the decision to the new session if the session was replaced while the decision was entered. */
  async function follow({ context, sessionId, linkedTo }: Shopper): Promise<void> {
    const next = await customers.sessionOf(context.sessionId);
    if (next === sessionId) return;
    const customerId = linkedTo ?? null;
    await carry({ context, reason: 'replacement', from: sessionId, to: [next], customerId, untilMs: 0 });
  }

  /** Enters decisions of a shopper for the session and for a proven customer. Returns those that `append` does. */
  async function enterFor(shopper: Shopper, entries: readonly Decision[]): Promise<readonly Decision[]> {
    const subjects = [sessionSubject(shopper.sessionId)];
    if (shopper.customerId !== null) subjects.push(customerSubject(shopper.customerId));
    const reused = await enter(new Map(subjects.map((subject) => [subject, entries])));
    await follow(shopper);
    return reused.flat();
  }

  return { enter, enterMany, enterFor, storedHeadOf, carry };
}

export const changed = (subject: string, origin: string): Fact => ({
  type: 'consent.changed',
  subject,
  origin,
});

/** Waits for all, then throws what one of them threw. */
async function allDone<T>(writes: readonly Promise<T>[]): Promise<readonly T[]> {
  await Promise.allSettled(writes);
  return Promise.all(writes);
}
