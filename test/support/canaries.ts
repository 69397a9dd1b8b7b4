import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { textDigest } from '../../src/kit/text-digest.js';
import { definePlugin } from '../../src/plugin.js';
import { openShop, shopperContext } from '../journeys/shop.js';
import { type Answer, type TestGateway, testKeys } from './gateway.js';
import { post } from './tracking.js';

/** Begins every value that belongs to the person who is erased. No other data has it. */
export const canary = 'zqx-';

export const person = {
  customerId: `${canary}anna`,
  mergedId: `${canary}anne`,
  sessionId: `${canary}session`,
  appSessionId: `${canary}app`,
  serverSessionId: `${canary}server`,
} as const;
export const other = { customerId: 'ben', sessionId: 'bens-session' } as const;

/** Reacts to what concerns the person, and always fails, so that facts about them become dead letters. */
export const failing = definePlugin({
  name: 'failing',
  provides: null,
  needs: [],
  create: () => ({
    port: null,
    reactions: {
      'customer.changed': async ({ customerId }) => {
        if (customerId.startsWith(canary)) throw new Error(`cannot do it for ${customerId}`);
      },
    },
  }),
});

function checked(answer: Answer): Answer {
  if (answer.errors !== undefined || /"userErrors":\[\{/.test(answer.text)) throw new Error(answer.text);
  return answer;
}

type Gateway = Pick<TestGateway, 'ask' | 'url' | 'system' | 'gateway' | 'close'>;

async function identify(
  gateway: Gateway,
  sessionId: string,
  customer: Readonly<Record<string, unknown>>,
): Promise<string> {
  const answer = await gateway.ask(
    'mutation ($context: ShopperContext!, $customer: CustomerInput!) { identify(context: $context, customer: $customer) { shopper { sessionId } userErrors { code message } } }',
    { role: 'SERVER', variables: { context: shopperContext(sessionId), customer } },
  );
  return checked(answer).at('identify.shopper.sessionId') as string;
}

async function consent(gateway: Gateway, context: object, mark: string): Promise<void> {
  checked(
    await gateway.ask(
      'mutation ($context: ShopperContext!, $decisions: [ConsentInput!]!) { setConsent(context: $context, decisions: $decisions) { userErrors { code message } } }',
      {
        role: 'SERVER',
        variables: {
          context,
          decisions: ['PERSONALIZATION', 'ANALYTICS'].map((purpose) => ({
            purpose,
            status: 'GRANTED',
            noticeVersion: '1',
            evidence: `${mark}evidence`,
          })),
        },
      },
    ),
  );
}

export async function send(gateway: Gateway, context: object, mark: string): Promise<Answer> {
  const events = [
    { type: 'PRODUCT_VIEWED', productIds: ['coffee-press'], properties: { note: `${mark}property` } },
    { type: 'PRODUCT_SEARCHED', query: `${mark}typed words` },
    { type: 'PRODUCT_RATED', productIds: ['coffee-press'], value: 5 },
    {
      type: 'ORDER_COMPLETED',
      orderId: `${mark}order`,
      productIds: ['coffee-beans', 'coffee-press'],
      value: 2000,
    },
    { type: 'CUSTOM', properties: { name: `${mark}custom` } },
  ];
  return gateway.ask(
    'mutation ($context: ShopperContext!, $events: [EventInput!]!) { recordEvents(context: $context, events: $events) { accepted duplicates rejected userErrors { code } } }',
    {
      role: 'SERVER',
      variables: {
        context,
        events: events.map((event, at) => ({
          messageId: `${mark}message-${textDigest(JSON.stringify(context))}-${at}`,
          ...event,
        })),
      },
    },
  );
}

/** A batch of a server with events of both people one behind the other, so that they share entries of the log. */
export function sendShared(gateway: Gateway, time = 'first') {
  const track = (userId: string, event: string, mark: string) => ({
    type: 'track',
    userId,
    event,
    messageId: `${mark}${time}-${event}-${textDigest(userId)}`,
    properties: { note: `${mark}shared`, product_id: 'camping-tent' },
  });
  return post(gateway as TestGateway, '/v1/batch', {
    batch: [
      track(person.customerId, 'Product Viewed', canary),
      track(other.customerId, 'Product Viewed', 'bens-'),
      track(person.customerId, 'Waved', canary),
      track(other.customerId, 'Waved', 'bens-'),
    ],
  });
}

/** Leaves data of the person wherever data of people can be, and data of another customer beside it. */
export async function plantCanaries(gateway: Gateway): Promise<void> {
  await openShop(gateway);
  for (const [id, sessionId, mark] of [
    [other.customerId, other.sessionId, 'bens-'],
    [person.customerId, person.sessionId, canary],
    [person.mergedId, person.appSessionId, canary],
  ] as const) {
    await consent(gateway, shopperContext(sessionId), mark);
    checked(await send(gateway, shopperContext(sessionId), mark));
    const renewed = await identify(gateway, sessionId, {
      id,
      email: `${mark}${id}@example.org`,
      firstName: `${mark}First`,
      lastName: `${mark}Last`,
      traits: { nickname: `${mark}nick` },
    });
    await consent(gateway, shopperContext(renewed), mark);
    checked(await send(gateway, shopperContext(renewed), mark));
    checked(await send(gateway, shopperContext(`visit-of-${mark}${id}`, 'APP', { customerId: id }), mark));
    await gateway.ask(
      'query ($context: ShopperContext!, $query: String!) { shopper(context: $context) { search(query: $query) { total } } }',
      { role: 'SERVER', variables: { context: shopperContext(renewed), query: `${mark}search for coffee` } },
    );
    checked(
      await gateway.ask(
        `mutation ($context: ShopperContext!, $topic: String!) {
          setPreferences(context: $context, preferences: { topics: [{ topic: $topic, liked: true }] }) { userErrors { code message } }
          createHandover(context: $context, productIds: ["coffee-press"]) { code userErrors { code message } }
        }`,
        { role: 'SERVER', variables: { context: shopperContext(sessionId), topic: `${mark}topic` } },
      ),
    );
    const said = await fetch(`${gateway.url}/voice/say`, {
      method: 'POST',
      headers: { 'x-api-key': testKeys.SERVER, 'content-type': 'application/json' },
      body: JSON.stringify({
        conversationId: 'kitchen',
        sessionId: `${mark}kitchen`,
        customerId: id,
        locale: 'en',
        text: `find ${mark}spoken coffee`,
      }),
    });
    if (said.status !== 200) throw new Error(await said.text());
    checked(
      await gateway.ask(
        'mutation ($id: ID!, $value: String!) { linkIdentifier(customerId: $id, identifier: { type: LOYALTY_CARD, value: $value }) { userErrors { code message } } }',
        { role: 'SERVER', variables: { id, value: `${mark}card ${id}` } },
      ),
    );
    checked(
      await gateway.ask(
        'mutation ($id: ID!, $entry: ID!) { recordLoyalty(customerId: $id, entries: [{ id: $entry, kind: EARN, points: 10, orderId: $entry }]) { userErrors { code message } } }',
        { role: 'SERVER', variables: { id, entry: `${mark}points ${id}` } },
      ),
    );
  }
  const shared = await sendShared(gateway);
  if (shared.status !== 200 || shared.body.rejected !== 0) throw new Error(JSON.stringify(shared.body));
  checked(
    await gateway.ask(
      'mutation ($into: ID!, $from: ID!, $reason: String!) { mergeCustomers(into: $into, from: $from, reason: $reason) { userErrors { code message } } }',
      {
        role: 'SERVER',
        variables: { into: person.customerId, from: person.mergedId, reason: `${canary}reason` },
      },
    ),
  );
}

/** Files below a directory that have a text in their bytes, in UTF-8, in capitals or in UTF-16. */
export function filesWith(directory: string, text: string): string[] {
  const forms = [text, text.toUpperCase()].flatMap((form) => [
    Buffer.from(form, 'utf8'),
    Buffer.from(form, 'utf16le'),
  ]);
  return readdirSync(directory, { recursive: true, withFileTypes: true }).flatMap((entry) => {
    if (!entry.isFile()) return [];
    const path = join(entry.parentPath, entry.name);
    const bytes = readFileSync(path);
    return forms.some((form) => bytes.includes(form)) ? [path.slice(directory.length + 1)] : [];
  });
}
