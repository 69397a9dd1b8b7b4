import { Command } from 'commander';
import { restoreBackup } from '../plugins/store/drivers/embedded/backup.js';
import { copyDemoMark } from './demo/marker.js';

const { from, to } = new Command('restore')
  .description('Verifies a backup and copies it to an empty data directory.')
  .requiredOption('--from <directory>', 'what npm run backup wrote')
  .requiredOption('--to <directory>', 'an empty or new data directory')
  .parse()
  .opts<{ from: string; to: string }>();

try {
  const { documents, createdAt } = restoreBackup(from, to);
  copyDemoMark(from, to);
  const total = Object.values(documents).reduce((sum, count) => sum + count, 0);
  console.log(`Restored ${total} documents of ${createdAt}. Start Rapport with RAPPORT_DATA_DIR=${to}.`);
} catch (error) {
  console.error(`Nothing was restored: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
