/*
 * A process of its own for the tests of failing disks: `failing-disk-writer.ts DIRECTORY`. Writes notes one after the other, asks the
 * store's check after each failure, and says on standard output what was acknowledged.
 */

import { writeFileSync } from 'node:fs';
import { store as storePlugin } from '../../plugins/store/plugin.js';
import { RapportError } from '../../src/errors.js';
import { type Note, notesSpec } from '../contracts/store-writer.js';
import { bootPlugins } from '../support/boot.js';
import { noteOf } from '../support/store-files.js';

const writes = 60;
const failuresMax = 40;

const system = await bootPlugins([storePlugin], {
  dataDir: process.argv[2]!,
  environment: { RAPPORT_STORE_CHECKPOINT_AT: '10' },
});
const port = system.port('store');
const notes = await port.collection<Note>(notesSpec);
writeFileSync(`${process.argv[2]}-armed`, '');
let failures = 0;
let logged = 0;
for (let n = 0; n < writes; n++) {
  try {
    await notes.put([noteOf(n)]);
    console.log(`acknowledged ${n}`);
  } catch (error) {
    if (!(error instanceof RapportError && error.kind === 'unavailable')) throw error;
    if (++failures > failuresMax) throw error;
    const health = await port.check().then(
      () => 'ok',
      (failure: unknown) => (failure instanceof RapportError ? failure.kind : 'not ready'),
    );
    const read = await notes.get(noteOf(Math.max(0, n - 1)).id).then(
      () => 'read',
      () => 'unreadable',
    );
    console.log(`failed ${n}, health ${health}, ${read}`);
    n--;
  }
  system.clock.advance(1_100);
  await new Promise((resolve) => setImmediate(resolve));
  for (const { level, message } of system.log.lines.slice(logged))
    if (level === 'error') console.log(`logged ${message}`);
  logged = system.log.lines.length;
}
await system.close();
console.log('closed');
