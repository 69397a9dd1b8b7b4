import { AsyncResource } from 'node:async_hooks';
import { spawn } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { createReadStream } from 'node:fs';
import { get } from 'node:http';
import { type AddressInfo, connect, createServer } from 'node:net';
import { Worker } from 'node:worker_threads';
import { createGunzip } from 'node:zlib';
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
  nothing: () =>
    void setTimeout(() => {
      throw null;
    }),
  words: () =>
    void setTimeout(() => {
      throw 'some words';
    }),
  file: () => void createReadStream('/no/such/file'),
  program: () => void spawn('no-such-program'),
  packed: () => void createGunzip().end('not packed'),
  worker: () => void new Worker('throw new Error("a worker")', { eval: true }),
  response: () => {
    const server = createServer((socket) => socket.end('no HTTP\r\n\r\n')).listen(0, '127.0.0.1', () =>
      get({ host: '127.0.0.1', port: (server.address() as AddressInfo).port }, () => server.close()),
    );
  },
  anywhere: () =>
    outside.runInAsyncScope(() =>
      setImmediate(() => {
        throw 'words from anywhere';
      }),
    ),
  unknown: () =>
    outside.runInAsyncScope(() =>
      setImmediate(() => {
        throw Object.assign(new Error('nobody knows'), { stack: 'Error: nobody knows' });
      }),
    ),
};

/** Made before any plugin runs, so that whatever begins in it cannot be told from the core's. */
const outside = new AsyncResource('outside');

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
