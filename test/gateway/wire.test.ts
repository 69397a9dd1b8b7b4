import { createServer, IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { expect } from 'chai';
import { GraphQLError } from 'graphql';
import { createSchema, createYoga } from 'graphql-yoga';
import { answerEarly } from '../../src/gateway/bodies.js';
import { answerError } from '../../src/gateway/edges.js';
import { withoutStacks } from '../../src/gateway/no-stacks.js';
import { createHttpServer, listen, portOf } from '../../src/gateway/server.js';
import { createTestClock } from '../support/boot.js';
import { openTestGateway, type TestGateway } from '../support/gateway.js';
import { pantry } from './pantry.js';

const oneByteChunks = (count: number) => '1\r\n \r\n'.repeat(count);
const chunksOf64 = (count: number) => `40\r\n${' '.repeat(64)}\r\n`.repeat(count);
const chunked = 'transfer-encoding: chunked';

/** Sends bytes, and resolves to what comes back until the server closes the connection. */
function send(port: number, text: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(text));
    let answer = '';
    socket.on('data', (part) => {
      answer += part.toString();
    });
    // A server that closes before it has read everything resets the connection.
    socket.on('error', () => undefined).on('close', () => resolve(answer));
  });
}

describe('Requests on the wire', () => {
  let gateway: TestGateway;
  before(async () => {
    gateway = await openTestGateway([pantry], { production: true });
  });
  after(() => gateway.close());

  it('in too many small chunks are refused on every path, and told how many', async () => {
    for (const path of ['/graphql', '/nothing', '/health/live', '/metrics']) {
      const head = `POST ${path} HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\n${chunked}\r\n\r\n`;
      const answer = await send(gateway.gateway.port, head + oneByteChunks(90_000));
      expect(answer, path).to.match(/^HTTP\/1.1 4\d\d [\s\S]*connection: close/i);
    }
    const head = `POST /graphql HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\n${chunked}\r\n\r\n`;
    const answer = await send(gateway.gateway.port, head + oneByteChunks(1_016));
    expect(answer).to.match(/^HTTP\/1.1 400 [\s\S]*"GATEWAY_BODY_CHUNKS"/);
    expect(answer).to.contain('The body came in 1016 pieces with 1016 bytes');
  });

  it('in too many small chunks are refused where the handler replaces the prototype, as express does', async () => {
    let pieces = 0;
    const server = createHttpServer(
      (request, response) => {
        Object.setPrototypeOf(request, IncomingMessage.prototype);
        request.on('data', () => pieces++).on('end', () => response.end());
      },
      gateway.system.log,
      {
        connections: { max: 10, maxOfAddress: 10, closed: () => undefined, clock: gateway.system.clock },
        unread: { max: 1_000, maxOfAddress: 1_000, closed: () => undefined, clock: gateway.system.clock },
      },
    );
    await listen(server, 0, '127.0.0.1', 'RAPPORT_PORT');
    const head = `POST / HTTP/1.1\r\nhost: a\r\n${chunked}\r\n\r\n`;
    expect(await send(portOf(server), head + oneByteChunks(90_000))).to.contain('GATEWAY_BODY_CHUNKS');
    expect(pieces).to.be.within(900, 2_000);
    server.close();
  });

  it('in small chunks are read while they are few, and in many while they are large enough', async () => {
    const head = `POST /graphql HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-type: application/json\r\n${chunked}\r\n\r\n`;
    const query = '{"query":"{version}"}';
    const tail = `${query.length.toString(16)}\r\n${query}\r\n0\r\n\r\n`;
    const few = await send(gateway.gateway.port, head + oneByteChunks(999) + tail);
    expect(few).to.match(/^HTTP\/1.1 200 [\s\S]*"version"/);
    const large = await send(gateway.gateway.port, head + chunksOf64(1_400) + tail);
    expect(large).to.match(/^HTTP\/1.1 200 [\s\S]*"version"/);
  });

  it('with a body that nobody would read are refused, and it is not read', async () => {
    for (const [method, path] of [
      ['GET', '/health/live'],
      ['GET', '/graphql?query={version}'],
      ['OPTIONS', '/graphql'],
      ['GET', '/nothing'],
    ] as const) {
      for (const header of [chunked, 'content-length: 8000000']) {
        const head = `${method} ${path} HTTP/1.1\r\nhost: a\r\n${header}\r\n\r\n`;
        const answer = await send(gateway.gateway.port, head + oneByteChunks(10));
        expect(answer, `${method} ${path} ${header}`).to.match(
          /^HTTP\/1.1 400 [\s\S]*connection: close[\s\S]*"GATEWAY_BODY_UNEXPECTED"/i,
        );
      }
    }
    const empty = 'GET /health/live HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-length: 0\r\n\r\n';
    expect(await send(gateway.gateway.port, empty)).to.match(/^HTTP\/1.1 200 /);
  });

  const reads = (request: IncomingMessage) => void request.resume();
  const answers = (_: IncomingMessage, response: ServerResponse) => void response.end('done');
  const answersEarly = (_: IncomingMessage, response: ServerResponse) =>
    answerEarly(response, 413, { 'content-length': 2 }, 'no');
  for (const [name, handle, body, more] of [
    ['of a handler that reads it', reads, oneByteChunks(400_000), ''],
    ['that was answered before', answers, oneByteChunks(400_000), ''],
    ['that was refused while it arrived', answersEarly, chunksOf64(40_000), ''],
    ['with an unknown expectation', answers, oneByteChunks(400_000), 'expect: luck\r\n'],
  ] as const) {
    it(`are not read to the end of a chunked body ${name}`, async () => {
      const closed = () => undefined;
      const clock = createTestClock();
      const server = createHttpServer(handle, gateway.system.log, {
        connections: { max: 10, maxOfAddress: 10, closed, clock },
        unread: { max: 1_000, maxOfAddress: 1_000, closed, clock },
      });
      await listen(server, 0, '127.0.0.1', 'RAPPORT_PORT');
      const read = new Promise<number>((resolve) =>
        server.on('connection', (socket) => socket.on('close', () => resolve(socket.bytesRead))),
      );
      await send(portOf(server), `POST / HTTP/1.1\r\nhost: a\r\n${more}${chunked}\r\n\r\n${body}`);
      expect(await read).to.be.below(body.length / 4);
      server.close();
    });
  }

  it('for a host that cannot be one are refused, and for all others not', async () => {
    for (const host of [
      '][{}|<>',
      'a/b',
      'a b',
      'a@b',
      'a:99999',
      '1.2.3.4.5',
      '[1::2::3]',
      `${'x'.repeat(9_000)}%`,
    ]) {
      const answer = await send(
        gateway.gateway.port,
        `GET /graphql?query={version} HTTP/1.1\r\nhost: ${host}\r\n\r\n`,
      );
      expect(answer, host).to.match(/^HTTP\/1.1 400 [\s\S]*"GATEWAY_HOST_INVALID"/);
      expect(answer, host).not.to.match(/node_modules|\.js:/);
    }
    for (const host of ['', 'a', 'shop_1.example.com', 'example.com:443', '127.0.0.1:4000', '[::1]:4000']) {
      const head = `GET /graphql?query={version} HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n\r\n`;
      expect(await send(gateway.gateway.port, head), host).not.to.contain('GATEWAY_HOST_INVALID');
    }
  });

  it('never get the stack of an error, even where yoga would send it', async () => {
    const yoga = createYoga({ schema: createSchema({ typeDefs: 'type Query { a: Int }' }), logging: false });
    const lines: string[] = [];
    const log = {
      ...gateway.system.log,
      error: (...line: unknown[]) => void lines.push(JSON.stringify(line)),
    };
    const server = createServer((request, response) => {
      withoutStacks(response, async () => yoga(request, response)).catch((error: unknown) =>
        answerError(response, error, { ids: { next: () => 'request-1' }, log }),
      );
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const head = 'GET /graphql?query={a} HTTP/1.1\r\nhost: ][{}|<>\r\nconnection: close\r\n\r\n';
    const answer = await send(port, head);
    expect(answer).to.match(/^HTTP\/1.1 500 [\s\S]*"INTERNAL"[\s\S]*request-1/);
    expect(answer).not.to.match(/node_modules|Invalid URL|\bat /);
    expect(lines.join()).to.contain('Invalid URL');
    server.close();
  });

  it('get the refusal of an operation, with its status and headers, although it is a 503', async () => {
    const http = { status: 503, headers: { 'retry-after': '2' } };
    const refused = new GraphQLError('No room.', { extensions: { code: 'NO_ROOM', http } });
    const yoga = createYoga({
      schema: createSchema({ typeDefs: 'type Query { a: Int }' }),
      logging: false,
      plugins: [{ onParams: ({ setResult }) => setResult({ errors: [refused] }) }],
    });
    const server = createServer((request, response) => {
      withoutStacks(response, async () => yoga(request, response)).catch(() => response.destroy());
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const response = await fetch(`http://127.0.0.1:${port}/graphql?query={a}`);
    expect([response.status, response.headers.get('retry-after')]).to.deep.equal([503, '2']);
    expect(await response.text()).to.contain('NO_ROOM');
    server.close();
  });
});
