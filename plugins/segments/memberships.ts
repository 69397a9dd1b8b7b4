import { createHash } from 'node:crypto';
import { describeError, isRapportError, RapportError } from '../../src/errors.js';
import { customerIdsIn, customerName } from '../../src/person-ids.js';
import type { Host } from '../../src/plugin.js';
import type { Consent } from '../../src/ports/consent.js';
import type { Customers } from '../../src/ports/customers.js';
import type { Queue } from '../../src/ports/queue.js';
import type { Collection, CollectionSpec, Document, Page } from '../../src/ports/store.js';
import type { Definitions } from './definitions.js';
import { earliest } from './evaluate.js';
import type { SegmentsPort } from './segments.js';

const attemptsMax = 20;
/** People whose memberships are computed at one time: the store reads for one while another is evaluated. */
export const concurrentMax = 16;
const duePerRead = 256;
/** People who wait; then whoever delivers events waits, too. */
const waitingMax = 5_000;
const retryMs = 1_000;
/** People whose memberships could not be computed, and are due, are tried again after so long. */
const failedMs = 60_000;

/** The memberships of a person as they were when something last changed them. Ids are hashes, so that their order is that of no other thing. */
export interface StoredPerson extends Document {
  /** The surviving id of the person. */
  readonly customerId: string;
  /** Ids of segments, ascending. */
  readonly segments: readonly string[];
  /** The next moment at which a membership can change if nothing happens; null: none. */
  readonly nextAtMs: number | null;
  /** Grows with each write. */
  readonly version: number;
  /** The memberships that the last write changed. */
  readonly entered: readonly string[];
  readonly left: readonly string[];
  readonly writtenAtMs: number;
}

export const peopleSpec: CollectionSpec<StoredPerson> = {
  name: 'segment-people',
  indexes: { byNext: { fields: ['nextAtMs'] } },
  shardBy: 'id',
  person: {
    names: ({ customerId }) => [customerName(customerId)],
    find: { ids: (name) => customerIdsIn(name).map(documentId) },
    dropsErased: true,
  },
};

declare module '../../src/facts.js' {
  interface FactTypes {
    /** The moment has come at which memberships may change by time alone. */
    'segment.due': Readonly<Record<never, never>>;
  }
}

/** Keeps the memberships of all customers, for counts, events and subscriptions. Responses about one person compute them. */
export interface Memberships {
  /** Computes the memberships of a customer's person and stores what changed. */
  refresh(customerId: string): Promise<void>;
  /** The same, soon. Resolves at once unless too many wait. */
  refreshSoon(customerId: string): Promise<void>;
  /** The same for many. A person who fails is logged and left out. */
  refreshAll(customerIds: readonly string[]): Promise<void>;
  /** Refreshes people whose memberships may have changed by time, and plans the next moment. */
  refreshDue(): Promise<void>;
  start(people: Collection<StoredPerson>): Promise<void>;
  close(): Promise<void>;
}

export interface MembershipsParts {
  readonly consent: Consent;
  readonly customers: Customers;
  readonly queue: Queue;
  readonly host: Host;
  readonly definitions: Definitions;
  readonly segments: Pick<SegmentsPort, 'evaluate'>;
}

export function createMemberships({
  consent,
  customers,
  queue,
  host,
  definitions,
  segments,
}: MembershipsParts): Memberships {
  const { clock, log } = host;
  /** Each process plans a moment of its own, so that none replaces an earlier one of another process. */
  const planKey = `segments.due.${host.ids.next()}`;
  const waiting = new Set<string>();
  let people: Collection<StoredPerson>;
  let running: Promise<void> | null = null;
  let isClosed = false;
  let plannedAtMs = Number.NEGATIVE_INFINITY;
  let failedAtMs = Number.NEGATIVE_INFINITY;
  let planning: Promise<void> = Promise.resolve();
  let cancelRetry = (): void => undefined;

  async function compute(customerId: string): Promise<Pick<StoredPerson, 'segments' | 'nextAtMs'>> {
    const atMs = clock.nowMs();
    const shopper = await customers.shopper({ customerId });
    const permit = shopper.uncertain ? null : await consent.permit(shopper, 'PERSONALIZATION');
    // Throws if the store is away, which is no reason to end a membership.
    const consents = await consent.states(shopper);
    if (shopper.uncertain)
      throw new RapportError('unavailable', 'SEGMENTS_UNAVAILABLE', 'who it is cannot be read');
    const expiresAtMs = consents.find(({ purpose }) => purpose === 'PERSONALIZATION')?.expiresAtMs ?? null;
    if (permit === null) return { segments: [], nextAtMs: expiresAtMs };
    const all = definitions.list();
    const evaluation = await segments.evaluate(
      permit,
      all.map(({ condition }) => condition),
      atMs,
    );
    const results = all.map(({ id }) => ({ id, ...evaluation.segment(id) }));
    return {
      segments: results.filter(({ holds }) => holds).map(({ id }) => id),
      nextAtMs: earliest([expiresAtMs, ...results.map(({ untilMs }) => untilMs)]),
    };
  }

  /** `of`: computes the new memberships after the stored ones were read, so that a write never rests on older evidence than the one before. */
  async function write(
    customerId: string,
    of: () => Promise<Pick<StoredPerson, 'segments' | 'nextAtMs'>>,
  ): Promise<void> {
    const id = documentId(customerId);
    for (let attempt = 0; attempt < attemptsMax; attempt++) {
      const before = await people.get(id);
      const { segments: now, nextAtMs } = await of();
      const entered = now.filter((each) => !before?.segments.includes(each));
      const left = before?.segments.filter((each) => !now.includes(each)) ?? [];
      const isSame = entered.length === 0 && left.length === 0;
      if (before !== null && isSame && isInTime(before.nextAtMs, nextAtMs, clock.nowMs())) return;
      const version = (before?.version ?? 0) + 1;
      const next = {
        id,
        customerId,
        segments: now,
        nextAtMs,
        version,
        entered,
        left,
        writtenAtMs: clock.nowMs(),
      };
      if (await writeOver(before, next, isSame)) {
        if (nextAtMs !== null && (nextAtMs < plannedAtMs || plannedAtMs <= clock.nowMs())) await plan();
        return;
      }
    }
    throw new RapportError('conflict', 'SEGMENTS_CONTENDED', 'too many changes of one person arrive at once');
  }

  /** False if somebody else wrote meanwhile. */
  async function writeOver(
    before: StoredPerson | null,
    next: StoredPerson,
    isSame: boolean,
  ): Promise<boolean> {
    const { customerId, entered, left } = next;
    const lost = new Error('the memberships were written meanwhile');
    const put = async () => {
      let isLost = false;
      await people.update(next.id, (current) => {
        isLost = (current?.version ?? 0) !== (before?.version ?? 0);
        return isLost ? undefined : next;
      });
      if (isLost) throw lost;
    };
    const fact = { type: 'membership.changed', customerId, entered, left } as const;
    try {
      await (isSame ? put() : queue.publishing([fact], put));
      return true;
    } catch (error) {
      if (error === lost) return false;
      throw error;
    }
  }

  async function refresh(customerId: string): Promise<void> {
    const person = await customers.personOf(customerId);
    if (person.id !== customerId) {
      const id = documentId(customerId);
      if ((await people.get(id)) !== null) {
        await write(customerId, async () => ({ segments: [], nextAtMs: null }));
        await people.remove([id]);
      }
    }
    await write(person.id, () => compute(person.id));
  }

  /**
   * False if it failed, for example because what is stored about the person is damaged: others go on. Throws while the store is away, since
   * nobody can be computed then.
   */
  async function tryRefresh(customerId: string): Promise<boolean> {
    try {
      await refresh(customerId);
      return true;
    } catch (error) {
      if (isRapportError(error, 'unavailable') && error.code !== 'STORE_DAMAGED') throw error;
      log.error('the memberships of a person could not be computed', {
        person: documentId(customerId),
        err: describeError(error),
      });
      return false;
    }
  }

  async function refreshAll(customerIds: readonly string[]): Promise<void> {
    let next = 0;
    await Promise.all(
      Array.from({ length: Math.min(concurrentMax, customerIds.length) }, async () => {
        while (next < customerIds.length) {
          if (!(await tryRefresh(customerIds[next++]!))) failedAtMs = clock.nowMs();
        }
      }),
    );
  }

  async function refreshWaiting(): Promise<void> {
    while (waiting.size > 0 && !isClosed) {
      const some = [...waiting].slice(0, concurrentMax);
      await refreshAll(some);
      for (const id of some) waiting.delete(id);
    }
  }

  function wake(): void {
    if (isClosed || waiting.size === 0 || running !== null) return;
    running = refreshWaiting().then(
      () => {
        running = null;
        wake();
      },
      () => {
        running = null;
        cancelRetry();
        cancelRetry = clock.after(retryMs, wake);
      },
    );
  }

  /** Plans the earliest moment that is stored. One after another, so that the last one has seen all that was written before. */
  function plan(): Promise<void> {
    planning = planning
      .catch(() => undefined)
      .then(async () => {
        const { items } = await people.find({ index: 'byNext', from: 0, limit: 1, skipDamaged: true });
        const earliestMs = items[0]?.nextAtMs ?? null;
        plannedAtMs = Number.NEGATIVE_INFINITY;
        if (earliestMs === null) return;
        const nowMs = clock.nowMs();
        const atMs = earliestMs > nowMs ? earliestMs : Math.max(earliestMs, failedAtMs + failedMs);
        plannedAtMs = atMs;
        await queue.publishAt(atMs, planKey, { type: 'segment.due' });
      });
    return planning;
  }

  return {
    refresh,
    refreshAll,
    async refreshSoon(customerId) {
      waiting.add(customerId);
      wake();
      while (waiting.size > waitingMax && running !== null) await running;
    },
    async refreshDue() {
      const to = clock.nowMs();
      let after: string | null = null;
      do {
        const due: Page<StoredPerson> = await people.find({
          index: 'byNext',
          from: 0,
          to,
          limit: duePerRead,
          skipDamaged: true,
          ...(after === null ? {} : { after }),
        });
        await refreshAll(due.items.map(({ customerId }) => customerId));
        after = due.next;
      } while (after !== null);
      await plan();
    },
    async start(collection) {
      people = collection;
      if (host.role !== 'gateway') await plan();
    },
    async close() {
      // Events that were delivered within the last 90 seconds come again after a restart.
      isClosed = true;
      cancelRetry();
      await running;
      await planning.catch(() => undefined);
    },
  };
}

/** True if what is stored need not be written: the person is looked at in time, or too early, which changes nothing. */
function isInTime(storedMs: number | null, nextMs: number | null, nowMs: number): boolean {
  if (storedMs === nextMs) return true;
  return storedMs !== null && storedMs > nowMs && (nextMs === null || storedMs < nextMs);
}

export function documentId(customerId: string): string {
  return createHash('sha256').update(customerId).digest('base64url').slice(0, 22);
}
