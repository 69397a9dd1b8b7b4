import { EventEmitter } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { definePlugin } from '../../src/plugin.js';

const failures: Readonly<Record<string, () => void>> = {
  rejection: () => void Promise.reject(new TypeError('a floating promise')),
  timer: () =>
    void setTimeout(() => {
      throw new TypeError('a timer');
    }),
  callback: () => {
    const emitter = new EventEmitter();
    emitter.on('news', () => {
      throw new TypeError('a callback');
    });
    setImmediate(() => emitter.emit('news'));
  },
  // A connection without a listener for errors, to a port where nobody listens any more.
  network: () => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => connect(port, '127.0.0.1'));
    });
  },
  text: () => void Promise.reject('a text'),
  unknown: () =>
    void setImmediate(() => {
      throw 'nobody knows';
    }),
};

/** A third party's plugin that fails where nobody catches it, in the way that is asked for: `GET /rude/timer`. */
export const plugin = definePlugin({
  name: 'rude',
  provides: null,
  needs: [],
  compatibility: '^1.0.0',
  create: () => ({
    port: null,
    routes: (router) =>
      router.route('GET', '/rude/:way', async (_request, response, { params }) => {
        response.end('soon');
        failures[params.way!]!();
      }),
  }),
});
