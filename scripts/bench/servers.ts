import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** A server in a process of its own, so that its CPU time is its own. */
export interface BenchServer {
  readonly url: string;
  /** User and system time spent so far, microseconds. */
  cpuMicros(): Promise<number>;
  /** Sends a message and waits for its answer. */
  call(message: unknown): Promise<unknown>;
  close(): Promise<void>;
}

/** Starts a module of this folder that calls `serve`, and waits until it says its URL. */
export async function startServer(
  module: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<BenchServer> {
  const path = fileURLToPath(new URL(module, import.meta.url));
  const child = fork(path, {
    env: { ...process.env, NODE_ENV: 'production', ...environment },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const url = (await answer(child)) as string;
  async function call(message: unknown): Promise<unknown> {
    child.send(message as object);
    return answer(child);
  }
  return {
    url,
    call,
    cpuMicros: async () => (await call('cpu')) as number,
    async close() {
      child.kill('SIGKILL');
    },
  };
}

function answer(child: ChildProcess): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const onExit = (code: number | null) => reject(new Error(`a bench server stopped with code ${code}`));
    child.once('exit', onExit);
    child.once('message', (message) => {
      child.off('exit', onExit);
      resolve(message);
    });
  });
}

const quietShare = 0.02;
const quietForMs = 2_000;
const quietWithinMs = 600_000;

/** Waits until a server has finished what it does beside answering, e.g. learning from what it was just given. */
export async function untilQuiet(server: BenchServer): Promise<void> {
  for (let waitedMs = 0; waitedMs < quietWithinMs; waitedMs += quietForMs) {
    const before = await server.cpuMicros();
    await new Promise((resolve) => setTimeout(resolve, quietForMs));
    if ((await server.cpuMicros()) - before < quietForMs * 1_000 * quietShare) return;
  }
  throw new Error('a bench server was not quiet within ten minutes');
}

/** The child's side of `startServer`: says the URL and answers for CPU time; everything else goes to `onMessage`. */
export function serve(
  url: string,
  onMessage: (message: unknown) => Promise<unknown> = async () => null,
): void {
  process.on('message', (message) => {
    if (message === 'cpu') {
      const { user, system } = process.cpuUsage();
      process.send?.(user + system);
    } else {
      void onMessage(message).then((result) => process.send?.(result ?? null));
    }
  });
  // A bench that fails leaves no server behind.
  process.on('disconnect', () => process.exit());
  process.send?.(url);
}
