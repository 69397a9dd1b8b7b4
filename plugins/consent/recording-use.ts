import type { Clock } from '../../src/plugin.js';
import type { Consent, RecordingUse, UseAt } from '../../src/ports/consent.js';
import type { Shopper } from '../../src/ports/customers.js';
import { type Head, headUntil, type LedgerEntry, type States, saidAtMsOf } from './chain.js';
import { evaluatePersonalization, type Heads, holding, type Mode } from './judgement.js';
import type { Ledger } from './ledger.js';
import { partsOf, type Scope } from './scopes.js';
import { type HeadName, headNames, headsFrom } from './subjects.js';

/** Decisions of a subject that are read, the newest. If there are more, events before the oldest of them may not be used. */
const decisionsMax = 100;
const unusable: RecordingUse = { learn: false, permitted: false };

/** Decides the purposes that an event may be used for, if it is recorded now and happened now or before. */
export function createRecordingUse(parts: {
  readonly ledger: () => Ledger;
  readonly mode: Mode;
  readonly clock: Clock;
  readonly report: (message: string, error: unknown) => void;
}): Consent['recording'] {
  const { ledger, mode, clock, report } = parts;

  /** Resolves to undefined for each head that could not be read. */
  async function settled(reads: readonly Promise<Head | null>[]): Promise<(Head | null | undefined)[]> {
    try {
      // `Promise.all` is dear for one.
      return reads.length === 1 ? [await reads[0]!] : await Promise.all(reads);
    } catch (error) {
      report('a consent to analytics could not be read', error);
      const results = await Promise.allSettled(reads);
      return results.map((result) => (result.status === 'fulfilled' ? result.value : undefined));
    }
  }

  function useOf(shopper: Shopper, heads: Heads, atMs: number): RecordingUse {
    const analytics = holding(shopper, 'ANALYTICS', heads, atMs);
    return {
      learn: analytics === null || analytics.status === 'GRANTED',
      permitted: evaluatePersonalization(mode, shopper, heads, atMs).applied,
    };
  }

  /** Permits a purpose only if it was permitted when the event happened and is permitted now. */
  async function useThen(shopper: Shopper, names: readonly HeadName[], now: RecordingUse): Promise<UseAt> {
    const { role } = shopper.context.caller;
    const isServer = role === 'SERVER' || role === 'ADMIN';
    const read = await Promise.all(names.map(({ subject }) => ledger().history(subject, decisionsMax)));
    const histories = read.map((list) => list.map(withoutTexts));
    const timesMs = [...new Set(histories.flat().map(saidAtMsOf))].sort((a, b) => a - b);
    const completeFromMs = Math.max(
      ...histories.map((list) =>
        list.length < decisionsMax ? Number.NEGATIVE_INFINITY : list[0]!.decidedAtMs,
      ),
    );
    const known = new Map<number, RecordingUse>();
    return (atMs) => {
      if (atMs < completeFromMs) return unusable;
      const since = timesMs.findLast((timeMs) => timeMs <= atMs) ?? Number.NEGATIVE_INFINITY;
      let use = known.get(since);
      if (use === undefined) {
        const heads = headsFrom(
          names,
          names.map(({ subject }, i) => headUntil(subject, histories[i]!, since)),
          shopper.person,
          atMs,
        );
        const then = useOf(shopper, heads, atMs);
        // A server records what the shop knew before Rapport did: only what was decided by then restricts it.
        const permitted = then.permitted || (isServer && isUndecided(heads));
        use = { learn: now.learn && then.learn, permitted: now.permitted && permitted };
        known.set(since, use);
      }
      return use;
    };
  }

  return async (shoppers, sinceMs) => {
    const names = shoppers.map(headNames);
    const subjects: string[] = [];
    for (const of of names) for (const { subject } of of) subjects.push(subject);
    const reads = await settled(ledger().heads(subjects));
    let next = 0;
    /** One shopper's decisions are read after another's, since a batch may be of thousands of shoppers. */
    let before: Promise<unknown> = Promise.resolve();
    const uses = names.map((of, i): UseAt | Promise<UseAt> => {
      const heads: (Head | null)[] = [];
      for (let n = 0; n < of.length; n++) {
        const head = reads[next++];
        if (head !== undefined) heads.push(head);
      }
      const shopper = shoppers[i]!;
      if (heads.length < of.length || shopper.uncertain) return () => unusable;
      const nowMs = clock.nowMs();
      const now = useOf(shopper, headsFrom(of, heads, shopper.person, nowMs), nowMs);
      const earliestMs = sinceMs[i]!;
      const isPast = heads.some((head) => head !== null && head.decidedAtMs > earliestMs);
      if (!isPast || (!now.learn && !now.permitted)) return () => now;
      const use = before
        .then(() => useThen(shopper, of, now))
        .catch((error: unknown) => {
          report('earlier consents could not be read', error);
          return () => unusable;
        });
      before = use;
      return use;
    });
    return uses.every((use) => typeof use === 'function') ? uses : Promise.all(uses);
  };
}

/** A decision without its long texts, which decide nothing, as it is kept until the whole batch is recorded. */
function withoutTexts(decision: LedgerEntry): LedgerEntry {
  return { ...decision, evidence: null, noticeVersion: null };
}

function isUndecided(heads: Heads): boolean {
  return Object.values(heads).every(
    (head: Head | null) => !decidesPersonalization(head?.states) && !decidesPersonalization(head?.anonymous),
  );
}

function decidesPersonalization(states: States = {}): boolean {
  return (Object.keys(states) as readonly Scope[]).some(
    (scope) => partsOf(scope).purpose === 'PERSONALIZATION',
  );
}
