import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { networkOf } from './address.js';

/** Requests of one connection that are not answered yet; each would hold its response until those before it are read. */
const pipelinedMax = 4;

export interface ConnectionBounds {
  /** Open connections of all clients. */
  readonly max: number;
  /** Open connections of one peer's address. */
  readonly maxOfAddress: number;
  /** A connection was closed, or a new one refused, for want of room. */
  readonly closed: () => void;
}

const connectionsMax = 10_000;
/** The part of them that one peer's address gets. */
const partOfAddress = 1 / 5;

/** `proxies`: trusted ones in front of the gateway. They are the peers then, and each holds the connections of all its clients. */
export function connectionBoundsOf(proxies: number, closed: () => void): ConnectionBounds {
  const maxOfAddress = proxies > 0 ? connectionsMax : connectionsMax * partOfAddress;
  return { max: connectionsMax, maxOfAddress, closed };
}

/** Idle connections, the longest idle first, with the bytes that each had received when it became idle. */
type Idle = Map<Socket, number>;

interface Peer {
  open: number;
  readonly idle: Idle;
}

/**
 * Bounds the open connections of a server. When there are too many, of all clients or of one address, the longest idle of them is
 * closed; if none is idle, the new connection is. A connection is idle when no part of a request has arrived that is not answered.
 * A client that sends many requests without waiting for responses loses its connection.
 */
export function boundConnections(server: Server, { max, maxOfAddress, closed }: ConnectionBounds): void {
  const peers = new Map<string, Peer>();
  const peerOf = new WeakMap<Socket, Peer>();
  const active = new WeakMap<Socket, number>();
  const idle: Idle = new Map();
  let open = 0;

  function rest(socket: Socket, peer: Peer): void {
    idle.set(socket, socket.bytesRead);
    peer.idle.set(socket, socket.bytesRead);
  }

  function wake(socket: Socket, peer: Peer): void {
    idle.delete(socket);
    peer.idle.delete(socket);
  }

  function isRoomMade(among: Idle): boolean {
    for (const [socket, bytesRead] of among) {
      // The head of its next request is on its way; it has a deadline of its own.
      if (socket.bytesRead !== bytesRead) continue;
      socket.destroy();
      leave(socket);
      return true;
    }
    return false;
  }

  function leave(socket: Socket): void {
    const peer = peerOf.get(socket);
    if (!peer) return;
    peerOf.delete(socket);
    wake(socket, peer);
    open--;
    peer.open--;
  }

  server.on('connection', (socket: Socket) => {
    const address = networkOf(socket.remoteAddress ?? '');
    const peer = peers.get(address) ?? { open: 0, idle: new Map() };
    const overfull = peer.open >= maxOfAddress ? peer.idle : open >= max ? idle : null;
    if (overfull) {
      closed();
      if (!isRoomMade(overfull)) return void socket.destroy();
    }
    open++;
    peer.open++;
    peers.set(address, peer);
    peerOf.set(socket, peer);
    rest(socket, peer);
    socket.on('close', () => {
      leave(socket);
      if (peer.open === 0 && peers.get(address) === peer) peers.delete(address);
    });
  });
  server.on('request', ({ socket }: IncomingMessage, response: ServerResponse) => {
    const peer = peerOf.get(socket);
    if (!peer) return;
    wake(socket, peer);
    const others = active.get(socket) ?? 0;
    active.set(socket, others + 1);
    if (others >= pipelinedMax && !socket.destroyed) {
      closed();
      socket.destroy();
    }
    response.on('close', () => {
      const left = active.get(socket)! - 1;
      active.set(socket, left);
      if (left === 0 && peerOf.has(socket)) rest(socket, peer);
    });
  });
}
