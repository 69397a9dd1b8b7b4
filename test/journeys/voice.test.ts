import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { exportJWK, SignJWT } from 'jose';
import { type AlexaDevice, envelope, intentRequest } from '../../scripts/voice/alexa-json.js';
import {
  type CxAnswer,
  cxRequest,
  type EsAnswer,
  esRequest,
  type RapportPayload,
} from '../../scripts/voice/dialogflow-json.js';
import { type AlexaShop, authority, openAlexaShop, signer } from '../support/alexa.js';
import { testKeys } from '../support/gateway.js';
import { keyPair } from '../support/key-pair.js';
import { slowed, timed } from '../support/slowed.js';

async function listening(
  handle: RequestListener,
): Promise<{ readonly server: Server; readonly url: string }> {
  const server = createServer(handle);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/keys` };
}

async function tokenOf(shop: AlexaShop, customerId: string): Promise<string> {
  const now = new Date(shop.system.clock.nowMs());
  return new SignJWT({})
    .setProtectedHeader({ alg: 'RS256', kid: 'k' })
    .setSubject(customerId)
    .setIssuedAt(now)
    .setExpirationTime(new Date(now.getTime() + 3_600_000))
    .sign(keyPair().privateKey);
}

async function webhook<T>(shop: AlexaShop, body: unknown): Promise<T> {
  const response = await fetch(`${shop.url}/voice/dialogflow`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': testKeys.SERVER },
    body: JSON.stringify(body),
  });
  return (await response.json()) as T;
}

describe('One person at the web shop, a voice assistant and the app', function () {
  this.timeout(60_000);
  let shop: AlexaShop;
  let provider: Server;
  before(async () => {
    const jwk = { ...(await exportJWK(keyPair().publicKey)), kid: 'k', alg: 'RS256', use: 'sig' };
    const { server, url } = await listening((_, response) =>
      response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys: [jwk] })),
    );
    provider = server;
    shop = await openAlexaShop({
      environment: {
        RAPPORT_JWT_JWKS_URL: url,
        RAPPORT_VOICE_HANDOVER_URL: 'https://shop.example/go#{code}',
      },
    });
  });
  after(async () => {
    await shop.close();
    provider.close();
  });

  it('has one story', async () => {
    const token = await tokenOf(shop, 'ada');
    const asAda = { headers: { authorization: `Bearer ${token}` } };
    const web = '{ channel: WEB, sessionId: "ada-web", currency: EUR, locale: "en-US" }';
    await shop.ask(
      'mutation { identify(context: { channel: WEB, sessionId: "ada-web" }, customer: { id: "ada" }) { userErrors { message } } }',
      { role: 'SERVER' },
    );
    const viewed = await shop.ask(
      `mutation { setConsent(context: ${web}, decisions: [{ purpose: PERSONALIZATION, status: GRANTED }]) { userErrors { message } } recordEvents(context: ${web}, events: [{ messageId: "1", type: PRODUCT_VIEWED, productIds: ["mug"] }, { messageId: "2", type: PRODUCT_VIEWED, productIds: ["cup"] }]) { accepted } }`,
      asAda,
    );
    expect(viewed.text).to.contain('"accepted":2');
    const onWeb = async () =>
      (
        (
          await shop.ask(
            `{ shopper(context: ${web}) { recommendations(placement: "home", first: 12) { items { product { id } } } } }`,
            asAda,
          )
        ).at('shopper.recommendations.items') as { product: { id: string } }[]
      ).map(({ product }) => product.id);
    const webBefore = await onWeb();

    // In the kitchen, by voice: the same ranking, spoken.
    const device: AlexaDevice = {
      person: { personId: 'amzn1.ask.person.ADA', accessToken: token },
      screen: true,
      sessionId: 's-journey',
    };
    const alexa = async (request: Readonly<Record<string, unknown>>) =>
      (await shop.send(envelope(shop.nowIso(), request, device))).json.response;
    const suggested = await alexa(intentRequest('RecommendIntent'));
    const shown = suggested.directives?.find(
      ({ type }) => type === 'Alexa.Presentation.APL.RenderDocument',
    ) as unknown as { datasources: { list: { properties: { items: { title: string }[] } } } };
    const titles = shown.datasources.list.properties.items.map(({ title }) => title);
    const all = await shop.ask(`{ products(first: 20, context: ${web}) { nodes { id title } } }`);
    const idOf = new Map(
      (all.at('products.nodes') as { id: string; title: string }[]).map(({ id, title }) => [title, id]),
    );
    const spoken = titles.map((title) => idOf.get(title)!);
    expect(
      webBefore.filter((id) => spoken.includes(id)),
      'a subsequence of the web list',
    ).to.deep.equal(spoken);
    await alexa(intentRequest('AddToListIntent', { Ordinal: ['first', '1'] }));
    await alexa(intentRequest('AddToListIntent', { Ordinal: ['second', '2'] }));
    const handedOver = await alexa(intentRequest('ContinueElsewhereIntent'));
    const code = /((?:\d ){7}\d)/.exec(handedOver.outputSpeech!.ssml)![1]!;

    // The wishes are the customer's, on the web too.
    const wishes = await shop.ask('{ customer(id: "ada") { wishlist { product { id } } } }', {
      role: 'SERVER',
    });
    expect(JSON.stringify(wishes.data)).to.contain(spoken[0]).and.contain(spoken[1]);

    // On the phone, which nobody signed in on: the list, once, and no login.
    const open = () =>
      shop.ask(
        'mutation ($code: String!) { openHandover(context: { channel: APP, sessionId: "phone", currency: EUR }, code: $code) { products { id price { amount } } userErrors { code } } }',
        { variables: { code } },
      );
    const opened = await open();
    expect((opened.at('openHandover.products') as { id: string }[]).map(({ id }) => id)).to.deep.equal(
      spoken.slice(0, 2),
    );
    expect((await open()).at('openHandover.userErrors.0.code')).to.equal('VOICE_HANDOVER_OPENED');
    expect(
      (await shop.ask('{ shopper(context: { channel: APP, sessionId: "phone" }) { known } }')).at(
        'shopper.known',
      ),
    ).to.equal(false);

    // "Stop personalizing" at the speaker holds on the web at once.
    await alexa(intentRequest('StopPersonalizingIntent'));
    expect(
      (await shop.ask(`{ shopper(context: ${web}) { personalization { applied } } }`, asAda)).at(
        'shopper.personalization.applied',
      ),
    ).to.equal(false);
  });
});

describe('Voice assistants while a plugin takes 10 seconds', function () {
  this.timeout(60_000);
  let shop: AlexaShop;
  let isSlow = false;
  before(async () => {
    shop = await openAlexaShop({
      plugins: slowed(
        'recommendations',
        () => shop.system.clock,
        () => isSlow,
      ),
    });
    isSlow = true;
  });
  after(async () => {
    isSlow = false;
    shop.system.clock.advance(20_000);
    await shop.close();
  });

  const forEverybody = 'I cannot reach your personal suggestions right now, so this is for everybody:';

  it('Alexa answers within 2.5 s, with a fallback, and says so', async () => {
    const { result, tookMs } = await timed(shop.system.clock, () =>
      shop.send(envelope(shop.nowIso(), intentRequest('RecommendIntent'))),
    );
    expect(tookMs).to.be.at.most(2_500);
    expect(result.json.response.outputSpeech?.ssml).to.contain(forEverybody).and.contain('First, ');
    expect(result.json.sessionAttributes?.leftOut).to.deep.equal(['recommendations']);
  });

  it('Dialogflow ES and CX do, too', async () => {
    const es = await timed(shop.system.clock, () => webhook<EsAnswer>(shop, esRequest('slow', 'RECOMMEND')));
    expect(es.tookMs).to.be.at.most(2_500);
    expect(es.result.fulfillmentText).to.contain(forEverybody);
    expect(es.result.payload.rapport.leftOut).to.deep.equal(['recommendations']);
    const cx = await timed(shop.system.clock, () => webhook<CxAnswer>(shop, cxRequest('slow', 'RECOMMEND')));
    expect(cx.tookMs).to.be.at.most(2_500);
    const { rapport } = (
      cx.result.fulfillmentResponse.messages[2] as { payload: { rapport: RapportPayload } }
    ).payload;
    expect(rapport.speech.text).to.contain(forEverybody);
    expect(rapport.leftOut).to.deep.equal(['recommendations']);
  });
});

describe('Alexa while everything is slow', function () {
  this.timeout(60_000);

  it('gets a response within 4 s: the certificate, the identity provider and the store of the customers', async () => {
    const { server, url } = await listening(() => undefined);
    let isSlow = false;
    const chainUrl = 'https://s3.amazonaws.com/echo.api/slow.pem';
    const shop: AlexaShop = await openAlexaShop({
      plugins: slowed(
        'customers',
        () => shop.system.clock,
        () => isSlow,
      ),
      environment: { RAPPORT_JWT_JWKS_URL: url },
      chainDelayMs: 600,
    });
    try {
      shop.chains.set(chainUrl, signer() + authority());
      isSlow = true;
      const person = { personId: 'amzn1.ask.person.ADA', accessToken: await tokenOf(shop, 'ada') };
      const { result, tookMs } = await timed(shop.system.clock, () =>
        shop.send(envelope(shop.nowIso(), intentRequest('RecommendIntent'), { person }), {
          headers: { signaturecertchainurl: chainUrl },
        }),
      );
      expect(result.status, result.text).to.equal(200);
      expect(tookMs).to.be.within(2_000, 4_000);
      expect(result.json.response.outputSpeech?.ssml).to.contain('so this is for everybody:');
      expect(result.json.sessionAttributes?.leftOut).to.include.members(['account', 'shopper']);
    } finally {
      isSlow = false;
      shop.system.clock.advance(20_000);
      await shop.close();
      server.closeAllConnections();
      server.close();
    }
  });
});
