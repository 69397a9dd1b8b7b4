import { expect } from 'chai';
import fc from 'fast-check';
import { advance, type Decision, emptyHead, type Head, nextRecord } from '../../plugins/consent/chain.js';
import { decidedIn } from '../../plugins/consent/judgement.js';
import { ledgerPurposes } from '../../plugins/consent/scopes.js';
import { headOfPerson } from '../../plugins/consent/subjects.js';
import type { Channel } from '../../src/context.js';
import type { Person } from '../../src/ports/customers.js';
import { runs } from '../support/runs.js';

const seeds = { numRuns: runs(10_000), seed: 11 };
const stepMs = 1_000;
const channels: readonly Channel[] = ['WEB', 'VOICE', 'KIOSK'];

interface Said {
  readonly purpose: (typeof ledgerPurposes)[number];
  readonly appliesTo?: readonly Channel[];
  readonly status: 'GRANTED' | 'DENIED' | 'WITHDRAWN';
  /** Steps after which a grant lapses. */
  readonly lapses?: number;
}

const said: fc.Arbitrary<Said> = fc.record(
  {
    purpose: fc.constantFrom(...ledgerPurposes.slice(0, 2), ledgerPurposes.at(-1)!),
    appliesTo: fc.subarray([...channels], { minLength: 1 }),
    status: fc.constantFrom('GRANTED' as const, 'GRANTED' as const, 'DENIED' as const, 'WITHDRAWN' as const),
    lapses: fc.integer({ min: 1, max: 6 }),
  },
  { requiredKeys: ['purpose', 'status'] },
);
const history = fc.array(said, { maxLength: 8 });

function decisionOf(
  { purpose, appliesTo, status, lapses }: Said,
  customerId: string,
  nowMs: number,
): Decision {
  return {
    id: 'd',
    purpose,
    status,
    ...(appliesTo ? { appliesTo } : {}),
    noticeVersion: null,
    evidence: null,
    channel: 'WEB',
    source: 'test',
    claimedBy: 'CUSTOMER',
    customerId,
    globalPrivacyControl: false,
    expiresAtMs: status === 'GRANTED' && lapses !== undefined ? nowMs + lapses * stepMs : null,
  };
}

/** The n-th decision is made at `offset + n` steps. */
function folded(decisions: readonly Said[], customerId: string, offsetMs = 0): Head {
  let head = emptyHead(`customer:${customerId}`);
  for (const [n, one] of decisions.entries()) {
    const nowMs = offsetMs + (n + 1) * stepMs;
    head = advance(head, nextRecord(head, [decisionOf(one, customerId, nowMs)], nowMs));
  }
  return head;
}

/** The rule in its shortest form: the last word about the channel, unless the last word about all channels is later and no weaker. */
function expected(
  decisions: readonly Said[],
  purpose: string,
  channel: Channel,
  nowMs: number,
): string | null {
  let all: { atMs: number; status: string } | null = null;
  let one: { atMs: number; status: string } | null = null;
  for (const [n, { appliesTo, status, lapses, ...decided }] of decisions.entries()) {
    if (decided.purpose !== purpose) continue;
    const atMs = (n + 1) * stepMs;
    const isOver = status === 'GRANTED' && lapses !== undefined && atMs + lapses * stepMs <= nowMs;
    const last = isOver ? null : { atMs, status };
    if (appliesTo === undefined) all = last;
    else if (appliesTo.includes(channel)) one = last;
  }
  if (all === null || one === null) return (all ?? one)?.status ?? null;
  if (one.atMs > all.atMs) return one.status;
  return all.status === 'GRANTED' && one.status !== 'GRANTED' ? one.status : all.status;
}

describe('the state of consent', () => {
  it(`is the fold of the history, for each purpose and channel, in ${seeds.numRuns} histories`, () => {
    fc.assert(
      fc.property(history, fc.integer({ min: 0, max: 12 }), (decisions, steps) => {
        const head = folded(decisions, 'ada');
        const nowMs = (decisions.length + steps) * stepMs;
        for (const purpose of ledgerPurposes) {
          for (const channel of channels) {
            const status = decidedIn(head, head.states, purpose, channel, nowMs)?.status ?? null;
            expect(status, `${purpose} in ${channel}`).to.equal(expected(decisions, purpose, channel, nowMs));
          }
        }
      }),
      seeds,
    );
  });

  it(`of a merged person is the least permissive of the members', in ${seeds.numRuns} merges`, () => {
    const members = fc.array(history, { minLength: 2, maxLength: 4 });
    fc.assert(
      fc.property(
        members,
        fc.integer({ min: 0, max: 9 }),
        fc.array(fc.nat(999), { minLength: 4, maxLength: 4 }),
        (histories, joined, order) => {
          const joinedAtMs = joined * stepMs;
          const nowMs = 9 * stepMs;
          // A millisecond apart, so that no two members decide at once.
          const own = histories.map((decisions, n) => ({
            customerId: `c${n}`,
            head: folded(decisions, `c${n}`, n),
          }));
          const person: Person = {
            id: 'c0',
            members: own.map(({ customerId }) => customerId),
            joinedAtMs: () => joinedAtMs,
          };
          const merged = headOfPerson(own, person, nowMs);
          const shuffled = own.toSorted((a, b) => order[own.indexOf(a)]! - order[own.indexOf(b)]!);
          const again = headOfPerson(shuffled, person, nowMs);
          for (const purpose of ledgerPurposes) {
            for (const channel of channels) {
              const holds = decidedIn(merged, merged.states, purpose, channel, nowMs);
              const each = own.map(({ head }) => decidedIn(head, head.states, purpose, channel, nowMs));
              const counted = each.filter(
                (one) =>
                  one !== null &&
                  !each.some(
                    (other) =>
                      other !== null && other.decidedAtMs > one.decidedAtMs && other.decidedAtMs > joinedAtMs,
                  ),
              );
              const status = counted.some((one) => one!.status !== 'GRANTED')
                ? 'refused'
                : counted.length > 0
                  ? 'granted'
                  : null;
              const shown = (decided: typeof holds) =>
                decided && (decided.status === 'GRANTED' ? 'granted' : 'refused');
              expect(shown(holds), `${purpose} in ${channel}`).to.equal(status);
              expect(decidedIn(again, again.states, purpose, channel, nowMs)).to.deep.equal(holds);
            }
          }
        },
      ),
      seeds,
    );
  });
});
