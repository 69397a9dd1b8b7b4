import type { VoiceIntent } from '../../src/ports/voice.js';

type Parameters = Readonly<Record<string, unknown>>;

const project = 'projects/demo-shop';
const agent = `${project}/locations/global/agents/a-1`;
export const esSession = (id: string): string => `${project}/agent/sessions/${id}`;
export const cxSession = (id: string): string => `${agent}/sessions/${id}`;

const spelled = (intent: VoiceIntent): string => intent.toLowerCase().replaceAll('_', '-');

/** A webhook request of Dialogflow ES, as Google documents it. */
export function esRequest(
  session: string,
  intent: VoiceIntent | string,
  parameters: Parameters = {},
  {
    locale = 'en',
    said = 'words of the shopper',
    payload = {},
  }: { readonly locale?: string; readonly said?: string; readonly payload?: unknown } = {},
) {
  return {
    responseId: 'response-id',
    session: esSession(session),
    queryResult: {
      queryText: said,
      action: `rapport.${spelled(intent as VoiceIntent)}`,
      // Dialogflow sends a parameter without a value as an empty text.
      parameters: { query: '', ordinal: '', option: '', ...parameters },
      allRequiredParamsPresent: true,
      fulfillmentText: '',
      fulfillmentMessages: [{ text: { text: [''] } }],
      outputContexts: [
        {
          name: `${esSession(session)}/contexts/__system_counters__`,
          parameters: { 'no-input': 0, 'no-match': 0 },
        },
      ],
      intent: { name: `${project}/agent/intents/i-1`, displayName: intent },
      intentDetectionConfidence: 1,
      diagnosticInfo: {},
      languageCode: locale,
    },
    originalDetectIntentRequest: { source: 'DIALOGFLOW_CONSOLE', payload },
  };
}

/** A webhook request of Dialogflow CX, as Google documents it. */
export function cxRequest(
  session: string,
  intent: VoiceIntent | string,
  parameters: Parameters = {},
  {
    locale = 'en',
    said = 'words of the shopper',
    payload = {},
  }: { readonly locale?: string; readonly said?: string; readonly payload?: unknown } = {},
) {
  return {
    detectIntentResponseId: 'response-id',
    intentInfo: {
      lastMatchedIntent: `${agent}/intents/i-1`,
      displayName: intent,
      parameters: Object.fromEntries(
        Object.entries(parameters).map(([name, value]) => [
          name,
          { originalValue: String(value), resolvedValue: value },
        ]),
      ),
      confidence: 1,
    },
    pageInfo: { currentPage: `${agent}/flows/f-1/pages/p-1`, displayName: 'Shopping' },
    sessionInfo: { session: cxSession(session), parameters },
    fulfillmentInfo: { tag: spelled(intent as VoiceIntent) },
    messages: [{ text: { text: [''] }, responseType: 'HANDLER_PROMPT', source: 'VIRTUAL_AGENT' }],
    text: said,
    languageCode: locale,
    payload,
  };
}

export interface EsAnswer {
  readonly fulfillmentText: string;
  readonly fulfillmentMessages: readonly Readonly<Record<string, unknown>>[];
  readonly outputContexts?: readonly {
    readonly name: string;
    readonly lifespanCount: number;
    readonly parameters: Parameters;
  }[];
  readonly sessionEntityTypes?: readonly {
    readonly name: string;
    readonly entityOverrideMode: string;
    readonly entities: readonly { readonly value: string; readonly synonyms: readonly string[] }[];
  }[];
  readonly payload: { readonly rapport: RapportPayload };
}

export interface CxAnswer {
  readonly fulfillmentResponse: {
    readonly messages: readonly Readonly<Record<string, unknown>>[];
    readonly mergeBehavior: string;
  };
  readonly sessionInfo: { readonly parameters: Parameters };
  readonly targetPage?: string;
}

export interface RapportPayload {
  readonly speech: { readonly text: string; readonly ssml: string };
  readonly list: {
    readonly items: readonly {
      readonly productId: string;
      readonly ordinal: number;
      readonly title: string;
      readonly price: string | null;
    }[];
  } | null;
  readonly ends: boolean;
  readonly personalized: boolean;
  readonly leftOut: readonly string[];
}
