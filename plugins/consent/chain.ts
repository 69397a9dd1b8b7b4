import { createHash } from 'node:crypto';
import type { ConsentActor, ConsentDecision, ConsentStatus } from '../../src/ports/consent.js';
import type { Document } from '../../src/ports/store.js';
import { type LedgerPurpose, partsOf, type Scope, scopesOf } from './scopes.js';

export type LedgerEntry = ConsentDecision<LedgerPurpose>;

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
  readonly entries: readonly LedgerEntry[];
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
  /** True if a decision was about single channels. Absent: none was, and no state of one needs to be looked for. */
  readonly scoped?: true;
}

export type States = Readonly<Partial<Record<Scope, Decided>>>;

/** A decision before it has its place in a chain. */
export type Decision = Omit<LedgerEntry, 'subject' | 'decidedAtMs' | 'hash'>;

const zeros = '0'.repeat(64);
const seqDigits = 10;
/** The largest number that an id has room for. */
export const seqMax = 10 ** seqDigits - 1;

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

function hashOf(previous: string, seq: number, entry: Omit<LedgerEntry, 'hash'>): string {
  const { appliesTo, language, jurisdiction, expression } = entry;
  const more = [appliesTo, language, jurisdiction, expression];
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
    ...(more.some((one) => one !== undefined) ? [{ appliesTo, language, jurisdiction, expression }] : []),
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

/** The rest of a decision of a person who was erased: its place in the chain. It decides nothing any more. */
export function redacted(entry: LedgerEntry): LedgerEntry {
  const { id, subject, purpose, status, channel, source, expiresAtMs, decidedAtMs, hash } = entry;
  return {
    id,
    subject,
    purpose,
    status,
    channel,
    source,
    expiresAtMs,
    decidedAtMs,
    hash,
    noticeVersion: null,
    evidence: null,
    customerId: null,
    globalPrivacyControl: entry.globalPrivacyControl,
    erased: true,
  };
}

/** One step of the fold that makes the state out of the history. */
export function advance(head: Head, record: LedgerRecord): Head {
  const states = { ...head.states };
  const anonymous = { ...head.anonymous };
  let scoped = head.scoped === true;
  for (const entry of record.entries) {
    if (entry.erased) continue;
    const isProven = entry.customerId !== null && entry.carriedFrom === undefined;
    const holding = isProven ? states : anonymous;
    const { status, expiresAtMs, customerId, claimedBy, globalPrivacyControl } = entry;
    scoped ||= entry.appliesTo !== undefined;
    for (const scope of scopesOf(entry)) {
      if (isSuperseded(entry, scope, holding)) continue;
      // A refusal that was imported does not make one that was entered here easier to overrule.
      const saidAtMs = status !== 'GRANTED' && isRefusedHere(holding[scope]) ? undefined : entry.saidAtMs;
      holding[scope] = {
        status,
        decidedAtMs: saidAtMsOf(entry),
        expiresAtMs,
        customerId,
        ...(claimedBy === undefined ? {} : { claimedBy }),
        globalPrivacyControl,
        ...(saidAtMs === undefined ? {} : { saidAtMs }),
      };
    }
  }
  const last = record.entries.at(-1);
  return {
    id: head.id,
    seq: record.seq,
    hash: last?.hash ?? head.hash,
    decidedAtMs: last?.decidedAtMs ?? head.decidedAtMs,
    states,
    anonymous,
    ...(scoped ? { scoped } : {}),
  };
}

/**
 * True if the entry belongs to the history only in this scope: a newer decision holds, the entry is a grant without a date and the customer
 * refused here, or a customer grants what another one refused in this session. A refusal for all channels withstands such grants for one, too.
 */
export function isSuperseded(
  entry: Pick<Decision, 'status' | 'saidAtMs' | 'customerId'>,
  scope: Scope,
  states: States,
): boolean {
  const holds = states[scope];
  const { saidAtMs } = entry;
  if (typeof saidAtMs === 'number' && holds !== undefined && saidAtMs < holds.decidedAtMs) return true;
  return withstands(holds, entry) || withstands(states[partsOf(scope).purpose], entry);
}

/** True if a refusal withstands a grant of another customer, or one without a date. */
function withstands(
  holds: Decided | undefined,
  { status, saidAtMs, customerId }: Pick<Decision, 'status' | 'saidAtMs' | 'customerId'>,
): boolean {
  if (holds === undefined || holds.status === 'GRANTED' || status !== 'GRANTED') return false;
  if (customerId !== null && holds.customerId !== null && customerId !== holds.customerId) return true;
  return saidAtMs === null && isRefusedHere(holds);
}

/** True if a refusal holds that was entered when it was made, not imported. */
export function isRefusedHere(holds: Decided | undefined): boolean {
  return holds !== undefined && holds.status !== 'GRANTED' && holds.saidAtMs === undefined;
}

/** When the shopper decided. */
export function saidAtMsOf({ saidAtMs, decidedAtMs }: Pick<LedgerEntry, 'saidAtMs' | 'decidedAtMs'>): number {
  return saidAtMs ?? decidedAtMs;
}

/** The state of a subject as it was at a moment. */
export function headUntil(subject: string, history: readonly LedgerEntry[], atMs: number): Head {
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
    if (entry.erased !== true && entry.hash !== hashOf(previous, seq, entry))
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
  const { id, seq, hash, decidedAtMs, states, anonymous, scoped = false } = head;
  return JSON.stringify([id, seq, hash, decidedAtMs, sorted(states), sorted(anonymous), scoped]);
}

function byKey(a: readonly [string, unknown], b: readonly [string, unknown]): number {
  return a[0] < b[0] ? -1 : 1;
}
