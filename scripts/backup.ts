import { Command } from 'commander';
import { writeBackup } from '../plugins/store/drivers/embedded/backup.js';
import { openSnapshot } from '../plugins/store/drivers/embedded/store-files.js';
import { systemClock } from '../src/host.js';
import { copyDemoMark } from './demo/marker.js';
import { storeDirectory, toolHost } from './store-directory.js';

const { to, data } = new Command('backup')
  .description('Copies the embedded store to an empty directory. A process may use the store meanwhile.')
  .requiredOption('--to <directory>', 'an empty or new directory')
  .option('--data <directory>', 'the data directory; if omitted, RAPPORT_DATA_DIR or data')
  .parse()
  .opts<{ to: string; data?: string }>();

try {
  const dataDir = storeDirectory(data);
  const snapshot = await openSnapshot(dataDir, toolHost(dataDir));
  try {
    const { documents, sequence } = writeBackup(snapshot.directory, snapshot, to, systemClock.nowMs());
    copyDemoMark(dataDir, to);
    const total = Object.values(documents).reduce((sum, count) => sum + count, 0);
    console.log(
      `Backed up ${total} documents of ${Object.keys(documents).length} collections to ${to}: all that was acknowledged up to record ${sequence}.`,
    );
  } finally {
    snapshot.close();
  }
} catch (error) {
  console.error(`No backup was made: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
