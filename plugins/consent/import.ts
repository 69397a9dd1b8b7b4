import { RapportError, type UserError, userError } from '../../src/errors.js';
import { shownValue } from '../../src/kit/shown-value.js';
import { customerIdFault } from '../../src/person-ids.js';
import { advance, type Decision, type Head, isSuperseded, nextRecord } from './chain.js';
import { type ReadDecision, readDecisions } from './decisions.js';
import { scopesOf } from './scopes.js';

/** Entries in one import. */
export const importMax = 1_000;

/** An entry of an import that may be entered. */
export interface ReadEntry extends ReadDecision {
  readonly customerId: string;
  /** When the customer decided; null: not known. */
  readonly saidAtMs: number | null;
  /** The index of the entry in the call. */
  readonly row: number;
}

/** Checks the entries of an import, each of a customer; each fault has the index of its entry in the path. */
export function readImport(
  entries: readonly unknown[],
  nowMs: number,
): { readonly decisions: readonly ReadEntry[]; readonly userErrors: readonly UserError[] } {
  if (entries.length > importMax) {
    throw new RapportError(
      'invalid',
      'CONSENT_ENTRIES_TOO_MANY',
      `${entries.length} entries were sent; at most ${importMax} at once.`,
      { path: ['entries'] },
    );
  }
  const userErrors: UserError[] = [];
  const decisions: ReadEntry[] = [];
  for (const [row, entry] of entries.entries()) {
    const { customerId, decidedAt, ...input } = (entry ?? {}) as {
      readonly customerId?: unknown;
      readonly decidedAt?: unknown;
    };
    const fault = (field: string, code: string, message: string) =>
      userErrors.push(userError(code, message, ['entries', row, field]));
    const idFault = customerIdFault(customerId, 'leave out the entry, or name its customer');
    if (idFault !== null) {
      fault('customerId', 'CONSENT_CUSTOMER_INVALID', `customerId ${idFault.message}`);
      continue;
    }
    const saidAtMs = dateOf(decidedAt);
    if (saidAtMs === undefined || (saidAtMs ?? 0) > nowMs) {
      const message = `decidedAt ${shownValue(decidedAt)} is no instant up to now, ${new Date(nowMs).toISOString()}; leave it out if it is not known.`;
      fault('decidedAt', 'CONSENT_DECIDED_INVALID', message);
      continue;
    }
    const read = readDecisions([input], nowMs);
    for (const { code, message, path } of read.userErrors)
      userErrors.push(userError(code, message, ['entries', row, ...path.slice(2)]));
    for (const decision of read.decisions)
      decisions.push({ ...decision, customerId: customerId as string, saidAtMs, row });
  }
  return { decisions, userErrors };
}

/** Returns undefined if the text is not a date. */
function dateOf(value: unknown): number | null | undefined {
  if (value === undefined || value === null) return null;
  if (!(value instanceof Date) || Number.isNaN(value.getTime())) return undefined;
  return value.getTime();
}

/** A decision of an import, and the entry it was made from. */
export interface Imported {
  readonly decision: Decision;
  readonly row: number;
}

/**
 * Separates the decisions of one customer that may be entered behind a head from grants without a date that the customer has refused
 * with Rapport: nobody knows which of the two is newer.
 */
export function admitted(
  head: Head,
  imported: readonly Imported[],
  nowMs: number,
): { readonly decisions: readonly Decision[]; readonly userErrors: readonly UserError[] } {
  const decisions: Decision[] = [];
  const userErrors: UserError[] = [];
  let after = head;
  for (const { decision, row } of imported) {
    const { purpose, saidAtMs } = decision;
    const superseded = scopesOf(decision).find((scope) => isSuperseded(decision, scope, after.states));
    if (saidAtMs === null && superseded !== undefined) {
      const holds = after.states[superseded] ?? after.states[purpose];
      const refusedAt = new Date(holds?.decidedAtMs ?? 0).toISOString();
      const message = `The customer refused ${purpose} at ${refusedAt}, and the grant has no decidedAt; send it with the date of the grant.`;
      userErrors.push(userError('CONSENT_GRANT_UNDATED', message, ['entries', row, 'decidedAt']));
      continue;
    }
    decisions.push(decision);
    after = advance(after, nextRecord(after, [decision], nowMs));
  }
  return { decisions, userErrors };
}
