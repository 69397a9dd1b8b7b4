import { execFile } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import type { Environment } from '../../plugins/client/browser/environment.js';
import { createTestClock } from './boot.js';
import { isBuilt } from './node-arguments.js';

/** Builds the browser client, unless `npm test` did. */
export async function buildBrowserClient(): Promise<void> {
  if (isBuilt) return;
  await promisify(execFile)('npm', ['run', '--silent', 'build:client']);
}

/** Builds the console, unless `npm test` did. */
export async function buildConsole(): Promise<void> {
  if (isBuilt) return;
  await promisify(execFile)('npm', ['run', '--silent', 'build:console']);
}

/** A web server of another origin than the gateway's, with pages by path. */
export async function openOrigin(pages: Readonly<Record<string, string>>) {
  const server = createServer((request, response) => {
    const page = pages[(request.url ?? '').split('?')[0]!];
    response.writeHead(page === undefined ? 404 : 200, { 'content-type': 'text/html; charset=utf-8' });
    response.end(page ?? '');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** Of all devices, since ids are unique. */
let ids = 0;

/** A device on which time stands still, and whose network and storage the test controls. */
export function createDevice() {
  const clock = createTestClock();
  const kept = new Map<string, string>();
  const watchers = new Set<Parameters<Environment['watch']>[0]>();
  const device = {
    isOnline: true,
    kept,
    cookie: { cookie: '' },
    sent: [] as { url: string; body: string; headers: Record<string, string> }[],
    beacons: [] as { url: string; body: string }[],
    takesBeacons: true,
    /** Replaces what the network answers; null: it is the real one. */
    answer: null as (() => Response | Promise<Response>) | null,
    advance: clock.advance,
    waits: clock.waits,
    leave() {
      for (const { leaving } of watchers) leaving();
    },
    comeBack() {
      for (const { returning } of watchers) returning();
    },
  };
  const environment: Environment = {
    async fetch(url, init) {
      device.sent.push({
        url,
        body: String(init.body ?? ''),
        headers: init.headers as Record<string, string>,
      });
      return device.answer ? device.answer() : fetch(url, init);
    },
    nowMs: clock.nowMs,
    after: clock.after,
    newId: () => `id-${++ids}`,
    random: () => 0.5,
    storage: {
      get length() {
        return kept.size;
      },
      key: (index) => [...kept.keys()][index] ?? null,
      getItem: (key) => kept.get(key) ?? null,
      setItem: (key, value) => void kept.set(key, value),
      removeItem: (key) => void kept.delete(key),
    },
    cookies: device.cookie,
    language: 'de',
    isPage: true,
    isSecure: true,
    beacon(url, body) {
      if (device.takesBeacons) device.beacons.push({ url, body });
      return device.takesBeacons;
    },
    isOnline: () => device.isOnline,
    watch(on) {
      watchers.add(on);
      return () => watchers.delete(on);
    },
  };
  return Object.assign(device, { environment });
}
