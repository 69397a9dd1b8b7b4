import { describeError, type UserError, userError } from '../../src/errors.js';
import { textDigest } from '../../src/kit/text-digest.js';
import { customerIdsIn, customerName, isId, type PersonName, sessionIdIn } from '../../src/person-ids.js';
import type { Host } from '../../src/plugin.js';
import type { ProcessingRestriction } from '../../src/ports/consent.js';
import type { Customers } from '../../src/ports/customers.js';
import type { Queue } from '../../src/ports/queue.js';
import type { ErasureRequest, Store } from '../../src/ports/store.js';
import { type Erased, openReceipts, type Receipts } from './receipts.js';
import { createRestrictions } from './restrictions.js';

/** Writes that were under way when an erasure began have settled by then. */
export const finishAfterMs = 20_000;
/** Models are built anew so long after an erasure, when the log has been finished. */
const forgetAfterMs = 30_000;
const reasonLengthMax = 1_000;

/** A copy of what is stored about a person. */
export interface ExportDocument {
  readonly format: 'rapport-export';
  readonly version: 1;
  readonly exportedAt: string;
  readonly customerId: string;
  /** All customers who are one person. */
  readonly customerIds: readonly string[];
  readonly sessionIds: readonly string[];
  /** Documents by the collection that has them. */
  readonly collections: Readonly<Record<string, readonly unknown[]>>;
}

export interface ErasureReceipt extends Erased {
  readonly signature: string;
  readonly publicKey: Receipts['publicKey'];
}

export interface Rights {
  exportCustomer(id: string): Promise<{ document: ExportDocument | null; userErrors: readonly UserError[] }>;
  eraseCustomer(
    id: string,
    reason: string | null,
  ): Promise<{ receipt: ErasureReceipt | null; userErrors: readonly UserError[] }>;
  /** Restricts what may be done with a person's data to storing it, or ends that. `source`: the name of the key. */
  restrictProcessing(
    id: string,
    restricted: boolean,
    source: string,
  ): Promise<{ restrictedSinceMs: number | null; userErrors: readonly UserError[] }>;
  isRestricted(customerId: string): boolean;
  /** For consent. */
  readonly restriction: ProcessingRestriction;
  /** null: it is not a receipt of this shop, or was changed. */
  verifyReceipt(signature: string): Erased | null;
  start(): Promise<void>;
  close(): Promise<void>;
}

export function createRights(
  needs: { readonly store: Store; readonly queue: Queue; readonly customers: Customers },
  host: Host,
): Rights {
  const { store, queue, customers } = needs;
  const { clock } = host;
  const unfinished = new Map<ErasureRequest, () => void>();
  const finishing = new Set<Promise<void>>();
  const restrictions = createRestrictions();
  let receipts: Receipts;

  function finish(request: ErasureRequest): Promise<void> {
    unfinished.get(request)?.();
    unfinished.delete(request);
    const work = finishNow(request).finally(() => finishing.delete(work));
    finishing.add(work);
    return work;
  }

  async function finishNow(request: ErasureRequest): Promise<void> {
    try {
      await store.people.finish(request);
    } catch (error) {
      host.log.error('an erasure could not be completed; the next start completes it', {
        erasure: request.id,
        err: describeError(error),
      });
    }
  }

  async function hasAny(names: readonly PersonName[]): Promise<boolean> {
    for await (const _ of store.people.collect(names)) return true;
    return false;
  }

  return {
    async exportCustomer(id) {
      if (!isId(id)) return { document: null, userErrors: [unknownCustomer(id)] };
      const names = await customers.namesOf(id);
      const collections: Record<string, readonly unknown[]> = {};
      for await (const { collection, documents } of store.people.collect(names))
        collections[collection] = documents;
      if (Object.keys(collections).length === 0) return { document: null, userErrors: [unknownCustomer(id)] };
      const document: ExportDocument = {
        format: 'rapport-export',
        version: 1,
        exportedAt: new Date(clock.nowMs()).toISOString(),
        customerId: id,
        customerIds: names.flatMap(customerIdsIn),
        sessionIds: names.map(sessionIdIn).filter((sessionId) => sessionId !== null),
        collections,
      };
      return { document, userErrors: [] };
    },

    async eraseCustomer(id, reason) {
      if (!isId(id)) return { receipt: null, userErrors: [unknownCustomer(id)] };
      if (reason !== null && reason.length > reasonLengthMax) {
        const message = `reason has ${reason.length} characters; at most ${reasonLengthMax} are allowed`;
        return { receipt: null, userErrors: [userError('RIGHTS_REASON_INVALID', message, ['reason'])] };
      }
      const names = await customers.namesOf(id);
      // An id that was mistyped must not keep a later customer out.
      if (!store.people.isErased(customerName(id)) && !(await hasAny(names)))
        return { receipt: null, userErrors: [unknownCustomer(id)] };
      const request: ErasureRequest = { id: host.ids.next(), atMs: clock.nowMs(), names };
      // Planned before, so that models forget even if this process dies on the way.
      const fact = { type: 'customer.erased', erasureId: request.id } as const;
      await queue.publishAt(request.atMs + forgetAfterMs, `erased.${request.id}`, fact);
      const counts = await store.people.erase(request);
      unfinished.set(
        request,
        clock.after(finishAfterMs, () => void finish(request)),
      );
      const erased: Erased = {
        id: request.id,
        erasedAt: new Date(request.atMs).toISOString(),
        reason,
        counts,
        people: names.map((name) => textDigest(name)),
      };
      const receipt = { ...erased, signature: receipts.sign(erased), publicKey: receipts.publicKey };
      return { receipt, userErrors: [] };
    },

    async restrictProcessing(id, restricted, source) {
      if (!isId(id)) return { restrictedSinceMs: null, userErrors: [unknownCustomer(id)] };
      const names = await customers.namesOf(id);
      if (!(await hasAny(names))) return { restrictedSinceMs: null, userErrors: [unknownCustomer(id)] };
      const about = { sinceMs: clock.nowMs(), source };
      return { restrictedSinceMs: await restrictions.set(id, names, restricted, about), userErrors: [] };
    },
    isRestricted: restrictions.isRestricted,
    restriction: restrictions.contribution,

    verifyReceipt: (signature) => receipts.verify(signature),

    async start() {
      receipts = await openReceipts(store, host);
      await restrictions.open(store);
    },
    async close() {
      restrictions.close();
      for (const request of unfinished.keys()) void finish(request);
      await Promise.all(finishing);
    },
  };
}

function unknownCustomer(id: string): UserError {
  return userError(
    'RIGHTS_CUSTOMER_UNKNOWN',
    `nothing is stored about customer ${JSON.stringify(id.slice(0, 40).toWellFormed())}; give the id that identify was called with`,
    ['id'],
  );
}
