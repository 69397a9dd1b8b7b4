import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** Keys of the processes that are started here. */
export const keys = {
  STOREFRONT: 'soak-storefront-key',
  SERVER: 'soak-server-key',
  ADMIN: 'soak-admin-key',
} as const;

/** What a process takes at one moment. */
export interface Usage {
  readonly rssBytes: number;
  /** Of `rssBytes`, memory of the process itself. The rest is pages of files, such as the data file, which the system takes back when it needs them. */
  readonly ownBytes: number;
  readonly heapBytes: number;
  readonly externalBytes: number;
  readonly descriptors: number;
  /** User and system time since the start. */
  readonly cpuSeconds: number;
}

/** A whole gateway in a process of its own, as an operator runs it. */
export interface GatewayProcess {
  readonly url: string;
  readonly port: number;
  /** Asks the process itself; costs it a few milliseconds. */
  usage(): Promise<Usage>;
  /** SIGTERM; resolves to the exit code. */
  stop(): Promise<number | null>;
}

export interface GatewayProcessOptions {
  readonly dataDir: string;
  /** In development mode an empty directory gets the demo shop. */
  readonly development: boolean;
  readonly environment?: Readonly<Record<string, string>>;
  /** Of V8, e.g. `--max-old-space-size=1024`. */
  readonly nodeOptions?: readonly string[];
}

const linesMax = 50;

export async function openGatewayProcess(options: GatewayProcessOptions): Promise<GatewayProcess> {
  const isBuilt = import.meta.filename.endsWith('.js');
  const main = join(import.meta.dirname, '..', '..', 'src', isBuilt ? 'main.js' : 'main.ts');
  const child = spawn(
    process.execPath,
    [
      ...(options.nodeOptions ?? []),
      ...(isBuilt ? [] : ['--import', 'tsx']),
      main,
      ...(options.development ? ['--dev'] : []),
    ],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        PATH: process.env.PATH,
        RAPPORT_PORT: '0',
        RAPPORT_BIND: '127.0.0.1',
        RAPPORT_DATA_DIR: options.dataDir,
        RAPPORT_API_KEYS: Object.entries(keys)
          .map(([role, key]) => `${role}=${key}`)
          .join(','),
        ...options.environment,
      },
    },
  );
  const killed = () => child.kill('SIGKILL');
  process.once('exit', killed);
  const port = await portOf(child);
  const url = `http://127.0.0.1:${port}`;
  return {
    url,
    port,
    async usage() {
      const headers = { 'x-api-key': keys.ADMIN };
      const text = await (await fetch(`${url}/metrics`, { headers })).text();
      const lines = text.split('\n').map((line) => line.split(' '));
      const figure = (name: string) => Number(lines.find(([first]) => first === name)?.[1] ?? Number.NaN);
      return {
        rssBytes: figure('process_resident_memory_bytes'),
        ownBytes: ownBytes(child.pid!),
        heapBytes: figure('nodejs_heap_size_used_bytes'),
        externalBytes: figure('nodejs_external_memory_bytes'),
        descriptors: readdirSync(`/proc/${child.pid}/fd`).length,
        cpuSeconds: figure('process_cpu_seconds_total'),
      };
    },
    async stop() {
      if (child.exitCode === null && child.signalCode === null) {
        const ended = once(child, 'exit');
        child.kill('SIGTERM');
        await ended;
      }
      process.off('exit', killed);
      return child.exitCode;
    },
  };
}

function ownBytes(pid: number): number {
  const [, kib] = /^RssAnon:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kib) * 1_024;
}

/** Waits until the process says that it is ready. */
function portOf(child: ChildProcess): Promise<number> {
  const lines: string[] = [];
  return new Promise((resolve, reject) => {
    for (const stream of [child.stdout!, child.stderr!]) {
      createInterface({ input: stream }).on('line', (line) => {
        if (lines.length === linesMax) lines.shift();
        lines.push(line);
        const port = /"port":(\d+)/.exec(line)?.[1];
        if (port && line.includes('"ready"')) resolve(Number(port));
      });
    }
    child.once('exit', (code) =>
      setImmediate(() => reject(new Error(`the gateway ended with code ${code}: ${lines.join('\n')}`))),
    );
  });
}
