import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { expect } from 'chai';
import { boundConnections } from '../../src/gateway/connections.js';
import { boundUnread } from '../../src/gateway/unread.js';
import { definePlugin } from '../../src/plugin.js';
import { createTestClock } from '../support/boot.js';
import { openTestGateway } from '../support/gateway.js';

describe('The connections of a server', () => {
  let server: Server;
  let answering: ServerResponse[];
  let closed: number;
  const clients: Socket[] = [];
  const clock = createTestClock();

  async function start(max: number, maxOfAddress: number): Promise<void> {
    answering = [];
    closed = 0;
    server = createServer((request, response) => {
      if (request.url === '/') response.end('fine');
      else answering.push(response);
    });
    boundConnections(server, { max, maxOfAddress, closed: () => closed++, clock });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  }
  afterEach(() => {
    for (const client of clients.splice(0)) client.destroy();
    server.closeAllConnections();
    server.close();
  });

  interface Pair {
    readonly client: Socket;
    readonly served: Socket;
  }

  async function open(address: string): Promise<Pair> {
    let served: Socket | undefined;
    server.prependOnceListener('connection', (socket) => {
      Object.defineProperty(socket, 'remoteAddress', { value: address });
      served = socket;
    });
    const { port } = server.address() as AddressInfo;
    const client = connect(port, '127.0.0.1');
    clients.push(client);
    client.on('error', () => undefined).resume();
    await once(server, 'connection');
    return { client, served: served! };
  }
  async function ask({ client }: Pair, head = 'GET / HTTP/1.1\r\nhost: a\r\n\r\n'): Promise<string> {
    client.write(head);
    return String(((await once(client, 'data')) as [Buffer])[0]);
  }
  async function settled({ client, served }: Pair): Promise<void> {
    if (!served.destroyed) throw new Error('still open');
    if (!client.closed) await once(client, 'close');
  }

  it('of one address that are idle keep neither that address nor others from being answered', async () => {
    await start(6, 4);
    const idle: Pair[] = [];
    for (let i = 0; i < 4; i++) idle.push(await open('10.0.0.1'));
    expect(await ask(idle[0]!)).to.contain('fine');
    // Beyond its share an address gives up its own, the longest idle first.
    const own = await open('10.0.0.1');
    await settled(idle[1]!);
    expect(await ask(own)).to.contain('fine');
    expect(await ask(idle[0]!)).to.contain('fine');
    // With these two the server is full, and the longest idle of all goes.
    await open('10.0.0.2');
    await open('10.0.0.2');
    const other = await open('10.0.0.3');
    await settled(idle[2]!);
    expect(await ask(other)).to.contain('fine');
    expect(closed).to.equal(2);
  });

  it('are never closed in the middle of a request: a new one is refused instead', async () => {
    await start(2, 2);
    const [busy, halfway] = [await open('10.0.0.1'), await open('10.0.0.1')];
    busy.client.write('GET /slow HTTP/1.1\r\nhost: a\r\n\r\n');
    halfway.client.write('GET / HTTP/1.1\r\n');
    while (answering.length === 0 || halfway.served.bytesRead === 0) await turn();
    await settled(await open('10.0.0.2'));
    expect(await ask(halfway, 'host: a\r\n\r\n')).to.contain('fine');
    const answered = once(busy.client, 'data');
    answering[0]!.end('slow');
    expect(String(((await answered) as [Buffer])[0])).to.contain('slow');
    // Both are idle again.
    const later = await open('10.0.0.2');
    await settled(halfway);
    expect(await ask(later)).to.contain('fine');
  });

  it('whose heads do not end make room a second after there was none', async () => {
    await start(3, 3);
    const halves = [await open('10.0.0.1'), await open('10.0.0.2'), await open('10.0.0.3')];
    for (const { client } of halves) client.write('GET / HTTP/1.1\r\n');
    while (halves.some(({ served }) => served.bytesRead === 0)) await turn();
    await settled(await open('10.0.0.4'));
    clock.advance(999);
    await settled(await open('10.0.0.4'));
    expect(await ask(halves[0]!, 'host: a\r\n\r\n')).to.contain('fine');
    halves[0]!.client.write('GET / HTTP/1.1\r\n');
    clock.advance(1);
    const { served } = halves[0]!;
    while (served.bytesRead < 40) await turn();
    const late = await open('10.0.0.4');
    expect(await ask(late)).to.contain('fine');
    await settled(halves[1]!);
    expect(served.destroyed).to.equal(false);
  });
});

describe('Clients that do not read', () => {
  const large = Buffer.alloc(32 * 1_024 * 1_024);
  const clock = createTestClock();
  let server: Server;
  let closed: number;
  const clients: Socket[] = [];

  beforeEach(async () => {
    closed = 0;
    server = createServer();
    const bounds = { closed: () => closed++, clock };
    boundConnections(server, { max: 10, maxOfAddress: 10, ...bounds });
    boundUnread(server, { max: large.length * 1.5, maxOfAddress: large.length * 1.5, ...bounds });
    server.on('request', (request, response) => {
      if (request.socket.destroyed) return;
      if (request.url === '/stream') response.write(large);
      else response.end(request.url === '/large' ? large : 'small');
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  afterEach(() => {
    for (const client of clients.splice(0)) client.destroy();
    server.closeAllConnections();
    server.close();
  });

  async function ask(
    path: string,
    times = 1,
  ): Promise<{ client: Socket; served: Socket; response: ServerResponse }> {
    const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
    clients.push(client);
    client.on('error', () => undefined).pause();
    client.write(`GET ${path} HTTP/1.1\r\nhost: a\r\n\r\n`.repeat(times));
    const [{ socket }, response] = await once(server, 'request');
    return { client, served: socket, response };
  }

  it('lose the connection that has waited longest when their responses take too much memory', async () => {
    const first = await ask('/large');
    const second = await ask('/large');
    if (!first.served.closed) await once(first.served, 'close');
    expect(second.served.destroyed).to.equal(false);
    expect(closed).to.equal(1);
    // Whoever reads is not bothered, and makes room.
    second.client.resume();
    await once(second.response, 'close');
    expect(second.served.destroyed).to.equal(false);
    const third = await ask('/large');
    expect(third.served.destroyed).to.equal(false);
  });

  it('have a time that grows with the response', async () => {
    const { served } = await ask('/large');
    clock.advance(30_000);
    expect(served.destroyed).to.equal(false);
    clock.advance(large.length / 10 + 1_000);
    expect(served.destroyed).to.equal(true);
  });

  it('of a stream lose it as well, without an end that looks like one', async () => {
    const stream = await ask('/stream');
    const next = await ask('/stream');
    if (!stream.served.closed) await once(stream.served, 'close');
    expect(closed).to.equal(1);
    clock.advance(29_000);
    expect(next.served.destroyed).to.equal(false);
    clock.advance(1_000);
    expect(next.served.destroyed).to.equal(true);
    expect(closed).to.equal(2);
  });

  it('of a stream keep it as long as they read it', async () => {
    const { client, served, response } = await ask('/stream');
    let read = 0;
    client.on('data', (bytes) => {
      read += bytes.length;
    });
    client.resume();
    await once(response, 'drain');
    clock.advance(60_000);
    expect(served.destroyed).to.equal(false);
    response.write(large);
    await once(response, 'drain');
    response.end();
    await once(response, 'close');
    expect(read).to.be.above(0);
    expect(closed).to.equal(0);
  });

  it('and send many requests at once lose their connection', async () => {
    const few = await ask('/small', 4);
    few.client.resume();
    await once(few.client, 'data');
    expect(few.served.destroyed).to.equal(false);
    const many = await ask('/large', 6);
    if (!many.served.closed) await once(many.served, 'close');
    expect(closed).to.equal(1);
  });

  it('and lose their connection are not listened to any more, however much of it was read', async () => {
    let seen = 0;
    server.on('request', () => seen++);
    const { client, served } = await ask('/', 2_000);
    if (!served.closed) await once(served, 'close');
    client.resume();
    await once(client, 'close');
    expect(seen).to.be.at.most(8);
    // Others are, also by a parser that Node uses again.
    for (let i = 0; i < 3; i++) {
      const other = await ask('/small');
      other.client.resume();
      await once(other.client, 'data');
    }
  });

  it('and send many requests at once lose their connection, also if each is answered at once', async () => {
    let answered = 0;
    server.removeAllListeners('request');
    boundConnections(server, { max: 10, maxOfAddress: 10, closed: () => closed++, clock });
    server.on('request', async (request, response) => {
      if (request.socket.destroyed) return;
      await Promise.resolve();
      answered++;
      response.end('small');
    });
    const { port } = server.address() as AddressInfo;
    const client = connect(port, '127.0.0.1');
    clients.push(client);
    client.on('error', () => undefined).resume();
    // Node runs what waits for promises between two requests with bodies, but not between others.
    client.write('POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\n\r\na'.repeat(200));
    await once(client, 'close');
    expect(answered).to.be.at.most(4);
    expect(closed).to.equal(1);
  });
});

describe('Errors of connections and responses', () => {
  it('end no process, also after the handler has finished', async () => {
    let fail: (() => void) | undefined;
    const careless = definePlugin({
      name: 'careless',
      provides: null,
      needs: [],
      create: () => ({
        port: null,
        routes: (router) =>
          router.route('GET', '/careless', async (request, response) => {
            response.end('done');
            response.write('more');
            const { socket } = request;
            fail = () =>
              socket.emit('error', Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' }));
          }),
      }),
    });
    const uncaught: unknown[] = [];
    const listeners = process.listeners('uncaughtException');
    process.removeAllListeners('uncaughtException').on('uncaughtException', (error) => uncaught.push(error));
    const gateway = await openTestGateway([careless]);
    try {
      expect(
        await (await fetch(`${gateway.url}/careless`, { headers: { connection: 'close' } })).text(),
      ).to.equal('done');
      fail!();
      await turn();
      expect((await fetch(`${gateway.url}/health/live`)).status).to.equal(200);
      expect(uncaught).to.deep.equal([]);
      expect(JSON.stringify(gateway.system.log.lines)).to.contain('a response could not be written');
    } finally {
      await gateway.close();
      process.removeAllListeners('uncaughtException');
      for (const listener of listeners) process.on('uncaughtException', listener);
    }
  });
});
