import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { type AlexaAnswer, envelope, intentRequest } from '../../scripts/voice/alexa-json.js';
import { alexaIntent } from '../../scripts/voice/assistants.js';
import { type CxAnswer, cxRequest, type EsAnswer, esRequest } from '../../scripts/voice/dialogflow-json.js';
import { projectDirectory } from '../../src/project-directory.js';
import { type AlexaShop, openAlexaShop } from '../support/alexa.js';
import { testKeys } from '../support/gateway.js';
import { conversations, type GoldenConversation, type GoldenTurn } from './voice-conversations.js';

const isAccepting = process.env.UPDATE_GOLDEN === '1';
const accept = 'UPDATE_GOLDEN=1 npm run golden';

/** Codes of handovers and ids of decisions are chance. */
const masked = (text: string): string =>
  text.replace(/\b\d{4} \d{4}\b/g, '#### ####').replace(/(?:\d ){7}\d/g, '# # # # # # # #');

interface Assistant {
  readonly name: string;
  send(shop: AlexaShop, conversation: GoldenConversation, turn: GoldenTurn): Promise<readonly string[]>;
}

async function webhook<T>(shop: AlexaShop, body: unknown): Promise<T> {
  const response = await fetch(`${shop.url}/voice/dialogflow`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': testKeys.SERVER },
    body: JSON.stringify(body),
  });
  expect(response.status).to.equal(200);
  return (await response.json()) as T;
}

const parametersOf = ({ query, ordinal, option }: GoldenTurn) => ({
  ...(query === undefined ? {} : { query }),
  ...(ordinal === undefined ? {} : { ordinal }),
  ...(option === undefined ? {} : { option }),
});

const assistants: readonly Assistant[] = [
  {
    name: 'alexa',
    async send(shop, { name, locale }, turn) {
      const { intent, query, ordinal, option } = turn;
      const slots = {
        ...(query === undefined ? {} : { Query: query }),
        ...(ordinal === undefined ? {} : { Ordinal: [String(ordinal), String(ordinal)] as const }),
        ...(option === undefined ? {} : { Option: option }),
      };
      const request =
        intent === 'WELCOME' ? { type: 'LaunchRequest' } : intentRequest(alexaIntent(intent), slots);
      const { status, json, text } = await shop.send(
        envelope(shop.nowIso(), request, { locale, sessionId: name }),
      );
      expect(status, text).to.equal(200);
      return alexaLines(json);
    },
  },
  {
    name: 'dialogflow-es',
    async send(shop, { name, locale }, turn) {
      const answer = await webhook<EsAnswer>(
        shop,
        esRequest(name, turn.intent, parametersOf(turn), { locale }),
      );
      expect(answer.fulfillmentMessages[0]).to.deep.equal({ text: { text: [answer.fulfillmentText] } });
      const { list, ends } = answer.payload.rapport;
      return [
        answer.fulfillmentText,
        ...answer.fulfillmentMessages.slice(1).map((message) => `  ${JSON.stringify(message)}`),
        ...(answer.outputContexts ?? []).map(
          ({ name: context, lifespanCount }) =>
            `  context ${context.split('/').at(-1)} for ${lifespanCount} turns`,
        ),
        ...(list ? [`  list ${list.items.map(({ productId }) => productId).join(', ')}`] : []),
        ...(ends ? ['  ends'] : []),
      ];
    },
  },
  {
    name: 'dialogflow-cx',
    async send(shop, { name, locale }, turn) {
      const { fulfillmentResponse, sessionInfo, targetPage } = await webhook<CxAnswer>(
        shop,
        cxRequest(name, turn.intent, parametersOf(turn), { locale }),
      );
      const [text, audio] = fulfillmentResponse.messages as readonly [
        { text: { text: readonly string[] } },
        { outputAudioText: { ssml: string } },
      ];
      expect(audio.outputAudioText.ssml).to.match(/^<speak>.*<\/speak>$/);
      const { products } = sessionInfo.parameters;
      return [
        ...text.text.text,
        ...(Array.isArray(products) ? [`  products ${products.join(', ')}`] : []),
        ...(targetPage === undefined ? [] : [`  to ${targetPage.split('/').slice(-2).join('/')}`]),
      ];
    },
  },
];

function alexaLines({ response }: AlexaAnswer): readonly string[] {
  const { outputSpeech, reprompt, card, directives = [], shouldEndSession } = response;
  return [
    outputSpeech?.ssml ?? 'silence',
    ...(reprompt ? [`  reprompt: ${reprompt.outputSpeech.text}`] : []),
    ...(card ? [`  card ${card.type}: ${JSON.stringify(card.content ?? card)}`] : []),
    ...directives.flatMap((directive) => namesOf(directive)),
    ...(shouldEndSession ? ['  ends'] : []),
  ];
}

/** The names of products that stand for ordinals. Words of the catalog are read behind the responses, so that they differ. */
function namesOf({ types = [], updateBehavior }: Readonly<Record<string, unknown>>): string[] {
  const all = types as readonly {
    readonly name: string;
    readonly values: readonly { readonly name: { readonly value: string } }[];
  }[];
  const values = all.find(({ name }) => name === 'RapportOrdinal')?.values ?? [];
  if (updateBehavior === 'CLEAR') return ['  entities are cleared'];
  return values.length === 0 ? [] : [`  entities ${values.map(({ name }) => name.value).join(', ')}`];
}

describe('golden conversations', function () {
  this.timeout(120_000);
  for (const { name: assistant, send } of assistants)
    describe(`of ${assistant}`, () => {
      const file = join(projectDirectory(), 'test', 'golden', `voice-${assistant}.txt`);
      const accepted = existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n\n').slice(1) : [];
      const said: string[] = [];
      let shop: AlexaShop;
      before(async () => {
        shop = await openAlexaShop();
      });
      after(() => shop.close());

      for (const [number, conversation] of conversations.entries())
        it(`${conversation.name} (${conversation.locale})`, async () => {
          const lines = [`${number + 1}. ${conversation.name} · ${conversation.locale}`];
          for (const turn of conversation.turns) {
            lines.push(
              `> ${turn.intent}${Object.entries(parametersOf(turn))
                .map(([name, value]) => ` ${name}=${value}`)
                .join('')}`,
            );
            lines.push(...(await send(shop, conversation, turn)));
          }
          said[number] = masked(lines.join('\n'));
          if (!isAccepting)
            expect(said[number], `review the difference; ${accept} accepts it`).to.equal(accepted[number]);
        });

      it('are all of them', () => {
        if (isAccepting)
          writeFileSync(
            file,
            `${[`${conversations.length} conversations with ${assistant}, written by ${accept}`, ...said].join('\n\n')}\n`,
          );
        else expect(accepted.length).to.equal(conversations.length);
      });
    });
});
