import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** Where a restore puts the store together until it is whole. */
export function restoringIn(dataDir: string): string {
  return join(dataDir, 'store.restoring');
}

/** An empty store would be made otherwise, and look as if it was the restored one. */
export function refuseInterruptedRestore(dataDir: string): void {
  const path = restoringIn(dataDir);
  if (!existsSync(path)) return;
  throw new Error(
    `a restore into ${dataDir} was interrupted, or is still running: run npm run restore again; to start without it, remove ${path}`,
  );
}
