import type { Customers } from '../../src/ports/customers.js';
import type { Queue } from '../../src/ports/queue.js';
import type { Collection, CollectionSpec, Document } from '../../src/ports/store.js';
import type { Memberships, StoredPerson } from './memberships.js';

/** People of one slice: some hundred milliseconds of work. */
const peoplePerSlice = 500;
const fewPeople = 500;

declare module '../../src/facts.js' {
  interface FactTypes {
    /** A slice of people is due to be computed, after segments changed. */
    'segment.refreshing': { readonly revision: number };
  }
}

/** Progress of computing all people since segments last changed. */
export interface Progress extends Document {
  /** Grows with each change of segments. */
  readonly revision: number;
  /** `customers`: lists those who are not stored yet. */
  readonly phase: 'customers' | 'people' | 'done';
  /** The last id of the phase that is done. */
  readonly after: string;
  /** True once all customers were listed. Others are stored when they come to be. */
  readonly isListed: boolean;
}

export const progressSpec: CollectionSpec<Progress> = { name: 'segment-progress', indexes: {} };

const progressId = 'all';
const none: Progress = { id: progressId, revision: 0, phase: 'done', after: '', isListed: false };

/** Computes the memberships of all people after a change of segments: in slices, each a fact of its own, so that any process goes on. */
export interface Refreshing {
  /** Begins anew. */
  begin(): Promise<void>;
  runSlice(revision: number): Promise<void>;
  /** Computes all people at once if there are few of them, so that a saved segment has its count in the next response. */
  runIfFew(): Promise<void>;
  isUnderway(): Promise<boolean>;
  /** True if it has never begun. */
  isNew(): Promise<boolean>;
  start(progress: Collection<Progress>, people: Collection<StoredPerson>): void;
}

export function createRefreshing(
  customers: Pick<Customers, 'list'>,
  queue: Pick<Queue, 'publishing'>,
  memberships: Pick<Memberships, 'refreshAll'>,
): Refreshing {
  let progress: Collection<Progress>;
  let people: Collection<StoredPerson>;

  async function begin(): Promise<void> {
    const { revision } = (await progress.update(progressId, (before) => {
      const { revision, isListed } = before ?? none;
      const phase = isListed ? 'people' : 'customers';
      return { ...none, revision: revision + 1, phase, isListed };
    }))!;
    await queue.publishing([{ type: 'segment.refreshing', revision }], async () => undefined);
  }

  async function sliceOf({
    phase,
    after,
  }: Progress): Promise<{ ids: readonly string[]; last: string | null }> {
    if (phase === 'customers') {
      const ids = await customers.list({ limit: peoplePerSlice, ...(after === '' ? {} : { after }) });
      return { ids, last: ids.at(-1) ?? null };
    }
    for await (const page of people.scan({ pageSize: peoplePerSlice, ...(after === '' ? {} : { after }) }))
      return { ids: page.map(({ customerId }) => customerId), last: page.at(-1)!.id };
    return { ids: [], last: null };
  }

  return {
    begin,
    async runSlice(revision) {
      const now = (await progress.get(progressId)) ?? none;
      if (now.revision !== revision || now.phase === 'done') return;
      const { ids, last } = await sliceOf(now);
      await memberships.refreshAll(ids);
      await queue.publishing([{ type: 'segment.refreshing', revision }], () =>
        progress.update(progressId, (before) => {
          if (before?.revision !== revision || before.phase !== now.phase || before.after > now.after)
            return undefined;
          if (last !== null) return { ...before, after: last };
          return { ...before, phase: 'done', after: '', isListed: true };
        }),
      );
    },
    async runIfFew() {
      for await (const page of people.scan({ pageSize: fewPeople + 1 })) {
        if (page.length <= fewPeople) await memberships.refreshAll(page.map(({ customerId }) => customerId));
        return;
      }
    },
    isUnderway: async () => ((await progress.get(progressId)) ?? none).phase !== 'done',
    isNew: async () => (await progress.get(progressId)) === null,
    start(progressCollection, peopleCollection) {
      progress = progressCollection;
      people = peopleCollection;
    },
  };
}
