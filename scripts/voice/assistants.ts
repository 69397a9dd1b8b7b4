import { builtInIntents, customIntents, slotNames } from '../../plugins/voice-alexa/intents.js';
import type { VoiceIntent, VoiceSlots } from '../../src/ports/voice.js';
import { type AlexaAnswer, envelope, intentRequest } from './alexa-json.js';
import {
  type CxAnswer,
  cxRequest,
  type EsAnswer,
  esRequest,
  type RapportPayload,
} from './dialogflow-json.js';

export interface Turn {
  readonly intent: VoiceIntent;
  readonly slots: VoiceSlots;
  /** The words of the shopper. */
  readonly said: string;
  readonly conversation: string;
  readonly locale: string;
}

/** The answer as a shopper hears and sees it. */
export interface Heard {
  readonly speech: string;
  /** Lines of a card or screen. */
  readonly lines: readonly string[];
  readonly ends: boolean;
}

export interface Assistant {
  readonly path: string;
  request(turn: Turn, nowMs: number): unknown;
  read(answer: unknown): Heard;
}

const alexaNames = new Map<VoiceIntent, string>(
  [...Object.entries(builtInIntents), ...Object.entries(customIntents)]
    .reverse()
    .map(([name, intent]) => [intent, name] as const),
);

/** The name of an intent in a skill. */
export function alexaIntent(intent: VoiceIntent): string {
  return alexaNames.get(intent) ?? 'AMAZON.FallbackIntent';
}

/** The words of SSML. */
function spoken(ssml: string): string {
  const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
  return ssml
    .replace(/<\/s>/g, ' ')
    .replace(/<[^<>]*>/g, '')
    .replace(/&(amp|lt|gt|quot|apos);/g, (_, name: string) => entities[name]!)
    .trim();
}

function withoutEmpty({ query, ordinal, option }: VoiceSlots): Record<string, unknown> {
  return {
    ...(query === undefined ? {} : { query }),
    ...(ordinal === undefined ? {} : { ordinal }),
    ...(option === undefined ? {} : { option }),
  };
}

/** The payload of either edition of Dialogflow. */
function ofPayload({ speech, list, ends }: RapportPayload): Heard {
  const lines =
    list?.items.map(
      ({ ordinal, title, price }) => `${ordinal}. ${title}${price === null ? '' : `, ${price}`}`,
    ) ?? [];
  return { speech: speech.text, lines, ends };
}

/** The assistants that the simulator can be, by name. */
export const assistants: Readonly<Record<'alexa' | 'dialogflow-es' | 'dialogflow-cx' | 'say', Assistant>> = {
  alexa: {
    path: '/voice/alexa',
    request({ intent, slots: { query, ordinal, option }, conversation, locale }, nowMs) {
      const slots = {
        ...(query === undefined ? {} : { [slotNames.query]: query }),
        ...(ordinal === undefined
          ? {}
          : { [slotNames.ordinal]: [String(ordinal), String(ordinal)] as const }),
        ...(option === undefined ? {} : { [slotNames.option]: option }),
      };
      const request =
        intent === 'WELCOME' ? { type: 'LaunchRequest' } : intentRequest(alexaIntent(intent), slots);
      return envelope(new Date(nowMs).toISOString(), request, { locale, sessionId: conversation });
    },
    read(answer) {
      const { outputSpeech, card, shouldEndSession = false } = (answer as AlexaAnswer).response;
      const text = card?.content ?? card?.text ?? '';
      return {
        speech: spoken(outputSpeech?.ssml ?? ''),
        lines: text.split('\n').filter(Boolean),
        ends: shouldEndSession,
      };
    },
  },
  'dialogflow-es': {
    path: '/voice/dialogflow',
    request: ({ intent, slots, said, conversation, locale }) =>
      esRequest(conversation, intent, withoutEmpty(slots), { locale, said }),
    read: (answer) => ofPayload((answer as EsAnswer).payload.rapport),
  },
  'dialogflow-cx': {
    path: '/voice/dialogflow',
    request: ({ intent, slots, said, conversation, locale }) =>
      cxRequest(conversation, intent, withoutEmpty(slots), { locale, said }),
    read(answer) {
      const { messages } = (answer as CxAnswer).fulfillmentResponse;
      return ofPayload(
        (messages.at(-1) as { readonly payload: { readonly rapport: RapportPayload } }).payload.rapport,
      );
    },
  },
  say: {
    path: '/voice/say',
    request: ({ intent, said, conversation, locale }) => ({
      conversationId: conversation,
      locale,
      ...(said === '' ? { intent } : { text: said }),
    }),
    read: (answer) => ofPayload(answer as RapportPayload),
  },
};
