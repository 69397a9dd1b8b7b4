import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { Command } from 'commander';
import { graphqlEndpoint } from './graphql-endpoint.js';

interface Page {
  readonly lines: readonly string[];
  readonly decisions: number;
  readonly next: string | null;
}

const query = `query ($subject: ID, $after: String) {
  consentLedger(subject: $subject, after: $after, first: 500) { lines decisions next }
}`;

const { url, key, out, subject } = new Command('consent-ledger')
  .description(
    'Writes the consent ledger of a running gateway to a new file for an auditor, who verifies it with scripts/verify-consent-ledger.mjs.',
  )
  .requiredOption('--key <key>', 'an ADMIN key of the gateway')
  .requiredOption('--out <file>', 'the new file; one that exists is not overwritten')
  .option('--subject <subject>', 'customer:<id> or session:<id>; if omitted, all')
  .option('--url <url>', 'the gateway', 'http://localhost:4000')
  .parse()
  .opts<{ url: string; key: string; out: string; subject?: string }>();

try {
  const endpoint = graphqlEndpoint(url);
  const file = createWriteStream(out, { flags: 'wx', mode: 0o600 });
  await once(file, 'open');
  const hash = createHash('sha256');
  let records = 0;
  let decisions = 0;
  const write = async (line: string): Promise<void> => {
    hash.update(`${line}\n`);
    if (!file.write(`${line}\n`)) await once(file, 'drain');
  };
  await write(
    JSON.stringify({ format: 'rapport-consent-ledger', version: 1, exportedAt: new Date().toISOString() }),
  );
  let after: string | null = null;
  do {
    const page: Page = await read(endpoint, after);
    for (const line of page.lines) await write(line);
    records += page.lines.length;
    decisions += page.decisions;
    after = page.next;
  } while (after !== null);
  await write(JSON.stringify({ records, decisions, sha256: hash.copy().digest('hex') }));
  file.end();
  await once(file, 'close');
  console.log(`${records} records, ${decisions} decisions. Keep this digest apart from the file:`);
  console.log(hash.digest('hex'));
} catch (error) {
  console.error(
    `The ledger could not be exported: ${error instanceof Error ? error.message : String(error)}`,
  );
  process.exitCode = 1;
}

async function read(endpoint: URL, after: string | null): Promise<Page> {
  const response = await fetch(endpoint, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': key },
    body: JSON.stringify({ query, variables: { after, ...(subject === undefined ? {} : { subject }) } }),
  });
  const { data, errors } = (await response.json()) as {
    readonly data?: { readonly consentLedger: Page | null } | null;
    readonly errors?: readonly { readonly message: string }[];
  };
  const page = data?.consentLedger;
  if (!page) throw new Error(errors?.[0]?.message ?? `the gateway responded with status ${response.status}`);
  return page;
}
