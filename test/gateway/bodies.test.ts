import type { IncomingMessage, ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import { PassThrough } from 'node:stream';
import { expect } from 'chai';
import { createBodies } from '../../src/gateway/bodies.js';
import { createTestClock } from '../support/boot.js';
import { openTestGateway, type TestGateway, testKeys } from '../support/gateway.js';
import { basic, openTracking } from '../support/tracking.js';
import { pantry } from './pantry.js';

/** Sends a head and a part of a body, and resolves to what comes back until the server closes the connection. */
function send(gateway: TestGateway, head: readonly string[], part = ''): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket: Socket = connect(gateway.gateway.port, '127.0.0.1', () => {
      socket.write(`${head.join('\r\n')}\r\nhost: localhost\r\n\r\n${part}`);
    });
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk.toString();
    });
    socket.on('error', reject).on('close', () => resolve(text));
  });
}

describe('Bodies of requests', () => {
  let gateway: TestGateway;
  before(async () => {
    gateway = await openTracking();
  });
  after(() => gateway.close());
  const mib8 = `content-length: ${8 * 1024 * 1024}`;
  const json = 'content-type: application/json';

  it('are refused before they are read, on every path, when the key is missing, unknown or the body too long', async () => {
    const cases: readonly (readonly [head: readonly string[], status: number, code: string])[] = [
      [['POST /graphql HTTP/1.1', json, mib8], 413, 'GATEWAY_BODY_TOO_LARGE'],
      [['POST /graphql HTTP/1.1', json, mib8, 'x-api-key: nobody-has-it'], 401, 'AUTHENTICATION_KEY_UNKNOWN'],
      [
        ['POST /graphql HTTP/1.1', json, mib8, `x-api-key: ${testKeys.STOREFRONT}`],
        413,
        'GATEWAY_BODY_TOO_LARGE',
      ],
      [['POST /v1/batch HTTP/1.1', mib8], 413, 'GATEWAY_BODY_TOO_LARGE'],
      [['POST /v1/batch HTTP/1.1', 'content-length: 102401'], 413, 'GATEWAY_BODY_TOO_LARGE'],
      [['POST /v1/batch?writeKey=nobody-has-it HTTP/1.1', mib8], 401, 'AUTHENTICATION_KEY_UNKNOWN'],
      [
        ['POST /v1/batch HTTP/1.1', mib8, `authorization: ${basic('nobody-has-it')}`],
        401,
        'AUTHENTICATION_KEY_UNKNOWN',
      ],
      [
        ['POST /v1/batch HTTP/1.1', mib8, `authorization: ${basic(testKeys.SERVER)}`],
        413,
        'GATEWAY_BODY_TOO_LARGE',
      ],
      [['POST /nothing/here HTTP/1.1', mib8], 404, 'NOT_FOUND'],
    ];
    for (const [head, status, code] of cases) {
      const text = await send(gateway, head, '{"batch":');
      expect(text, head.join()).to.match(new RegExp(`^HTTP/1.1 ${status} `));
      expect(text, head.join()).to.contain(code);
    }
  });

  it('without a key are read up to 100 KB, also in chunks', async () => {
    const chunked = ['POST /graphql HTTP/1.1', json, 'transfer-encoding: chunked'];
    const chunk = `${(102_500).toString(16)}\r\n${'x'.repeat(102_500)}\r\n`;
    expect(await send(gateway, chunked, chunk)).to.contain('GATEWAY_BODY_TOO_LARGE');
  });

  it('that are too long on a path where nobody may send more are not told to use another key', async () => {
    const bodies = createBodies(createTestClock());
    const refused = async (role: 'SERVER' | 'STOREFRONT' | null, bytesMax?: number) => {
      const request = Object.assign(new PassThrough(), { headers: { 'content-length': '9000000' } });
      const response = new PassThrough() as unknown as ServerResponse;
      const sender = { role, address: 'client' };
      return bodies.read(request as unknown as IncomingMessage, response, sender, bytesMax).then(
        () => '',
        (error: Error) => error.message,
      );
    };
    expect(await refused('SERVER', 16_384)).to.contain('at most 16384 bytes (16 KB) on this path.');
    expect(await refused('SERVER')).to.match(/send several smaller requests\.$/);
    expect(await refused('STOREFRONT')).to.match(/or use a SERVER key from a backend\.$/);
    expect(await refused(null)).to.match(/with an API key in a header it may be longer\.$/);
  });

  it('that are cut off, or come too slowly, are given up', async () => {
    const clock = createTestClock();
    const bodies = createBodies(clock);
    const slow = start(bodies, 'SERVER');
    slow.request.write('x'.repeat(10 * 1024));
    await turn();
    clock.advance(10_000);
    slow.request.write('x'.repeat(10 * 1024 - 1));
    await turn();
    clock.advance(10_000);
    expect(await slow.code()).to.equal('GATEWAY_BODY_SLOW');
    const lost = start(bodies, 'SERVER');
    lost.request.write('x');
    lost.request.destroy();
    expect(await lost.code()).to.equal('GATEWAY_BODY_LOST');
  });

  it('hold a bounded amount of memory together until they are answered', async () => {
    const bodies = createBodies(createTestClock(), 1_600);
    const first = start(bodies, 'SERVER');
    first.request.write('x'.repeat(1_600));
    await turn();
    expect(await start(bodies, 'SERVER', 1).code()).to.equal('GATEWAY_BODIES_FULL');
    first.request.end();
    await first.done;
    expect(await start(bodies, 'SERVER', 1).code()).to.equal('GATEWAY_BODIES_FULL');
    first.response.emit('close');
    const last = start(bodies, 'SERVER', 1);
    last.request.end('x');
    expect(String(await last.done)).to.equal('x');
  });

  it('without a key leave room for storefronts, and those of one address for other addresses', async () => {
    const bodies = createBodies(createTestClock(), 1_600 * 8);
    const holdAll = async (role: 'STOREFRONT' | null, share: number) => {
      for (let i = 0; i < 8; i++)
        start(bodies, role, undefined, `client ${i}`).request.write('x'.repeat(share));
      await turn();
    };
    expect(await start(bodies, null, 101).code()).to.equal('GATEWAY_BODIES_FULL');
    await holdAll(null, 100);
    expect(await start(bodies, null, 1, 'another').code()).to.equal('GATEWAY_BODIES_FULL');
    expect(await start(bodies, 'STOREFRONT', 801).code()).to.equal('GATEWAY_BODIES_FULL');
    await holdAll('STOREFRONT', 800);
    expect(await start(bodies, 'STOREFRONT', 1, 'another').code()).to.equal('GATEWAY_BODIES_FULL');
    const server = start(bodies, 'SERVER', 1);
    server.request.end('x');
    expect(String(await server.done)).to.equal('x');
  });

  it('of 8 MB take little time beside reading their JSON', async () => {
    const body = JSON.stringify({ query: '{ version }', variables: { text: 'x'.repeat(8_000_000) } });
    const spent: number[] = [];
    for (let turn = 0; turn < 3; turn++) {
      const before = process.cpuUsage();
      const response = await fetch(`${gateway.url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-api-key': testKeys.SERVER },
        body,
      });
      expect(await response.json()).to.have.nested.property('data.version');
      const { user, system } = process.cpuUsage(before);
      spent.push((user + system) / 1_000);
    }
    expect(Math.min(...spent), 'CPU, ms, the client’s included').to.be.below(600);
  });

  function start(
    bodies: ReturnType<typeof createBodies>,
    role: 'SERVER' | 'STOREFRONT' | null,
    declared?: number,
    address = 'a client',
  ) {
    const request = Object.assign(new PassThrough(), {
      headers: declared === undefined ? {} : { 'content-length': String(declared) },
    });
    const response = new PassThrough();
    const done = bodies.read(request as unknown as IncomingMessage, response as unknown as ServerResponse, {
      role,
      address,
    });
    done.catch(() => undefined);
    const code = () =>
      done.then(
        () => 'read',
        (error: { code: string }) => error.code,
      );
    return { request, response, done, code };
  }
  const turn = () => new Promise((resolve) => setImmediate(resolve));
});

describe('Headers of responses', () => {
  it('keep browsers from guessing, framing and running anything, on every path', async () => {
    const gateway = await openTestGateway([pantry], { production: true });
    const key = { 'x-api-key': testKeys.STOREFRONT };
    const post = (body: string, headers: Record<string, string> = key) =>
      fetch(`${gateway.url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body,
      });
    const query = '{"query":"{ version }"}';
    try {
      const responses = [
        await post(query),
        await post(query),
        await post('{'),
        await post(query, { 'x-api-key': 'nobody-has-it' }),
        await post(query, { ...key, accept: 'image/png' }),
        await fetch(`${gateway.url}/graphql?query={version}`, { headers: key }),
        await fetch(`${gateway.url}/nothing`),
        await fetch(`${gateway.url}/health/ready`),
        await fetch(`${gateway.url}/metrics`),
        await fetch(`${gateway.url}/.well-known/gpc.json`),
      ];
      for (const { headers, url, status } of responses) {
        const where = `${url} ${status}`;
        expect(headers.get('x-content-type-options'), where).to.equal('nosniff');
        expect(headers.get('content-security-policy'), where).to.contain("default-src 'none'");
        expect(headers.get('referrer-policy'), where).to.equal('no-referrer');
        expect(headers.get('x-powered-by'), where).to.equal(null);
      }
    } finally {
      await gateway.close();
    }
  });
});
