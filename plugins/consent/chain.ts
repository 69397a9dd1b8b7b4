import { createHash } from 'node:crypto';
import type { ConsentActor, ConsentDecision, ConsentStatus, Purpose } from '../../src/ports/consent.js';
import type { Document } from '../../src/ports/store.js';

/** The decision that holds for one purpose. */
export interface Decided {
  readonly status: ConsentStatus;
  /** When the shopper decided. */
  readonly decidedAtMs: number;
  /** As in `ConsentDecision`. */
  readonly saidAtMs?: number | null;
  readonly expiresAtMs: number | null;
  readonly customerId: string | null;
  readonly claimedBy?: ConsentActor;
  readonly globalPrivacyControl: boolean;
}

/** What was decided in one call, the `seq`-th of its subject. Never changed once it is written. */
export interface LedgerRecord extends Document {
  readonly subject: string;
  readonly seq: number;
  readonly entries: readonly ConsentDecision[];
}

/** Where the chain of a subject stands and what follows from it; the id is the subject. */
export interface Head extends Document {
  readonly seq: number;
  readonly hash: string;
  readonly decidedAtMs: number;
  /** Decisions of proven customers. */
  readonly states: States;
  /**
   * Decisions without proof, and those carried over from another session, whose `customerId` names the customer they belong to.
   * Absent in heads of earlier versions, which are rebuilt from the history before they are used.
   */
  readonly anonymous?: States;
}

export type States = Readonly<Partial<Record<Purpose, Decided>>>;

/** A decision before it has its place in a chain. */
export type Decision = Omit<ConsentDecision, 'subject' | 'decidedAtMs' | 'hash'>;

const zeros = '0'.repeat(64);
const seqDigits = 10;

/** The tail has a fixed width, so ids of two subjects never meet. */
export function recordId(subject: string, seq: number): string {
  return `${subject}#${String(seq).padStart(seqDigits, '0')}`;
}

/** The state of a subject nobody has decided for yet. */
export function emptyHead(subject: string): Head {
  return { id: subject, seq: 0, hash: zeros, decidedAtMs: 0, states: {}, anonymous: {} };
}

/** True for a head of an earlier version, which kept one state for customers and strangers. It is rebuilt from the history. */
export function isOld(head: Head): boolean {
  return head.anonymous === undefined;
}

function hashOf(previous: string, seq: number, entry: Omit<ConsentDecision, 'hash'>): string {
  const fields = [
    previous,
    seq,
    entry.id,
    entry.subject,
    entry.purpose,
    entry.status,
    entry.noticeVersion,
    entry.evidence,
    entry.channel,
    entry.source,
    entry.customerId,
    entry.globalPrivacyControl,
    entry.expiresAtMs,
    entry.decidedAtMs,
    // Entries of earlier versions have none, and keep their hash.
    ...(entry.claimedBy === undefined ? [] : [entry.claimedBy]),
    ...(entry.saidAtMs === undefined && entry.carriedFrom === undefined
      ? []
      : [{ saidAtMs: entry.saidAtMs, carriedFrom: entry.carriedFrom }]),
    ...(entry.messageId === undefined ? [] : [{ messageId: entry.messageId }]),
  ];
  return createHash('sha256').update(JSON.stringify(fields)).digest('hex');
}

/** The record that follows a head. Within a subject each is later than the one before, whichever server wrote it. */
export function nextRecord(head: Head, decisions: readonly Decision[], nowMs: number): LedgerRecord {
  const seq = head.seq + 1;
  const decidedAtMs = Math.max(nowMs, head.decidedAtMs + 1);
  let previous = head.hash;
  const entries = decisions.map((decision) => {
    const entry = { ...decision, subject: head.id, decidedAtMs };
    previous = hashOf(previous, seq, entry);
    return { ...entry, hash: previous };
  });
  return { id: recordId(head.id, seq), subject: head.id, seq, entries };
}

/** One step of the fold that makes the state out of the history. */
export function advance(head: Head, record: LedgerRecord): Head {
  const states = { ...head.states };
  const anonymous = { ...head.anonymous };
  for (const entry of record.entries) {
    const isProven = entry.customerId !== null && entry.carriedFrom === undefined;
    const holding = isProven ? states : anonymous;
    const { purpose, status, expiresAtMs, customerId, claimedBy, globalPrivacyControl } = entry;
    const holds = holding[purpose];
    if (isSuperseded(entry, holds)) continue;
    // A refusal that was imported does not make one that was entered here easier to overrule.
    const saidAtMs = status !== 'GRANTED' && isRefusedHere(holds) ? undefined : entry.saidAtMs;
    holding[purpose] = {
      status,
      decidedAtMs: saidAtMsOf(entry),
      expiresAtMs,
      customerId,
      ...(claimedBy === undefined ? {} : { claimedBy }),
      globalPrivacyControl,
      ...(saidAtMs === undefined ? {} : { saidAtMs }),
    };
  }
  const last = record.entries.at(-1);
  return {
    id: head.id,
    seq: record.seq,
    hash: last?.hash ?? head.hash,
    decidedAtMs: last?.decidedAtMs ?? head.decidedAtMs,
    states,
    anonymous,
  };
}

/**
 * True if the entry belongs to the history only: a newer decision holds, the entry is a grant without a date and the customer
 * refused here, or a customer grants what another one refused in this session.
 */
export function isSuperseded(
  { status, saidAtMs, customerId }: Pick<ConsentDecision, 'status' | 'saidAtMs' | 'customerId'>,
  holds: Decided | undefined,
): boolean {
  if (holds === undefined) return false;
  const isOther = customerId !== null && holds.customerId !== null && customerId !== holds.customerId;
  if (isOther && status === 'GRANTED' && holds.status !== 'GRANTED') return true;
  if (saidAtMs === undefined) return false;
  if (saidAtMs !== null) return saidAtMs < holds.decidedAtMs;
  return status === 'GRANTED' && isRefusedHere(holds);
}

/** True if a refusal holds that was entered when it was made, not imported. */
export function isRefusedHere(holds: Decided | undefined): boolean {
  return holds !== undefined && holds.status !== 'GRANTED' && holds.saidAtMs === undefined;
}

/** When the shopper decided. */
export function saidAtMsOf({ saidAtMs, decidedAtMs }: ConsentDecision): number {
  return saidAtMs ?? decidedAtMs;
}

/** The state of a subject as it was at a moment. */
export function headUntil(subject: string, history: readonly ConsentDecision[], atMs: number): Head {
  const entries = history.filter((entry) => saidAtMsOf(entry) <= atMs);
  return advance(emptyHead(subject), { id: recordId(subject, 1), subject, seq: 1, entries });
}

/** Why a record cannot be the one that followed this head; null: it is. */
export function recordFault(head: Head, record: LedgerRecord): string | null {
  const seq = head.seq + 1;
  const name = `record ${seq}`;
  if (record.seq !== seq) return `${name} is missing`;
  if (record.id !== recordId(head.id, seq) || record.subject !== head.id)
    return `${name} is of another subject`;
  if (record.entries.length === 0) return `${name} is empty`;
  let previous = head.hash;
  let decidedAtMs = head.decidedAtMs;
  for (const entry of record.entries) {
    if (entry.subject !== head.id) return `${name} is of another subject`;
    if (entry.hash !== hashOf(previous, seq, entry))
      return `${name} was changed: ${entry.purpose} ${entry.id}`;
    if (entry.decidedAtMs < decidedAtMs) return `${name} is older than the one before`;
    previous = entry.hash;
    decidedAtMs = entry.decidedAtMs;
  }
  return null;
}

/** Why a stored head is not what its history comes to; null: it is. */
export function headFault(stored: Head | null, folded: Head): string | null {
  if (stored === null) return folded.seq === 0 ? null : 'the state is missing';
  if (stored.seq > folded.seq) return `record ${folded.seq + 1} is missing`;
  if (stored.seq < folded.seq) return `the state stands at record ${stored.seq} of ${folded.seq}`;
  return canonical(stored) === canonical(folded) ? null : 'the state is not what the history comes to';
}

function canonical(head: Head): string {
  const sorted = (states: States = {}) =>
    Object.entries(states)
      .map(([purpose, decided]) => [purpose, Object.entries(decided).sort(byKey)] as const)
      .sort(byKey);
  const { id, seq, hash, decidedAtMs, states, anonymous } = head;
  return JSON.stringify([id, seq, hash, decidedAtMs, sorted(states), sorted(anonymous)]);
}

function byKey(a: readonly [string, unknown], b: readonly [string, unknown]): number {
  return a[0] < b[0] ? -1 : 1;
}
