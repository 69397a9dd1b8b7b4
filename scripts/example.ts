import { Argument, Command, InvalidArgumentError, Option } from 'commander';
import { openApp } from './examples/app.js';
import { openWebShop } from './examples/web-shop.js';
import { openGateway } from './running-gateway.js';

const examples = { 'web-shop': openWebShop, app: openApp } as const;
type ExampleName = keyof typeof examples;

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
  const { url, gateway } = await openGateway(given);
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

await command.parseAsync().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
