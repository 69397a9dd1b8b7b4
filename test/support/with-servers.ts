import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  buildFerretDB,
  openFerretDB,
  openMeilisearch,
  openRedis,
  programOf,
  type Server,
} from './servers.js';

/**
 * Runs a command with real backends: `tsx test/support/with-servers.ts mocha …`. Starts what can be had here, names
 * it in `DRIVERS`, `MONGODB_URL`, `REDIS_URL` and `MEILISEARCH_URL`, and stops it afterwards. A URL that is set already is
 * used as it is. What is missing is said and left out; with nothing at all the command is not run.
 */
const buildMs = 5 * 60_000;

interface Backend {
  readonly driver: string;
  readonly variable: string;
  /** null, with the reason printed: not here. */
  open(): Promise<Server | null>;
}

const backends: readonly Backend[] = [
  {
    driver: 'bull',
    variable: 'REDIS_URL',
    async open() {
      const program = programOf('redis-server');
      return program ? openRedis(program) : leftOut('bull', 'no redis-server is installed');
    },
  },
  {
    driver: 'mongodb',
    variable: 'MONGODB_URL',
    async open() {
      const go = programOf('go');
      if (!go) return leftOut('mongodb', 'no Go is installed to build FerretDB with');
      try {
        return await openFerretDB(await buildFerretDB(go, buildMs));
      } catch (error) {
        return leftOut('mongodb', `FerretDB could not be built: ${String(error).split('\n', 1)[0]}`);
      }
    },
  },
  {
    driver: 'meilisearch',
    variable: 'MEILISEARCH_URL',
    async open() {
      const program = programOf('meilisearch');
      return program ? openMeilisearch(program) : leftOut('meilisearch', 'no meilisearch is installed');
    },
  },
];

function leftOut(driver: string, why: string): null {
  console.log(`left out: ${driver}, ${why}`);
  return null;
}

async function run(command: string, args: readonly string[]): Promise<number> {
  const servers: Server[] = [];
  const drivers: string[] = [];
  const environment: Record<string, string | undefined> = { ...process.env };
  try {
    for (const { driver, variable, open } of backends) {
      if (!environment[variable]) {
        const server = await open();
        if (!server) continue;
        servers.push(server);
        environment[variable] = server.url;
      }
      drivers.push(driver);
      console.log(`with ${driver}: ${environment[variable]}`);
    }
    if (drivers.length === 0) return 0;
    const child = spawn(command, args, {
      stdio: 'inherit',
      env: { ...environment, DRIVERS: drivers.join(',') },
    });
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
    const [code] = (await once(child, 'exit')) as [number | null];
    return code ?? 1;
  } finally {
    for (const server of servers) await server.close();
  }
}

const [command, ...args] = process.argv.slice(2);
if (!command) throw new Error('usage: tsx test/support/with-servers.ts <command> [arguments]');
process.exitCode = await run(command, args);
