import type { VoiceList, VoiceReply, VoiceWord } from '../../src/ports/voice.js';
import { slotTypes } from './intents.js';
import { screenOf } from './screen.js';

/** Alexa's limit of the texts of a card together. */
const cardCharactersMax = 8_000;
/** Alexa's limit of dynamic entities, synonyms included. */
const entitiesMax = 100;

export interface AlexaResponse {
  readonly version: '1.0';
  readonly sessionAttributes?: Readonly<Record<string, unknown>>;
  readonly response: Readonly<Record<string, unknown>>;
}

export interface ResponseOptions {
  readonly hasScreen: boolean;
  /** Words of the catalog to recognise. Empty: those of the model alone. */
  readonly words: readonly VoiceWord[];
  /** True if the account has to be linked anew. */
  readonly linkAccount: boolean;
}

/** The response to a request that must not be answered with speech. */
export const silence: AlexaResponse = { version: '1.0', response: {} };

export function responseOf(
  reply: VoiceReply,
  { hasScreen, words, linkAccount }: ResponseOptions,
): AlexaResponse {
  const { speech, card, list, ends } = reply;
  const directives = [
    ...(hasScreen && list !== null && list.items.length > 0 && !ends
      ? [screenOf(list, card?.title ?? '')]
      : []),
    ...entities(list, words, ends),
  ];
  return {
    version: '1.0',
    response: {
      outputSpeech: { type: 'SSML', ssml: speech.ssml },
      ...(ends ? {} : { reprompt: { outputSpeech: { type: 'PlainText', text: speech.reprompt } } }),
      ...(linkAccount ? { card: { type: 'LinkAccount' } } : cardOf(reply)),
      ...(directives.length > 0 ? { directives } : {}),
      shouldEndSession: ends,
    },
  };
}

function cardOf({ card }: VoiceReply): { readonly card?: unknown } {
  if (card === null) return {};
  const text = card.lines.join('\n').slice(0, cardCharactersMax - card.title.length);
  return card.imageUrl === null
    ? { card: { type: 'Simple', title: card.title, content: text } }
    : {
        card: {
          type: 'Standard',
          title: card.title,
          text,
          image: { smallImageUrl: card.imageUrl, largeImageUrl: card.imageUrl },
        },
      };
}

/** Lets the names of products that were just said stand for their ordinals ("tell me more about the glass kettle"), and words of the live catalog be recognised. */
function entities(list: VoiceList | null, words: readonly VoiceWord[], ends: boolean): unknown[] {
  if (ends) return [{ type: 'Dialog.UpdateDynamicEntities', updateBehavior: 'CLEAR' }];
  const items = list?.items ?? [];
  if (items.length === 0 && words.length === 0) return [];
  const names = items.map(({ ordinal, name }) => ({
    id: String(ordinal),
    name: { value: name, synonyms: [] },
  }));
  let left = entitiesMax - names.length;
  const values = words.flatMap(({ id, value, synonyms }) => {
    const size = 1 + synonyms.length;
    if (size > left) return [];
    left -= size;
    return [{ id, name: { value, synonyms } }];
  });
  return [
    {
      type: 'Dialog.UpdateDynamicEntities',
      updateBehavior: 'REPLACE',
      types: [
        ...(names.length > 0 ? [{ name: slotTypes.ordinal, values: names }] : []),
        ...(values.length > 0 ? [{ name: slotTypes.query, values }] : []),
      ],
    },
  ];
}
