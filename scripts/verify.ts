import { closeSync, openSync, writeSync } from 'node:fs';
import { Command } from 'commander';
import { type ChainAudit, createChainAudit } from '../plugins/consent/chain-audit.js';
import { openLedger } from '../plugins/consent/ledger.js';
import { repairStore } from '../plugins/store/drivers/embedded/repair.js';
import { type Verified, verifyStore } from '../plugins/store/drivers/embedded/verify.js';
import { openStore } from './migrate/stores.js';
import { storeDirectory, toolHost } from './store-directory.js';

const options = new Command('verify')
  .description(
    'Checks the log, pages, documents and indexes of the embedded store, and the hash chains of the consent ledger. Exit codes: 0 all is whole, 1 damage was found, 2 the store could not be checked.',
  )
  .option('--data <directory>', 'the data directory; if omitted, RAPPORT_DATA_DIR or data')
  .option(
    '--repair',
    'make a new store of all that is whole, and what follows from consent ledgers again; the old one is kept; no process may use it',
  )
  .option('--export <file>', 'write every whole document to a new file, one a line as JSON')
  .parse()
  .opts<{ data?: string; repair?: boolean; export?: string }>();

try {
  const dataDir = storeDirectory(options.data);
  let chains = createChainAudit();
  let verified = await verifyAndExport(dataDir, options.export, chains);
  let faults = printAll(verified, chains);
  if (options.repair && verified.damage.length > 0) {
    if (verified.online) throw new Error('a process uses the store; stop it before a repair');
    const { kept, damage } = await repairStore(dataDir, toolHost(dataDir));
    console.log(`\nRepaired; the damaged store is kept in ${kept}. Lost:`);
    console.log(damage.length > 0 ? damage.map((line) => `  ${line}`).join('\n') : '  nothing');
    const rebuilt = await rebuildConsents(dataDir);
    console.log(`The consent of ${rebuilt} subjects was made again from their ledgers.`);
    chains = createChainAudit();
    verified = await verifyStore(dataDir, chains.visit);
    faults = printAll(verified, chains);
  }
  process.exitCode = verified.damage.length + faults.length > 0 ? 1 : 0;
} catch (error) {
  console.error(`The store could not be checked: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 2;
}

async function verifyAndExport(
  dataDir: string,
  path: string | undefined,
  chains: ChainAudit,
): Promise<Verified> {
  if (path === undefined) return verifyStore(dataDir, chains.visit);
  const file = openSync(path, 'wx', 0o600);
  try {
    return await verifyStore(dataDir, (collection, document, json) => {
      chains.visit(collection, document);
      writeSync(file, `{"collection":${JSON.stringify(collection)},"document":${json}}\n`);
    });
  } finally {
    closeSync(file);
  }
}

/** Heads of ledgers are derived, so a damaged one is rebuilt and not reported as lost. */
async function rebuildConsents(dataDir: string): Promise<number> {
  const { store, close } = await openStore(dataDir);
  try {
    const ledger = await openLedger(store, toolHost(dataDir));
    return await ledger.rebuild();
  } finally {
    await close();
  }
}

function printAll(verified: Verified, chains: ChainAudit): readonly string[] {
  print(verified);
  const faults = chains.faults();
  for (const fault of faults) console.log(`  ${fault}`);
  if (faults.length === 0) console.log(`The consent ledgers of ${chains.subjects} subjects are intact.`);
  return faults;
}

function print({ online, collections, records, damage }: Verified): void {
  if (collections) {
    console.log('| collection | documents | bytes | damaged | wrong indexes |');
    console.log('| --- | ---: | ---: | ---: | --- |');
    for (const { schema, documents, bytes, damaged, wrongIndexes } of collections) {
      console.log(
        `| ${schema.name} | ${documents} | ${bytes} | ${damaged.length} | ${wrongIndexes.join(', ')} |`,
      );
    }
  }
  if (online) console.log('\nA process uses the store; all that it had acknowledged was checked.');
  else if (records !== null)
    console.log(`\n${records} records of the write-ahead log wait for the next start.`);
  console.log(
    damage.length === 0
      ? 'All files are whole.'
      : `\nDamage:\n${damage.map((line) => `  ${line}`).join('\n')}`,
  );
}
