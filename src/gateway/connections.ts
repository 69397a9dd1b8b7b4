import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Clock } from '../plugin.js';
import { networkOf } from './address.js';

/** Requests of one connection that are not answered yet; each would hold its response until those before it are read. */
const pipelinedMax = 4;
/** While there is no room, a head that takes longer than this to arrive makes some. */
const headMs = 1_000;

export interface ConnectionBounds {
  /** Open connections of all clients. */
  readonly max: number;
  /** Open connections of one peer's address. */
  readonly maxOfAddress: number;
  /** A connection was closed, or a new one refused, for want of room. */
  readonly closed: () => void;
  readonly clock: Pick<Clock, 'nowMs'>;
}

const connectionsMax = 10_000;
/** The part of them that one peer's address gets. */
const partOfAddress = 1 / 5;

/** `proxies`: trusted ones in front of the gateway. They are the peers then, and each holds the connections of all its clients. */
export function connectionBoundsOf(
  proxies: number,
  closed: () => void,
  clock: Pick<Clock, 'nowMs'>,
): ConnectionBounds {
  const maxOfAddress = proxies > 0 ? connectionsMax : connectionsMax * partOfAddress;
  return { max: connectionsMax, maxOfAddress, closed, clock };
}

/** Connections without a whole request that is not answered. */
interface Waiting {
  /** The longest idle first, with the bytes that each had received when it became idle. */
  readonly idle: Map<Socket, number>;
  /** Those of which a part of a head was found to have arrived, when there was no room, with the time of that. */
  readonly heads: Map<Socket, number>;
}

interface Peer extends Waiting {
  open: number;
}

/**
 * Bounds the open connections of a server. When there are too many, of all clients or of one address, the longest idle of them is
 * closed; if none is idle, one whose head is long on its way; otherwise the new connection is refused. A connection is idle when no part of a request has arrived that is not answered.
 * A client that sends many requests without waiting for responses loses its connection.
 */
export function boundConnections(
  server: Server,
  { max, maxOfAddress, closed, clock }: ConnectionBounds,
): void {
  const peers = new Map<string, Peer>();
  const peerOf = new WeakMap<Socket, Peer>();
  const active = new WeakMap<Socket, number>();
  const all: Waiting = { idle: new Map(), heads: new Map() };
  let open = 0;

  function rest(socket: Socket, peer: Peer): void {
    for (const { idle } of [all, peer]) idle.set(socket, socket.bytesRead);
  }

  function wake(socket: Socket, peer: Peer): void {
    for (const { idle, heads } of [all, peer]) {
      idle.delete(socket);
      heads.delete(socket);
    }
  }

  /** The connection to close, so that there is room. */
  function leastMissed({ idle, heads }: Waiting): Socket | null {
    const nowMs = clock.nowMs();
    for (const [socket, bytesRead] of idle) {
      if (socket.bytesRead === bytesRead) return socket;
      // The head of its next request is on its way.
      idle.delete(socket);
      heads.set(socket, nowMs);
    }
    for (const [socket, sinceMs] of heads) return nowMs - sinceMs >= headMs ? socket : null;
    return null;
  }

  function isRoomMade(among: Waiting): boolean {
    const socket = leastMissed(among);
    if (!socket) return false;
    socket.destroy();
    leave(socket);
    return true;
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
    const peer = peers.get(address) ?? { open: 0, idle: new Map(), heads: new Map() };
    const overfull = peer.open >= maxOfAddress ? peer : open >= max ? all : null;
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
