import type { Speech } from '../../src/ports/speech.js';
import type { VoiceIntent } from '../../src/ports/voice.js';
import { newConversation, type Question } from './conversations.js';
import { handoverMs } from './handovers.js';
import {
  type Answer,
  type Answers,
  currentSet,
  savingMs,
  slowAnswer,
  type Turn,
  type VoiceParts,
} from './turn.js';

const minuteMs = 60_000;

const meaning: Readonly<Record<Exclude<Question, 'FORGET'>, VoiceIntent>> = {
  DETAILS: 'DETAILS',
  ADD: 'ADD_TO_LIST',
  RECOMMEND: 'RECOMMEND',
};

/** Answers about the conversation itself: beginning, help, the end, consent, and going on elsewhere. */
export function createTalkAnswers(
  { consent, conversations, customers, handovers, speech }: VoiceParts,
  others: Answers,
): Answers {
  function talk({ words }: Turn, sentences: readonly string[], question = words.say('whatElse')): Speech {
    return speech.say([...sentences, question], question);
  }

  function ask({ words }: Turn, sentence: string): Speech {
    return speech.say([sentence], words.say('welcome.reprompt'));
  }

  /** Withdraws, and claims it only when it is entered. */
  async function withdraw(turn: Turn, purposes: readonly string[]): Promise<boolean> {
    const shopper = await turn.shopper();
    if (shopper === null) return false;
    const decided = await turn.budget.within('consent', savingMs, () =>
      consent.decide(
        shopper,
        purposes.map((purpose) => ({ purpose, status: 'WITHDRAWN', evidence: 'said to a voice assistant' })),
      ),
    );
    return decided !== null && decided.value.userErrors.length === 0;
  }

  async function forget(turn: Turn): Promise<Answer> {
    const { budget, context, key, words } = turn;
    const notDone = { speech: talk(turn, [words.say('notDone')]), conversation: turn.conversation };
    if (!(await withdraw(turn, ['PERSONALIZATION', 'ANALYTICS']))) return notDone;
    const removed = await budget.within('conversation', 0, async () => {
      await Promise.all([
        conversations.remove(key),
        handovers.removeOf(context.sessionId),
        customers.signOut(context),
      ]);
    });
    if (removed === null) return notDone;
    const account = context.customerId === null ? [] : [words.say('forgotten.account')];
    return {
      speech: speech.say([words.say('forgotten'), ...account], words.say('goodbye')),
      conversation: null,
      ends: true,
    };
  }

  return {
    WELCOME: async (turn) => ({
      speech: talk(turn, [turn.words.say('welcome')], turn.words.say('welcome.reprompt')),
      conversation: { ...newConversation, wished: turn.conversation.wished },
    }),
    HELP: async (turn) => ({
      speech: talk(turn, [turn.words.say('help')], turn.words.say('welcome.reprompt')),
      conversation: turn.conversation,
    }),
    FALLBACK: async (turn) => ({
      speech: ask(turn, turn.words.say('fallback')),
      conversation: turn.conversation,
    }),
    STOP: async ({ words }) => ({
      speech: speech.say([words.say('goodbye')], words.say('goodbye')),
      ends: true,
    }),
    async REPEAT(turn) {
      const { last } = turn.conversation;
      if (last !== null) return { speech: last, conversation: turn.conversation };
      return turn.isRemembered
        ? { speech: talk(turn, [turn.words.say('noList')]) }
        : slowAnswer(turn, speech);
    },
    async YES(turn) {
      const { question } = turn.conversation;
      if (question === 'FORGET') return forget(turn);
      const intent = question === null ? null : meaning[question];
      const answer = intent === null ? undefined : others[intent];
      if (answer) return answer({ ...turn, slots: {} });
      if (currentSet(turn.conversation) === null)
        return { speech: ask(turn, turn.words.say('welcome.reprompt')) };
      return { speech: ask(turn, turn.words.say('whichOne')) };
    },
    NO: async (turn) => ({ speech: speech.say([turn.words.say('whatElse')], turn.words.say('whatElse')) }),
    FORGET_ME: async (turn) => {
      const question = turn.words.say('forget.question');
      return {
        speech: speech.say([question], question),
        conversation: { ...turn.conversation, question: 'FORGET' },
      };
    },
    async STOP_PERSONALIZING(turn) {
      const isDone = await withdraw(turn, ['PERSONALIZATION']);
      return { speech: talk(turn, [turn.words.say(isDone ? 'stopped' : 'notDone')]) };
    },
    async CONTINUE_ELSEWHERE(turn) {
      const { budget, conversation, context, words } = turn;
      const { sets, wished } = conversation;
      if (!turn.isRemembered) return slowAnswer(turn, speech);
      const productIds = wished.length > 0 ? wished : sets.flatMap((set) => set.productIds);
      if (productIds.length === 0) return { speech: ask(turn, words.say('handover.nothing')) };
      const decisionId = wished.length > 0 ? null : (currentSet(conversation)?.decisionId ?? null);
      const made = await budget.within('handover', savingMs, () =>
        handovers.create({ decisionId, productIds }, context.sessionId),
      );
      if (made === null) return slowAnswer(turn, speech);
      const { code, url, expiresAtMs } = made.value;
      // One digit after the other, so that nobody hears a number of eight digits.
      const spelled = [...code].join(' ');
      return {
        speech: speech.say(
          [words.say('handover', { code: spelled, minutes: handoverMs / minuteMs })],
          words.say('whatElse'),
        ),
        card: {
          title: words.say('card.title'),
          lines: [
            words.say('card.code', { code: `${code.slice(0, 4)} ${code.slice(4)}` }),
            ...(url === null ? [] : [url]),
          ],
          imageUrl: null,
        },
        handover: { code, url, expiresAtMs },
      };
    },
  };
}
