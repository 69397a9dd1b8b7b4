import { generateKeyPairSync } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect } from 'chai';
import {
  type GraphQLField,
  type GraphQLInterfaceType,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isLeafType,
  isNonNullType,
  isObjectType,
} from 'graphql';
import { exportJWK, SignJWT } from 'jose';
import { plugins } from '../../plugins/index.js';
import type { Role } from '../../src/context.js';
import { buildGraph } from '../../src/gateway/graph.js';
import { openShop } from '../journeys/shop.js';
import { type Answer, openTestGateway, type TestGateway } from '../support/gateway.js';

function nodeTypeOf(nodeId: string): string {
  return (JSON.parse(Buffer.from(nodeId.slice(16), 'base64url').toString()) as [string])[0];
}

/** Every field and mutation of the schema × every kind of caller × whose data is asked for; generated from the schema. */
const owners = ['ada', 'ben'] as const;
type Owner = (typeof owners)[number];

const callers = [
  'no key',
  'an unknown key',
  'a visitor',
  'who holds a session id only',
  'ada by token',
  'ben by token',
  'MERCHANDISER',
  'SERVER',
  'ADMIN',
] as const;
type CallerName = (typeof callers)[number];

/** Who may see and change what belongs to a person. */
const isTrusted = (caller: CallerName, owner: Owner) =>
  caller === 'SERVER' || caller === 'ADMIN' || caller === `${owner} by token`;

const canariesOf = (owner: Owner) =>
  ['email@example.org', 'first', 'last', 'trait', 'evidence', 'notice'].map(
    (what) => `canary-${owner}-${what}`,
  );

/** Values of arguments by name. A new required argument needs one here. */
const argumentsOf = (owner: Owner, context: string): Readonly<Record<string, string>> => ({
  context,
  id: `"${owner}"`,
  subject: `"customer:${owner}"`,
  purpose: 'PERSONALIZATION',
  at: '"2100-01-01T00:00:00Z"',
  placement: '"home"',
  product: '"coffee-press"',
  query: '"for"',
  prefix: '"ke"',
  first: '3',
});
/** Fields whose arguments differ from those. */
const argumentsOfField: Readonly<Record<string, string>> = {
  'Query.segmentPreview': '(condition: { trait: "note", exists: true })',
  'Query.segmentMembership': '(segmentId: "kept", customerId: "ada")',
  'Query.product': '(id: "coffee-press")',
  'Query.verifyErasureReceipt': '(signature: "none")',
  'Query.exportSynonyms': '(format: CSV)',
  'Query.handover': '(code: "00000000")',
  'Query.alexaInteractionModel': '(locale: "en", invocationName: "green kettle")',
};

interface Attempt {
  /** Who may do it, beside the person themselves where it is theirs. */
  readonly roles: readonly Role[];
  readonly isPersonal: boolean;
  args(owner: Owner, context: string): string;
}
/** What each mutation is tried with. A new mutation needs its line here. */
const attempts: Readonly<Record<string, Attempt>> = {
  setConsent: {
    roles: ['SERVER'],
    isPersonal: true,
    args: (_, context) =>
      `(context: ${context}, decisions: [{ purpose: MARKETING_EMAIL, status: WITHDRAWN, evidence: "intruder" }, { purpose: PERSONALIZATION, status: DENIED }])`,
  },
  saveConsentNotice: {
    roles: ['SERVER'],
    isPersonal: false,
    args: () => '(notice: { version: "intruder", language: "en", purposes: [] })',
  },
  createUnsubscribeLink: {
    roles: ['SERVER'],
    isPersonal: false,
    args: (owner) => `(customerId: "${owner}", purpose: MARKETING_EMAIL)`,
  },
  requestConsentConfirmation: {
    roles: ['SERVER'],
    isPersonal: false,
    args: (owner) => `(customerId: "${owner}", decision: { purpose: MARKETING_EMAIL, status: GRANTED })`,
  },
  setPreferences: {
    roles: ['SERVER'],
    isPersonal: true,
    args: (_, context) =>
      `(context: ${context}, preferences: { topics: [{ topic: "intruder", liked: false }], personalizationPaused: true })`,
  },
  recordEvents: {
    roles: ['SERVER'],
    isPersonal: true,
    args: (owner, context) =>
      `(context: ${context}, events: [{ messageId: "intruder-${owner}", type: PRODUCT_VIEWED, productIds: ["coffee-scale"] }])`,
  },
  identify: {
    roles: ['SERVER'],
    isPersonal: true,
    args: (owner, context) =>
      `(context: ${context}, customer: { id: "${owner}", email: "intruder@example.org" })`,
  },
  linkIdentifier: {
    roles: ['SERVER'],
    isPersonal: false,
    args: (owner) => `(customerId: "${owner}", identifier: { type: EMAIL, value: "intruder@example.org" })`,
  },
  unlinkIdentifier: {
    roles: ['SERVER'],
    isPersonal: false,
    args: (owner) => `(customerId: "${owner}", identifier: { type: EMAIL, value: "intruder@example.org" })`,
  },
  exportCustomer: { roles: ['SERVER'], isPersonal: true, args: (owner) => `(id: "${owner}")` },
  restrictProcessing: {
    roles: ['SERVER'],
    isPersonal: false,
    args: (owner) => `(id: "${owner}", restricted: true)`,
  },
  eraseCustomer: { roles: ['SERVER'], isPersonal: false, args: (owner) => `(id: "${owner}")` },
  mergeCustomers: {
    roles: ['SERVER'],
    isPersonal: false,
    args: (owner) => `(into: "stranger", from: "${owner}", reason: "intruder")`,
  },
  unmergeCustomers: { roles: ['SERVER'], isPersonal: false, args: () => '(mergeId: "none")' },
  recordLoyalty: {
    roles: ['SERVER'],
    isPersonal: false,
    args: (owner) => `(customerId: "${owner}", entries: [{ id: "intruder", kind: ADJUST, points: 1000 }])`,
  },
  saveSegment: {
    roles: ['MERCHANDISER'],
    isPersonal: false,
    args: () => '(segment: { id: "kept", name: "Intruder", condition: { trait: "note", exists: true } })',
  },
  removeSegment: { roles: ['MERCHANDISER'], isPersonal: false, args: () => '(id: "kept")' },
  createHandover: {
    roles: ['SERVER'],
    isPersonal: true,
    args: (_, context) => `(context: ${context}, productIds: ["coffee-press"])`,
  },
  openHandover: {
    roles: ['SERVER'],
    isPersonal: true,
    args: (_, context) => `(context: ${context}, code: "00000000")`,
  },
  signOut: { roles: ['SERVER'], isPersonal: true, args: (_, context) => `(context: ${context})` },
  importConsents: {
    roles: ['SERVER'],
    isPersonal: false,
    args: (owner) =>
      `(entries: [{ customerId: "${owner}", purpose: MARKETING_EMAIL, status: DENIED, evidence: "intruder" }])`,
  },
  saveProducts: {
    roles: ['SERVER'],
    isPersonal: false,
    args: () => '(products: [{ id: "coffee-press", title: "Intruder" }])',
  },
  saveCollections: {
    roles: ['SERVER', 'MERCHANDISER'],
    isPersonal: false,
    args: () => '(collections: [{ id: "intruder", title: "Intruder", productIds: ["coffee-press"] }])',
  },
  removeCollections: { roles: ['SERVER', 'MERCHANDISER'], isPersonal: false, args: () => '(ids: ["kept"])' },
  updateProducts: {
    roles: ['SERVER'],
    isPersonal: false,
    args: () => '(products: [{ id: "coffee-press", title: "Intruder" }])',
  },
  setPrices: {
    roles: ['SERVER'],
    isPersonal: false,
    args: () => '(entries: [{ productId: "coffee-press", amount: "0.01", currency: EUR }])',
  },
  removeProducts: { roles: ['SERVER'], isPersonal: false, args: () => '(ids: ["coffee-filter"])' },
  setStock: {
    roles: ['SERVER'],
    isPersonal: false,
    args: () => '(entries: [{ productId: "coffee-beans", quantity: 99 }])',
  },
  saveCategories: {
    roles: ['SERVER'],
    isPersonal: false,
    args: () => '(categories: [{ id: "coffee", name: "Intruder" }])',
  },
  saveSynonym: {
    roles: ['MERCHANDISER'],
    isPersonal: false,
    args: () => '(synonym: { id: "kept", terms: ["in", "truder"] })',
  },
  saveSynonyms: {
    roles: ['MERCHANDISER'],
    isPersonal: false,
    args: () => '(synonyms: [{ id: "kept", terms: ["in", "truder"] }])',
  },
  importSynonyms: {
    roles: ['MERCHANDISER'],
    isPersonal: false,
    args: () => '(format: SOLR, text: "in, truder")',
  },
  saveMerchandisingRule: {
    roles: ['MERCHANDISER'],
    isPersonal: false,
    args: () => '(rule: { name: "intruder", then: [{ hide: { filter: { ids: ["coffee-press"] } } }] })',
  },
  removeMerchandisingRule: { roles: ['MERCHANDISER'], isPersonal: false, args: () => '(id: "kept")' },
  discardDraft: { roles: ['MERCHANDISER'], isPersonal: false, args: () => '' },
  publishDraft: {
    roles: ['MERCHANDISER'],
    isPersonal: false,
    args: () => '(note: "intruder", force: true)',
  },
  rollbackTo: { roles: ['MERCHANDISER'], isPersonal: false, args: () => '(revision: 0)' },
  removeSynonym: { roles: ['MERCHANDISER'], isPersonal: false, args: () => '(id: "kept")' },
  publishModel: { roles: ['MERCHANDISER'], isPersonal: false, args: () => '(version: 0)' },
  rollbackModel: { roles: ['MERCHANDISER'], isPersonal: false, args: () => '' },
  rebuildSearchIndex: { roles: [], isPersonal: false, args: () => '' },
  replayDeadLetters: { roles: [], isPersonal: false, args: () => '(ids: ["none"])' },
};

describe('The authorization matrix', function () {
  this.timeout(300_000);
  let shop: TestGateway;
  let schema: GraphQLSchema;
  let provider: Server;
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const tokens = new Map<Owner, string>();
  /** As the gateway named them when their customers signed in; nobody else should know them, and somebody does. */
  const sessions = new Map<Owner, string>();
  let cells = 0;
  const leaks: string[] = [];
  const writes: string[] = [];

  before(async () => {
    const jwk = { ...(await exportJWK(rsa.publicKey)), kid: 'k1', alg: 'RS256', use: 'sig' };
    provider = createServer((_, response) => response.end(JSON.stringify({ keys: [jwk] })));
    await new Promise<void>((resolve) => provider.listen(0, '127.0.0.1', resolve));
    shop = await openTestGateway(plugins, {
      environment: {
        RAPPORT_JWT_JWKS_URL: `http://127.0.0.1:${(provider.address() as AddressInfo).port}/jwks`,
      },
    });
    schema = buildGraph(join(import.meta.dirname, '..', '..', 'schema'), shop.system.plugins);
    await openShop(shop);
    await shop.ask(
      `mutation { saveSynonym(synonym: { id: "kept", terms: ["one", "two"] }) { userErrors { message } }
        saveSegment(segment: { id: "kept", name: "Kept", condition: { trait: "note", exists: true } }) { userErrors { message } } }`,
      { role: 'MERCHANDISER' },
    );
    for (const owner of owners) await settle(owner);
  });
  after(async () => {
    await shop.close();
    provider.close();
    console.log(`      ${cells} cells, ${leaks.length} leaks, ${writes.length} foreign writes`);
  });

  /** A customer of whom much is known, all of it from a session in which they were signed in. */
  async function settle(owner: Owner): Promise<void> {
    const nowSeconds = Math.floor(shop.system.clock.nowMs() / 1_000);
    const token = await new SignJWT({})
      .setProtectedHeader({ alg: 'RS256', kid: 'k1' })
      .setSubject(owner)
      .setIssuedAt(nowSeconds)
      .setExpirationTime(nowSeconds + 3_600)
      .sign(rsa.privateKey);
    tokens.set(owner, token);
    const [email, firstName, lastName, trait, evidence, notice] = canariesOf(owner);
    const context = (sessionId: string) => ({ channel: 'WEB', sessionId, currency: 'EUR', locale: 'en' });
    const identified = await shop.ask(
      `mutation ($context: ShopperContext!) {
        identify(context: $context, customer: { id: "${owner}", email: "${email}", firstName: "${firstName}", lastName: "${lastName}", traits: { note: "${trait}" } }) {
          shopper { sessionId } userErrors { message } } }`,
      { ...optionsOf(`${owner} by token`), variables: { context: context(`session-of-${owner}`) } },
    );
    expect(identified.at('identify.userErrors'), identified.text).to.deep.equal([]);
    sessions.set(owner, String(identified.at('identify.shopper.sessionId')));
    const { errors, text } = await shop.ask(
      `mutation ($context: ShopperContext!) {
        setConsent(context: $context, decisions: [
          { purpose: MARKETING_EMAIL, status: GRANTED, evidence: "${evidence}", noticeVersion: "${notice}" }
          { purpose: PERSONALIZATION, status: GRANTED }]) { userErrors { message } }
        recordEvents(context: $context, events: [
          { messageId: "${owner}-1", type: PRODUCT_VIEWED, productIds: ["camping-rope"] }
          { messageId: "${owner}-2", type: ORDER_COMPLETED, productIds: ["camping-mat"] }]) { accepted userErrors { message } }
      }`,
      { ...optionsOf(`${owner} by token`), variables: { context: context(sessions.get(owner)!) } },
    );
    expect(errors, text).to.equal(undefined);
  }

  function optionsOf(caller: CallerName): { role: Role | null; headers?: Record<string, string> } {
    if (caller === 'no key') return { role: null };
    if (caller === 'an unknown key') return { role: null, headers: { 'x-api-key': 'no-such-key' } };
    if (caller === 'SERVER' || caller === 'ADMIN' || caller === 'MERCHANDISER') return { role: caller };
    const owner = owners.find((name) => caller === `${name} by token`);
    return {
      role: 'STOREFRONT',
      ...(owner ? { headers: { authorization: `Bearer ${tokens.get(owner)}` } } : {}),
    };
  }

  /** As the caller would name the owner: a server by id, a visitor hardly, everybody else by the session. */
  function contextOf(caller: CallerName, owner: Owner, sessionId = sessions.get(owner)!): string {
    const isServer = caller === 'SERVER' || caller === 'ADMIN';
    const session = caller === 'a visitor' ? 'session-of-a-visitor' : sessionId;
    return `{ channel: WEB, sessionId: "${session}", currency: EUR, locale: "en"${isServer ? `, customerId: "${owner}"` : ''} }`;
  }

  /** A field with all that can be asked below it, and how many leaves that are. */
  function asked(
    type: GraphQLObjectType,
    field: GraphQLField<unknown, unknown>,
    args: Readonly<Record<string, string>>,
    above: readonly string[] = [],
  ): { readonly text: string; readonly leaves: number } | null {
    const coordinate = `${type.name}.${field.name}`;
    const given = field.args.flatMap(({ name, type: argumentType, defaultValue }) => {
      const value = args[name];
      if (value !== undefined && (isNonNullType(argumentType) || name === 'first'))
        return [`${name}: ${value}`];
      if (isNonNullType(argumentType) && defaultValue === undefined && !argumentsOfField[coordinate])
        throw new Error(`${coordinate} requires ${name}: give it a value in argumentsOf`);
      return [];
    });
    const own = argumentsOfField[coordinate] ?? (given.length > 0 ? `(${given.join(', ')})` : '');
    const of = getNamedType(field.type);
    if (isLeafType(of)) return { text: field.name + own, leaves: 1 };
    if (!isObjectType(of) || above.includes(of.name) || above.length > 4) return null;
    const below = Object.values(of.getFields()).flatMap(
      (inner) => asked(of, inner, args, [...above, type.name, of.name]) ?? [],
    );
    if (below.length === 0) return null;
    return {
      text: `${field.name}${own} { ${below.map(({ text }) => text).join(' ')} }`,
      leaves: below.reduce((sum, { leaves }) => sum + leaves, 0),
    };
  }

  function shown({ text }: Answer): string {
    return text
      .replaceAll(/session-of-[\w-]+/g, 'session')
      .replaceAll(new RegExp([...sessions.values()].join('|'), 'g'), 'session')
      .replaceAll(/request-\d+/g, 'request')
      .replaceAll(/"locations":\[[^\]]*\]/g, '')
      .replaceAll(/"(nodeId|decisionId|queryId|sessionId|startCursor|endCursor|cursor)":"[^"]*"/g, '');
  }

  function note(what: string, caller: CallerName, owner: Owner, answer: Answer, blank: Answer | null): void {
    for (const canary of canariesOf(owner))
      if (answer.text.includes(canary)) leaks.push(`${what}: ${caller} sees ${canary}`);
    if (blank && shown(answer) !== shown(blank))
      leaks.push(
        `${what}: to ${caller}, ${owner} is not like a stranger: ${shown(answer).slice(0, 300)} / ${shown(blank).slice(0, 300)}`,
      );
  }

  it('lets nobody see what is another’s, in any field of a person', async () => {
    const shopper = schema.getType('Shopper') as GraphQLObjectType;
    const customer = schema.getType('Customer') as GraphQLObjectType;
    const seen = new Map<Owner, string>(owners.map((owner) => [owner, '']));
    for (const owner of owners) {
      for (const caller of callers) {
        const options = optionsOf(caller);
        const context = contextOf(caller, owner);
        for (const field of Object.values(shopper.getFields())) {
          const selection = asked(shopper, field, argumentsOf(owner, context))!;
          const ask = (of: string) => shop.ask(`{ shopper(context: ${of}) { ${selection.text} } }`, options);
          const answer = await ask(context);
          cells += selection.leaves;
          if (isTrusted(caller, owner)) seen.set(owner, seen.get(owner) + answer.text);
          // Somebody signed in sees their own data also in a session that is another's.
          else
            note(
              `Shopper.${field.name}`,
              caller,
              owner,
              answer,
              await ask(contextOf(caller, owner, 'session-of-nobody')),
            );
        }
        for (const field of Object.values(customer.getFields())) {
          const selection = asked(customer, field, argumentsOf(owner, context))!;
          const answer = await shop.ask(`{ customer(id: "${owner}") { id ${selection.text} } }`, options);
          cells += selection.leaves;
          if (isTrusted(caller, owner))
            expect(answer.at('customer.id'), `${caller} ${answer.text}`).to.equal(owner);
          else note(`Customer.${field.name}`, caller, owner, answer, null);
        }
      }
      for (const canary of canariesOf(owner)) expect(seen.get(owner), 'whose it is').to.contain(canary);
    }
    expect(leaks).to.deep.equal([]);
  });

  it('shows nothing of a person in any other query', async () => {
    const query = schema.getQueryType()!;
    for (const owner of owners) {
      for (const caller of callers) {
        for (const field of Object.values(query.getFields())) {
          if (['shopper', 'customer', 'node', 'nodes'].includes(field.name)) continue;
          const selection = asked(query, field, argumentsOf(owner, contextOf(caller, owner)))!;
          const answer = await shop.ask(`{ ${selection.text} }`, optionsOf(caller));
          cells += selection.leaves;
          if (!isTrusted(caller, owner)) note(`Query.${field.name}`, caller, owner, answer, null);
        }
      }
    }
    expect(leaks).to.deep.equal([]);
  });

  /** The node ids of all objects that a caller gets of a person. */
  async function nodeIdsOf(owner: Owner, caller: CallerName): Promise<readonly string[]> {
    const { text } = await shop.ask(
      `{ customer(id: "${owner}") { nodeId orders { nodes { nodeId } } } shopper(context: ${contextOf(caller, owner)}) { nodeId profile { nodeId }
          recommendations(placement: "home", first: 3) { nodeId items { nodeId } } search(query: "for") { nodeId } } }`,
      optionsOf(caller),
    );
    return [...text.matchAll(/"nodeId":"([^"]+)"/g)].map(([, id]) => id!);
  }

  it('returns no object of a person by its node id to anybody else', async () => {
    const fragments = schema.getPossibleTypes(schema.getType('Node') as GraphQLInterfaceType).map((type) => {
      const fields = Object.values(type.getFields()).flatMap(
        (field) => asked(type, field, argumentsOf('ada', '{ channel: WEB }')) ?? [],
      );
      cells += fields.reduce((sum, { leaves }) => sum + leaves, 0);
      const aliased = fields.map(({ text }) => `${type.name}_${/^\w+/.exec(text)![0]}: ${text}`);
      return { name: type.name, text: `... on ${type.name} { ${aliased.join(' ')} }` };
    });
    const seen: string[] = [];
    for (const owner of owners) {
      for (const source of [`${owner} by token`, 'SERVER'] as const) {
        const ids = await nodeIdsOf(owner, source);
        expect(ids.length, source).to.be.greaterThan(6);
        for (const caller of callers) {
          for (const id of ids) {
            for (const root of [`node(nodeId: "${id}")`, `nodes(nodeIds: ["${id}"])`]) {
              const name = schema.getType(nodeTypeOf(id))!.name;
              const { text } = fragments.find((each) => each.name === name)!;
              const answer = await shop.ask(`{ found: ${root} { ${text} } }`, optionsOf(caller));
              const found = [answer.at('found') ?? []].flat().filter((each) => each !== null);
              if (isTrusted(caller, owner)) {
                seen.push(answer.text);
                continue;
              }
              note(`Query.${root.slice(0, 5)} ${name}`, caller, owner, answer, null);
              if (found.length > 0) leaks.push(`${name} of ${owner} by its node id: ${caller} gets it`);
            }
          }
        }
      }
      for (const canary of canariesOf(owner)) expect(seen.join(), 'whose it is').to.contain(canary);
    }
    expect(leaks).to.deep.equal([]);
  });

  /** All of a person, and of the shop, that a mutation could change, as an administrator sees it. */
  async function state(owner: Owner): Promise<string> {
    const person = `customer(id: "${owner}") { id email firstName lastName traits updatedAt }
      shopper(context: { channel: WEB, customerId: "${owner}", sessionId: "watcher-${owner}", currency: EUR }) {
        consents { purpose status decidedAt } consentHistory { id hash } personalization { applied reason } recentlyViewed { id } loyalty { balance } }`;
    const { text, errors } = await shop.ask(
      `{ ${person} products(first: 100) { nodes { id title status stock { storeId quantity } categories { id name } } } synonyms { id terms } merchandisingRules { id } segments { id name condition } merchandisingDraft { changes { ruleId } } revisions { number } recommendationModels { version current } }`,
      { role: 'ADMIN' },
    );
    expect(errors, text).to.equal(undefined);
    return text.replaceAll(/request-\d+/g, '');
  }

  it('lets nobody change what is another’s, by any mutation', async () => {
    const mutation = schema.getMutationType()!;
    const fields = Object.values(mutation.getFields());
    expect(fields.map(({ name }) => name).sort(), 'mutations that are tried').to.deep.equal(
      Object.keys(attempts).sort(),
    );
    for (const owner of owners) {
      for (const caller of callers) {
        const options = optionsOf(caller);
        for (const field of fields) {
          const { roles, isPersonal, args } = attempts[field.name]!;
          const mayAct = options.role === 'ADMIN' || (options.role !== null && roles.includes(options.role));
          if (mayAct || (isPersonal && isTrusted(caller, owner))) continue;
          const contexts = [
            contextOf(caller, owner),
            `{ channel: WEB, sessionId: "${sessions.get(owner)}", customerId: "${owner}" }`,
          ];
          const selection = asked(mutation, { ...field, args: [] }, argumentsOf(owner, contexts[0]!))!;
          const below = selection.text.slice(field.name.length);
          for (const context of isPersonal ? contexts : contexts.slice(0, 1)) {
            const before = await state(owner);
            const answer = await shop.ask(
              `mutation { ${field.name}${args(owner, context)}${below} }`,
              options,
            );
            cells += selection.leaves;
            note(`Mutation.${field.name}`, caller, owner, answer, null);
            const after = await state(owner);
            if (after !== before)
              writes.push(
                `${field.name} by ${caller} changed what is ${owner}'s: ${before.slice(0, 1500)} / ${after.slice(0, 1500)}`,
              );
          }
        }
      }
    }
    expect(leaks).to.deep.equal([]);
    expect(writes).to.deep.equal([]);
  });
});
