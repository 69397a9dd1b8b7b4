import { expect } from 'chai';
import fc from 'fast-check';
import { envelope, intentRequest } from '../../scripts/voice/alexa-json.js';
import { cxRequest, esRequest } from '../../scripts/voice/dialogflow-json.js';
import { testKeys } from '../support/gateway.js';
import { runs } from '../support/runs.js';
import { openVoiceShop, type VoiceShop } from '../support/voice-shop.js';

type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

/** Every place of a value, as its path. */
function placesOf(value: Json, path: readonly string[] = []): (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([name, each]) => placesOf(each as Json, [...path, name]))];
}

/** A copy with another value at a place. */
function replaced(value: Json, [name, ...rest]: readonly string[], other: Json): Json {
  if (name === undefined) return other;
  const copy: Record<string, Json> | Json[] = Array.isArray(value)
    ? [...(value as readonly Json[])]
    : { ...(value as Record<string, Json>) };
  Object.assign(copy, { [name]: replaced((value as Record<string, Json>)[name] ?? null, rest, other) });
  return copy;
}

const odd = fc.oneof(
  fc.constantFrom<Json>(
    null,
    true,
    0,
    -1,
    1e308,
    1.5,
    '',
    ' ',
    '?',
    '\ud800',
    '__proto__',
    '𝒳'.repeat(300),
    'x'.repeat(5_000),
    [],
    {},
    [[[]]],
    { value: {} },
  ),
  fc.string({ maxLength: 20 }),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
);

describe('What assistants send', function () {
  this.timeout(120_000);
  let shop: VoiceShop;
  before(async () => {
    shop = await openVoiceShop();
  });
  after(() => shop.close());

  async function post(
    path: string,
    body: unknown,
  ): Promise<{ readonly status: number; readonly text: string }> {
    const response = await fetch(shop.url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-api-key': testKeys.SERVER },
      body: JSON.stringify(body),
    });
    return { status: response.status, text: await response.text() };
  }

  const requests: Readonly<Record<string, readonly [path: string, body: () => unknown]>> = {
    Alexa: [
      '/voice/alexa',
      () =>
        envelope(
          new Date(shop.system.clock.nowMs()).toISOString(),
          intentRequest('DetailsIntent', { Query: 'kettle', Ordinal: ['second', '2'], Option: 'blue' }),
          { person: { personId: 'p', accessToken: 't' }, screen: true },
        ),
    ],
    'Dialogflow ES': [
      '/voice/dialogflow',
      () =>
        esRequest(
          'fuzz',
          'FIND',
          { query: 'kettle', ordinal: 2, option: 'blue' },
          { payload: { rapport: { sessionId: 's', token: 't', storeId: 'x', currency: 'EUR' } } },
        ),
    ],
    'Dialogflow CX': [
      '/voice/dialogflow',
      () =>
        cxRequest(
          'fuzz',
          'FIND',
          { query: 'kettle', ordinal: 2, option: 'blue' },
          { payload: { rapport: { sessionId: 's' } } },
        ),
    ],
    'plain JSON': [
      '/voice/say',
      () => ({
        conversationId: 'fuzz',
        sessionId: 's',
        locale: 'en',
        currency: 'EUR',
        storeId: 'x',
        intent: 'FIND',
        slots: { query: 'kettle', ordinal: 2, option: 'blue' },
      }),
    ],
  };
  for (const [name, [path, bodyOf]] of Object.entries(requests))
    it(`as ${name} is answered or refused by name, whatever a field holds`, async () => {
      const body = bodyOf() as Json;
      const places = placesOf(body);
      await fc.assert(
        fc.asyncProperty(fc.constantFrom(...places), odd, async (place, other) => {
          const { status, text } = await post(path, replaced(body, place, other));
          expect(status, `${place.join('.')}: ${text}`).to.be.oneOf([200, 400, 401]);
          if (status !== 200)
            expect(text, place.join('.')).to.match(/"code":"(VOICE|CONTEXT|AUTHENTICATION)_/);
        }),
        { numRuns: runs(150), seed: 11 },
      );
      const defects = shop.system.log.lines.filter(({ level }) => level === 'error');
      expect(defects.map(({ message, fields }) => `${message} ${JSON.stringify(fields)}`)).to.deep.equal([]);
    });
});
