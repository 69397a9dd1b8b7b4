import { createHash } from 'node:crypto';
import { z } from 'zod';
import {
  type Speaker,
  type Voice,
  type VoiceIntent,
  type VoiceSlots,
  voiceIntents,
} from '../../src/ports/voice.js';

const text = z.string().max(4_000);
const parameters = z.record(z.string(), z.unknown()).nullish();

/** The person and place of a request: a field that the shop's integration adds to the payload of its own requests to Dialogflow. */
const rapport = z
  .looseObject({
    sessionId: text.nullish(),
    token: z.string().max(8_192).nullish(),
    storeId: text.nullish(),
    currency: text.nullish(),
  })
  .nullish();
const payload = z.looseObject({ rapport }).nullish();

/** The parts of a webhook request of Dialogflow ES that are read. */
const es = z.looseObject({
  session: text,
  queryResult: z.looseObject({
    queryText: text.nullish(),
    languageCode: text.nullish(),
    action: text.nullish(),
    parameters,
    intent: z.looseObject({ displayName: text.nullish() }).nullish(),
  }),
  originalDetectIntentRequest: z.looseObject({ payload }).nullish(),
});

/** The parts of a webhook request of Dialogflow CX that are read. */
const cx = z.looseObject({
  fulfillmentInfo: z.looseObject({ tag: text }),
  intentInfo: z
    .looseObject({
      displayName: text.nullish(),
      parameters: z.record(z.string(), z.looseObject({ resolvedValue: z.unknown() })).nullish(),
    })
    .nullish(),
  pageInfo: z.looseObject({ currentPage: text.nullish() }).nullish(),
  sessionInfo: z.looseObject({ session: text, parameters }),
  languageCode: text.nullish(),
  text: text.nullish(),
  transcript: text.nullish(),
  payload,
});

/** A turn of either edition. */
export interface DialogflowTurn {
  readonly edition: 'ES' | 'CX';
  readonly session: string;
  readonly locale: string | null;
  /** The names under which the agent may name the intent, the most exact first. */
  readonly names: readonly string[];
  /** The words of the shopper; null for a touch or an event. */
  readonly said: string | null;
  readonly parameters: Readonly<Record<string, unknown>>;
  /** CX: the page that the conversation is at. */
  readonly page: string | null;
  readonly rapport: z.output<typeof rapport>;
}

/** Reads a webhook request of Dialogflow ES or CX; null for anything else. */
export function readTurn(json: unknown): DialogflowTurn | null {
  const named = inCamelCase(json, levelsMax);
  const ofEs = es.safeParse(named);
  if (ofEs.success) {
    const { session, queryResult, originalDetectIntentRequest } = ofEs.data;
    return {
      edition: 'ES',
      session,
      locale: queryResult.languageCode ?? null,
      names: [queryResult.action, queryResult.intent?.displayName].flatMap((each) => each ?? []),
      said: queryResult.queryText ?? null,
      parameters: queryResult.parameters ?? {},
      page: null,
      rapport: originalDetectIntentRequest?.payload?.rapport,
    };
  }
  const ofCx = cx.safeParse(named);
  if (!ofCx.success) return null;
  const {
    fulfillmentInfo,
    intentInfo,
    pageInfo,
    sessionInfo,
    languageCode,
    payload: sent,
    ...words
  } = ofCx.data;
  const own = Object.entries(intentInfo?.parameters ?? {}).map(
    ([name, { resolvedValue }]) => [name, resolvedValue] as const,
  );
  return {
    edition: 'CX',
    session: sessionInfo.session,
    locale: languageCode ?? null,
    names: [fulfillmentInfo.tag, intentInfo?.displayName].flatMap((each) => each ?? []),
    said: words.text ?? words.transcript ?? null,
    // A parameter of the session may be of an earlier turn, so that those of the intent come first.
    parameters: { ...sessionInfo.parameters, ...Object.fromEntries(own) },
    page: pageInfo?.currentPage ?? null,
    rapport: sent?.rapport,
  };
}

const levelsMax = 12;

/** Google's own samples write names in snake case. */
function inCamelCase(value: unknown, levels: number): unknown {
  if (levels === 0 || typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((each) => inCamelCase(each, levels - 1));
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [
      name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()),
      inCamelCase(each, levels - 1),
    ]),
  );
}

/** The person of a turn: who the integration says, or somebody who is known in this conversation only. */
export function speakerOf({ session, locale, rapport: given }: DialogflowTurn): Speaker {
  const { sessionId, token, storeId, currency } = given ?? {};
  return {
    sessionId: sessionId || `dialogflow-${createHash('sha256').update(session).digest('base64url')}`,
    token: token || null,
    locale,
    storeId: storeId ?? null,
    currency: currency ?? null,
  };
}

/** "rapport.add-to-list", "add_to_list" and "Add to list" are ADD_TO_LIST. */
function intentNamed(name: string): VoiceIntent | null {
  const plain = name
    .replace(/^rapport[.\s]/i, '')
    .replace(/[^a-z]+/gi, '_')
    .toUpperCase();
  return voiceIntents.find((intent) => intent === plain) ?? null;
}

const wordsMax = 200;

/** The intent that the agent names. Without one that there is, the words are understood here. */
export function intentOf(
  turn: DialogflowTurn,
  voice: Voice,
  locale: string,
): { readonly intent: VoiceIntent; readonly slots: VoiceSlots } {
  const { names, said, parameters: given } = turn;
  const intent = names.map(intentNamed).find((each) => each !== null);
  if (intent === undefined || (intent === 'FALLBACK' && said !== null))
    return voice.understand((said ?? '').slice(0, wordsMax), locale);
  return {
    intent,
    slots: {
      ...wordsOf('query', given.query),
      ...wordsOf('option', given.option ?? given.color),
      ...ordinalOf(given.ordinal, voice, locale),
    },
  };
}

function wordsOf(name: 'query' | 'option', value: unknown): VoiceSlots {
  const [first = null] = Array.isArray(value) ? (value as readonly unknown[]) : [value];
  return typeof first === 'string' && first.trim() !== '' ? { [name]: first.trim().slice(0, wordsMax) } : {};
}

/** `@sys.ordinal` and `@sys.number` are numbers; an entity type of the agent has texts. */
function ordinalOf(value: unknown, voice: Voice, locale: string): VoiceSlots {
  const [first = null] = Array.isArray(value) ? (value as readonly unknown[]) : [value];
  if (typeof first === 'string' && first.trim() !== '') {
    const ordinal = /^-?\d{1,3}$/.test(first)
      ? Number(first)
      : (voice.understand(first, locale).slots.ordinal ?? 0);
    return ordinal === 0 ? {} : { ordinal };
  }
  return typeof first === 'number' && Number.isInteger(first) && first !== 0 ? { ordinal: first } : {};
}
