import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net';

/** A server that accepts connections and never answers, as a hanging one does; `speak` makes it an HTTP server that answers. */
export interface Mute {
  readonly port: number;
  speak(speaks: boolean): void;
  close(): Promise<void>;
}

export async function openMute(answer: RequestListener = (_, response) => response.end()): Promise<Mute> {
  const sockets = new Set<Socket>();
  let speaks = false;
  const http = createServer(answer);
  const server = createTcpServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
    if (speaks) http.emit('connection', socket);
    else socket.resume();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  function drop(): void {
    for (const socket of sockets) socket.destroy();
  }
  return {
    port: (server.address() as AddressInfo).port,
    speak(now) {
      speaks = now;
      // Connections of before would go on as they were.
      drop();
    },
    async close() {
      const closed = once(server, 'close');
      server.close();
      drop();
      await closed;
    },
  };
}
