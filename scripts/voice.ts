import { randomUUID } from 'node:crypto';
import { createInterface } from 'node:readline';
import { Argument, Command, Option } from 'commander';
import { understand } from '../plugins/voice/understand.js';
import { openGateway } from './running-gateway.js';
import { assistants } from './voice/assistants.js';

interface Options {
  readonly url: string;
  readonly key: string;
  readonly locale: string;
  readonly json?: boolean;
}

type AssistantName = keyof typeof assistants;

const command = new Command('npm run voice --')
  .description(
    'Talks to the shop in the terminal, in the JSON of an assistant. Starts the demo shop if no gateway answers at the URL. Type what you would say; an empty line or "stop" ends it.',
  )
  .addArgument(new Argument('[assistant]', 'the assistant').choices(Object.keys(assistants)).default('alexa'))
  .addOption(
    new Option('--locale <locale>', 'the language of the device: en, de, fr, es or it').default('en-US'),
  )
  .addOption(new Option('--json', 'shows each request and response'))
  .addOption(new Option('--url <url>', 'the gateway').default('http://localhost:4000'))
  .addOption(new Option('--key <key>', 'a SERVER key').default('dev-server-key'))
  .action(run);

async function run(name: AssistantName, { url: given, key, locale, json = false }: Options): Promise<void> {
  const assistant = assistants[name];
  const { url, gateway } = await openGateway(given);
  const conversation = `simulator-${randomUUID()}`;

  /** Sends one turn, and returns whether the conversation goes on. */
  async function say(said: string, intent = understand(said, locale)): Promise<boolean> {
    const body = assistant.request({ ...intent, said, conversation, locale }, Date.now());
    const startMs = performance.now();
    const response = await fetch(`${url}${assistant.path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-api-key': key },
      body: JSON.stringify(body),
    });
    const answer = (await response.json()) as unknown;
    const tookMs = Math.round(performance.now() - startMs);
    if (json) console.log(`→ ${JSON.stringify(body, null, 2)}\n← ${JSON.stringify(answer, null, 2)}`);
    if (!response.ok)
      throw new Error(`${assistant.path} responds with ${response.status}: ${JSON.stringify(answer)}`);
    const { speech, lines, ends } = assistant.read(answer);
    console.log(`${name} (${tookMs} ms): ${speech}`);
    for (const line of lines) console.log(`  ${line}`);
    return !ends;
  }

  const isTyped = process.stdin.isTTY ?? false;
  const lines = createInterface({
    input: process.stdin,
    output: process.stdout,
    terminal: isTyped,
    prompt: '> ',
  });
  try {
    // Lines of a pipe are there before the first response is.
    const typed = lines[Symbol.asyncIterator]();
    let isOpen = await say('', { intent: 'WELCOME', slots: {} });
    while (isOpen) {
      lines.prompt();
      const { done = false, value = '' } = await typed.next();
      const said = value.trim();
      if (done || said === '') break;
      if (!isTyped) console.log(said);
      isOpen = await say(said);
    }
  } finally {
    lines.close();
    gateway?.kill('SIGTERM');
  }
}

await command.parseAsync().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
