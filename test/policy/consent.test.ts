import { expect } from 'chai';
import { carriedOver } from '../../plugins/consent/carry.js';
import { type Decided, emptyHead, type Head } from '../../plugins/consent/chain.js';
import { readDecisions } from '../../plugins/consent/decisions.js';
import { hiddenRefusal, leastPermissive, valid } from '../../plugins/consent/judgement.js';
import type { ConsentStatus } from '../../src/ports/consent.js';
import { contextOf } from '../support/events.js';

const dayMs = 86_400_000;
const nowMs = 20_000 * dayMs;
const decided = (status: ConsentStatus, decidedAtMs: number, customerId: string | null): Decided => ({
  status,
  decidedAtMs,
  expiresAtMs: null,
  customerId,
  globalPrivacyControl: false,
});
const headOf = (id: string, states: Partial<Head>): Head => ({ ...emptyHead(id), ...states });

describe('an expiry of a grant', () => {
  const faults = (years: number) =>
    readDecisions(
      [
        {
          purpose: 'PERSONALIZATION',
          status: 'GRANTED',
          expiresAt: new Date(nowMs + years * 365.25 * dayMs),
        },
      ],
      nowMs,
    ).userErrors.map(({ code }) => code);

  it('lies at most a hundred years ahead', () => {
    expect(faults(1)).to.deep.equal([]);
    expect(faults(90)).to.deep.equal([]);
    expect(faults(120)).to.deep.equal(['CONSENT_EXPIRY_FAR']);
  });
});

describe('a refusal carried over from the session of a customer', () => {
  /** Whether it holds in a session that is linked to Ada, who granted at 10. */
  function holds(refusal: Decided): boolean {
    const context = contextOf('next');
    const shopper = {
      context,
      sessionId: 'next',
      customerId: null,
      linkedTo: 'ada',
      sessionIds: ['next'],
      pastUntilMs: [0],
    };
    const heads = {
      customer: null,
      linked: headOf('ada', { states: { PERSONALIZATION: decided('GRANTED', 10, 'ada') } }),
      session: headOf('next', { anonymous: { PERSONALIZATION: refusal } }),
    };
    return hiddenRefusal(shopper, 'PERSONALIZATION', heads, nowMs) !== null;
  }

  it('is taken back by a later grant of the same customer, and of no other', () => {
    expect(holds(decided('DENIED', 5, 'ada'))).to.equal(false);
    expect(holds(decided('DENIED', 20, 'ada'))).to.equal(true);
    expect(holds(decided('DENIED', 5, 'bob'))).to.equal(true);
  });

  it('keeps the date on which it was said, so that an earlier grant does not outdo it and a later one does', () => {
    const [carried] = carriedOver(
      {
        context: contextOf('next'),
        reason: 'replacement',
        from: 'before',
        to: ['next'],
        customerId: 'ada',
        untilMs: nowMs,
      },
      {
        session: headOf('before', { anonymous: { PERSONALIZATION: decided('DENIED', 5, null) } }),
        customer: null,
      },
      { next: () => 'id' },
      nowMs,
    );
    expect(carried).to.include({
      purpose: 'PERSONALIZATION',
      status: 'DENIED',
      saidAtMs: 5,
      customerId: 'ada',
    });
  });
});

describe('a grant that somebody entered in a session before a sign-in', () => {
  function carried(claimedBy: 'SERVER' | 'SESSION', reason: 'sign-in' | 'replacement') {
    return carriedOver(
      { context: contextOf('next'), reason, from: 'before', to: ['next'], customerId: null, untilMs: nowMs },
      {
        session: headOf('before', {
          anonymous: { PERSONALIZATION: { ...decided('GRANTED', 5, null), claimedBy } },
        }),
        customer: null,
      },
      { next: () => 'id' },
      nowMs,
    ).map(({ status, claimedBy: by }) => [status, by]);
  }

  it('is carried over at the sign-in if a server entered it, and never from the session itself', () => {
    expect(carried('SERVER', 'sign-in')).to.deep.equal([['GRANTED', 'SERVER']]);
    expect(carried('SESSION', 'sign-in')).to.deep.equal([]);
    expect(carried('SERVER', 'replacement')).to.deep.equal([]);
  });
});

describe('what counts of two decisions', () => {
  it('is a refusal before a grant, and the newer of two equal ones', () => {
    const grant = decided('GRANTED', 20, 'ada');
    const refusal = decided('DENIED', 10, 'ada');
    const withdrawal = decided('WITHDRAWN', 30, 'ada');
    expect(leastPermissive(grant, refusal)).to.equal(refusal);
    expect(leastPermissive(refusal, grant)).to.equal(refusal);
    expect(leastPermissive(refusal, withdrawal)).to.deep.equal(withdrawal);
    expect(leastPermissive(withdrawal, refusal)).to.deep.equal(withdrawal);
    expect(leastPermissive(null, grant)).to.equal(grant);
    expect(leastPermissive(refusal, null)).to.equal(refusal);
  });

  it('was given in spite of Sec-GPC if one of two grants was', () => {
    const spite = { ...decided('GRANTED', 10, 'ada'), globalPrivacyControl: true };
    for (const [one, other] of [
      [spite, decided('GRANTED', 20, 'ada')],
      [decided('GRANTED', 20, 'ada'), spite],
    ] as const)
      expect(leastPermissive(one, other)).to.deep.include({ decidedAtMs: 20, globalPrivacyControl: true });
  });

  it('is nothing of what has expired, from that moment on', () => {
    const until = (expiresAtMs: number | null) =>
      valid({ ...decided('GRANTED', 1, 'ada'), expiresAtMs }, 100);
    expect(until(null)).not.to.equal(null);
    expect(until(101)).not.to.equal(null);
    expect(until(100)).to.equal(null);
    expect(valid(undefined, 100)).to.equal(null);
  });
});
