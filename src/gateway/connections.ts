import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Clock } from '../plugin.js';
import { networkOf } from './address.js';

/**
 * Requests of one connection that are not answered yet: each would hold its response until those before it are read. No more are
 * begun in one turn of the event loop, in which up to 2 MB of a connection are read: thousands that are answered at once would make all others wait.
 */
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

/** A connection in the queues of one scope: of all clients, or of its address. */
class Place {
  readonly socket: Socket;
  queue: Queue | null = null;
  before: Place | null = null;
  after: Place | null = null;
  /** Bytes that had been received when it became idle. */
  bytesRead = 0;
  /** The time at which a part of a head was found to have arrived. */
  headSinceMs = 0;

  constructor(socket: Socket) {
    this.socket = socket;
  }
}

/** Places in the order in which they were pushed. Each is in one queue at most, and joins and leaves it in constant time: every request does. */
class Queue {
  first: Place | null = null;
  #last: Place | null = null;

  push(place: Place): void {
    place.queue?.remove(place);
    place.queue = this;
    place.before = this.#last;
    if (this.#last === null) this.first = place;
    else this.#last.after = place;
    this.#last = place;
  }

  remove(place: Place): void {
    if (place.before === null) this.first = place.after;
    else place.before.after = place.after;
    if (place.after === null) this.#last = place.before;
    else place.after.before = place.before;
    place.queue = null;
    place.before = null;
    place.after = null;
  }
}

/** Connections without a whole request that is not answered. */
interface Waiting {
  /** The longest idle first. */
  readonly idle: Queue;
  /** Those of which a part of a head was found to have arrived, when there was no room. */
  readonly heads: Queue;
}

interface Peer extends Waiting {
  open: number;
}

interface Connection {
  readonly socket: Socket;
  readonly peer: Peer;
  readonly amongAll: Place;
  readonly amongPeer: Place;
  /** False once it was closed. */
  isOpen: boolean;
  /** Requests that are not answered yet. */
  active: number;
  /** The turn of the event loop in which its last request began, and how many began in it. */
  turn: number;
  begun: number;
  /** Called when a response is closed. */
  answered(): void;
}

/**
 * Bounds the open connections of a server. When there are too many, of all clients or of one address, the longest idle of them is
 * closed; if none is idle, one whose head is long on its way; otherwise the new connection is refused. A connection is idle when no part of a request has arrived that is not answered.
 * A client that sends many requests without waiting for responses loses its connection, also if they are answered at once.
 */
export function boundConnections(
  server: Server,
  { max, maxOfAddress, closed, clock }: ConnectionBounds,
): void {
  const peers = new Map<string, Peer>();
  const connections = new WeakMap<Socket, Connection>();
  const all: Waiting = { idle: new Queue(), heads: new Queue() };
  let open = 0;
  /** Turns in which requests began. */
  let turn = 0;
  let isTurnOver = true;

  function endTurn(): void {
    isTurnOver = true;
  }

  /** Counts a request that begins. Returns whether its client sent it without having been able to read the responses before it. */
  function isPipelined(connection: Connection): boolean {
    if (isTurnOver) {
      isTurnOver = false;
      turn++;
      setImmediate(endTurn);
    }
    if (connection.turn !== turn) {
      connection.turn = turn;
      connection.begun = 0;
    }
    connection.begun++;
    connection.active++;
    return connection.active > pipelinedMax || connection.begun > pipelinedMax;
  }

  function rest({ socket, peer, amongAll, amongPeer }: Connection): void {
    amongAll.bytesRead = amongPeer.bytesRead = socket.bytesRead;
    all.idle.push(amongAll);
    peer.idle.push(amongPeer);
  }

  function wake({ amongAll, amongPeer }: Connection): void {
    amongAll.queue?.remove(amongAll);
    amongPeer.queue?.remove(amongPeer);
  }

  /** The connection to close, so that there is room. */
  function leastMissed({ idle, heads }: Waiting): Socket | null {
    const nowMs = clock.nowMs();
    for (let place = idle.first; place !== null; place = idle.first) {
      if (place.socket.bytesRead === place.bytesRead) return place.socket;
      // The head of its next request is on its way.
      place.headSinceMs = nowMs;
      heads.push(place);
    }
    const longest = heads.first;
    return longest !== null && nowMs - longest.headSinceMs >= headMs ? longest.socket : null;
  }

  function isRoomMade(among: Waiting): boolean {
    const socket = leastMissed(among);
    if (!socket) return false;
    socket.destroy();
    leave(connections.get(socket)!);
    return true;
  }

  function leave(connection: Connection): void {
    if (!connection.isOpen) return;
    connection.isOpen = false;
    wake(connection);
    open--;
    connection.peer.open--;
  }

  server.on('connection', (socket: Socket) => {
    const address = networkOf(socket.remoteAddress ?? '');
    const peer = peers.get(address) ?? { open: 0, idle: new Queue(), heads: new Queue() };
    const overfull = peer.open >= maxOfAddress ? peer : open >= max ? all : null;
    if (overfull) {
      closed();
      if (!isRoomMade(overfull)) return void socket.destroy();
    }
    open++;
    peer.open++;
    peers.set(address, peer);
    const connection: Connection = {
      socket,
      peer,
      amongAll: new Place(socket),
      amongPeer: new Place(socket),
      isOpen: true,
      active: 0,
      turn: 0,
      begun: 0,
      answered() {
        connection.active--;
        if (connection.active === 0 && connection.isOpen) rest(connection);
      },
    };
    connections.set(socket, connection);
    rest(connection);
    socket.on('close', () => {
      leave(connection);
      if (peer.open === 0 && peers.get(address) === peer) peers.delete(address);
    });
  });
  server.on('request', ({ socket }: IncomingMessage, response: ServerResponse) => {
    const connection = connections.get(socket);
    if (!connection?.isOpen) return;
    wake(connection);
    if (isPipelined(connection) && !socket.destroyed) {
      closed();
      socket.destroy();
      stopParsing(socket);
    }
    response.on('close', connection.answered);
  });
}

/** As an HTTP parser of Node.js takes it: no HTTP follows. */
const nothingFollows = (): number => 2;

/**
 * Node goes on parsing what it has read of a connection that was destroyed, and makes a request and a response for each head: thousands in
 * 64 KB, which take 15 ms. Pausing its parser has no effect while it runs.
 */
function stopParsing(socket: Socket & { readonly parser?: { onIncoming?: unknown } | null }): void {
  if (socket.parser?.onIncoming) socket.parser.onIncoming = nothingFollows;
}
