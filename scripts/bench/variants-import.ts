import { serve } from './servers.js';

/** One import, as the command line runs it: `IMPORT_FILE` with `IMPORT_MAPPING` into `RAPPORT_DATA_DIR`. Answers when it is complete. */
process.argv = [...process.argv.slice(0, 2), process.env.IMPORT_FILE!, '--map', process.env.IMPORT_MAPPING!];
process.once('beforeExit', () => {
  if (process.exitCode) return;
  serve('complete', async () => process.resourceUsage().maxRSS * 1_024);
});
await import('../import.js');
