import type { Fact } from '../../src/facts.js';
import { customerName, isId, type PersonName, sessionName } from '../../src/person-ids.js';
import type { DeadLetter } from '../../src/ports/queue.js';
import type { Collection, Document, Store } from '../../src/ports/store.js';

/** A fact on its way to its handlers. Gone when all of them have run, or have become dead letters. */
export interface Entry extends Document {
  readonly fact: Fact;
  /** When it is to be told; before that it is only planned. */
  readonly atMs: number;
  /** When the next process may take it: later than `atMs` while one has it, or between attempts. */
  readonly dueAtMs: number;
  /** The id of the fact. A fact planned anew under the same key has another one, so that finishing the old one spares the new one. */
  readonly stamp: string;
  /** The plugins that have yet to react; null: all that do. */
  readonly pending: readonly string[] | null;
  readonly attempts: number;
}

const plannedPrefix = 'at.';

export function plannedId(key: string): string {
  return `${plannedPrefix}${key}`;
}

/** True if an entry was planned for a later moment and has not been delivered yet. */
export function isPlanned({ id, attempts, pending }: Entry): boolean {
  return id.startsWith(plannedPrefix) && attempts === 0 && pending === null;
}

export interface Day extends Document {
  /** The last day whose end was told, `YYYY-MM-DD`. */
  readonly day: string;
}

export interface Kept {
  readonly entries: Collection<Entry>;
  readonly deadLetters: Collection<DeadLetter>;
  readonly days: Collection<Day>;
}

/** Fields of facts that hold the id of a customer. */
const customerFields = ['customerId', 'into', 'from'] as const;

/** The people whom a fact names, of whatever type it is. */
export function namesInFact(fact: Fact): PersonName[] {
  const fields = fact as Readonly<Record<string, unknown>>;
  const names = customerFields
    .map((field) => fields[field])
    .filter(isId)
    .map(customerName);
  const { sessionId, subject } = fields;
  if (isId(sessionId)) names.push(sessionName(sessionId));
  // The subject of a consent is the name of its person.
  if (typeof subject === 'string') names.push(subject as PersonName);
  return names;
}

export async function openOutbox(store: Store): Promise<Kept> {
  return {
    entries: await store.collection<Entry>({
      name: 'queue-outbox',
      indexes: { byDue: { fields: ['dueAtMs'] } },
      watched: false,
      person: { names: ({ fact }) => namesInFact(fact), dropsErased: true },
    }),
    deadLetters: await store.collection<DeadLetter>({
      name: 'queue-dead-letters',
      indexes: { byFailure: { fields: ['failedAtMs'] } },
      watched: false,
      person: { names: ({ fact }) => namesInFact(fact), dropsErased: true },
    }),
    days: await store.collection<Day>({ name: 'queue-days', indexes: {}, watched: false }),
  };
}

/**
 * Replaces an entry that this process holds, or removes it (null), unless the same key was planned anew meanwhile. An entry that was
 * damaged meanwhile is replaced, too, since its fact is in memory.
 */
export async function replaceOwn(entries: Kept['entries'], entry: Entry, next: Entry | null): Promise<void> {
  let isDamaged = false;
  await entries.update(
    entry.id,
    (current) => {
      const isOwn = isDamaged || current?.stamp === entry.stamp;
      isDamaged = false;
      return isOwn ? next : undefined;
    },
    {
      skipDamaged: () => {
        isDamaged = true;
      },
    },
  );
}
