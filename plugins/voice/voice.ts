import type { Capabilities } from '../../src/capabilities.js';
import { describeError, isRapportError, RapportError } from '../../src/errors.js';
import type { Host } from '../../src/plugin.js';
import { textOf } from '../../src/ports/catalog.js';
import type { Events } from '../../src/ports/events.js';
import type {
  Voice,
  VoiceCard,
  VoiceIntent,
  VoiceList,
  VoiceReply,
  VoiceTurn,
} from '../../src/ports/voice.js';
import { createBudget } from './budget.js';
import { conversationKey, createConversations, newConversation } from './conversations.js';
import { createHandovers, type Handovers } from './handovers.js';
import { createListAnswers } from './list-answers.js';
import { createLists } from './lists.js';
import { messagesOf } from './messages/messages.js';
import { createProductAnswers } from './product-answers.js';
import { imageOf, priceIn, writtenPrice } from './products.js';
import { createRecognise } from './speakers.js';
import { createTalkAnswers } from './talk-answers.js';
import { type Answer, listMs, type Turn, type VoiceParts } from './turn.js';
import { understand } from './understand.js';
import { utterancesOf } from './utterances/utterances.js';
import { readVocabulary } from './vocabulary.js';

/** The time of a turn: assistants wait four to five seconds, and people think that nobody listens after two. */
export const turnMs = 2_000;
/** Reading the state is one read of the store. */
const stateMs = 300;
const conversationIdMax = 1_000;
const wordsMax = 200;

export type VoiceNeeds = Pick<
  Capabilities,
  | 'store'
  | 'catalog'
  | 'merchandising'
  | 'customers'
  | 'consent'
  | 'events'
  | 'search'
  | 'recommendations'
  | 'speech'
>;

export interface RunningVoice {
  readonly port: Voice;
  readonly handovers: Handovers;
  open(): Promise<void>;
  /** Removes conversations and handovers that have expired. */
  prune(): Promise<void>;
}

export function createVoice(
  needs: VoiceNeeds,
  host: Host,
  { handoverUrl }: { readonly handoverUrl?: string | undefined },
): RunningVoice {
  const { catalog, merchandising, search, recommendations, store } = needs;
  const conversations = createConversations(host);
  const handovers = createHandovers(host, handoverUrl);
  const lists = createLists(catalog, search, recommendations);
  return {
    port: {
      say: createSay({ ...needs, lists, conversations, handovers }, host),
      recognise: createRecognise(host),
      understand,
      utterances: utterancesOf,
      vocabulary: (locale) => readVocabulary(catalog, merchandising, locale),
    },
    handovers,
    async open() {
      await Promise.all([conversations.open(store), handovers.open(store)]);
    },
    async prune() {
      await Promise.all([conversations.prune(), handovers.prune()]);
    },
  };
}

/** Answers one turn after another. */
function createSay(parts: VoiceParts & { readonly events: Events }, host: Host): Voice['say'] {
  const { catalog, conversations, customers, events, speech } = parts;
  const lists = createListAnswers(parts);
  const products = createProductAnswers(parts, lists.MORE!);
  const answers = { ...lists, ...products, ...createTalkAnswers(parts, { ...lists, ...products }) } as const;

  async function record(turn: Turn, answer: Answer): Promise<void> {
    if (!answer.events || answer.events.length === 0) return;
    const { userErrors } = await events.record(
      turn.context,
      answer.events.map((event) => ({ ...event, messageId: host.ids.next() })),
    );
    if (userErrors[0]) throw new RapportError('invalid', userErrors[0].code, userErrors[0].message);
  }

  /** Saves what was said and what the shopper did. Late, it goes on behind the response. */
  async function save(turn: Turn, answer: Answer): Promise<void> {
    const { budget, key } = turn;
    const { conversation = { ...turn.conversation, question: null }, speech: last } = answer;
    await Promise.all([
      conversation === null
        ? null
        : budget.within('conversation', 0, () =>
            conversations.save(key, { ...conversation, last }, turn.context),
          ),
      budget.within('events', 0, () => record(turn, answer)),
    ]);
  }

  function listOf(
    { context, conversation: before }: Turn,
    { said, conversation = before }: Answer,
  ): VoiceList | null {
    if (!said) return null;
    const items = said.products.map((product, at) => {
      const price = priceIn(catalog, product, context, conversation?.source?.option);
      return {
        productId: product.id,
        ordinal: at + 1,
        name: speech.shortName(product, context.locale),
        title: textOf(product, context.locale).title,
        price: price && writtenPrice(price, context.locale),
        imageUrl: imageOf(product),
      };
    });
    return { decisionId: said.set.decisionId, items, current: said.current };
  }

  /** The product that the conversation is about, or all that were said. */
  function cardOf({ words }: Turn, { items, current }: VoiceList): VoiceCard {
    const chosen = current === null ? undefined : items[current];
    if (chosen) {
      const { title, price, imageUrl } = chosen;
      return { title, lines: price === null ? [] : [price], imageUrl };
    }
    return {
      title: words.say('card.title'),
      lines: items.map(({ ordinal, title, price }) =>
        price === null
          ? words.say('card.unpriced', { ordinal, name: title })
          : words.say('card.product', { ordinal, name: title, price }),
      ),
      imageUrl: items[0]?.imageUrl ?? null,
    };
  }

  return async (given) => {
    check(given);
    const budget = createBudget(host, Math.min(given.deadlineMs, turnMs), given.context.signal);
    // The signal reaches every port that takes the context.
    const context = Object.freeze({ ...given.context, signal: budget.signal });
    const key = conversationKey(given);
    try {
      const read = await budget.within(
        'conversation',
        Math.max(0, Math.min(given.deadlineMs, turnMs) - stateMs),
        () => conversations.get(key),
      );
      let shopper: ReturnType<Turn['shopper']> | null = null;
      const turn: Turn = {
        context,
        key,
        budget,
        slots: given.slots,
        words: messagesOf(context.locale),
        conversation: read?.value ?? newConversation,
        isRemembered: read !== null,
        shopper() {
          shopper ??= budget
            .within('shopper', listMs - stateMs, () => customers.recognise(context))
            .then((recognised) => recognised?.value ?? null);
          return shopper;
        },
      };
      const answer = await answerOf(turn, given.intent);
      await save(turn, answer);
      const list = listOf(turn, answer);
      return replyOf(turn, answer, list);
    } finally {
      budget.end();
    }
  };

  async function answerOf(turn: Turn, intent: VoiceIntent): Promise<Answer> {
    try {
      return await (answers[intent] ?? answers.FALLBACK!)(turn);
    } catch (error) {
      if (isRapportError(error, 'invalid'))
        host.log.warn('a turn of a conversation was not allowed', { err: describeError(error) });
      else host.log.error('a turn of a conversation failed', { err: describeError(error) });
      const { words } = turn;
      return {
        speech: speech.say([words.say('slow')], words.say('whatElse')),
        conversation: turn.conversation,
      };
    }
  }

  function replyOf(turn: Turn, answer: Answer, list: VoiceList | null): VoiceReply {
    return {
      speech: answer.speech,
      card: answer.card ?? (list && list.items.length > 0 ? cardOf(turn, list) : null),
      list,
      handover: answer.handover ?? null,
      ends: answer.ends ?? false,
      personalized: answer.personalized ?? false,
      leftOut: [...turn.budget.leftOut],
    };
  }
}

function check({ context, conversationId, slots, deadlineMs }: VoiceTurn): void {
  if (context.channel !== 'VOICE') throw invalid('channel', context.channel, 'VOICE');
  if (conversationId.length < 1 || conversationId.length > conversationIdMax)
    throw invalid(
      'conversationId',
      `of ${conversationId.length} characters`,
      `1 to ${conversationIdMax} characters`,
    );
  for (const name of ['query', 'option'] as const) {
    const { length } = slots[name] ?? '';
    if (length > wordsMax)
      throw invalid(`slots.${name}`, `of ${length} characters`, `at most ${wordsMax} characters`);
  }
  const { ordinal = 1 } = slots;
  if (!Number.isInteger(ordinal) || ordinal === 0)
    throw invalid('slots.ordinal', String(ordinal), 'a whole number from 1, or -1 for the last');
  if (!(deadlineMs > 0)) throw invalid('deadlineMs', String(deadlineMs), 'a number above 0');
}

function invalid(field: string, received: string, allowed: string): RapportError {
  return new RapportError('invalid', 'VOICE_TURN', `${field} is ${received}; it must be ${allowed}`, {
    path: [field],
  });
}
