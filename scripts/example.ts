import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { Argument, Command, InvalidArgumentError, Option } from 'commander';
import { projectDirectory } from '../src/project-directory.js';
import { openApp } from './examples/app.js';
import { openWebShop } from './examples/web-shop.js';
import { graphqlEndpoint } from './graphql-endpoint.js';

const examples = { 'web-shop': openWebShop, app: openApp } as const;
type ExampleName = keyof typeof examples;

const readyMsMax = 120_000;
const pollMs = 500;
/** The demo shop listens there only. */
const loopbackNames = ['localhost', '127.0.0.1'];

const command = new Command('npm run example --')
  .description(
    'Serves an example frontend of the demo shop. Starts the demo shop if no gateway answers at the URL.',
  )
  .addArgument(new Argument('<name>', 'the example').choices(Object.keys(examples)))
  .addOption(new Option('--url <url>', 'the gateway').default('http://localhost:4000'))
  .addOption(new Option('--key <key>', 'a STOREFRONT key').default('dev-storefront-key'))
  .addOption(
    new Option('--port <port>', 'where the example listens').default(3000).argParser((text) => {
      const port = Number(text);
      if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
      throw new InvalidArgumentError('It must be a port from 0 to 65535.');
    }),
  )
  .action(run);

async function run(
  name: ExampleName,
  { url: given, key, port }: { readonly url: string; readonly key: string; readonly port: number },
): Promise<void> {
  const { href, hostname } = graphqlEndpoint(given);
  const url = href.replace(/\/graphql$/, '');
  const isUp = await isReady(url);
  if (!isUp && !loopbackNames.includes(hostname))
    throw new Error(`no gateway answers at ${url}; start it, or name another one with --url`);
  const gateway = isUp ? null : await startGateway(url);
  const site = await examples[name]({ url, key }, port).catch((error: unknown) => {
    gateway?.kill('SIGTERM');
    throw error;
  });
  console.log(`The example ${name} is at ${site.url} (Ctrl-C ends it).`);
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => {
      gateway?.kill('SIGTERM');
      void site.close().then(() => process.exit(0));
    });
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

await command.parseAsync().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
