import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** Stands between a client and a server, so that a test can cut them off and let them meet again. */
export interface Cuttable {
  readonly port: number;
  /** Ends all connections and refuses new ones. */
  cut(): Promise<void>;
  /** From now on connections are accepted and nothing passes, as if the server hung. */
  hang(): void;
  /** What was held back passes now. */
  restore(): Promise<void>;
  /** Ends all connections. New ones lead to another port of the host, as behind a load balancer. */
  moveTo(port: number): void;
  close(): Promise<void>;
}

export async function openCuttable(host: string, port: number): Promise<Cuttable> {
  const sockets = new Set<Socket>();
  const relays = new Map<Socket, Socket>();
  let hangs = false;
  let target = port;
  function relay(from: Socket, to: Socket): void {
    relays.set(from, to);
    if (!hangs) from.pipe(to);
  }
  const server = createServer((near) => {
    const far = connect(target, host);
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => {
        sockets.delete(socket);
        relays.delete(socket);
        near.destroy();
        far.destroy();
      });
    }
    relay(near, far);
    relay(far, near);
  });
  async function listen(on: number): Promise<void> {
    server.listen(on, '127.0.0.1');
    await once(server, 'listening');
  }
  async function cut(): Promise<void> {
    if (!server.listening) return;
    const closed = once(server, 'close');
    server.close();
    for (const socket of sockets) socket.destroy();
    await closed;
  }
  await listen(0);
  const own = (server.address() as AddressInfo).port;
  return {
    port: own,
    cut,
    moveTo(other) {
      target = other;
      for (const socket of sockets) socket.destroy();
    },
    hang() {
      hangs = true;
      for (const [from, to] of relays) from.unpipe(to);
    },
    async restore() {
      if (hangs) for (const [from, to] of relays) from.pipe(to);
      hangs = false;
      if (!server.listening) await listen(own);
    },
    close: cut,
  };
}
