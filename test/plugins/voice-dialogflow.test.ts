import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { exportJWK, SignJWT } from 'jose';
import {
  type CxAnswer,
  cxRequest,
  cxSession,
  type EsAnswer,
  esRequest,
  esSession,
  type RapportPayload,
} from '../../scripts/voice/dialogflow-json.js';
import { testKeys } from '../support/gateway.js';
import { keyPair } from '../support/key-pair.js';
import { openVoiceShop, type VoiceShop } from '../support/voice-shop.js';

const basic = (text: string): Record<string, string> => ({
  authorization: `Basic ${Buffer.from(text).toString('base64')}`,
});

const forgeries: readonly (readonly [what: string, status: number, headers: Record<string, string>])[] = [
  ['no key', 401, {}],
  ['an unknown key', 401, { 'x-api-key': 'guessed-key' }],
  ['an empty key', 401, { 'x-api-key': '' }],
  ['the public key of storefronts', 403, { 'x-api-key': testKeys.STOREFRONT }],
  ['the key of a merchandiser', 403, { 'x-api-key': testKeys.MERCHANDISER }],
  ['a bearer token alone', 401, { authorization: 'Bearer eyJhbGciOiJub25lIn0.e30.' }],
  ['a wrong password', 401, basic('dialogflow:guessed-key')],
  ['an empty password', 401, basic('dialogflow:')],
  ['the key as the user name', 401, basic(`${testKeys.SERVER}:`)],
  ['the public key as the password', 403, basic(`dialogflow:${testKeys.STOREFRONT}`)],
  ['no base64', 401, { authorization: 'Basic !!!' }],
  ['a SERVER key with something behind it', 401, { 'x-api-key': `${testKeys.SERVER}x` }],
];

describe('The Dialogflow endpoint', function () {
  this.timeout(60_000);
  let shop: VoiceShop;
  let provider: Server;
  let token: (customerId: string) => Promise<string>;
  before(async () => {
    const pair = keyPair();
    const jwk = { ...(await exportJWK(pair.publicKey)), kid: 'k', alg: 'RS256', use: 'sig' };
    provider = createServer((_, response) =>
      response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys: [jwk] })),
    );
    await new Promise<void>((resolve) => provider.listen(0, '127.0.0.1', resolve));
    const { port } = provider.address() as AddressInfo;
    shop = await openVoiceShop([], {
      environment: {
        RAPPORT_JWT_JWKS_URL: `http://127.0.0.1:${port}/keys`,
        RAPPORT_VOICE_DIALOGFLOW_ENTITY_TYPE: 'ordinal',
      },
    });
    token = (customerId) => {
      const nowMs = shop.system.clock.nowMs();
      return new SignJWT({})
        .setProtectedHeader({ alg: 'RS256', kid: 'k' })
        .setSubject(customerId)
        .setIssuedAt(new Date(nowMs))
        .setExpirationTime(new Date(nowMs + 3_600_000))
        .sign(pair.privateKey);
    };
  });
  after(async () => {
    await shop.close();
    provider.close();
  });

  async function post(
    body: unknown,
    headers: Readonly<Record<string, string>> = { 'x-api-key': testKeys.SERVER },
  ) {
    const response = await fetch(`${shop.url}/voice/dialogflow`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
    const text = await response.text();
    return { status: response.status, text, json: JSON.parse(text) as unknown };
  }
  const es = async (...request: Parameters<typeof esRequest>) =>
    (await post(esRequest(...request))).json as EsAnswer;
  const cx = async (...request: Parameters<typeof cxRequest>) =>
    (await post(cxRequest(...request))).json as CxAnswer;
  const payloadOf = ({ fulfillmentResponse }: CxAnswer): RapportPayload =>
    (fulfillmentResponse.messages[2] as { payload: { rapport: RapportPayload } }).payload.rapport;

  for (const [edition, request] of [
    ['ES', esRequest('forged', 'FIND', { query: 'kettle' })],
    ['CX', cxRequest('forged', 'FIND', { query: 'kettle' })],
  ] as const)
    describe(`${edition}: refuses ${forgeries.length} requests that are not authenticated`, () => {
      for (const [what, status, headers] of forgeries)
        it(what, async () => {
          const answer = await post(request, headers);
          expect(answer.status, answer.text).to.equal(status);
          expect(answer.text).to.not.contain('kettle');
        });
    });

  it('takes the key as a header, or as the password of Basic authentication', async () => {
    for (const headers of [{ 'x-api-key': testKeys.SERVER }, basic(`dialogflow:${testKeys.SERVER}`)])
      expect((await post(esRequest('auth', 'WELCOME'), headers)).status).to.equal(200);
  });

  it('refuses what is no webhook request, and says what is', async () => {
    for (const body of [
      '',
      'text',
      '[]',
      '{}',
      '{"queryResult":{}}',
      '{"session":7,"queryResult":{}}',
      '{"fulfillmentInfo":{},"sessionInfo":{}}',
      '{"fulfillmentInfo":{"tag":"find"}}',
    ]) {
      const { status, text } = await post(body);
      expect(status, body).to.equal(400);
      expect(text, body).to.contain('VOICE_DIALOGFLOW_BODY').and.contain('queryResult');
    }
    expect((await post({ ...esRequest('large', 'FIND'), filler: 'x'.repeat(70_000) })).status).to.equal(413);
  });

  it('ES: answers as Google documents, with a context and session entities', async () => {
    const found = await es('docs', 'FIND', { query: 'kettle' });
    expect(Object.keys(found)).to.have.members([
      'fulfillmentText',
      'fulfillmentMessages',
      'payload',
      'outputContexts',
      'sessionEntityTypes',
    ]);
    expect(found.fulfillmentMessages[1]).to.have.nested.property('card.title', 'Your list');
    expect(found.outputContexts![0]).to.deep.equal({
      name: `${esSession('docs')}/contexts/rapport-list`,
      lifespanCount: 5,
      parameters: { products: ['Brook colour kettle', 'Alder glass kettle', 'Tarn camping kettle'] },
    });
    expect(found.sessionEntityTypes![0]).to.deep.include({
      name: `${esSession('docs')}/entityTypes/ordinal`,
      entityOverrideMode: 'ENTITY_OVERRIDE_MODE_SUPPLEMENT',
    });
    expect(found.sessionEntityTypes![0]!.entities[1]).to.deep.equal({
      value: '2',
      synonyms: ['2', 'Alder glass kettle'],
    });
    const suggested = await es('docs', 'RECOMMEND');
    expect(suggested.outputContexts![0]!.parameters.decisionId).to.be.a('string');
    const done = await es('docs', 'STOP');
    expect(done).to.not.have.any.keys('outputContexts', 'sessionEntityTypes');
    expect(done.payload.rapport.ends).to.equal(true);
  });

  it('CX: answers by tag, removes the parameters of the turn, and ends the session', async () => {
    const found = await cx('docs', 'FIND', { query: 'kettle' });
    expect(found.fulfillmentResponse.mergeBehavior).to.equal('REPLACE');
    expect(found.sessionInfo.parameters).to.deep.equal({
      query: null,
      ordinal: null,
      option: null,
      products: ['Brook colour kettle', 'Alder glass kettle', 'Tarn camping kettle'],
      decisionId: null,
    });
    expect(found).to.not.have.property('targetPage');
    const done = await cx('docs', 'STOP');
    expect(done.targetPage).to.equal(
      'projects/demo-shop/locations/global/agents/a-1/flows/f-1/pages/END_SESSION',
    );
  });

  it('takes ordinals as numbers and as texts, colours of @sys.color, and lists of parameters', async () => {
    for (const [number, ordinal] of [2, '2', 'second', 'the second one', ['2']].entries()) {
      await es(`ordinal-${number}`, 'FIND', { query: 'kettle' });
      expect(
        (await es(`ordinal-${number}`, 'SELECT', { ordinal })).fulfillmentText,
        String(ordinal),
      ).to.contain('Alder glass kettle, for 59 euros.');
    }
    await cx('colour', 'FIND', { query: ['kettle'] });
    expect((await cx('colour', 'WITH_OPTION', { color: 'blue' })).fulfillmentResponse.messages[0])
      .to.have.nested.property('text.text[0]')
      .that.contains('In blue: ');
  });

  it('takes the snake case of Google’s samples', async () => {
    const snake = JSON.stringify(cxRequest('snake', 'FIND', { query: 'kettle' }))
      .replaceAll('fulfillmentInfo', 'fulfillment_info')
      .replaceAll('sessionInfo', 'session_info')
      .replaceAll('intentInfo', 'intent_info')
      .replaceAll('resolvedValue', 'resolved_value')
      .replaceAll('languageCode', 'language_code');
    expect(payloadOf((await post(snake)).json as CxAnswer).list?.items).to.have.lengthOf(3);
  });

  it('understands the words themselves where the agent names no intent of ours', async () => {
    const found = await es(
      'free',
      'Default Fallback Intent',
      {},
      { said: 'suche einen Wasserkocher', locale: 'de' },
    );
    expect(found.fulfillmentText).to.contain('Erstens, ');
    expect((await cx('free', 'FALLBACK', {}, { said: 'find a kettle' })).fulfillmentResponse.messages[0])
      .to.have.nested.property('text.text[0]')
      .that.contains('First, ');
    expect((await es('free', 'Small Talk', {}, { said: 'how are you' })).fulfillmentText).to.contain(
      'I did not understand that.',
    );
  });

  it('personalizes the customer whom a token proves, and never one whom a session id names', async () => {
    const context = '{ channel: WEB, sessionId: "ada-web", customerId: "ada" }';
    await shop.ask(
      `mutation { identify(context: { channel: WEB, sessionId: "ada-web" }, customer: { id: "ada" }) { userErrors { message } } setConsent(context: ${context}, decisions: [{ purpose: PERSONALIZATION, status: GRANTED }]) { userErrors { message } } recordEvents(context: ${context}, events: [{ messageId: "a-1", type: PRODUCT_VIEWED, productIds: ["mug"] }]) { accepted } }`,
      { role: 'SERVER' },
    );
    const personalized = async (rapport: unknown) => [
      (await es('person', 'RECOMMEND', {}, { payload: { rapport } })).payload.rapport.personalized,
      payloadOf(await cx('person', 'RECOMMEND', {}, { payload: { rapport } })).personalized,
    ];
    expect(await personalized({ token: await token('ada') })).to.deep.equal([true, true]);
    expect(await personalized({ sessionId: 'ada-web' })).to.deep.equal([false, false]);
    expect(await personalized({})).to.deep.equal([false, false]);
    expect(await personalized({ token: 'expired-or-forged' })).to.deep.equal([false, false]);
  });

  it('keeps conversations apart, also of both editions', async () => {
    await es('shared', 'FIND', { query: 'kettle' });
    expect((await es('other', 'MORE')).fulfillmentText).to.contain('There is no list yet.');
    expect((await cx('shared', 'MORE')).fulfillmentResponse.messages[0])
      .to.have.nested.property('text.text[0]')
      .that.contains('There is no list yet.');
    expect(cxSession('shared')).to.not.equal(esSession('shared'));
  });

  it('stays within Dialogflow’s limit of 64 KiB', async () => {
    const { text } = await post(esRequest('long', 'FIND', { query: 'kettle '.repeat(500) }));
    expect(text.length).to.be.at.most(65_536);
  });
});
