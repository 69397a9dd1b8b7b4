import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { buildClientSchema, type GraphQLSchema, getIntrospectionQuery } from 'graphql';
import { exportJWK, SignJWT } from 'jose';
import { plugins } from '../../plugins/index.js';
import { type Role, roles } from '../../src/context.js';
import { type Answer, openTestGateway, type TestGateway, testKeys } from '../support/gateway.js';
import { keyPair } from '../support/key-pair.js';
import { grant, openShop, record, shopperContext } from './shop.js';

interface Expectation {
  /** Who may ask; nobody else. ADMIN may do everything. */
  readonly allowed: readonly Role[];
  /** The field as it is asked. */
  readonly ask: string;
  /** Whether it answers without a key too. */
  readonly open?: true;
}

const mine = '{ channel: WEB, sessionId: "roles" }';
const catalogReaders = ['STOREFRONT', 'SERVER', 'MERCHANDISER'] as const;

/** The subscriptions, each with who may open it and a document. */
const subscriptions: Readonly<Record<string, Omit<Expectation, 'open'> & { readonly refusal?: string }>> = {
  segmentMembershipChanged: {
    allowed: ['SERVER'],
    ask: 'segmentMembershipChanged(segmentId: "none") { member }',
    // Nothing happens to a segment here, so that there is no first event.
    refusal: 'SEGMENTS_SEGMENT_UNKNOWN',
  },
  stockChanged: { allowed: catalogReaders, ask: 'stockChanged(productIds: ["coffee-press"]) { id }' },
  consentChanged: {
    allowed: ['STOREFRONT', 'SERVER'],
    ask: `consentChanged(context: ${mine}) { sessionId }`,
  },
  recommendationsChanged: {
    allowed: ['STOREFRONT', 'SERVER'],
    ask: `recommendationsChanged(context: ${mine}, placement: "home") { decisionId }`,
  },
};

/** What api.md says of each root field. A new field needs its line here. */
const rootFields: Readonly<Record<string, Expectation>> = {
  'Query.version': { allowed: catalogReaders, ask: 'version', open: true },
  'Query.node': { allowed: catalogReaders, ask: 'node(nodeId: "a-press") { nodeId }' },
  'Query.nodes': { allowed: catalogReaders, ask: 'nodes(nodeIds: []) { nodeId }' },
  'Query.product': { allowed: catalogReaders, ask: 'product(id: "coffee-press") { id }' },
  'Query.products': { allowed: catalogReaders, ask: 'products { totalCount }' },
  'Query.categories': { allowed: catalogReaders, ask: 'categories { id }' },
  'Query.shopper': { allowed: catalogReaders, ask: `shopper(context: ${mine}) { sessionId }` },
  'Query.customer': { allowed: ['SERVER'], ask: 'customer(id: "ada") { id }' },
  'Query.synonyms': { allowed: ['MERCHANDISER'], ask: 'synonyms { id }' },
  'Query.searchReport': { allowed: ['MERCHANDISER'], ask: 'searchReport { query }' },
  'Query.recommendationReport': { allowed: ['MERCHANDISER'], ask: 'recommendationReport { placement }' },
  'Query.recommendationModels': { allowed: ['MERCHANDISER'], ask: 'recommendationModels { version }' },
  'Query.deadLetters': { allowed: [], ask: 'deadLetters { id }' },
  'Query.consentAt': {
    allowed: ['SERVER'],
    ask: 'consentAt(subject: "session:roles", purpose: ANALYTICS, at: "2026-01-01T00:00:00Z") { status }',
  },
  'Query.consentLedger': { allowed: [], ask: 'consentLedger(first: 1) { next }' },
  'Query.consentAudit': { allowed: [], ask: 'consentAudit(subject: "session:roles") { intact }' },
  'Query.alexaInteractionModel': {
    allowed: ['SERVER', 'MERCHANDISER'],
    ask: 'alexaInteractionModel(locale: "en", invocationName: "green kettle")',
  },
  'Query.handover': { allowed: ['STOREFRONT', 'SERVER'], ask: 'handover(code: "00000000") { status }' },
  'Mutation.createHandover': {
    allowed: ['STOREFRONT', 'SERVER'],
    ask: `createHandover(context: ${mine}, productIds: []) { code }`,
  },
  'Mutation.openHandover': {
    allowed: ['STOREFRONT', 'SERVER'],
    ask: `openHandover(context: ${mine}, code: "00000000") { products { id } }`,
  },
  'Mutation.saveProducts': {
    allowed: ['SERVER'],
    ask: 'saveProducts(products: [{ id: "roles", title: "Roles", status: DRAFT }]) { saved }',
  },
  'Mutation.removeProducts': { allowed: ['SERVER'], ask: 'removeProducts(ids: ["roles"]) { removedIds }' },
  'Query.eventReport': { allowed: ['MERCHANDISER'], ask: 'eventReport { events }' },
  'Query.collections': { allowed: catalogReaders, ask: 'collections { id }' },
  'Query.collection': { allowed: catalogReaders, ask: 'collection(id: "roles") { id }' },
  'Mutation.saveCollections': {
    allowed: ['SERVER', 'MERCHANDISER'],
    ask: 'saveCollections(collections: []) { collections { id } }',
  },
  'Mutation.removeCollections': {
    allowed: ['SERVER', 'MERCHANDISER'],
    ask: 'removeCollections(ids: []) { removedIds }',
  },
  'Mutation.updateProducts': { allowed: ['SERVER'], ask: 'updateProducts(products: []) { saved }' },
  'Mutation.setPrices': { allowed: ['SERVER'], ask: 'setPrices(entries: []) { set }' },
  'Mutation.setStock': { allowed: ['SERVER'], ask: 'setStock(entries: []) { set }' },
  'Mutation.saveCategories': {
    allowed: ['SERVER'],
    ask: 'saveCategories(categories: []) { categories { id } }',
  },
  'Mutation.recordEvents': {
    allowed: ['STOREFRONT', 'SERVER'],
    ask: `recordEvents(context: ${mine}, events: []) { accepted shopper { sessionId } }`,
  },
  'Mutation.importConsents': {
    ask: 'importConsents(entries: []) { imported }',
    allowed: ['SERVER'],
  },
  'Mutation.signOut': {
    ask: `signOut(context: ${mine}) { shopper { known } }`,
    allowed: ['STOREFRONT', 'SERVER'],
  },
  'Mutation.identify': {
    allowed: ['SERVER'],
    ask: `identify(context: ${mine}, customer: { id: "roles" }) { customer { id } }`,
  },
  'Mutation.setConsent': {
    allowed: ['STOREFRONT', 'SERVER'],
    ask: `setConsent(context: ${mine}, decisions: []) { consents { purpose } }`,
  },
  'Query.consentNotices': { allowed: ['SERVER'], ask: 'consentNotices { version }' },
  'Mutation.saveConsentNotice': {
    allowed: ['SERVER'],
    ask: 'saveConsentNotice(notice: { version: "roles", language: "en", purposes: [] }) { userErrors { code } }',
  },
  'Mutation.createUnsubscribeLink': {
    allowed: ['SERVER'],
    ask: 'createUnsubscribeLink(customerId: "null", purpose: MARKETING_EMAIL) { userErrors { code } }',
  },
  'Mutation.requestConsentConfirmation': {
    allowed: ['SERVER'],
    ask: 'requestConsentConfirmation(customerId: "null", decision: { purpose: MARKETING_EMAIL, status: GRANTED }) { userErrors { code } }',
  },
  'Mutation.setPreferences': {
    allowed: ['STOREFRONT', 'SERVER'],
    ask: `setPreferences(context: ${mine}, preferences: {}) { userErrors { code } }`,
  },
  'Mutation.publishModel': { allowed: ['MERCHANDISER'], ask: 'publishModel(version: 0) { version }' },
  'Mutation.rollbackModel': { allowed: ['MERCHANDISER'], ask: 'rollbackModel { version }' },
  'Mutation.saveSynonym': {
    allowed: ['MERCHANDISER'],
    ask: 'saveSynonym(synonym: { terms: ["role", "part"] }) { synonym { id } }',
  },
  'Mutation.rebuildSearchIndex': { allowed: [], ask: 'rebuildSearchIndex { begun }' },
  'Mutation.saveMerchandisingRule': {
    allowed: ['MERCHANDISER'],
    ask: 'saveMerchandisingRule(rule: { name: "role", then: [{ hide: { filter: { ids: ["none"] } } }] }) { rule { id } }',
  },
  'Mutation.removeMerchandisingRule': {
    allowed: ['MERCHANDISER'],
    ask: 'removeMerchandisingRule(id: "none") { removedId }',
  },
  'Mutation.discardDraft': { allowed: ['MERCHANDISER'], ask: 'discardDraft { discarded }' },
  'Mutation.publishDraft': {
    allowed: ['MERCHANDISER'],
    ask: 'publishDraft(note: "none") { revision { number } }',
  },
  'Mutation.rollbackTo': {
    allowed: ['MERCHANDISER'],
    ask: 'rollbackTo(revision: 99) { revision { number } }',
  },
  'Query.merchandisingRules': { allowed: ['MERCHANDISER'], ask: 'merchandisingRules { id }' },
  'Query.merchandisingDraft': { allowed: ['MERCHANDISER'], ask: 'merchandisingDraft { changes { ruleId } }' },
  'Query.revisions': { allowed: ['MERCHANDISER'], ask: 'revisions { number }' },
  'Query.replayDraft': { allowed: ['MERCHANDISER'], ask: 'replayDraft { queries }' },
  'Query.previewSearch': {
    allowed: ['MERCHANDISER'],
    ask: 'previewSearch(query: "rope", context: { channel: WEB }) { total }',
  },
  'Query.segments': { allowed: ['MERCHANDISER', 'SERVER'], ask: 'segments { id }' },
  'Query.segmentConditionSchema': { allowed: catalogReaders, ask: 'segmentConditionSchema' },
  'Query.segmentMembership': {
    allowed: ['SERVER'],
    ask: 'segmentMembership(segmentId: "none", customerId: "ada") { member }',
  },
  'Query.segmentPreview': {
    allowed: ['MERCHANDISER', 'SERVER'],
    ask: 'segmentPreview(condition: { trait: "role", exists: true }) { count }',
  },
  'Mutation.saveSegment': {
    allowed: ['MERCHANDISER'],
    ask: 'saveSegment(segment: { name: "role", condition: { trait: "role", exists: true } }) { segment { id } }',
  },
  'Mutation.removeSegment': { allowed: ['MERCHANDISER'], ask: 'removeSegment(id: "none") { removedId }' },
  'Mutation.recordLoyalty': {
    allowed: ['SERVER'],
    ask: 'recordLoyalty(customerId: "roles", entries: []) { recorded }',
  },
  'Mutation.linkIdentifier': {
    allowed: ['SERVER'],
    ask: 'linkIdentifier(customerId: "none", identifier: { type: CRM_ID, value: "role" }) { userErrors { code } }',
  },
  'Mutation.unlinkIdentifier': {
    allowed: ['SERVER'],
    ask: 'unlinkIdentifier(customerId: "none", identifier: { type: CRM_ID, value: "role" }) { userErrors { code } }',
  },
  'Mutation.exportCustomer': {
    allowed: ['SERVER'],
    ask: 'exportCustomer(id: "none") { userErrors { code } }',
  },
  'Mutation.eraseCustomer': {
    allowed: ['SERVER'],
    ask: 'eraseCustomer(id: "none") { userErrors { code } }',
  },
  'Mutation.restrictProcessing': {
    allowed: ['SERVER'],
    ask: 'restrictProcessing(id: "none", restricted: true) { userErrors { code } }',
  },
  'Query.verifyErasureReceipt': {
    allowed: ['SERVER'],
    ask: 'verifyErasureReceipt(signature: "none") { id }',
  },
  'Mutation.mergeCustomers': {
    allowed: ['SERVER'],
    ask: 'mergeCustomers(into: "none", from: "nobody", reason: "role") { userErrors { code } }',
  },
  'Mutation.unmergeCustomers': {
    allowed: ['SERVER'],
    ask: 'unmergeCustomers(mergeId: "none") { userErrors { code } }',
  },
  'Mutation.saveSynonyms': {
    allowed: ['MERCHANDISER'],
    ask: 'saveSynonyms(synonyms: [{ terms: ["role", "share"] }]) { saved { id } }',
  },
  'Mutation.importSynonyms': {
    allowed: ['MERCHANDISER'],
    ask: 'importSynonyms(format: SOLR, text: "role, duty") { saved }',
  },
  'Query.exportSynonyms': { allowed: ['MERCHANDISER'], ask: 'exportSynonyms(format: CSV) { text }' },
  'Mutation.removeSynonym': { allowed: ['MERCHANDISER'], ask: 'removeSynonym(id: "none") { removedId }' },
  'Mutation.replayDeadLetters': { allowed: [], ask: 'replayDeadLetters(ids: [])' },
};

/** Whatever of a shopper can be asked for. A new field needs its line here. */
const shopperFields: Readonly<Record<string, string>> = {
  nodeId: 'nodeId',
  sessionId: 'sessionId',
  known: 'known',
  profile: 'profile { id email firstName lastName locale traits createdAt updatedAt }',
  personalization: 'personalization { applied reason }',
  consents: 'consents { purpose status decidedAt expiresAt }',
  preferences:
    'preferences { topics { topic } personalizationPaused notForMe { productId } history { nodes { name } } }',
  consentHistory: 'consentHistory { id purpose status noticeVersion evidence channel decidedAt hash }',
  recommendations:
    'recommendations(placement: "home") { decisionId personalized items { position score source product { id } reasons { text because { id } } } speech { ssml } }',
  recentlyViewed: 'recentlyViewed { id }',
  reorder: 'reorder { decisionId items { product { id } reasons { text } } }',
  search: 'search(query: "kettle") { personalized products { nodes { id } } speech { text } }',
  suggest: 'suggest(prefix: "ke") { text }',
  segments: 'segments { segmentId member }',
  loyalty: 'loyalty { balance tier entries { nodes { id points } } speech { text } }',
};

const canaries = ['canary-email@example.org', 'Canaryfirst', 'Canarylast', 'canary-trait', 'canary-evidence'];

describe('Who may see and do what', () => {
  let shop: TestGateway;
  let schema: GraphQLSchema;
  let provider: Server;
  const rsa = keyPair();

  before(async () => {
    const jwk = { ...(await exportJWK(rsa.publicKey)), kid: 'k1', alg: 'RS256', use: 'sig' };
    provider = createServer((_, response) => response.end(JSON.stringify({ keys: [jwk] })));
    await new Promise<void>((resolve) => provider.listen(0, '127.0.0.1', resolve));
    shop = await openTestGateway(plugins, {
      environment: {
        RAPPORT_JWT_JWKS_URL: `http://127.0.0.1:${(provider.address() as AddressInfo).port}/jwks`,
      },
    });
    await openShop(shop);
    const { data } = await shop.ask(getIntrospectionQuery(), { role: 'SERVER' });
    schema = buildClientSchema(data as never);
    await personal('ada');
  });
  after(async () => {
    await shop.close();
    provider.close();
  });

  /** A customer of whom much is known, on a session of their own. */
  async function personal(customerId: string): Promise<void> {
    const sessionId = `${customerId}-session`;
    const { errors, at } = await shop.ask(
      `mutation ($context: ShopperContext!) {
        identify(context: $context, customer: { id: "${customerId}", email: "${canaries[0]}", firstName: "${canaries[1]}", lastName: "${canaries[2]}", traits: { note: "${canaries[3]}" } }) { userErrors { message } }
        setConsent(context: $context, decisions: [{ purpose: MARKETING_EMAIL, status: GRANTED, evidence: "${canaries[4]}" }]) { userErrors { message } }
      }`,
      { role: 'SERVER', variables: { context: { ...shopperContext(sessionId), customerId } } },
    );
    expect(errors).to.equal(undefined);
    expect(at('identify.userErrors')).to.deep.equal([]);
    await grant(shop, sessionId);
    await record(shop, sessionId, 'PRODUCT_VIEWED', ['camping-rope']);
    await record(shop, sessionId, 'ORDER_COMPLETED', ['camping-mat']);
  }

  function token(sub: string): Promise<string> {
    const nowSeconds = Math.floor(shop.system.clock.nowMs() / 1000);
    return new SignJWT({})
      .setProtectedHeader({ alg: 'RS256', kid: 'k1' })
      .setSubject(sub)
      .setIssuedAt(nowSeconds)
      .setExpirationTime(nowSeconds + 300)
      .sign(rsa.privateKey);
  }
  const bearing = async (sub: string, role: Role = 'STOREFRONT') => ({
    role,
    headers: { authorization: `Bearer ${await token(sub)}` },
  });

  const codes = ({ errors }: Answer) => (errors ?? []).map(({ extensions }) => extensions.code);
  const allOf = (context: object) =>
    [
      `query ($context: ShopperContext!) { shopper(context: $context) { ${Object.values(shopperFields).join(' ')} } }`,
      context,
    ] as const;

  it('has an expectation for every root field and every field of a shopper', () => {
    const roots = [schema.getQueryType()!, schema.getMutationType()!].flatMap((type) =>
      Object.keys(type.getFields()).map((field) => `${type.name}.${field}`),
    );
    expect(roots.sort()).to.deep.equal(Object.keys(rootFields).sort());
    expect(Object.keys(schema.getSubscriptionType()!.getFields()).sort()).to.deep.equal(
      Object.keys(subscriptions).sort(),
    );
    const shopper = schema.getType('Shopper') as unknown as { getFields(): object };
    const fields = [...Object.keys(shopperFields), 'explainRecommendation'];
    expect(Object.keys(shopper.getFields()).sort()).to.deep.equal(fields.sort());
  });

  for (const [name, { allowed, ask, refusal }] of Object.entries(subscriptions)) {
    it(`Subscription.${name} is for ${[...allowed, 'ADMIN'].join(', ')}`, async () => {
      for (const role of roles) {
        const abort = new AbortController();
        const response = await fetch(`${shop.url}/graphql`, {
          method: 'POST',
          headers: {
            'content-type': 'application/json',
            accept: 'text/event-stream',
            'x-api-key': testKeys[role],
          },
          body: JSON.stringify({ query: `subscription { ${ask} }` }),
          signal: abort.signal,
        });
        let text = '';
        for await (const part of response.body!.pipeThrough(new TextDecoderStream())) {
          text += part;
          if (text.includes('event: next')) break;
        }
        abort.abort();
        const mayAsk = role === 'ADMIN' || allowed.includes(role);
        if (mayAsk) expect(text, role).to.include(refusal ?? `"${name}":{`);
        else expect(text, role).to.include('AUTHENTICATION_ROLE');
      }
    });
  }

  it('Shopper.explainRecommendation is for MERCHANDISER, ADMIN, and shows nothing of a known shopper', async () => {
    for (const role of roles) {
      const answer = await shop.ask(
        '{ shopper(context: { channel: WEB, sessionId: "ada-session" }) { explainRecommendation(placement: "recently-viewed", product: "camping-rope") { position } } }',
        { role },
      );
      const isAllowed = role === 'MERCHANDISER' || role === 'ADMIN';
      expect(answer.errors === undefined, role).to.equal(isAllowed);
      if (role === 'MERCHANDISER')
        expect(answer.at('shopper.explainRecommendation.position')).not.to.equal(1);
    }
  });

  for (const [name, { allowed, ask, open }] of Object.entries(rootFields)) {
    const written = name.startsWith('Mutation') ? `mutation { ${ask} }` : `{ ${ask} }`;
    const field = name.split('.')[1]!;
    it(`${name} is for ${[...allowed, 'ADMIN'].join(', ')}`, async () => {
      const { at } = await shop.ask('{ product(id: "coffee-press") { nodeId } }');
      const query = written.replace('a-press', String(at('product.nodeId')));
      for (const role of roles) {
        const answer = await shop.ask(query, { role });
        if (role === 'ADMIN' || allowed.includes(role)) {
          expect(answer.errors, `${role}: ${answer.text}`).to.equal(undefined);
          expect(answer.data, role).to.have.property(field);
        } else {
          expect(answer.errors?.[0]?.extensions.kind, `${role}: ${answer.text}`).to.equal('denied');
          expect(answer.at(field), role).to.equal(null);
          expect(answer.errors?.[0]?.message, 'who may').to.match(/SERVER|MERCHANDISER|ADMIN|token/);
        }
      }
      const anonymous = await shop.ask(query, { role: null });
      if (open) expect(anonymous.errors).to.equal(undefined);
      else {
        expect(anonymous.data).to.equal(undefined);
        expect(codes(anonymous)).to.deep.equal(['AUTHENTICATION_KEY_MISSING']);
      }
    });
  }

  it('shows a customer to a server and to themselves, and to nobody else', async () => {
    const query = '{ customer(id: "ada") { email firstName lastName traits } }';
    for (const options of [{ role: 'SERVER' as const }, await bearing('ada')])
      expect((await shop.ask(query, options)).text).to.include(canaries[0]);
    for (const options of [{}, { role: 'MERCHANDISER' as const }, await bearing('grace')]) {
      const answer = await shop.ask(query, options);
      expect(codes(answer)).to.deep.equal(['AUTHENTICATION_ROLE']);
      for (const canary of canaries) expect(answer.text).not.to.include(canary);
    }
  });

  it('says no more of a customer that there is than of one that there is not', async () => {
    for (const ask of [
      (id: string) => `{ customer(id: "${id}") { id } }`,
      (id: string) =>
        `mutation { identify(context: ${mine}, customer: { id: "${id}" }) { customer { id } } }`,
      (id: string) => `{ shopper(context: { channel: WEB, customerId: "${id}" }) { known } }`,
    ]) {
      const [there, not] = [await shop.ask(ask('ada')), await shop.ask(ask('eve'))];
      expect(there.data).to.deep.equal(not.data);
      expect(there.errors?.map(({ message }) => message)).to.deep.equal(
        not.errors?.map(({ message }) => message),
      );
    }
  });

  it('never tells a storefront who is behind another’s session', async () => {
    for (const options of [{}, await bearing('grace')]) {
      const [query, context] = allOf(shopperContext('ada-session'));
      const answer = await shop.ask(query, { ...options, variables: { context } });
      expect(answer.errors).to.equal(undefined);
      expect(answer.at('shopper.profile')).to.equal(null);
      // What was said in a session is told to whoever holds the session.
      for (const canary of canaries.slice(0, 4)) expect(answer.text).not.to.include(canary);
    }
  });

  it('gives grace, who holds ada’s session id, nothing that ada did', async () => {
    const [query, context] = allOf(shopperContext('ada-session'));
    const graces = await shop.ask(query, { ...(await bearing('grace')), variables: { context } });
    const blank = await shop.ask(query, { variables: { context: shopperContext('nobody-at-all') } });
    for (const field of ['personalization', 'consentHistory', 'recommendations', 'recentlyViewed', 'reorder'])
      expect(graces.at(`shopper.${field}`), field).to.deep.equal(blank.at(`shopper.${field}`));
    expect(graces.at('shopper.profile')).to.equal(null);
    for (const canary of canaries) expect(graces.text).not.to.include(canary);
  });

  it('refuses another’s customerId, in every operation that takes a context', async () => {
    const context = '{ channel: WEB, sessionId: "roles", customerId: "ada" }';
    const operations = [
      `{ shopper(context: ${context}) { known } }`,
      `{ product(id: "coffee-press", context: ${context}) { id } }`,
      `{ products(context: ${context}) { totalCount } }`,
      `{ categories(context: ${context}) { id } }`,
      `mutation { recordEvents(context: ${context}, events: []) { shopper { profile { email } } } }`,
      `mutation { setConsent(context: ${context}, decisions: []) { consents { status } } }`,
      `mutation { identify(context: ${context}, customer: { id: "grace" }) { customer { id } } }`,
    ];
    for (const options of [{}, await bearing('grace'), { role: 'MERCHANDISER' as const }]) {
      for (const query of operations) {
        const answer = await shop.ask(query, options);
        expect(answer.errors?.[0]?.extensions.kind, `${query} ${answer.text}`).to.equal('denied');
        for (const canary of canaries) expect(answer.text).not.to.include(canary);
      }
    }
  });

  it('shows a merchandiser a blank visitor, whoever they name', async () => {
    const merchandiser = { role: 'MERCHANDISER' as const };
    for (const [field, selection] of Object.entries(shopperFields)) {
      if (field === 'sessionId') continue;
      const query = `query ($context: ShopperContext!) { shopper(context: $context) { ${selection} } }`;
      const ada = await shop.ask(query, {
        ...merchandiser,
        variables: { context: shopperContext('ada-session') },
      });
      const blank = await shop.ask(query, {
        ...merchandiser,
        variables: { context: shopperContext('blank') },
      });
      expect(ada.text.replaceAll(/"request-\d+"/g, ''), field).to.equal(
        blank.text.replaceAll(/"request-\d+"/g, ''),
      );
      for (const canary of canaries) expect(ada.text).not.to.include(canary);
      if (field === 'consents' || field === 'consentHistory')
        expect(codes(ada)).to.deep.equal(['AUTHENTICATION_ROLE']);
    }
  });

  it('shows a merchandiser no person either who comes with a customer’s token', async () => {
    const options = await bearing('ada', 'MERCHANDISER');
    for (const query of [
      '{ customer(id: "ada") { email firstName traits } }',
      '{ shopper(context: { channel: WEB }) { known profile { email } recentlyViewed { id } } }',
      'mutation { identify(context: { channel: WEB, sessionId: "m" }, customer: { id: "ada" }) { customer { email } } }',
    ]) {
      const answer = await shop.ask(query, options);
      for (const canary of canaries) expect(answer.text, query).not.to.include(canary);
      expect(answer.text, query).not.to.include('camping');
    }
  });

  it('lets nobody keep what is personal', async () => {
    for (const [field, selection] of Object.entries(shopperFields)) {
      const query = `{ shopper(context: { channel: WEB, sessionId: "ada-session" }) { ${selection} } }`;
      const response = await fetch(`${shop.url}/graphql?query=${encodeURIComponent(query)}`, {
        headers: { 'x-api-key': testKeys.STOREFRONT, accept: 'application/json' },
      });
      expect(response.headers.get('cache-control'), field).to.equal('private, no-store');
    }
  });
});
