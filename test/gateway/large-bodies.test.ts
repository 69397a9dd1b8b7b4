import { expect } from 'chai';
import { definePlugin } from '../../src/plugin.js';
import { openTestGateway, type TestGateway, testKeys } from '../support/gateway.js';
import { pantry } from './pantry.js';

const pad = 'x'.repeat(70_000);
const headers = { 'content-type': 'application/json', 'x-api-key': testKeys.STOREFRONT };

describe('Large bodies of storefronts', () => {
  let gateway: TestGateway;
  let handled = 0;
  let release: () => void = () => undefined;
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const hatch = definePlugin({
    name: 'hatch',
    provides: null,
    needs: [],
    create: () => ({
      port: null,
      routes(router) {
        router.route('POST', '/hatch', async (_, response, edge) => {
          await edge.caller();
          await edge.body(1_000_000);
          handled++;
          await released;
          response.end('{}');
        });
      },
    }),
  });

  beforeEach(async () => {
    gateway = await openTestGateway([pantry, hatch], { production: true });
  });
  afterEach(() => gateway.close());

  async function answerTo(path: string, body: string): Promise<{ status: number; text: string }> {
    const response = await fetch(`${gateway.url}${path}`, { method: 'POST', headers, body });
    return { status: response.status, text: await response.text() };
  }

  it('get the answer that small ones get, whatever is in them', async () => {
    const messages: readonly ((filling: string) => string)[] = [
      (filling) => JSON.stringify({ query: '{ jar { label } }', variables: { filling } }),
      (filling) => JSON.stringify({ query: '{ jar { labels } }', variables: { filling } }),
      (filling) => JSON.stringify({ query: 7, variables: { filling } }),
      (filling) => JSON.stringify({ query: '{ jar { label } }', variables: filling }),
      (filling) => JSON.stringify({ query: '{ jar { label } }', getReader: filling }),
      (filling) => JSON.stringify({ query: '{ jar { label } }', read: { filling } }),
      (filling) =>
        JSON.stringify({ query: '{ jar { label } }', operationName: 'None', variables: { filling } }),
      (filling) => JSON.stringify({ variables: { filling } }),
      (filling) => JSON.stringify([{ query: '{ jar { label } }', variables: { filling } }]),
      (filling) => JSON.stringify(filling),
      (filling) => `{"query":"{ jar { label } }","variables":{"filling":"${filling}"}`,
    ];
    for (const message of messages) {
      const small = await answerTo('/graphql', message('x'));
      const large = await answerTo('/graphql', message(pad));
      expect(large, message('x')).to.deep.equal(small);
    }
  });

  it('wait in turn on the routes of plugins, and are refused when they would wait for long', async () => {
    const body = JSON.stringify({ filling: 'x'.repeat(500_000) });
    let refused = 0;
    let enoughRefused: () => void = () => undefined;
    const areRefused = new Promise<void>((resolve) => {
      enoughRefused = resolve;
    });
    const answers = Array.from({ length: 14 }, async () => {
      const { status, text } = await answerTo('/hatch', body);
      if (status === 503) {
        expect(text).to.contain('GATEWAY_OVERLOADED');
        if (++refused === 3) enoughRefused();
      }
      return status;
    });
    await areRefused;
    // A large one waits, a small one does not.
    const before = handled;
    expect(before).to.be.at.most(4);
    const small = answerTo('/hatch', '{}');
    while (handled === before) await new Promise((resolve) => setImmediate(resolve));
    release();
    expect((await small).status).to.equal(200);
    const statuses = await Promise.all(answers);
    expect(statuses.filter((status) => status === 200)).to.have.lengthOf(11);
  });
});
