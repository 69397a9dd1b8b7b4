import { expect } from 'chai';
import fc from 'fast-check';
import {
  advance,
  type Decision,
  emptyHead,
  type Head,
  headFault,
  type LedgerRecord,
  nextRecord,
  recordFault,
} from '../../plugins/consent/chain.js';
import { leastPermissive } from '../../plugins/consent/judgement.js';
import { purposes } from '../../src/ports/consent.js';

const text = fc.option(fc.string({ maxLength: 20 }), { nil: null });
const decision: fc.Arbitrary<Decision> = fc.record({
  id: fc.uuid(),
  purpose: fc.constantFrom(...purposes),
  status: fc.constantFrom('GRANTED', 'DENIED', 'WITHDRAWN'),
  noticeVersion: text,
  evidence: text,
  channel: fc.constantFrom('WEB', 'APP', 'VOICE'),
  source: fc.string({ maxLength: 10 }),
  customerId: text,
  globalPrivacyControl: fc.boolean(),
  expiresAtMs: fc.option(fc.integer({ min: 1, max: 2 ** 45 }), { nil: null }),
});
const step = fc.record({
  decisions: fc.array(decision, { minLength: 1, maxLength: 4 }),
  nowMs: fc.integer({ min: 1, max: 2 ** 42 }),
});

function written(
  subject: string,
  steps: readonly { decisions: readonly Decision[]; nowMs: number }[],
): { records: LedgerRecord[]; head: Head } {
  let head = emptyHead(subject);
  const records = steps.map(({ decisions, nowMs }) => {
    const record = nextRecord(head, decisions, nowMs);
    head = advance(head, record);
    return record;
  });
  return { records, head };
}

function faultOf(subject: string, records: readonly LedgerRecord[], stored: Head | null): string | null {
  let head = emptyHead(subject);
  for (const record of records) {
    const fault = recordFault(head, record);
    if (fault) return fault;
    head = advance(head, record);
  }
  return headFault(stored, head);
}

/** The ways to every leaf of a document. */
function leaves(value: unknown, way: readonly string[] = []): readonly (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [way];
  return Object.entries(value).flatMap(([key, inner]) => leaves(inner, [...way, key]));
}

function tampered<T>(document: T, way: readonly string[]): T {
  const copy = structuredClone(document);
  let at = copy as Record<string, unknown>;
  for (const key of way.slice(0, -1)) at = at[key] as Record<string, unknown>;
  const key = way.at(-1)!;
  const value = at[key];
  if (typeof value === 'string') at[key] = `${value}x`;
  else if (typeof value === 'number') at[key] = value + 1;
  else at[key] = value === null ? 'x' : !value;
  return copy;
}

describe('the chain of consent', () => {
  it('is whole as it was written', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 5 }), (steps) => {
        const { records, head } = written('session:a', steps);
        expect(faultOf('session:a', records, steps.length === 0 ? null : head)).to.equal(null);
      }),
    );
  });

  it('shows every change of a single field, in any record and in the state', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 3 }), (steps) => {
        const { records, head } = written('session:a', steps);
        records.forEach((record, i) => {
          for (const way of leaves(record)) {
            const forged = records.with(i, tampered(record, way));
            expect(faultOf('session:a', forged, head), `record ${i}: ${way.join('.')}`).to.be.a('string');
          }
        });
        for (const way of leaves(head)) {
          expect(faultOf('session:a', records, tampered(head, way)), `state: ${way.join('.')}`).to.be.a(
            'string',
          );
        }
      }),
      { numRuns: 50 },
    );
  });

  it('shows a record or a decision that was taken out, put in, repeated or moved', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 2, maxLength: 4 }), fc.nat(), (steps, where) => {
        const { records, head } = written('session:a', steps);
        const i = where % records.length;
        const forgeries = [
          records.toSpliced(i, 1),
          records.toSpliced(i, 0, records[i]!),
          records.toReversed(),
          records.with(i, { ...records[i]!, entries: records[i]!.entries.slice(0, -1) }),
          records.with(i, { ...records[i]!, entries: [...records[i]!.entries, records[i]!.entries[0]!] }),
        ];
        for (const forged of forgeries) expect(faultOf('session:a', forged, head)).to.be.a('string');
        expect(faultOf('session:b', records, head)).to.be.a('string');
        expect(faultOf('session:a', records, null)).to.be.a('string');
      }),
    );
  });

  it('comes to the same state however the decisions of others fall in between', () => {
    const mixed = fc.array(fc.tuple(fc.constantFrom('session:a', 'session:b', 'customer:c'), step), {
      maxLength: 12,
    });
    fc.assert(
      fc.property(mixed, (all) => {
        const heads = new Map<string, Head>();
        for (const [subject, { decisions, nowMs }] of all) {
          const head = heads.get(subject) ?? emptyHead(subject);
          heads.set(subject, advance(head, nextRecord(head, decisions, nowMs)));
        }
        for (const [subject, head] of heads) {
          const own = all.filter(([other]) => other === subject).map(([, entered]) => entered);
          expect(head).to.deep.equal(written(subject, own).head);
        }
      }),
    );
  });

  it('never goes back in time, whichever clock a server has', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 2, maxLength: 6 }), (steps) => {
        const times = written('session:a', steps).records.flatMap((record) =>
          record.entries.map((entry) => entry.decidedAtMs),
        );
        expect(times).to.deep.equal(times.toSorted((a, b) => a - b));
      }),
    );
  });
});

describe('the least permissive of two decisions', () => {
  const decided = fc.option(
    fc.record({
      status: fc.constantFrom('GRANTED' as const, 'DENIED' as const, 'WITHDRAWN' as const),
      decidedAtMs: fc.nat(1_000),
      expiresAtMs: fc.constant(null),
      customerId: fc.constant(null),
      globalPrivacyControl: fc.boolean(),
    }),
    { nil: null },
  );

  it('is a grant only if all who decided granted', () => {
    fc.assert(
      fc.property(decided, decided, (a, b) => {
        const both = [a, b].filter((one) => one !== null);
        const granted = both.length > 0 && both.every((one) => one.status === 'GRANTED');
        expect(leastPermissive(a, b)?.status === 'GRANTED').to.equal(granted);
        expect(leastPermissive(a, b) === null).to.equal(both.length === 0);
      }),
    );
  });

  it('does not depend on who is asked first', () => {
    fc.assert(
      fc.property(decided, decided, (a, b) => {
        const [one, other] = [leastPermissive(a, b), leastPermissive(b, a)];
        expect(one?.status === 'GRANTED').to.equal(other?.status === 'GRANTED');
        expect(one?.decidedAtMs).to.equal(other?.decidedAtMs);
      }),
    );
  });
});
