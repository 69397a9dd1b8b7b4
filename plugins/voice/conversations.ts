import { createHash } from 'node:crypto';
import { textDigest } from '../../src/kit/text-digest.js';
import { customerName, sessionName } from '../../src/person-ids.js';
import type { Host } from '../../src/plugin.js';
import type { Speech } from '../../src/ports/speech.js';
import type { Collection, CollectionSpec, Document, Store } from '../../src/ports/store.js';
import type { VoiceTurn } from '../../src/ports/voice.js';

/** The products that are said together. */
export interface SpokenSet {
  /** null: they were searched for. */
  readonly decisionId: string | null;
  readonly productIds: readonly string[];
}

/** The source of a list, so that it can be refined and continued. */
export interface ListSource {
  readonly kind: 'FIND' | 'RECOMMEND';
  readonly query: string | null;
  readonly option: string | null;
  /** Inclusive, in minor units of the context's currency. */
  readonly priceMaxMinor: number | null;
  readonly personalized: boolean;
}

/** The question of the last reply: the meaning of "yes". */
export type Question = 'DETAILS' | 'ADD' | 'RECOMMEND' | 'FORGET';

/** The state of a conversation. */
export interface Conversation {
  readonly source: ListSource | null;
  /** At most `setsMax`. */
  readonly sets: readonly SpokenSet[];
  /** The set that was said last. */
  readonly at: number;
  /** The product that it is about now, by its place in that set. */
  readonly current: number | null;
  /** The end of the newest recommendation, to continue it. */
  readonly cursor: string | null;
  /** The shopper's list, at most `wishedMax`. */
  readonly wished: readonly string[];
  readonly question: Question | null;
  readonly last: Speech | null;
}

export const setsMax = 10;
export const wishedMax = 50;
/** The time that a conversation is kept after its last turn: as long as Dialogflow CX keeps a session. */
const keptMs = 30 * 60_000;
const pruneMax = 1_000;

export const newConversation: Conversation = Object.freeze({
  source: null,
  sets: [],
  at: 0,
  current: null,
  cursor: null,
  wished: [],
  question: null,
  last: null,
});

/** The same conversation at another set of its list. */
export function atSet(conversation: Conversation, at: number): Conversation {
  return { ...conversation, at, current: conversation.sets[at]?.productIds.length === 1 ? 0 : null };
}

interface StoredConversation extends Conversation, Document {
  /** Digests of the names of the person. */
  readonly people: readonly string[];
  readonly expiresAtMs: number;
}

const conversationsSpec: CollectionSpec<StoredConversation> = {
  name: 'voice-conversations',
  indexes: { byExpiry: { fields: ['expiresAtMs'] } },
  shardBy: 'id',
  watched: false,
  person: {
    isAbout: ({ people = [] }, digests) => people.some((digest) => digests.has(digest)),
    only: ({ people: _, ...conversation }) => conversation,
  },
};

export interface Conversations {
  open(store: Store): Promise<void>;
  /** A new one if there is none, or if it has expired. */
  get(key: string): Promise<Conversation>;
  save(key: string, conversation: Conversation, person: VoiceTurn['context']): Promise<void>;
  remove(key: string): Promise<void>;
  /** Removes those that have expired. */
  prune(): Promise<void>;
}

/**
 * The key of a conversation. It covers the person, so that another speaker in the same conversation of an assistant never gets what was said
 * to this one, and is a digest, so that the store has no ids of people.
 */
export function conversationKey({
  context: { sessionId, customerId },
  conversationId,
}: Pick<VoiceTurn, 'context' | 'conversationId'>): string {
  const named = JSON.stringify([conversationId, sessionId, customerId]);
  return createHash('sha256').update(named).digest('base64url');
}

export function createConversations({ clock }: Pick<Host, 'clock'>): Conversations {
  let kept: Collection<StoredConversation>;
  let isErased: Store['people']['isErased'];
  return {
    async open(store) {
      isErased = store.people.isErased;
      kept = await store.collection(conversationsSpec);
    },
    async get(key) {
      const [stored = null] = await kept.getMany([key], { skipDamaged: true });
      if (stored === null || stored.expiresAtMs <= clock.nowMs()) return newConversation;
      const { id: _, expiresAtMs: __, people: ___, ...conversation } = stored;
      return conversation;
    },
    async save(key, conversation, { sessionId, customerId }) {
      const names = [sessionName(sessionId), ...(customerId === null ? [] : [customerName(customerId)])];
      if (names.some(isErased)) return;
      const people = names.map((name) => textDigest(name));
      await kept.put([{ ...conversation, id: key, expiresAtMs: clock.nowMs() + keptMs, people }]);
    },
    async remove(key) {
      await kept.remove([key]);
    },
    prune: () => prune(kept, clock.nowMs()),
  };
}

/** Removes the documents of a collection that have expired. */
export async function prune(
  kept: Collection<Document & { readonly expiresAtMs: number }>,
  nowMs: number,
): Promise<void> {
  for (;;) {
    const { items, next } = await kept.find({
      index: 'byExpiry',
      to: nowMs,
      limit: pruneMax,
      skipDamaged: true,
    });
    await kept.remove(items.map(({ id }) => id));
    if (next === null) return;
  }
}
