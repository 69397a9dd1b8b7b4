import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { projectDirectory } from '../../src/project-directory.js';

/** A real server on a free port of loopback, with its data in a directory that goes when it is closed. */
export interface Server {
  readonly url: string;
  /** SIGKILL: what it had not made durable is gone. */
  kill(): Promise<void>;
  /** On the same port and data as before. */
  start(): Promise<void>;
  close(): Promise<void>;
}

const answersWithinMs = 20_000;
const ferretSources = join(projectDirectory(), 'test', 'support', 'ferretdb');

/** The first of these programs that is installed; null: none is. */
export function programOf(...names: readonly string[]): string | null {
  for (const name of names) {
    for (const directory of (process.env.PATH ?? '').split(delimiter)) {
      if (name !== '' && existsSync(join(directory, name))) return join(directory, name);
    }
  }
  return null;
}

export function openRedis(program: string): Promise<Server> {
  return openServer('redis', (port, directory) => ({
    url: `redis://127.0.0.1:${port}/0`,
    program,
    args: [
      '--port',
      `${port}`,
      '--bind',
      '127.0.0.1',
      '--dir',
      directory,
      '--save',
      '',
      '--appendonly',
      'yes',
    ],
  }));
}

export function openFerretDB(program: string): Promise<Server> {
  return openServer('ferretdb', (port, directory) => ({
    url: `mongodb://127.0.0.1:${port}/rapport`,
    program,
    args: [`127.0.0.1:${port}`, directory],
  }));
}

export function openMeilisearch(program: string): Promise<Server> {
  return openServer('meilisearch', (port, directory) => ({
    url: `http://127.0.0.1:${port}`,
    program,
    args: ['--http-addr', `127.0.0.1:${port}`, '--db-path', join(directory, 'data'), '--no-analytics'],
    cwd: directory,
  }));
}

/** Builds the MongoDB-compatible server of `test/support/ferretdb`, once; answers where the program is. */
export async function buildFerretDB(go: string, withinMs: number): Promise<string> {
  const directory = join(tmpdir(), 'rapport-ferretdb');
  mkdirSync(directory, { recursive: true });
  const program = join(directory, 'ferretdb');
  if (!existsSync(program)) {
    await promisify(execFile)(go, ['build', '-o', program, '.'], { cwd: ferretSources, timeout: withinMs });
  }
  return program;
}

interface Command {
  readonly url: string;
  readonly program: string;
  readonly args: readonly string[];
  readonly cwd?: string;
}

async function openServer(
  name: string,
  commandOf: (port: number, directory: string) => Command,
): Promise<Server> {
  const directory = mkdtempSync(join(tmpdir(), `rapport-${name}-`));
  const port = await freePort();
  const { url, program, args, cwd } = commandOf(port, directory);
  let child: ChildProcess | null = null;

  async function start(): Promise<void> {
    const started = spawn(program, args, { stdio: 'ignore', ...(cwd ? { cwd } : {}) });
    child = started;
    let failure: string | null = null;
    started.on('error', (error) => {
      failure = error.message;
    });
    started.on('exit', (code) => {
      failure ??= `it ended with code ${code}`;
    });
    for (let waitedMs = 0; !(await listens(port)); waitedMs += 50) {
      if (failure !== null) throw new Error(`${name} could not be started: ${failure}`);
      if (waitedMs > answersWithinMs) throw new Error(`${name} did not listen within ${answersWithinMs} ms`);
      await pause(50);
    }
  }
  async function stop(signal: NodeJS.Signals): Promise<void> {
    const running = child;
    child = null;
    if (!running || running.exitCode !== null || running.signalCode !== null) return;
    const ended = once(running, 'exit');
    running.kill(signal);
    await ended;
  }
  async function close(): Promise<void> {
    await stop('SIGKILL');
    rmSync(directory, { recursive: true, force: true });
  }
  try {
    await start();
  } catch (error) {
    await close();
    throw error;
  }
  return { url, kill: () => stop('SIGKILL'), start, close };
}

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
