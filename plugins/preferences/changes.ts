import { RapportError } from '../../src/errors.js';
import { createKeyQueue } from '../../src/kit/key-queue.js';
import { retried } from '../../src/kit/retry.js';
import type { PersonName } from '../../src/person-ids.js';
import type { Host } from '../../src/plugin.js';
import type { PreferenceChange } from '../../src/ports/preferences.js';
import type { Collection, CollectionSpec, Document, Store } from '../../src/ports/store.js';
import { topicsMax } from './input.js';
import { type Item, type Items, isSame, nameOf, type Values } from './values.js';

/** A value of a preference, or whether a product is dismissed; null: removed. */
export type Value = Values[keyof Values] | boolean | null;

/** A change gives up after this time if other processes keep changing preferences of the same subject. */
const contendedMaxMs = 10_000;
const pageMax = 100;
/** Calls that may wait for one subject. */
const waitingMax = 1_000;
/** Removals that a state remembers, the newest, since one that was made after a merge supersedes values of the other members. */
const removedMax = 100;

/** The changes of one call, the `seq`-th of its subject. Never changed once it is written. */
interface ChangeRecord extends Document {
  readonly subject: PersonName;
  readonly seq: number;
  readonly changes: readonly PreferenceChange[];
}

/** The fold of a subject's records; the id is the subject. */
interface Head extends Document {
  readonly id: PersonName;
  readonly seq: number;
  readonly items: Items;
}

const recordsSpec: CollectionSpec<ChangeRecord> = {
  name: 'preference-changes',
  indexes: { bySubject: { fields: ['subject', 'seq'] } },
  shardBy: 'subject',
  watched: false,
  person: {
    names: ({ subject }) => [subject],
    find: { index: 'bySubject', value: (name) => name },
  },
};
const headsSpec: CollectionSpec<Head> = {
  name: 'preferences',
  indexes: {},
  shardBy: 'id',
  watched: false,
  person: {
    names: ({ id }) => [id],
    find: { ids: (name) => [name] },
    // The state follows from the changes, which are exported.
    only: () => undefined,
  },
};

/** The preferences of each subject, and their history. */
export interface Changes {
  /** In the order given; empty where nothing was ever set. */
  items(subjects: readonly PersonName[]): Promise<readonly Items[]>;
  /**
   * Appends those values that differ from what holds; they hold when it resolves. `around` is called around the write, and not at all if nothing
   * differs. Throws `invalid` if a subject would have too many topics.
   */
  append(
    subject: PersonName,
    values: ReadonlyMap<string, Value>,
    about: Omit<PreferenceChange, 'name' | 'value' | 'atMs'>,
    around: (write: () => Promise<unknown>) => Promise<unknown>,
  ): Promise<void>;
  /** Folds records that a process did not fold because it ended. Idempotent. */
  catchUp(subject: PersonName): Promise<void>;
  /** The newest changes, newest first. */
  history(subject: PersonName, limit: number): Promise<readonly PreferenceChange[]>;
}

interface Call {
  readonly values: ReadonlyMap<string, Value>;
  readonly about: Omit<PreferenceChange, 'name' | 'value' | 'atMs'>;
  readonly around: (write: () => Promise<unknown>) => Promise<unknown>;
}

/** One step of the fold that makes the state out of the history. */
export function advance(items: Items, changes: readonly PreferenceChange[]): Items {
  const next: Record<string, Item> = { ...items };
  // Dismissals hold by their events; here they are history.
  for (const { name, value, atMs } of changes)
    if (typeof value !== 'boolean') next[name] = { value: value as Item['value'], atMs };
  const removed = Object.entries(next)
    .filter(([, { value }]) => value === null)
    .sort(([a, one], [b, other]) => other.atMs - one.atMs || (a < b ? -1 : 1));
  for (const [name] of removed.slice(removedMax)) delete next[name];
  return next;
}

/** Inserting a record under its number is the compare-and-set; the head, written next, is the fold of all records. */
export async function openChanges(store: Store, host: Pick<Host, 'clock' | 'random'>): Promise<Changes> {
  const [records, heads]: [Collection<ChangeRecord>, Collection<Head>] = await Promise.all([
    store.collection(recordsSpec),
    store.collection(headsSpec),
  ]);

  const emptyHead = (subject: PersonName): Head => ({ id: subject, seq: 0, items: {} });
  const recordId = (subject: PersonName, seq: number) => `${subject}#${String(seq).padStart(10, '0')}`;

  async function fold(record: ChangeRecord): Promise<void> {
    await heads.update(record.subject, (current) => {
      const head = current ?? emptyHead(record.subject);
      if (head.seq !== record.seq - 1) return undefined;
      return { id: head.id, seq: record.seq, items: advance(head.items, record.changes) };
    });
  }

  async function catchUp(subject: PersonName): Promise<void> {
    const head = (await heads.get(subject)) ?? emptyHead(subject);
    const { items } = await records.find({
      index: 'bySubject',
      equals: [subject],
      from: head.seq + 1,
      limit: pageMax,
    });
    for (const record of items) await fold(record);
  }

  async function append(subject: PersonName, { values, about, around }: Call): Promise<void> {
    const entered = await retried(host, contendedMaxMs, async () => {
      const head = (await heads.get(subject)) ?? emptyHead(subject);
      const last = Math.max(0, ...Object.values(head.items).map((item) => item.atMs));
      const atMs = Math.max(host.clock.nowMs(), last + 1);
      const changes: PreferenceChange[] = [];
      for (const [name, value] of values) {
        const isNew = typeof value === 'boolean' || !isSame(head.items[name]?.value ?? null, value);
        if (isNew) changes.push({ ...about, name, value, atMs });
      }
      if (changes.length === 0) return true;
      checkTopics(advance(head.items, changes));
      const seq = head.seq + 1;
      const record = { id: recordId(subject, seq), subject, seq, changes };
      let isAdded = false;
      await around(async () => {
        isAdded = (await records.insert([record]))[0] === true;
        await (isAdded ? fold(record) : catchUp(subject));
      });
      return isAdded || undefined;
    });
    if (!entered)
      throw new RapportError(
        'conflict',
        'PREFERENCES_CONTENDED',
        'Too many changes of these preferences are being made at once; send it again.',
      );
  }

  // One call after the other, since one that is refused must not take others with it.
  const queue = createKeyQueue<Call>({
    itemsMax: 1,
    waitingMax,
    tooMany,
    work: async (subject, calls) => {
      for (const call of calls) await append(subject as PersonName, call);
    },
  });

  return {
    catchUp,

    async items(subjects) {
      const found = await heads.getMany(subjects);
      return found.map((head) => head?.items ?? {});
    },

    append: (subject, values, about, around) => queue.add(subject, [{ values, about, around }]),

    async history(subject, limit) {
      const found: PreferenceChange[] = [];
      let after: string | null = null;
      do {
        const page: Awaited<ReturnType<typeof records.find>> = await records.find({
          index: 'bySubject',
          equals: [subject],
          descending: true,
          limit: Math.min(limit - found.length, pageMax),
          ...(after === null ? {} : { after }),
        });
        for (const { changes } of page.items) found.push(...changes.toReversed());
        after = page.next;
      } while (after !== null && found.length < limit);
      return found.slice(0, limit);
    },
  };
}

export function dismissalName(productId: string): string {
  return `notForMe:${productId}`;
}

function tooMany(waiting: number): RapportError {
  return new RapportError(
    'limited',
    'PREFERENCES_TOO_MANY_WAITING',
    `${waiting} changes of these preferences are waiting; at most ${waitingMax} may. Send it again.`,
    { retryAfterSeconds: 1 },
  );
}

const topicPrefix = nameOf('topic', ' ').trimEnd();

function checkTopics(items: Items): void {
  const count = Object.entries(items).filter(
    ([name, { value }]) => value !== null && name.startsWith(topicPrefix),
  ).length;
  if (count > topicsMax)
    throw new RapportError(
      'invalid',
      'PREFERENCES_TOPICS_TOO_MANY',
      `this shopper would have ${count} topics; at most ${topicsMax} are kept, so remove some with liked: null`,
      { path: ['preferences', 'topics'] },
    );
}
