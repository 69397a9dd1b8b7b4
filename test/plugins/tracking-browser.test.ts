import { expect } from 'chai';
import { type TestGateway, testKeys } from '../support/gateway.js';
import { basic, openTracking, post } from '../support/tracking.js';

interface Settings {
  readonly integrations: Readonly<
    Record<string, { readonly apiKey: string; readonly apiHost: string; readonly protocol: string }>
  >;
}

describe("Segment's browser SDK with only its host set", () => {
  let gateway: TestGateway;
  before(async () => {
    gateway = await openTracking();
  });
  after(() => gateway.close());

  const settingsOf = (key: string, origin = 'http://shop.example') =>
    fetch(`${gateway.url}/v1/projects/${key}/settings`, { headers: { origin } });

  it('reads settings that let it send to the same host, and to no other destination', async () => {
    const response = await settingsOf(testKeys.STOREFRONT);
    expect(response.status).to.equal(200);
    expect(response.headers.get('access-control-allow-origin')).to.equal('*');
    expect(response.headers.get('cache-control')).to.equal('no-store');
    const { integrations } = (await response.json()) as Settings;
    expect(Object.keys(integrations)).to.deep.equal(['Segment.io']);
    const { apiKey, apiHost, protocol } = integrations['Segment.io']!;
    expect(`${protocol}://${apiHost}`).to.equal(`${gateway.url}/v1`);
    const view = {
      type: 'track',
      event: 'Product Viewed',
      anonymousId: 'browser-1',
      messageId: 'view-1',
      properties: { product_id: 'mug' },
    };
    const { pathname } = new URL(`${protocol}://${apiHost}/t`);
    const sent = await post(gateway, pathname, view, { authorization: basic(apiKey) });
    expect(sent.body).to.include({ success: true, accepted: 1 });
  });

  it('gets https for a page of https, which may not send to anything else', async () => {
    const { integrations } = (await (
      await settingsOf(testKeys.STOREFRONT, 'https://shop.example')
    ).json()) as Settings;
    expect(integrations['Segment.io']?.protocol).to.equal('https');
  });

  it('is refused with a key that nobody has, and with one that belongs on a server', async () => {
    for (const [key, code] of [
      ['nobody-has-it', 'AUTHENTICATION_KEY_UNKNOWN'],
      [testKeys.SERVER, 'AUTHENTICATION_KEY_EXPOSED'],
    ] as const) {
      const response = await settingsOf(key);
      expect(response.status, code).to.equal(401);
      expect(((await response.json()) as { error: { code: string } }).error.code).to.equal(code);
    }
  });
});

describe("RudderStack's browser SDK with its configUrl set", () => {
  let gateway: TestGateway;
  before(async () => {
    gateway = await openTracking();
  });
  after(() => gateway.close());
  const config = (path: string, key: string) =>
    fetch(`${gateway.url}${path}?p=npm&v=3.34.1&writeKey=${key}`, { headers: { authorization: basic(key) } });

  it('reads a source without destinations, from the path that it adds to the host', async () => {
    for (const path of ['/sourceConfig', '/sourceConfig/']) {
      const response = await config(path, testKeys.STOREFRONT);
      expect(response.status).to.equal(200);
      expect(response.headers.get('access-control-allow-origin')).to.equal('*');
      const { source } = (await response.json()) as { source: Record<string, unknown> };
      expect(source).to.deep.include({ enabled: true, destinations: [] });
    }
  });

  it('is refused with a key that nobody has, and with one that belongs on a server', async () => {
    const origin = { origin: 'https://shop.example' };
    for (const key of ['nobody-has-it', testKeys.SERVER])
      expect(
        (await fetch(`${gateway.url}/sourceConfig/?writeKey=${key}`, { headers: origin })).status,
      ).to.equal(401);
  });
});
