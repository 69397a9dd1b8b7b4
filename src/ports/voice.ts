import type { Caller, Context, ContextInput } from '../context.js';
import type { Speech } from './speech.js';

/** The intents that every assistant can express. */
export const voiceIntents = [
  /** The conversation begins. */
  'WELCOME',
  /** Products for `query`. */
  'FIND',
  /** Suggestions for the shopper, about `query` if given. */
  'RECOMMEND',
  /** The next products of the list, and those before. */
  'MORE',
  'PREVIOUS',
  /** The next product of those that were said. */
  'NEXT',
  'REPEAT',
  /** The product at `ordinal` of those that were said last: "the second one". */
  'SELECT',
  /** More about the product at `ordinal`, or about the current one. */
  'DETAILS',
  'CHEAPER',
  /** The same with `option`: "in blue". */
  'WITH_OPTION',
  /** Puts the product at `ordinal`, or the current one, on the shopper's list. */
  'ADD_TO_LIST',
  'READ_LIST',
  /** Goes on with the list on the web or in the app. */
  'CONTINUE_ELSEWHERE',
  'YES',
  'NO',
  'HELP',
  'STOP',
  'FORGET_ME',
  'STOP_PERSONALIZING',
  /** Nothing that was understood. */
  'FALLBACK',
] as const;
export type VoiceIntent = (typeof voiceIntents)[number];

export interface VoiceSlots {
  /** The shopper's words for a product. */
  readonly query?: string | undefined;
  /** From 1; -1 is the last. */
  readonly ordinal?: number | undefined;
  /** A colour, size or other property of products, in the shopper's words. */
  readonly option?: string | undefined;
}

/** One turn of a conversation, as an assistant understood it. */
export interface VoiceTurn {
  /** The person or none, language, store and time. Its channel is VOICE. A person who is not recognised has a session of this conversation only. */
  readonly context: Context;
  /** Names the conversation; begins with the name of the assistant. A conversation is known only together with the person of the context. */
  readonly conversationId: string;
  readonly intent: VoiceIntent;
  readonly slots: VoiceSlots;
  /** The time until the response, in milliseconds. At most 2,000 are used; parts that are late are left out. */
  readonly deadlineMs: number;
}

export interface VoiceItem {
  readonly productId: string;
  /** From 1, among those that were said. */
  readonly ordinal: number;
  /** As it is said. */
  readonly name: string;
  /** In full, for screens. */
  readonly title: string;
  /** As it is written, for screens; null without one. */
  readonly price: string | null;
  readonly imageUrl: string | null;
}

/** The products that were said, in their order. */
export interface VoiceList {
  /** The decision of their recommendation; null for those that were searched for. */
  readonly decisionId: string | null;
  readonly items: readonly VoiceItem[];
  /** The product that the conversation is about now; null: none of them. */
  readonly current: number | null;
}

/** A picture and text for devices with a screen, and for the assistant's app. */
export interface VoiceCard {
  readonly title: string;
  /** Lines of text; each begins with the number of its product, if it has one. */
  readonly lines: readonly string[];
  readonly imageUrl: string | null;
}

export const voiceParts = [
  'account',
  'conversation',
  'shopper',
  'recommendations',
  'search',
  'products',
  'events',
  'consent',
  'handover',
] as const;
/** A part of the response that can be left out. */
export type VoicePart = (typeof voiceParts)[number];

export interface VoiceReply {
  readonly speech: Speech;
  readonly card: VoiceCard | null;
  /** null: the turn is not about products. */
  readonly list: VoiceList | null;
  /** The code of a handover; null: the turn was not about one. */
  readonly handover: {
    readonly code: string;
    readonly url: string | null;
    readonly expiresAtMs: number;
  } | null;
  /** True if the conversation is over. */
  readonly ends: boolean;
  /** True if the reply follows the shopper's behaviour. */
  readonly personalized: boolean;
  /** Parts that were too slow or failed, each once; the speech says so if a shopper would miss them. */
  readonly leftOut: readonly VoicePart[];
}

/** The speaker of a turn, as an assistant names them. */
export interface Speaker extends Omit<ContextInput, 'channel' | 'customerId'> {
  /** A session of the person, or of the conversation if the person is not recognised. */
  readonly sessionId: string;
  /** The token that proves their account; null without one. */
  readonly token: string | null;
  /** The API key that the requests of the assistant count as. If omitted, that of the request. */
  readonly key?: string | undefined;
}

/** A request of an assistant; every `Edge` is one. */
export interface AssistantRequest {
  caller(key?: string, token?: string): Promise<Caller>;
  context(caller: Caller, input: ContextInput): Context;
}

export interface RecognisedSpeaker {
  readonly context: Context;
  /** NONE: there is no token. REFUSED: it is not accepted, so that the account has to be linked anew. LATE: it could not be verified in time. */
  readonly account: 'PROVEN' | 'NONE' | 'REFUSED' | 'LATE';
}

/** Conversations about products, whatever the assistant. State is kept for half an hour after the last turn. */
export interface Voice {
  /**
   * The context of a speaker, within 0.8 seconds for the account. Whatever the role of the key, a speaker has the rights of a visitor, so that a
   * session id never proves a customer. If the account is not proven, the session is another one than with it. Throws as `Edge.caller` for a wrong key.
   */
  recognise(request: AssistantRequest, speaker: Speaker): Promise<RecognisedSpeaker>;
  /** Never throws for a slow or failing part. Throws `invalid` for a turn that no assistant may send. */
  say(turn: VoiceTurn): Promise<VoiceReply>;
  /** The intent and slots of a text, by the sample utterances of its language; FALLBACK for anything else. */
  understand(text: string, locale: string): { readonly intent: VoiceIntent; readonly slots: VoiceSlots };
  /** Words that shoppers say. English for a locale without any. */
  utterances(locale: string): VoiceUtterances;
  /** Words of the live catalog that shoppers say, most frequent first: for the interaction model of an assistant. */
  vocabulary(locale: string): Promise<VoiceVocabulary>;
}

export interface VoiceUtterances {
  /** Sample utterances by intent, with at most one slot in braces each: "find {query}". */
  readonly intents: Readonly<Partial<Record<VoiceIntent, readonly string[]>>>;
  /** The forms of ordinals by place from 1; the last list is for the last product. */
  readonly ordinals: readonly (readonly string[])[];
}

export interface VoiceWord {
  readonly id: string;
  readonly value: string;
  readonly synonyms: readonly string[];
}

export interface VoiceVocabulary {
  /** Categories and brands, for `query`. At most 1,000. */
  readonly products: readonly VoiceWord[];
  /** Colours and other values of options, for `option`. At most 200. */
  readonly options: readonly VoiceWord[];
}
