import { describeError, isRapportError } from '../../../src/errors.js';
import type { Host } from '../../../src/plugin.js';
import type { Collection, Store } from '../../../src/ports/store.js';

/** That some process fills the index anew. */
interface RebuildNote {
  readonly id: string;
  readonly owner: string;
  /** Renewed while it works: later, its process is gone. */
  readonly untilMs: number;
}

/** Fills the index of a search server anew while the old one answers; one process at a time. */
export interface Rebuilds {
  start(): Promise<void>;
  /** Whether one is going on, in any process; one whose process is gone counts until another takes its place. */
  isRunning(): Promise<boolean>;
  /** Begins one; false when one is going on already. `ended` settles with it. */
  begin(): Promise<{ readonly ended: Promise<void> } | null>;
  stop(): void;
}

const noteId = 'rebuild';
const leaseMs = 60_000;
const renewMs = 15_000;
const againMs = 1_000;

export interface RebuildParts {
  readonly store: Store;
  readonly host: Host;
  /** Fills the index from the catalog and puts it in the place of the old one. */
  fill(): Promise<number>;
  /** Brings to the new index what changed meanwhile; false when it could not. */
  catchUp(): Promise<boolean>;
}

export function createRebuilds({ store, host, fill, catchUp }: RebuildParts): Rebuilds {
  let notes: Collection<RebuildNote> | null = null;
  let cancelRenewal: (() => void) | null = null;
  let stopped = false;

  const noted = (owner: string): RebuildNote => ({
    id: noteId,
    owner,
    untilMs: host.clock.nowMs() + leaseMs,
  });

  function renewing(owner: string): void {
    cancelRenewal = host.clock.after(renewMs, () => {
      update((current) => (current?.owner === owner ? noted(owner) : undefined)).catch(() => undefined);
      renewing(owner);
    });
  }

  const pause = (): Promise<void> =>
    new Promise((resolve) => void host.clock.after(againMs, () => resolve()));

  /** A damaged note is nobody's. */
  const update = (change: (current: RebuildNote | null) => RebuildNote | null | undefined) =>
    notes!.update(noteId, change, { skipDamaged: true });

  async function run(owner: string): Promise<void> {
    const startedMs = host.clock.nowMs();
    renewing(owner);
    try {
      host.log.info('the search index is filled anew');
      const products = await fill();
      host.log.info('the search index was filled anew', { products, ms: host.clock.nowMs() - startedMs });
      // While the note stands, no process strikes off what it has written to the index before.
      while (!stopped && !(await catchUp())) await pause();
    } finally {
      cancelRenewal?.();
      await update((current) => (current?.owner === owner ? null : undefined));
    }
  }

  return {
    async start() {
      notes = await store.collection<RebuildNote>({ name: 'search-rebuild', indexes: {} });
    },
    isRunning: async () => (await notes!.getMany([noteId], { skipDamaged: true }))[0] !== null,
    async begin() {
      const owner = host.ids.next();
      const nowMs = host.clock.nowMs();
      const note = await update((current) => (current && current.untilMs > nowMs ? undefined : noted(owner)));
      if (note?.owner !== owner) return null;
      const ended = run(owner).catch((error: unknown) => {
        if (!isRapportError(error, 'unavailable'))
          host.log.error('the search index could not be filled anew', { err: describeError(error) });
        throw error;
      });
      return { ended };
    },
    stop() {
      stopped = true;
      cancelRenewal?.();
    },
  };
}
