import { writeFileSync } from 'node:fs';
import { Command } from 'commander';
import { graphqlEndpoint } from './graphql-endpoint.js';

interface Options {
  readonly url: string;
  readonly key: string;
  readonly locale: string;
  readonly invocation: string;
  readonly out?: string;
}

const query = `query ($locale: Locale!, $invocation: String!) {
  alexaInteractionModel(locale: $locale, invocationName: $invocation)
}`;

const program = new Command('voice-model')
  .description('Writes the interaction model of an Alexa skill from the live catalog of a running gateway.')
  .requiredOption('--locale <locale>', 'the language of the model, for example de-DE')
  .option('--invocation <words>', 'the words that open the skill', 'demo shop')
  .option('--url <url>', 'the gateway', 'http://localhost:4000')
  .option('--key <key>', 'a MERCHANDISER or SERVER key of the gateway', 'dev-merchandiser-key')
  .option('--out <file>', 'the file; if omitted, the model is printed')
  .action(write);

async function write({ url, key, locale, invocation, out }: Options): Promise<void> {
  const endpoint = graphqlEndpoint(url);
  const response = await fetch(endpoint, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json', 'x-api-key': key },
    body: JSON.stringify({ query, variables: { locale, invocation } }),
  }).catch((cause: unknown) => {
    throw new Error(`no gateway answers at ${endpoint}; start it, or name another one with --url`, { cause });
  });
  const { data, errors } = (await response.json()) as {
    readonly data?: { readonly alexaInteractionModel: unknown } | null;
    readonly errors?: readonly { readonly message: string }[];
  };
  if (errors) throw new Error(errors.map(({ message }) => message).join('\n'));
  const text = `${JSON.stringify(data?.alexaInteractionModel, null, 2)}\n`;
  if (out === undefined) process.stdout.write(text);
  else writeFileSync(out, text);
}

try {
  await program.parseAsync();
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
