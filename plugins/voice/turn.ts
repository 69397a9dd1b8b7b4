import type { Context } from '../../src/context.js';
import type { Messages } from '../../src/kit/messages.js';
import type { Catalog, Product } from '../../src/ports/catalog.js';
import type { Consent } from '../../src/ports/consent.js';
import type { Customers, Shopper } from '../../src/ports/customers.js';
import type { EventType } from '../../src/ports/events.js';
import type { Recommendations } from '../../src/ports/recommendations.js';
import type { Speech, SpeechWriter } from '../../src/ports/speech.js';
import type { VoiceCard, VoiceIntent, VoiceReply, VoiceSlots } from '../../src/ports/voice.js';
import type { Budget } from './budget.js';
import type { Conversation, Conversations, SpokenSet } from './conversations.js';
import type { Handovers } from './handovers.js';
import type { Lists } from './lists.js';
import type { VoiceMessage } from './messages/ids.js';
import { spokenProducts } from './products.js';

/** Kept of the time of a turn for saving what was said. */
export const savingMs = 150;
/** Kept for a fallback and for saving. */
export const fallbackMs = 600;
/** Kept for a list, its fallback and saving. */
export const listMs = 1_200;

/** The ports and parts that answers are made with. */
export interface VoiceParts {
  readonly catalog: Catalog;
  readonly consent: Consent;
  readonly customers: Customers;
  readonly recommendations: Recommendations;
  readonly speech: SpeechWriter;
  readonly lists: Lists;
  readonly conversations: Conversations;
  readonly handovers: Handovers;
}

/** One turn while it is answered. */
export interface Turn {
  readonly context: Context;
  readonly slots: VoiceSlots;
  readonly key: string;
  readonly words: Messages<VoiceMessage>;
  readonly budget: Budget;
  readonly conversation: Conversation;
  /** False if the state could not be read: then "there is no list" would not be true. */
  readonly isRemembered: boolean;
  /** null: not known in time. */
  shopper(): Promise<Shopper | null>;
}

export interface TurnEvent {
  readonly type: EventType;
  readonly productIds?: readonly string[];
  readonly query?: string;
  readonly decisionId?: string;
  readonly position?: number;
}

/** The answer to a turn, before it is saved. */
export interface Answer {
  readonly speech: Speech;
  /** The state after the turn; null: nothing may be kept of it. If omitted, as before, without its question. */
  readonly conversation?: Conversation | null;
  readonly card?: VoiceCard;
  /** The products of the list, with the set that they are of. */
  readonly said?: {
    readonly set: SpokenSet;
    readonly products: readonly Product[];
    readonly current: number | null;
  };
  readonly handover?: VoiceReply['handover'];
  readonly ends?: true;
  readonly personalized?: boolean;
  readonly events?: readonly TurnEvent[];
}

export type Answers = Readonly<Partial<Record<VoiceIntent, (turn: Turn) => Promise<Answer>>>>;

/** Says that a part does not respond. The state stays as it is. */
export function slowAnswer({ words, conversation }: Turn, speech: SpeechWriter): Answer {
  return { speech: speech.say([words.say('slow')], words.say('whatElse')), conversation };
}

export function currentSet({ sets, at }: Conversation): SpokenSet | null {
  return sets[at] ?? null;
}

/** The products of the set that was said last; null if they cannot be read in time. */
export async function currentProducts(
  { conversation, budget }: Turn,
  { catalog }: Pick<VoiceParts, 'catalog'>,
): Promise<readonly Product[] | null> {
  const ids = currentSet(conversation)?.productIds ?? [];
  const read = await budget.within('products', fallbackMs, () => spokenProducts(catalog, ids));
  return read?.value ?? null;
}
