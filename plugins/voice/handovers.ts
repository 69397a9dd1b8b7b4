import { createHash } from 'node:crypto';
import { sessionIdIn, sessionName } from '../../src/person-ids.js';
import type { Host } from '../../src/plugin.js';
import type { Collection, CollectionSpec, Document, Store } from '../../src/ports/store.js';
import { prune } from './conversations.js';

/** A handover can be opened for this time: long enough to reach for a phone, and short for a code that is said aloud. */
export const handoverMs = 10 * 60_000;
const codeDigits = 8;
export const handoverProductsMax = 50;
const attemptsMax = 5;
const removedMax = 1_000;

/** A list to go on with. It names products only: opening it signs nobody in. */
export interface HandedList {
  readonly decisionId: string | null;
  readonly productIds: readonly string[];
}

interface StoredHandover extends HandedList, Document {
  /** The digest of the code that is said; the id is that of the token in the link. */
  readonly code: string;
  /** The session that it began in. */
  readonly owner: string;
  readonly expiresAtMs: number;
  readonly openedAtMs: number | null;
}

const handoversSpec: CollectionSpec<StoredHandover> = {
  name: 'voice-handovers',
  indexes: {
    byCode: { fields: ['code'] },
    byOwner: { fields: ['owner'] },
    byExpiry: { fields: ['expiresAtMs'] },
  },
  shardBy: 'id',
  watched: false,
  person: {
    names: ({ owner }) => [sessionName(owner)],
    find: { index: 'byOwner', value: sessionIdIn },
  },
};

export type HandoverStatus = 'OPEN' | 'OPENED' | 'EXPIRED';

export interface Handovers {
  open(store: Store): Promise<void>;
  /** `code`: eight digits. `url`: null if the shop has no page for it. */
  create(
    list: HandedList,
    owner: string,
  ): Promise<{ readonly code: string; readonly url: string | null; readonly expiresAtMs: number }>;
  /** The list, at the first call in time; its status at any other, and null for a code that nobody was given. `code`: the code or the token of the link. */
  take(code: string): Promise<HandedList | Exclude<HandoverStatus, 'OPEN'> | null>;
  /** Reads without opening; null for a code that nobody was given. */
  statusOf(code: string): Promise<{ readonly status: HandoverStatus; readonly expiresAtMs: number } | null>;
  removeOf(owner: string): Promise<void>;
  prune(): Promise<void>;
}

export function createHandovers(
  { clock, ids, random }: Pick<Host, 'clock' | 'ids' | 'random'>,
  urlTemplate: string | undefined,
): Handovers {
  let kept: Collection<StoredHandover>;

  async function find(given: string): Promise<StoredHandover | null> {
    const written = given.replace(/[\s-]/g, '');
    if (!/^\d{8}$/.test(written)) return kept.get(digest(written));
    const { items } = await kept.find({ index: 'byCode', equals: [digest(written)], limit: 2 });
    return items.find(({ expiresAtMs }) => expiresAtMs > clock.nowMs()) ?? items[0] ?? null;
  }

  function statusOf({ openedAtMs, expiresAtMs }: StoredHandover): HandoverStatus {
    if (openedAtMs !== null) return 'OPENED';
    return expiresAtMs <= clock.nowMs() ? 'EXPIRED' : 'OPEN';
  }

  /** A code that no handover in force has. */
  async function newCode(): Promise<string> {
    let code = '';
    for (let attempt = 0; attempt < attemptsMax; attempt++) {
      code = String(Math.floor(random() * 10 ** codeDigits)).padStart(codeDigits, '0');
      if ((await find(code)) === null) break;
    }
    return code;
  }

  return {
    async open(store) {
      kept = await store.collection(handoversSpec);
    },
    async create({ decisionId, productIds }, owner) {
      const code = await newCode();
      // The random parts of two ids: 160 bits.
      const token = `${ids.next().slice(10)}${ids.next().slice(10)}`;
      const expiresAtMs = clock.nowMs() + handoverMs;
      await kept.put([
        {
          id: digest(token),
          code: digest(code),
          owner,
          decisionId,
          productIds: productIds.slice(0, handoverProductsMax),
          expiresAtMs,
          openedAtMs: null,
        },
      ]);
      return { code, url: urlTemplate?.replace('{code}', token) ?? null, expiresAtMs };
    },
    async take(code) {
      const found = await find(code);
      if (found === null) return null;
      const status = statusOf(found);
      if (status !== 'OPEN') return status;
      const openedAtMs = clock.nowMs();
      // One call alone finds it unopened, whatever comes at the same time.
      let isFirst = false;
      await kept.update(found.id, (current) => {
        isFirst = current?.openedAtMs === null;
        return current !== null && isFirst ? { ...current, openedAtMs } : undefined;
      });
      return isFirst ? { decisionId: found.decisionId, productIds: found.productIds } : 'OPENED';
    },
    async statusOf(code) {
      const found = await find(code);
      return found && { status: statusOf(found), expiresAtMs: found.expiresAtMs };
    },
    async removeOf(owner) {
      const { items } = await kept.find({ index: 'byOwner', equals: [owner], limit: removedMax });
      await kept.remove(items.map(({ id }) => id));
    },
    // Kept for a day after it expired, so that a late code is called late and not unknown.
    prune: () => prune(kept, clock.nowMs() - 86_400_000),
  };
}

function digest(secret: string): string {
  return createHash('sha256').update(secret).digest('base64url');
}
