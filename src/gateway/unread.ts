import { type Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Clock } from '../plugin.js';
import { networkOf } from './address.js';

export interface UnreadBounds {
  /** Bytes of responses of all clients that are written and not yet taken by their connections. */
  readonly max: number;
  /** The same for one peer's address. */
  readonly maxOfAddress: number;
  /** A connection was closed for want of room. */
  readonly closed: () => void;
  readonly clock: Pick<Clock, 'after'>;
}

const mib = 1_024 * 1_024;
const bytesMax = 128 * mib;
const partOfAddress = 1 / 8;
/** A response, or what was written of a stream, must be read by then, and its bytes at this speed at least. */
const graceMs = 30_000;
const bytesPerMs = 10;

/** `proxies`: trusted ones in front of the gateway; they are the peers then, for all their clients. */
export function unreadBoundsOf(
  proxies: number,
  closed: () => void,
  clock: Pick<Clock, 'after'>,
): UnreadBounds {
  return { max: bytesMax, maxOfAddress: proxies > 0 ? bytesMax : bytesMax * partOfAddress, closed, clock };
}

interface Unread {
  readonly address: string;
  bytes: number;
  readonly cancel: () => void;
}

/**
 * Bounds the memory of what is written while clients do not read it: of whole responses, and of streams. Beyond it the connection that has
 * waited longest is closed, of the address or of all, and so is one whose client is too slow.
 */
export function boundUnread(server: Server, { max, maxOfAddress, closed, clock }: UnreadBounds): void {
  /** The longest unread first. */
  const unread = new Map<ServerResponse, Unread>();
  const ofAddress = new Map<string, number>();
  let total = 0;

  function count(address: string, bytes: number): void {
    total += bytes;
    const left = (ofAddress.get(address) ?? 0) + bytes;
    if (left > 0) ofAddress.set(address, left);
    else ofAddress.delete(address);
  }

  function release(response: ServerResponse): void {
    const held = unread.get(response);
    if (!held) return;
    held.cancel();
    unread.delete(response);
    response.off('drain', onTaken).off('close', onTaken);
    count(held.address, -held.bytes);
  }

  function close(response: ServerResponse): void {
    release(response);
    closed();
    response.destroy();
  }

  function makeRoom(address: string): void {
    for (const [response, held] of unread) {
      const isOver = total > max || (ofAddress.get(address) ?? 0) > maxOfAddress;
      if (!isOver) return;
      if (total > max || held.address === address) close(response);
    }
  }

  /** Of a response of which more may come: looks in each span of time whether the client took enough of it. */
  function watch(response: ServerResponse, socket: Socket): () => void {
    let cancel = (): void => undefined;
    let before = takenFrom(socket);
    function look(): void {
      cancel = clock.after(graceMs, () => {
        const taken = takenFrom(socket);
        if (taken - before < graceMs * bytesPerMs) return close(response);
        before = taken;
        look();
      });
    }
    look();
    return () => cancel();
  }

  function hold(response: ServerResponse, socket: Socket, isWhole: boolean): void {
    const bytes = response.writableLength;
    const held = unread.get(response);
    if (held && !isWhole) {
      count(held.address, bytes - held.bytes);
      held.bytes = bytes;
      makeRoom(held.address);
      return;
    }
    release(response);
    if (bytes === 0) return;
    const address = networkOf(socket.remoteAddress ?? '');
    const cancel = isWhole
      ? clock.after(graceMs + bytes / bytesPerMs, () => close(response))
      : watch(response, socket);
    unread.set(response, { address, bytes, cancel });
    response.on('drain', onTaken).on('close', onTaken);
    count(address, bytes);
    makeRoom(address);
  }

  // One function each for all responses, as every request takes them.
  function onTaken(this: ServerResponse): void {
    release(this);
  }

  function onWritten(this: ServerResponse): void {
    hold(this, this.req.socket, true);
  }

  function writeCounted(this: ServerResponse, ...args: readonly unknown[]): boolean {
    const isTaken: boolean = Reflect.apply(ServerResponse.prototype.write, this, args);
    if (!isTaken) hold(this, this.req.socket, false);
    return isTaken;
  }

  server.on('request', (_, response: ServerResponse) => {
    response.write = writeCounted;
    response.on('prefinish', onWritten);
  });
}

function takenFrom(socket: Socket): number {
  return socket.bytesWritten - socket.writableLength;
}
