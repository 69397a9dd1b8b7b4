import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describeError } from '../errors.js';
import type { Log } from '../plugin.js';
import { boundConnections, type ConnectionBounds } from './connections.js';
import { boundUnread, type UnreadBounds } from './unread.js';
import { admitsWire, CountedRequest } from './wire.js';

/** A whole request, its body included, must have arrived by then. */
const requestTimeoutMs = 30_000;
const headersTimeoutMs = 10_000;
/** Node closes connections that are past their deadline at this interval. */
const timeoutCheckMs = 1_000;
/** Bytes of the request line and all headers together. */
const headerBytesMax = 16 * 1_024;
const keepAliveMs = 65_000;
/** A connection on which nothing moves is closed: longer than any operation may take. The adapter of yoga lifts this while it answers. */
const standstillMs = 75_000;

const serverOptions = {
  requestTimeout: requestTimeoutMs,
  headersTimeout: headersTimeoutMs,
  connectionsCheckingInterval: timeoutCheckMs,
  keepAliveTimeout: keepAliveMs,
  maxHeaderSize: headerBytesMax,
  IncomingMessage: CountedRequest,
};

export interface ServerBounds {
  readonly connections: ConnectionBounds;
  readonly unread: UnreadBounds;
}

/** An HTTP server with the gateway's deadlines and bounds. An error of a socket or of a response is never an uncaught exception. */
export function createHttpServer(
  handle: (request: IncomingMessage, response: ServerResponse) => void,
  log: Log,
  bounds: ServerBounds,
): Server {
  const server = createServer(serverOptions);
  server.timeout = standstillMs;
  boundConnections(server, bounds.connections);
  boundUnread(server, bounds.unread);
  // A peer may reset its connection at any time, also while no request is handled.
  server.on('connection', (socket) => socket.on('error', ignore));
  // Such as of a plugin that writes after it has ended the response.
  const notWritten = (error: unknown): void =>
    log.warn('a response could not be written', { err: describeError(error) });
  server.on('request', (request, response) => {
    request.on('error', ignore);
    response.on('error', notWritten);
    if (!request.socket.destroyed && admitsWire(request, response)) handle(request, response);
  });
  // Node would answer by itself, past all bounds; an expectation may be ignored.
  server.on('checkExpectation', (request, response) => server.emit('request', request, response));
  return server;
}

function ignore(): void {
  // Node closes the connection, and listeners of `close` do the rest.
}

export function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

export function listen(server: Server, port: number, address: string, variable: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(
        error.code === 'EADDRINUSE'
          ? new Error(`port ${port} is taken; set ${variable} to another one`)
          : error,
      );
    });
    server.listen(port, address, resolve);
  });
}
