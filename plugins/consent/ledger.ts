import { RapportError } from '../../src/errors.js';
import { createKeyQueue } from '../../src/kit/key-queue.js';
import { retried } from '../../src/kit/retry.js';
import { customerName, type PersonName, sessionName } from '../../src/person-ids.js';
import type { Host } from '../../src/plugin.js';
import type { CollectionSpec, Store } from '../../src/ports/store.js';
import { createCachedReads } from './cache.js';
import {
  advance,
  type Decision,
  emptyHead,
  type Head,
  headFault,
  isOld,
  type LedgerEntry,
  type LedgerRecord,
  nextRecord,
  recordFault,
  recordId,
  redacted,
  saidAtMsOf,
  seqMax,
} from './chain.js';
import { newestDecisions, recordsFrom } from './read-records.js';
import { type LedgerPurpose, scopesOf } from './scopes.js';

const headsCachedMax = 100_000;
/** A withdrawal reaches every other process by notice, and within this time even where notices are lost. */
const freshMs = 5_000;
const headsReadMax = 1_000;
/** A decision is given up after this time, if other processes keep entering decisions of the same subject before it. */
const contendedMaxMs = 10_000;
/** Calls that may wait for one subject. */
const waitingMax = 1_000;
const retryAfterSeconds = 1;
/** Decisions entered in one record, of however many calls. */
const recordMax = 100;
/** Records read at once for a page of the ledger. */
const ledgerPageMax = 100;
const ledgerPageCharacters = 2_000_000;
/** The newest decisions of a subject, among which a repeated grant is looked for. */
const repeatedMax = 100;

export const ledgerSpec: CollectionSpec<LedgerRecord> = {
  name: 'consent-ledger',
  indexes: { bySubject: { fields: ['subject', 'seq'] } },
  shardBy: 'subject',
  person: {
    names: ({ subject, entries }) => [subject as PersonName, ...entries.flatMap(namesInEntry)],
    find: { index: 'bySubject', value: (name) => name },
    // In sessions that were not theirs, a server may have entered decisions of a customer.
    scattered: true,
    without: (record, isErased) =>
      isErased(record.subject as PersonName)
        ? []
        : [
            {
              ...record,
              entries: record.entries.map((entry) =>
                namesInEntry(entry).some(isErased) ? redacted(entry) : entry,
              ),
            },
          ],
    only: (record, isTheirs) => ({
      ...record,
      entries: record.entries.filter(
        ({ customerId }) => customerId === null || isTheirs(customerName(customerId)),
      ),
    }),
  },
};
export const headsSpec: CollectionSpec<Head> = {
  name: 'consent-heads',
  indexes: {},
  shardBy: 'id',
  person: {
    names: ({ id, states, anonymous }) => [
      id as PersonName,
      ...[...Object.values(states), ...Object.values(anonymous ?? {})].flatMap(({ customerId }) =>
        customerId === null ? [] : [customerName(customerId)],
      ),
    ],
    find: { ids: (name) => [name] },
    scattered: true,
    without: ({ id, seq, hash, decidedAtMs }, isErased) =>
      // Without `anonymous` it is made anew from its records.
      isErased(id as PersonName) ? [] : [{ id, seq, hash, decidedAtMs, states: {} }],
    // The state follows from the decisions, which are exported.
    only: () => undefined,
  },
};

function namesInEntry({ customerId, carriedFrom }: LedgerEntry): PersonName[] {
  return [
    ...(customerId === null ? [] : [customerName(customerId)]),
    ...(carriedFrom === undefined ? [] : [sessionName(carriedFrom)]),
  ];
}

export interface Audit {
  readonly subject: string;
  readonly intact: boolean;
  readonly decisions: number;
  readonly fault: string | null;
}

export interface AppendOptions {
  /** The caller publishes that the subject changes. If omitted, the ledger does. */
  readonly published?: boolean;
}

export interface HeadAt {
  readonly head: Head | null;
  readonly entries: readonly LedgerEntry[];
}

/** Records as lines of JSON, in the order of their ids: those of one subject in the order in which they were entered. */
export interface LedgerPage {
  readonly lines: readonly string[];
  /** The number of decisions in them. */
  readonly decisions: number;
  /** The place after which the next page begins; null at the end. */
  readonly next: string | null;
}

interface Entering {
  readonly decision: Decision;
  readonly published: boolean;
  /** True for a grant that was left out although an earlier one with its `messageId` says something else. */
  isReused: boolean;
}

export interface Ledger {
  /** The head of a subject; null if nothing was ever decided. Throws `unavailable`. */
  head(subject: string): Promise<Head | null>;
  /** The same, past the cache. */
  stored(subject: string): Promise<Head | null>;
  /** The same for several, in the order given. */
  storedAll(subjects: readonly string[]): Promise<readonly (Head | null)[]>;
  /** All heads, in pages. Damaged ones are left out. */
  scan(): AsyncIterable<readonly Head[]>;
  /** In the order given. */
  heads(subjects: readonly string[]): Promise<Head | null>[];
  /**
   * Enters decisions; they are seen by every reader of this process when it resolves. Calls for one subject wait for each other, and those
   * that gather meanwhile share a record and a fact. A grant whose `messageId` an earlier grant of the purpose has is left out;
   * it is looked for among the newest 100 decisions. Returns those grants left out whose earlier one has another notice, evidence or expiry.
   * Throws `limited` when too many wait.
   */
  append(
    subject: string,
    decisions: readonly Decision[],
    options?: AppendOptions,
  ): Promise<readonly Decision[]>;
  /** The newest decisions, oldest first. */
  history(subject: string, limit: number): Promise<readonly LedgerEntry[]>;
  /** The head as it was at a moment, by the moments at which decisions were made, and the entries of a purpose until then. */
  headAt(subject: string, atMs: number, purpose: LedgerPurpose): Promise<HeadAt>;
  /** Folds what was entered but not yet folded, after a process died between the two. Idempotent. */
  catchUp(subject: string): Promise<void>;
  /** Reads at most `limit` records and about 2 million characters, of one subject or of all (null). Damaged records are left out. */
  page(subject: string | null, after: string | null, limit: number): Promise<LedgerPage>;
  /** Rebuilds each head that is missing, damaged or behind its records. Returns their number. */
  rebuild(): Promise<number>;
  /** Checks that everything is as it was written, and that each of these hashes is still in it. */
  verify(subject: string, receipts: readonly string[]): Promise<Audit>;
  close(): Promise<void>;
}

/**
 * An append-only chain of records for each subject. Inserting the record under its number is the compare-and-set:
 * of two writers one gets the number and the other begins again behind it. The head, written next,
 * is the fold of all records and can always be made again from them. `publishing` publishes that a subject changes through keys of these
 * names, around the write.
 */
export async function openLedger(
  store: Store,
  host: Pick<Host, 'clock' | 'random'>,
  publishing: (subject: string, origins: readonly string[], write: () => Promise<void>) => Promise<void> = (
    _subject,
    _origins,
    write,
  ) => write(),
  changed: (subject: string) => void = () => undefined,
): Promise<Ledger> {
  const { clock } = host;
  const [records, heads] = await Promise.all([store.collection(ledgerSpec), store.collection(headsSpec)]);
  const cache = createCachedReads<Head | null>({
    entriesMax: headsCachedMax,
    freshMs,
    clock,
    read: readHeads,
  });
  const unwatch = heads.watch((changes) => {
    for (const { id } of changes) {
      cache.forget(id);
      changed(id);
    }
  });

  /** Rebuilds damaged heads and those of earlier versions. */
  async function readHeads(subjects: readonly string[]): Promise<(Head | null)[]> {
    const damaged = new Set<string>();
    const skipDamaged = (id: string) => void damaged.add(id);
    const found: (Head | null)[] = [];
    for (let from = 0; from < subjects.length; from += headsReadMax) {
      found.push(...(await heads.getMany(subjects.slice(from, from + headsReadMax), { skipDamaged })));
    }
    return Promise.all(
      found.map((head, i) => {
        const subject = subjects[i]!;
        return damaged.has(subject) || (head !== null && isOld(head)) ? rebuilt(subject) : head;
      }),
    );
  }

  const stored = async (subject: string) => (await readHeads([subject]))[0]!;

  /** Rebuilds a head from all records, including those behind a missing one, and stores it. */
  async function rebuilt(subject: string): Promise<Head | null> {
    let head = emptyHead(subject);
    for await (const record of recordsFrom(records, subject, 0)) head = advance(head, record);
    if (head.seq === 0) return null;
    return heads.update(
      subject,
      (current) => (current === null || isOld(current) || current.seq < head.seq ? head : undefined),
      { skipDamaged: true },
    );
  }

  async function rebuild(): Promise<number> {
    let count = 0;
    for await (const page of records.scan()) {
      // The last record of each subject in the page.
      const last = new Map(page.map(({ subject, seq }) => [subject, seq]));
      const stored = await heads.getMany([...last.keys()], { skipDamaged: true });
      for (const [i, [subject, seq]] of [...last].entries()) {
        const head = stored[i] ?? null;
        if (head !== null && !isOld(head) && head.seq >= seq) continue;
        await rebuilt(subject);
        count++;
      }
    }
    return count;
  }

  async function fold(record: LedgerRecord): Promise<void> {
    await heads.update(record.subject, (current) => {
      const head = current ?? emptyHead(record.subject);
      return head.seq === record.seq - 1 ? advance(head, record) : undefined;
    });
  }

  async function catchUp(subject: string): Promise<void> {
    const head = await stored(subject);
    for await (const record of recordsFrom(records, subject, (head?.seq ?? 0) + 1)) await fold(record);
  }

  async function append(subject: string, entering: readonly Entering[]): Promise<void> {
    const entered = await retried(host, contendedMaxMs, async () => {
      const head = (await stored(subject)) ?? emptyHead(subject);
      const fresh = await withoutRepeated(subject, entering);
      if (fresh.length === 0) return true;
      const record = nextRecord(
        head,
        fresh.map(({ decision }) => decision),
        clock.nowMs(),
      );
      const [added] = await records.insert([record]);
      await (added ? fold(record) : catchUp(subject));
      return added || undefined;
    });
    if (entered) return;
    throw new RapportError(
      'conflict',
      'CONSENT_CONTENDED',
      'Too many decisions of this shopper are being entered at once; send it again.',
    );
  }

  /** Read behind the head: a record that another process enters meanwhile takes the number of this one, so this begins again. */
  async function withoutRepeated(
    subject: string,
    entering: readonly Entering[],
  ): Promise<readonly Entering[]> {
    if (entering.every(({ decision }) => messageOf(decision) === null)) return entering;
    const known = new Map<string | null, Decision>();
    for (const decision of await newestDecisions(records, subject, repeatedMax))
      known.set(messageOf(decision), decision);
    return entering.filter((each) => {
      const message = messageOf(each.decision);
      if (message === null) return true;
      const before = known.get(message);
      if (before === undefined) known.set(message, each.decision);
      else each.isReused = saysOtherwise(before, each.decision);
      return before === undefined;
    });
  }

  async function enter(subject: string, entering: readonly Entering[]): Promise<void> {
    const write = () => append(subject, entering);
    const origins = new Set(
      entering.flatMap(({ published, decision }) => (published ? [] : [decision.source])),
    );
    await (origins.size === 0 ? write() : publishing(subject, [...origins], write));
  }

  const queue = createKeyQueue<Entering>({ itemsMax: recordMax, waitingMax, tooMany, work: enter });

  async function page(subject: string | null, after: string | null, limit: number): Promise<LedgerPage> {
    const lines: string[] = [];
    let decisions = 0;
    let characters = 0;
    const from = after ?? (subject === null ? null : recordId(subject, 0));
    const range = { pageSize: Math.min(limit, ledgerPageMax), ...(from === null ? {} : { after: from }) };
    for await (const found of records.scan(range)) {
      for (const record of found) {
        if (subject !== null && record.id > recordId(subject, seqMax))
          return { lines, decisions, next: null };
        // An id of another subject may lie between two of this one.
        if (subject !== null && record.subject !== subject) continue;
        const line = JSON.stringify(record);
        lines.push(line);
        decisions += record.entries.length;
        characters += line.length;
        if (lines.length === limit || characters > ledgerPageCharacters)
          return { lines, decisions, next: record.id };
      }
    }
    return { lines, decisions, next: null };
  }

  async function audit(subject: string, receipts: readonly string[]): Promise<Audit> {
    const missing = new Set(receipts);
    let head = emptyHead(subject);
    let decisions = 0;
    const fail = (fault: string): Audit => ({ subject, intact: false, decisions, fault });
    for await (const record of recordsFrom(records, subject, 0)) {
      const fault = recordFault(head, record);
      if (fault) return fail(fault);
      for (const entry of record.entries) missing.delete(entry.hash);
      decisions += record.entries.length;
      head = advance(head, record);
    }
    const fault = headFault(await stored(subject), head);
    if (fault) return fail(fault);
    const [receipt] = missing;
    return receipt === undefined
      ? { subject, intact: true, decisions, fault: null }
      : fail(`the decision of receipt ${receipt} is missing`);
  }

  return {
    head: cache.get,
    stored,
    storedAll: readHeads,
    scan: () => heads.scan(),
    heads: cache.getMany,
    catchUp,

    async append(subject, decisions, { published = false } = {}) {
      const entering = decisions.map((decision) => ({ decision, published, isReused: false }));
      await queue.add(subject, entering);
      return entering.filter(({ isReused }) => isReused).map(({ decision }) => decision);
    },
    rebuild,
    page,
    history: (subject, limit) => newestDecisions(records, subject, limit),

    async headAt(subject, atMs, purpose) {
      let head = emptyHead(subject);
      const own: LedgerEntry[] = [];
      for await (const record of recordsFrom(records, subject, 0)) {
        const entries = record.entries.filter((entry) => saidAtMsOf(entry) <= atMs);
        if (entries.length > 0) head = advance(head, { ...record, entries });
        for (const entry of entries) if (entry.purpose === purpose) own.push(entry);
      }
      return { head: head.seq === 0 ? null : head, entries: own };
    },

    async verify(subject, receipts) {
      let result = await audit(subject, receipts);
      // A decision entered meanwhile looks like a fault for a moment.
      for (let again = 0; again < 2 && !result.intact; again++) result = await audit(subject, receipts);
      return result;
    },

    async close() {
      unwatch();
    },
  };
}

function tooMany(waiting: number): RapportError {
  return new RapportError(
    'limited',
    'CONSENT_TOO_MANY_WAITING',
    `${waiting} decisions of this shopper are waiting to be entered; at most ${waitingMax} may. Send it again.`,
    { retryAfterSeconds },
  );
}

/** The key of a grant, which a repeated one shares; null: it has no `messageId`. A refusal is entered however often it is sent. */
function messageOf(decision: Pick<Decision, 'messageId' | 'purpose' | 'status' | 'appliesTo'>) {
  const { messageId, status } = decision;
  return messageId === undefined || status !== 'GRANTED' ? null : `${scopesOf(decision)} ${messageId}`;
}

function saysOtherwise(a: Decision, b: Decision): boolean {
  return a.noticeVersion !== b.noticeVersion || a.evidence !== b.evidence || a.expiresAtMs !== b.expiresAtMs;
}
