import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { projectDirectory } from '../src/project-directory.js';
import { graphqlEndpoint } from './graphql-endpoint.js';

const readyMsMax = 120_000;
const pollMs = 500;
/** The demo shop listens there only. */
const loopbackNames = ['localhost', '127.0.0.1'];

/** The gateway at a URL, without a path. Starts the demo shop if none answers there; `gateway` is its process, to be ended by the caller. */
export async function openGateway(
  given: string,
): Promise<{ readonly url: string; readonly gateway: ChildProcess | null }> {
  const { href, hostname } = graphqlEndpoint(given);
  const url = href.replace(/\/graphql$/, '');
  const isUp = await isReady(url);
  if (!isUp && !loopbackNames.includes(hostname))
    throw new Error(`no gateway answers at ${url}; start it, or name another one with --url`);
  return { url, gateway: isUp ? null : await startGateway(url) };
}

async function isReady(url: string): Promise<boolean> {
  return fetch(`${url}/health/ready`).then(
    ({ ok }) => ok,
    () => false,
  );
}

async function startGateway(url: string): Promise<ChildProcess> {
  console.log(`No gateway answers at ${url}; starting the demo shop.`);
  const main = join(projectDirectory(), 'dist', 'src', 'main.js');
  const gateway = spawn(process.execPath, [main, '--dev'], {
    stdio: 'inherit',
    env: { ...process.env, RAPPORT_PORT: new URL(url).port || '4000' },
  });
  for (let waitedMs = 0; waitedMs < readyMsMax; waitedMs += pollMs) {
    if (await isReady(url)) return gateway;
    if (gateway.exitCode !== null) break;
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
  gateway.kill('SIGTERM');
  throw new Error(`the demo shop did not start; run \`npm start\` to see why`);
}
