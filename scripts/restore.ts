import { join } from 'node:path';
import { Command } from 'commander';
import { restoreBackup } from '../plugins/store/drivers/embedded/backup.js';
import { erasuresFileName, readErasures } from '../plugins/store/erasures.js';
import { copyDemoMark } from './demo/marker.js';

const { from, to, erasures } = new Command('restore')
  .description('Verifies a backup and copies it to an empty data directory.')
  .requiredOption('--from <directory>', 'what npm run backup wrote')
  .requiredOption('--to <directory>', 'an empty or new data directory')
  .option(
    '--erasures <file>',
    'the list of erasures (erasures.jsonl) of the shop, so that people who were erased after the backup stay erased',
  )
  .parse()
  .opts<{ from: string; to: string; erasures?: string }>();

try {
  const { documents, createdAt } = restoreBackup(from, to, erasures ?? null);
  copyDemoMark(from, to);
  const total = Object.values(documents).reduce((sum, count) => sum + count, 0);
  console.log(`Restored ${total} documents of ${createdAt}. Start Rapport with RAPPORT_DATA_DIR=${to}.`);
  const list = join(to, erasuresFileName);
  const known = readErasures(list).length;
  console.log(
    known > 0
      ? `The first start removes the people of ${known} ${known === 1 ? 'erasure' : 'erasures'} in ${list} again.`
      : `No list of erasures was given. If people were erased since the backup, copy the shop's ${erasuresFileName} to ${to} before the first start.`,
  );
} catch (error) {
  console.error(`Nothing was restored: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
