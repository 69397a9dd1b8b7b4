import { describeError, isRapportError } from '../../../src/errors.js';
import type { Host } from '../../../src/plugin.js';
import type { Collection, Store } from '../../../src/ports/store.js';

/** The lease of the process that rebuilds the index. */
interface RebuildLease {
  readonly id: string;
  readonly owner: string;
  /** Renewed during the rebuild. When it has passed, the process is gone. */
  readonly untilMs: number;
}

/** Fills a new index on a search server while the old one serves; one process at a time. */
export interface Rebuilds {
  start(): Promise<void>;
  /** Resolves to true during a rebuild by any process, also if that process is gone and no other has taken over yet. */
  isRunning(): Promise<boolean>;
  /** Begins a rebuild; null if one is going on. `ended` settles at its end. */
  begin(): Promise<{ readonly ended: Promise<void> } | null>;
  stop(): void;
}

const leaseId = 'rebuild';
const leaseMs = 60_000;
const renewMs = 15_000;
const retryMs = 1_000;

interface RebuildParts {
  readonly store: Store;
  readonly host: Host;
  /** Fills a new index from the catalog and swaps it in. Resolves to the number of products. */
  fill(): Promise<number>;
  /** Writes changes since the beginning to the new index; false if it could not. */
  catchUp(): Promise<boolean>;
}

export function createRebuilds({ store, host, fill, catchUp }: RebuildParts): Rebuilds {
  let leases: Collection<RebuildLease> | null = null;
  let cancelRenewal: (() => void) | null = null;
  let stopped = false;

  const leaseOf = (owner: string): RebuildLease => ({
    id: leaseId,
    owner,
    untilMs: host.clock.nowMs() + leaseMs,
  });

  function renewing(owner: string): void {
    cancelRenewal = host.clock.after(renewMs, () => {
      update((current) => (current?.owner === owner ? leaseOf(owner) : undefined)).catch(() => undefined);
      renewing(owner);
    });
  }

  const pause = (): Promise<void> =>
    new Promise((resolve) => void host.clock.after(retryMs, () => resolve()));

  /** A damaged lease counts as none. */
  const update = (change: (current: RebuildLease | null) => RebuildLease | null | undefined) =>
    leases!.update(leaseId, change, { skipDamaged: true });

  async function run(owner: string): Promise<void> {
    const startedMs = host.clock.nowMs();
    renewing(owner);
    try {
      host.log.info('the search index is being rebuilt');
      const products = await fill();
      host.log.info('the search index was rebuilt', { products, ms: host.clock.nowMs() - startedMs });
      // Until the lease ends, no process removes the record of a change that it wrote to the old index.
      while (!stopped && !(await catchUp())) await pause();
    } finally {
      cancelRenewal?.();
      await update((current) => (current?.owner === owner ? null : undefined));
    }
  }

  return {
    async start() {
      leases = await store.collection<RebuildLease>({ name: 'search-rebuild', indexes: {} });
    },
    isRunning: async () => (await leases!.getMany([leaseId], { skipDamaged: true }))[0] !== null,
    async begin() {
      const owner = host.ids.next();
      const nowMs = host.clock.nowMs();
      const lease = await update((current) =>
        current && current.untilMs > nowMs ? undefined : leaseOf(owner),
      );
      if (lease?.owner !== owner) return null;
      const ended = run(owner).catch((error: unknown) => {
        if (!isRapportError(error, 'unavailable'))
          host.log.error('the search index could not be rebuilt', { err: describeError(error) });
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
