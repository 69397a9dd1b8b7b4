import { join } from 'node:path';
import { open } from 'lmdb';
import { serve } from './servers.js';

/** The anchor: reads every key and value of the same store once, as bytes, and makes nothing of them. */
const root = open<Buffer, Buffer>({
  path: join(process.env.BENCH_DIRECTORY!, 'shop', 'store'),
  maxDbs: 1024,
  encoding: 'binary',
  keyEncoding: 'binary',
  readOnly: true,
});
let bytes = 0;
for (const name of [...root.getKeys()].map(String)) {
  const tree = root.openDB<Buffer, Buffer>({ name, encoding: 'binary', keyEncoding: 'binary' });
  for (const { key, value } of tree.getRange()) bytes += key.length + value.length;
}
serve('ready', async () => bytes);
