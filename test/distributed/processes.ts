import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { projectDirectory } from '../../src/project-directory.js';
import { type Answer, type AskOptions, askerOf, testKeys } from '../support/gateway.js';
import { moduleFile, nodeArguments } from '../support/node-arguments.js';

export type ProcessRole = 'gateway' | 'worker' | 'all';

/** A process of Rapport as an operator runs it, spoken to over HTTP only. */
export interface RunningProcess {
  readonly url: string;
  ask(query: string, options?: AskOptions): Promise<Answer>;
  /** What it wrote, for the message of a test that failed. */
  readonly lines: readonly string[];
  kill(): Promise<void>;
  /** SIGTERM; resolves to its exit code. */
  stop(): Promise<number | null>;
}

export interface Backends {
  /** Empty: embedded in each process. */
  readonly store: string;
  readonly queue: string;
  /** Absent: embedded in each process. */
  readonly search?: string | undefined;
}

const root = projectDirectory();
const linesMax = 500;
const running = new Set<ChildProcess>();

function killAll(): void {
  for (const child of running) child.kill('SIGKILL');
}
process.once('exit', killAll);
process.once('SIGTERM', () => {
  killAll();
  process.exit(143);
});

/** `settings`: further `RAPPORT_…` variables. */
export async function openProcess(
  role: ProcessRole,
  backends: Backends,
  settings: Readonly<Record<string, string>> = {},
): Promise<RunningProcess> {
  const dataDir = mkdtempSync(join(tmpdir(), 'rapport-process-'));
  const child = spawn(process.execPath, nodeArguments('src/main.ts'), {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env.PATH,
      RAPPORT_ROLE: role,
      RAPPORT_PORT: '0',
      RAPPORT_BIND: '127.0.0.1',
      RAPPORT_DEMO: 'false',
      RAPPORT_DATA_DIR: dataDir,
      RAPPORT_STORE_URL: backends.store,
      RAPPORT_QUEUE_URL: backends.queue,
      ...(backends.search ? { RAPPORT_SEARCH_URL: backends.search } : {}),
      RAPPORT_PLUGINS: moduleFile('test/distributed/witness.ts'),
      RAPPORT_API_KEYS: Object.entries(testKeys)
        .map(([name, key]) => `${name}=${key}`)
        .join(','),
      ...settings,
    },
  });
  running.add(child);
  child.once('exit', () => running.delete(child));
  const lines: string[] = [];
  const port = await portOf(child, lines);
  const url = `http://127.0.0.1:${port}`;
  async function end(signal: NodeJS.Signals): Promise<number | null> {
    if (child.exitCode === null && child.signalCode === null) {
      const ended = once(child, 'exit');
      child.kill(signal);
      await ended;
    }
    rmSync(dataDir, { recursive: true, force: true });
    return child.exitCode;
  }
  return {
    url,
    ask: askerOf(url),
    lines,
    kill: async () => void (await end('SIGKILL')),
    stop: () => end('SIGTERM'),
  };
}

function portOf(child: ChildProcess, lines: string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    for (const stream of [child.stdout!, child.stderr!]) {
      createInterface({ input: stream }).on('line', (line) => {
        if (lines.length === linesMax) lines.shift();
        lines.push(line);
        const port = /"port":(\d+)/.exec(line)?.[1];
        if (port && line.includes('"ready"')) resolve(Number(port));
      });
    }
    child.once('exit', (code) => {
      // The last lines may still be in the pipe.
      setImmediate(() => reject(new Error(`the process ended with code ${code}: ${lines.join('\n')}`)));
    });
  });
}

/** Asks again until it is so. Answers after how many milliseconds; rejects when it is not so within the time. */
export async function untilSo(
  what: string,
  isSo: () => Promise<boolean>,
  withinMs = 10_000,
): Promise<number> {
  const startMs = performance.now();
  while (!(await isSo())) {
    if (performance.now() - startMs > withinMs) throw new Error(`${what}: not within ${withinMs} ms`);
    await pause(5);
  }
  return performance.now() - startMs;
}
