import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { exportJWK, SignJWT } from 'jose';
import { type AlexaDevice, envelope, intentRequest, skillId } from '../../scripts/voice/alexa-json.js';
import {
  type AlexaShop,
  authority,
  chainUrl,
  openAlexaShop,
  type SentChanges,
  selfSigned,
  signer,
  signerKey,
} from '../support/alexa.js';
import { rsaKeys } from '../support/certificates.js';
import { testKeys } from '../support/gateway.js';
import { keyPair } from '../support/key-pair.js';

interface Forgery {
  readonly what: string;
  readonly changes?: SentChanges;
  /** In place of the chain at `url`. */
  readonly chain?: string;
  /** Changes the request before it is signed. */
  readonly body?: (request: ReturnType<typeof envelope>) => unknown;
  readonly atMs?: number;
}

const at = (signaturecertchainurl: string | null): SentChanges => ({ headers: { signaturecertchainurl } });
const other = rsaKeys();
const small = rsaKeys(1_024);
const yesterday = new Date('2026-01-14');
const tomorrow = new Date('2026-01-16');

const forgeries: readonly Forgery[] = [
  { what: 'no certificate address', changes: at(null) },
  { what: 'an empty address', changes: at('') },
  { what: 'plain http', changes: at('http://s3.amazonaws.com/echo.api/echo-api-cert.pem') },
  { what: 'another host', changes: at('https://notamazon.com/echo.api/echo-api-cert.pem') },
  {
    what: 'a host that begins with Amazon’s',
    changes: at('https://s3.amazonaws.com.evil.example/echo.api/cert.pem'),
  },
  { what: 'a host that ends with Amazon’s', changes: at('https://evil-s3.amazonaws.com/echo.api/cert.pem') },
  { what: 'Amazon’s host as a user', changes: at('https://s3.amazonaws.com@evil.example/echo.api/cert.pem') },
  { what: 'a user before Amazon’s host', changes: at('https://evil@s3.amazonaws.com/echo.api/cert.pem') },
  { what: 'another port', changes: at('https://s3.amazonaws.com:563/echo.api/echo-api-cert.pem') },
  { what: 'another path', changes: at('https://s3.amazonaws.com/invalid.path/echo-api-cert.pem') },
  { what: 'a path in other case', changes: at('https://s3.amazonaws.com/EcHo.aPi/echo-api-cert.pem') },
  { what: 'a path that leads out', changes: at('https://s3.amazonaws.com/echo.api/../evil/cert.pem') },
  {
    what: 'a path that leads out, encoded',
    changes: at('https://s3.amazonaws.com/echo.api/%2e%2e/evil/cert.pem'),
  },
  {
    what: 'a path that leads out behind an encoded slash',
    changes: at('https://s3.amazonaws.com/echo.api/..%2fevil/cert.pem'),
  },
  { what: 'a path with backslashes', changes: at('https://s3.amazonaws.com\\echo.api\\..\\evil\\cert.pem') },
  { what: 'an address without a scheme', changes: at('//s3.amazonaws.com/echo.api/echo-api-cert.pem') },
  { what: 'an address with a query', changes: at('https://s3.amazonaws.com/echo.api/cert.pem?evil') },
  { what: 'an address with a fragment', changes: at('https://s3.amazonaws.com/echo.api/#@evil.example') },
  { what: 'a very long address', changes: at(`https://s3.amazonaws.com/echo.api/${'a'.repeat(600)}`) },
  { what: 'an address where nothing is', changes: at('https://s3.amazonaws.com/echo.api/nothing.pem') },
  { what: 'no chain but a page', chain: '<html>404</html>' },
  { what: 'an expired certificate', chain: signer({ until: yesterday }) + authority() },
  { what: 'a certificate that is not in force yet', chain: signer({ from: tomorrow }) + authority() },
  {
    what: 'a certificate of another host',
    chain: signer({ hosts: ['echo-api.evil.example'] }) + authority(),
  },
  {
    what: 'a certificate with the host as its common name only',
    chain: signer({ subject: 'echo-api.amazon.com', hosts: [] }) + authority(),
  },
  { what: 'a certificate with a wildcard', chain: signer({ hosts: ['*.amazon.com'] }) + authority() },
  { what: 'a certificate signed by itself', chain: selfSigned() },
  { what: 'a certificate signed by itself, with a root behind it', chain: selfSigned() + authority() },
  { what: 'a chain without its authority', chain: signer() },
  { what: 'an expired authority', chain: signer() + authority({ until: yesterday }) },
  { what: 'an authority that is none', chain: signer() + authority({ ca: false }) },
  {
    what: 'an authority of nobody',
    chain: signer() + authority({ issuer: 'Elsewhere', issuerKey: other.privateKey }),
  },
  {
    what: 'an authority with the name of a root but another key',
    chain: signer() + authority({ issuerKey: other.privateKey }),
  },
  {
    what: 'a certificate that another authority signed',
    chain: signer({ issuerKey: other.privateKey }) + authority(),
  },
  { what: 'an authority as the signer', chain: signer({ ca: true }) + authority() },
  {
    what: 'a short key',
    chain: signer({ publicKey: small.publicKey }) + authority(),
    changes: { key: small.privateKey },
  },
  { what: 'the chain in the wrong order', chain: authority() + signer() },
  { what: 'no signature', changes: { headers: { 'signature-256': null } } },
  { what: 'an empty signature', changes: { headers: { 'signature-256': '' } } },
  { what: 'a signature that is no base64', changes: { headers: { 'signature-256': '!!!' } } },
  { what: 'the signature of another body', changes: { sent: (text) => text.replace('en-US', 'en-GB') } },
  {
    what: 'the same JSON, parsed and written again',
    changes: { sent: (text) => JSON.stringify(JSON.parse(text), null, 1) },
  },
  { what: 'a byte behind the signed ones', changes: { sent: (text) => `${text} ` } },
  { what: 'the signature of another key', changes: { key: other.privateKey } },
  { what: 'a SHA-1 signature as SHA-256', changes: { algorithm: 'sha1' } },
  {
    what: 'only the SHA-1 signature of old',
    changes: { headers: { 'signature-256': null, signature: 'AAAA' } },
  },
  { what: 'a request of 151 seconds ago', atMs: -151_000 },
  { what: 'a request of 151 seconds ahead', atMs: 151_000 },
  { what: 'a request of last year', atMs: -365 * 86_400_000 },
  { what: 'no time', body: (sent) => ({ ...sent, request: { ...sent.request, timestamp: undefined } }) },
  {
    what: 'a time that is a number',
    body: (sent) => ({
      ...sent,
      request: { ...sent.request, timestamp: Date.parse(sent.request.timestamp) },
    }),
  },
  {
    what: 'a time that is no date',
    body: (sent) => ({ ...sent, request: { ...sent.request, timestamp: 'now' } }),
  },
  {
    what: 'another skill',
    body: (sent) => ({
      ...sent,
      session: { ...sent.session, application: { applicationId: `${skillId}x` } },
      context: {},
    }),
  },
  {
    what: 'another skill in one of both places',
    body: (sent) => ({
      ...sent,
      session: { ...sent.session, application: { applicationId: `${skillId}x` } },
    }),
  },
  { what: 'no skill', body: (sent) => ({ ...sent, session: null, context: null }) },
  { what: 'a list', body: () => [] },
  { what: 'no JSON', body: () => 'version=1.0' },
  { what: 'an empty body', body: () => '' },
];

describe('The Alexa endpoint', function () {
  this.timeout(60_000);
  let shop: AlexaShop;
  let provider: Server;
  let tokenOf: (customerId: string, expiresIn?: string) => Promise<string>;
  before(async () => {
    const pair = await keyPair(0);
    const jwk = { ...(await exportJWK(pair.publicKey)), kid: 'k', alg: 'RS256', use: 'sig' };
    provider = createServer((_, response) =>
      response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys: [jwk] })),
    );
    await new Promise<void>((resolve) => provider.listen(0, '127.0.0.1', resolve));
    const { port } = provider.address() as AddressInfo;
    shop = await openAlexaShop({ environment: { RAPPORT_JWT_JWKS_URL: `http://127.0.0.1:${port}/keys` } });
    tokenOf = (customerId, expiresIn = '1h') =>
      new SignJWT({})
        .setProtectedHeader({ alg: 'RS256', kid: 'k' })
        .setSubject(customerId)
        .setIssuedAt(new Date(shop.system.clock.nowMs()))
        .setExpirationTime(new Date(shop.system.clock.nowMs() + (expiresIn === '1h' ? 3_600_000 : -60_000)))
        .sign(pair.privateKey);
  });
  after(async () => {
    await shop.close();
    provider.close();
  });

  const ask = async (request: Readonly<Record<string, unknown>>, device?: AlexaDevice) => {
    const { status, json, text } = await shop.send(envelope(shop.nowIso(), request, device));
    expect(status, text).to.equal(200);
    return json.response;
  };

  describe(`refuses ${forgeries.length} forged requests with status 400`, () => {
    for (const [
      number,
      { what, changes = {}, chain, body = (sent: unknown) => sent, atMs = 0 },
    ] of forgeries.entries())
      it(what, async () => {
        const url = chain === undefined ? chainUrl : `https://s3.amazonaws.com/echo.api/forged-${number}.pem`;
        if (chain !== undefined) shop.chains.set(url, chain);
        const sent = body(envelope(shop.nowIso(atMs), { type: 'LaunchRequest' }));
        const { status, text } = await shop.send(sent, {
          ...changes,
          headers: { signaturecertchainurl: url, ...changes.headers },
        });
        expect(status, text).to.equal(400);
        expect(text).to.contain('VOICE_ALEXA_REFUSED').and.not.contain('outputSpeech');
        // So that the limit of fetches is not what refuses the next one.
        shop.system.clock.advance(4_000);
      });
  });

  it('accepts Amazon’s own examples of addresses, and reads a chain once', async () => {
    const chain = shop.chains.get(chainUrl)!;
    shop.chains.set('https://s3.amazonaws.com/echo.api/echo-api-cert.pem', chain);
    shop.system.clock.advance(60_000);
    for (const url of [
      'https://s3.amazonaws.com/echo.api/echo-api-cert.pem',
      'https://s3.amazonaws.com:443/echo.api/echo-api-cert.pem',
      'HTTPS://S3.AMAZONAWS.COM/echo.api/echo-api-cert.pem',
      'https://s3.amazonaws.com/echo.api/../echo.api/echo-api-cert.pem',
    ]) {
      const { status } = await shop.send(envelope(shop.nowIso(149_000), { type: 'LaunchRequest' }), at(url));
      expect(status, url).to.equal(200);
    }
    expect(shop.fetched.filter((url) => url.endsWith('/echo-api-cert.pem'))).to.have.lengthOf(1);
  });

  it('bounds what strangers make it fetch, and keeps the known certificate meanwhile', async () => {
    shop.system.clock.advance(60_000);
    expect((await shop.send(envelope(shop.nowIso(), { type: 'LaunchRequest' }))).status).to.equal(200);
    shop.system.clock.advance(7 * 3_600_000);
    const before = shop.fetched.length;
    for (let number = 0; number < 30; number++)
      await shop.send(
        envelope(shop.nowIso(), { type: 'LaunchRequest' }),
        at(`https://s3.amazonaws.com/echo.api/strange-${number}.pem`),
      );
    expect(shop.fetched.length - before).to.be.at.most(20);
    expect(
      (await shop.send(envelope(shop.nowIso(), { type: 'LaunchRequest' }))).status,
      'the known one goes on',
    ).to.equal(200);
  });

  it('takes many requests a second from one address, as Amazon sends them', async () => {
    const limited = await openAlexaShop({ environment: { RAPPORT_RATE_LIMITS: 'true' } });
    try {
      for (let number = 0; number < 60; number++) {
        const { status } = await limited.send(
          envelope(limited.nowIso(), { type: 'LaunchRequest' }, { accessToken: 'x'.repeat(2_000) }),
        );
        expect(status, String(number)).to.equal(200);
      }
    } finally {
      await limited.close();
    }
  });

  it('checks a kept certificate again when it expires', async () => {
    const url = 'https://s3.amazonaws.com/echo.api/short-lived.pem';
    shop.system.clock.advance(60_000);
    const until = new Date(shop.system.clock.nowMs() + 60_000);
    shop.chains.set(url, signer({ until }) + authority());
    expect((await shop.send(envelope(shop.nowIso(), { type: 'LaunchRequest' }), at(url))).status).to.equal(
      200,
    );
    shop.system.clock.advance(61_000);
    expect((await shop.send(envelope(shop.nowIso(), { type: 'LaunchRequest' }), at(url))).status).to.equal(
      400,
    );
  });

  it('answers the standard requests as Amazon documents', async () => {
    const launch = await ask({ type: 'LaunchRequest' });
    expect(launch.outputSpeech).to.deep.equal({
      type: 'SSML',
      ssml: '<speak><p><s>Welcome. I can find products, or suggest something.</s><s>What are you looking for?</s></p></speak>',
    });
    expect(launch.reprompt?.outputSpeech.text).to.equal('What are you looking for?');
    expect(launch.shouldEndSession).to.equal(false);
    const ended = await shop.send(
      envelope(shop.nowIso(), { type: 'SessionEndedRequest', reason: 'USER_INITIATED' }),
    );
    expect(ended.json).to.deep.equal({ version: '1.0', response: {} });
    for (const name of ['AMAZON.StopIntent', 'AMAZON.CancelIntent']) {
      const stopped = await ask(intentRequest(name));
      expect(stopped.shouldEndSession, name).to.equal(true);
      expect(stopped, name).to.not.have.property('reprompt');
    }
    expect((await ask(intentRequest('AMAZON.HelpIntent'))).outputSpeech?.ssml).to.contain('You can say');
    expect((await ask(intentRequest('AMAZON.FallbackIntent'))).outputSpeech?.ssml).to.contain(
      'I did not understand',
    );
    expect((await ask(intentRequest('NoIntentOfOurs'))).outputSpeech?.ssml).to.contain(
      'I did not understand',
    );
  });

  it('finds, selects by ordinal and by name, and shows a card', async () => {
    const device = { sessionId: 'amzn1.echo-api.session.find' };
    const found = await ask(intentRequest('FindIntent', { Query: ['kettles', 'category:kettles'] }), device);
    expect(found.outputSpeech?.ssml).to.match(/<s>First, .+<break time="400ms"\/><s>Second, /);
    expect(found.card).to.include({ type: 'Simple', title: 'Your list' });
    expect(found.card?.content).to.contain('1. Brook colour kettle, €39.00\n2. ');
    const [update] = found.directives!;
    expect(update).to.deep.include({ type: 'Dialog.UpdateDynamicEntities', updateBehavior: 'REPLACE' });
    const types = update!.types as readonly {
      name: string;
      values: readonly { id: string; name: { value: string } }[];
    }[];
    expect(types[0]).to.deep.equal({
      name: 'RapportOrdinal',
      values: ['Brook colour kettle', 'Alder glass kettle', 'Tarn camping kettle'].map((value, place) => ({
        id: String(place + 1),
        name: { value, synonyms: [] },
      })),
    });
    const named = intentRequest('DetailsIntent', { Ordinal: ['Alder glass kettle', '2'] });
    expect((await ask(named, device)).outputSpeech?.ssml).to.contain('<s>Alder glass kettle.</s>');
    expect(
      (await ask(intentRequest('SelectIntent', { Ordinal: 'third' }), device)).outputSpeech?.ssml,
    ).to.contain('Tarn camping kettle, for 24 euros and 50 cents.');
    expect(
      (await ask(intentRequest('SelectIntent', { Ordinal: ['last', '-1'] }), device)).outputSpeech?.ssml,
    ).to.contain('Tarn camping kettle');
    const unheard = await ask(intentRequest('FindIntent', { Query: '?' }), device);
    expect(unheard.outputSpeech?.ssml).to.contain('What are you looking for?');
  });

  it('escapes what would break SSML', async () => {
    const { outputSpeech } = await ask(intentRequest('FindIntent', { Query: 'M&M mug <b>' }), {
      sessionId: 's-mug',
    });
    expect(outputSpeech?.ssml).to.match(
      /^<speak><p>(<s>[^<>&]*(?:&(?:amp|lt|gt|quot|apos);[^<>&]*)*<\/s>(<break time="400ms"\/>)?)+<\/p><\/speak>$/,
    );
  });

  it('shows a document on devices with a screen only, and a touch selects', async () => {
    const device = { sessionId: 's-screen', screen: true };
    const found = await ask(intentRequest('FindIntent', { Query: 'espresso cup' }), device);
    const document = found.directives?.find(({ type }) => type === 'Alexa.Presentation.APL.RenderDocument');
    expect(document).to.have.nested.property('document.type', 'APL');
    expect(document).to.have.nested.property(
      'datasources.list.properties.items[0].imageUrl',
      'https://shop.example/cup.jpg',
    );
    const touched = await ask(
      { type: 'Alexa.Presentation.APL.UserEvent', token: 'rapport-list', arguments: ['select', 1] },
      device,
    );
    expect(touched.outputSpeech?.ssml).to.contain('Espresso cup, for 6 euros and 50 cents.');
    const without = await ask(intentRequest('FindIntent', { Query: 'cup' }), { sessionId: 's-no-screen' });
    expect(JSON.stringify(without)).to.not.contain('Alexa.Presentation.APL');
  });

  describe('knows a person only by their voice', () => {
    const home = intentRequest('RecommendIntent');
    before(async () => {
      const context = '{ channel: WEB, sessionId: "ada-web", customerId: "ada" }';
      const { text } = await shop.ask(
        `mutation { identify(context: { channel: WEB, sessionId: "ada-web" }, customer: { id: "ada" }) { userErrors { message } } setConsent(context: ${context}, decisions: [{ purpose: PERSONALIZATION, status: GRANTED }]) { userErrors { message } } recordEvents(context: ${context}, events: [{ messageId: "a-1", type: PRODUCT_VIEWED, productIds: ["mug"] }, { messageId: "a-2", type: PRODUCT_VIEWED, productIds: ["mug"] }]) { accepted } }`,
        { role: 'SERVER' },
      );
      expect(text).to.contain('"accepted":2');
    });
    const speech = async (device: AlexaDevice) => (await ask(home, device)).outputSpeech!.ssml;

    it('whose account they linked: the same list as on the web', async () => {
      const person = { personId: 'amzn1.ask.person.ADA', accessToken: await tokenOf('ada') };
      const spoken = await speech({ person, sessionId: 's-ada' });
      const anonymous = await speech({ sessionId: 's-nobody' });
      expect(spoken).to.not.equal(anonymous);
    });

    it('and nobody else on the device, though the household’s account is linked', async () => {
      const accessToken = await tokenOf('ada');
      const anonymous = await speech({ sessionId: 's-nobody' });
      expect(await speech({ accessToken, sessionId: 's-guest' })).to.equal(anonymous);
      expect(
        await speech({ accessToken, person: { personId: 'amzn1.ask.person.CHILD' }, sessionId: 's-child' }),
      ).to.equal(anonymous);
    });

    it('whose conversation does not go on with another voice', async () => {
      const ada = {
        person: { personId: 'amzn1.ask.person.ADA', accessToken: await tokenOf('ada') },
        sessionId: 's-shared',
      };
      await ask(home, ada);
      await ask(intentRequest('AddToListIntent', { Ordinal: 'first' }), ada);
      expect((await ask(intentRequest('ReadListIntent'), ada)).outputSpeech?.ssml).to.contain('one product');
      expect(
        (await ask(intentRequest('ReadListIntent'), { sessionId: 's-shared' })).outputSpeech?.ssml,
      ).to.contain('Your list is empty.');
    });

    it('and asks to link the account anew once its token has expired', async () => {
      const person = { personId: 'amzn1.ask.person.ADA', accessToken: await tokenOf('ada', 'expired') };
      const answer = await ask(home, { person, sessionId: 's-expired' });
      expect(answer.card).to.deep.equal({ type: 'LinkAccount' });
      expect(answer.outputSpeech?.ssml).to.contain('First, ');
    });
  });

  it('takes requests that a Lambda function forwards with a SERVER key, and with no other', async () => {
    const send = (key: string) =>
      shop.send(envelope(shop.nowIso(), { type: 'LaunchRequest' }), {
        headers: { 'signature-256': null, signaturecertchainurl: null, 'x-api-key': key },
      });
    expect((await send(testKeys.SERVER)).json.response.outputSpeech?.ssml).to.contain('Welcome');
    expect((await send(testKeys.STOREFRONT)).status).to.equal(403);
    expect((await send('wrong-key')).status).to.equal(401);
    const late = await shop.send(envelope(shop.nowIso(-200_000), { type: 'LaunchRequest' }), {
      headers: { 'x-api-key': testKeys.SERVER },
    });
    expect(late.status).to.equal(400);
  });

  it('speaks German to a German device', async () => {
    const device = { locale: 'de-DE', sessionId: 's-german' };
    expect(
      (await ask(intentRequest('FindIntent', { Query: 'Wasserkocher' }), device)).outputSpeech?.ssml,
    ).to.contain('Erstens, ');
    expect(
      (await ask(intentRequest('SelectIntent', { Ordinal: 'zweite' }), device)).outputSpeech?.ssml,
    ).to.contain('für 59 Euro.');
  });

  it('has an interaction model of the live catalog', async () => {
    await shop.ask(
      'mutation { saveSynonym(synonym: { terms: ["kettles", "boilers"], locale: "en" }) { userErrors { message } } }',
      { role: 'MERCHANDISER' },
    );
    const model = async (locale: string) => {
      const answer = await shop.ask(
        `{ alexaInteractionModel(locale: "${locale}", invocationName: "green kettle") }`,
        { role: 'MERCHANDISER' },
      );
      expect(answer.errors, answer.text).to.equal(undefined);
      return (answer.at('alexaInteractionModel') as { interactionModel: { languageModel: Model } })
        .interactionModel.languageModel;
    };
    const english = await model('en-GB');
    expect(english.invocationName).to.equal('green kettle');
    expect(english.types.map(({ name }) => name)).to.deep.equal([
      'RapportQuery',
      'RapportOrdinal',
      'RapportOption',
    ]);
    expect(english.types[0]!.values).to.deep.include({
      id: 'category:kettles',
      name: { value: 'Kettles', synonyms: ['boilers'] },
    });
    expect(english.types[0]!.values).to.deep.include({
      id: 'brand:Brook',
      name: { value: 'Brook', synonyms: [] },
    });
    expect(english.types[2]!.values.map(({ name }) => name.value)).to.have.members(['blue', 'red']);
    for (const { samples, slots = [], name } of english.intents) {
      for (const sample of samples) {
        expect(sample, name).to.match(/^[a-zA-Z' .{}]+$/);
        for (const [, slot] of sample.matchAll(/\{(\w+)\}/g))
          expect(
            slots.map((each) => each.name),
            name,
          ).to.include(slot);
      }
    }
    const german = await model('de-DE');
    expect(german.types[0]!.values.map(({ name }) => name.value)).to.include('Wasserkocher');
    expect(german.types[2]!.values.map(({ name }) => name.value)).to.have.members(['blau', 'rot']);
    const all = german.intents.flatMap(({ samples }) => samples);
    expect(new Set(all).size, 'no sample twice').to.equal(all.length);
  });

  it('stays within Amazon’s limits', async () => {
    const answer = await shop.send(
      envelope(shop.nowIso(), intentRequest('FindIntent', { Query: 'x'.repeat(3_000) }), {
        sessionId: 's-long',
        screen: true,
      }),
    );
    expect(answer.status, answer.text).to.equal(200);
    expect(answer.json.response.outputSpeech!.ssml.length).to.be.at.most(8_000);
    expect(answer.text.length).to.be.at.most(24 * 1_024);
    expect(signerKey.type).to.equal('private');
  });
});

interface Model {
  readonly invocationName: string;
  readonly intents: readonly {
    readonly name: string;
    readonly samples: readonly string[];
    readonly slots?: readonly { readonly name: string }[];
  }[];
  readonly types: readonly {
    readonly name: string;
    readonly values: readonly {
      readonly id: string;
      readonly name: { readonly value: string; readonly synonyms: readonly string[] };
    }[];
  }[];
}
