import { expect } from 'chai';
import { auditServer } from 'graphql-http';
import { openTestGateway, type TestGateway, testKeys } from '../support/gateway.js';
import { pantry } from './pantry.js';

describe('GraphQL over HTTP', () => {
  let gateway: TestGateway;
  before(async () => {
    gateway = await openTestGateway([pantry]);
  });
  after(() => gateway.close());

  it('passes every audit of the specification, also on the short way for known operations', async () => {
    for (const round of ['new documents', 'known documents']) {
      for (const result of await auditServer({ url: `${gateway.url}/graphql`, fetchFn: fetch })) {
        expect(result.status, `${round}: ${result.name}`).to.equal('ok');
      }
    }
  });

  it('answers the same by the short way, planned or not, as by the ordinary one', async () => {
    const query = '{ jar(id: "7") { id label inner { label } jars { id } broken } }';
    const answers = [];
    for (let i = 0; i < 6; i++)
      answers.push((await gateway.ask(query)).text.replace(/request-\d+/, 'request'));
    const ordinary = await gateway.ask(`${query} `);
    answers.push(ordinary.text.replace(/request-\d+/, 'request').replaceAll('"column":', '"column":'));
    expect(
      new Set(answers.map((text) => JSON.stringify(withoutLocations(JSON.parse(text))))),
    ).to.have.lengthOf(1);
  });

  it('never shows what a defect was about, and logs it with its cause', async () => {
    const { data, errors } = await gateway.ask('{ defect jar { label broken } }');
    expect(data).to.deep.equal({ defect: null, jar: { label: 'jar 1', broken: null } });
    expect(errors).to.have.lengthOf(2);
    for (const error of errors ?? []) {
      expect(error.message).to.equal('Something went wrong on our side.');
      expect(error.extensions.code).to.equal('INTERNAL');
    }
    expect(JSON.stringify(errors)).not.to.contain('secret');
    expect(JSON.stringify(gateway.system.log.lines)).to.contain('secret: the cellar is flooded');
    const blamed = gateway.system.log.lines.map(({ fields }) => `${fields.plugin} ${fields.field}`);
    expect(blamed.slice(-2).sort()).to.deep.equal(['pantry Jar.broken', 'pantry Query.defect']);
  });

  it('answers a failure that the caller can do something about with its code and its advice', async () => {
    const { data, errors } = await gateway.ask('{ refused }');
    expect(data).to.deep.equal({ refused: null });
    expect(errors?.[0]).to.deep.include({
      message: 'The pantry is empty; fill it first.',
      path: ['refused'],
    });
    expect(errors?.[0]?.extensions).to.deep.equal({
      code: 'PANTRY_EMPTY',
      kind: 'missing',
      retryAfterSeconds: 3,
    });
  });

  it('says for which context it answered and who may keep the answer', async () => {
    const context = await gateway.ask(
      '{ whereabouts(context: { channel: KIOSK, storeId: "berne", locale: "de-CH", currency: CHF }) { locale } }',
    );
    expect(context.extensions.rapport).to.deep.equal({
      context: { channel: 'KIOSK', storeId: 'berne', locale: 'de-CH', currency: 'CHF' },
      degraded: [],
      cacheScope: 'PRIVATE',
    });
    expect(context.headers.get('cache-control')).to.equal('private, no-store');
    const open = await fetch(`${gateway.url}/graphql?query=${encodeURIComponent('{ jar { label } }')}`, {
      headers: { 'x-api-key': testKeys.STOREFRONT },
    });
    expect(open.headers.get('cache-control')).to.equal('public, max-age=10');
    expect(open.headers.get('vary')).to.equal('accept, accept-encoding, authorization, x-api-key');
    for (const role of ['SERVER', 'MERCHANDISER', 'ADMIN'] as const) {
      const answer = await fetch(`${gateway.url}/graphql?query=${encodeURIComponent('{ jar { label } }')}`, {
        headers: { 'x-api-key': testKeys[role] },
      });
      expect(answer.headers.get('cache-control'), role).to.equal('private, no-store');
      expect(await answer.text(), role).to.contain('"cacheScope":"PRIVATE"');
    }
  });

  it('gives pages of every origin the same headers, so that a shared cache may keep them', async () => {
    const url = `${gateway.url}/graphql?query=${encodeURIComponent('{ jar { label } }')}`;
    const headersFor = async (headers: Record<string, string>): Promise<(string | null)[]> => {
      const answer = await fetch(url, { headers: { 'x-api-key': testKeys.STOREFRONT, ...headers } });
      return ['access-control-allow-origin', 'vary'].map((name) => answer.headers.get(name));
    };
    for (const headers of [{}, { origin: 'https://shop.example' }] as Record<string, string>[])
      expect(await headersFor(headers)).to.deep.equal([
        '*',
        'accept, accept-encoding, authorization, x-api-key',
      ]);
    const preflight = await fetch(`${gateway.url}/graphql`, {
      method: 'OPTIONS',
      headers: {
        origin: 'https://shop.example',
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'content-type,x-api-key,traceparent',
      },
    });
    expect(preflight.status).to.equal(204);
    expect(preflight.headers.get('access-control-allow-origin')).to.equal('*');
    expect(preflight.headers.get('access-control-allow-methods')).to.contain('POST');
    expect(preflight.headers.get('access-control-allow-headers')).to.contain('traceparent');
  });

  it('tells when it is alive and ready, and what it counts', async () => {
    expect((await fetch(`${gateway.url}/health/live`)).status).to.equal(200);
    const ready = await fetch(`${gateway.url}/health/ready`);
    expect(ready.status).to.equal(200);
    expect(await ready.json()).to.deep.equal({ ready: true, stopping: false, degraded: [], parts: {} });
    const metrics = await (await fetch(`${gateway.url}/metrics`)).text();
    expect(metrics).to.match(/rapport_graphql_operations_total\{outcome="ok"\} \d+/);
  });

  it('serves GraphiQL from this process alone, and not in production', async () => {
    const page = await fetch(`${gateway.url}/graphql`, { headers: { accept: 'text/html' } });
    const html = await page.text();
    expect(page.headers.get('content-type')).to.contain('text/html');
    expect(html).to.contain('demo-ada');
    expect(html).not.to.match(/(src|href)="?https?:/);
    const production = await openTestGateway([pantry], { production: true });
    try {
      const refused = await fetch(`${production.url}/graphql`, { headers: { accept: 'text/html' } });
      expect(refused.headers.get('content-type') ?? '').not.to.contain('text/html');
    } finally {
      await production.close();
    }
  });
});

function withoutLocations(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (key, inner) => (key === 'locations' ? undefined : inner)));
}
