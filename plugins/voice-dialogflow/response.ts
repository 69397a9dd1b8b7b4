import type { VoiceReply } from '../../src/ports/voice.js';
import type { DialogflowTurn } from './request.js';

/** Turns for which an output context of ES is kept, so that the agent may expect refinements. */
const lifespan = 5;

/** The response of either edition. Empty fields are left out: Dialogflow refuses those of a wrong type. */
export function responseOf(
  turn: DialogflowTurn,
  reply: VoiceReply,
  leftOut: readonly string[],
  entityType: string | undefined,
): Readonly<Record<string, unknown>> {
  return turn.edition === 'ES'
    ? esResponse(turn, reply, leftOut, entityType)
    : cxResponse(turn, reply, leftOut);
}

/** All of the reply, for a frontend that shows it. */
function payloadOf(
  { speech, card, list, handover, ends, personalized }: VoiceReply,
  leftOut: readonly string[],
): Readonly<Record<string, unknown>> {
  return { rapport: { speech, card, list, handover, ends, personalized, leftOut } };
}

function esResponse(
  { session }: DialogflowTurn,
  reply: VoiceReply,
  leftOut: readonly string[],
  entityType: string | undefined,
): Readonly<Record<string, unknown>> {
  const { speech, card, list } = reply;
  const items = list?.items ?? [];
  return {
    fulfillmentText: speech.text,
    fulfillmentMessages: [
      { text: { text: [speech.text] } },
      ...(card === null
        ? []
        : [
            {
              card: {
                title: card.title,
                subtitle: card.lines.join('\n'),
                ...(card.imageUrl === null ? {} : { imageUri: card.imageUrl }),
              },
            },
          ]),
    ],
    payload: payloadOf(reply, leftOut),
    ...(items.length === 0
      ? {}
      : {
          outputContexts: [
            {
              name: `${session}/contexts/rapport-list`,
              lifespanCount: lifespan,
              parameters: {
                products: items.map(({ name }) => name),
                ...(list?.decisionId ? { decisionId: list.decisionId } : {}),
              },
            },
          ],
        }),
    ...(items.length === 0 || entityType === undefined
      ? {}
      : {
          // The names of products stand for their ordinals.
          sessionEntityTypes: [
            {
              name: `${session}/entityTypes/${entityType}`,
              entityOverrideMode: 'ENTITY_OVERRIDE_MODE_SUPPLEMENT',
              entities: items.map(({ ordinal, name }) => ({
                value: String(ordinal),
                synonyms: [String(ordinal), name],
              })),
            },
          ],
        }),
  };
}

function cxResponse(
  { page }: DialogflowTurn,
  reply: VoiceReply,
  leftOut: readonly string[],
): Readonly<Record<string, unknown>> {
  const { speech, list, ends } = reply;
  return {
    fulfillmentResponse: {
      messages: [
        { text: { text: [speech.text] } },
        { outputAudioText: { ssml: speech.ssml } },
        { payload: payloadOf(reply, leftOut) },
      ],
      mergeBehavior: 'REPLACE',
    },
    sessionInfo: {
      parameters: {
        // Removed, so that the next turn does not see those of this one.
        query: null,
        ordinal: null,
        option: null,
        products: list === null ? null : list.items.map(({ name }) => name),
        decisionId: list?.decisionId ?? null,
      },
    },
    ...(ends && page !== null ? { targetPage: page.replace(/\/pages\/[^/]+$/, '/pages/END_SESSION') } : {}),
  };
}
