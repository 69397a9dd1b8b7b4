import { writeFileSync } from 'node:fs';
import { createSessionModel, sessionIdleMs } from '../../plugins/recommendations/models/session-model.js';
import { createNumbering, readLines } from './files.js';

/**
 * Learns the weights that ship with the product: `node dist/scripts/evaluate/ship-fusion.js DIRECTORY`, a folder with
 * a `train.txt` of sessions. Without vectors, as a shop that has learned nothing of its own has none.
 */
const directory = process.argv[2];
if (directory === undefined) throw new Error('say which folder holds the train.txt to learn from');
const items = createNumbering();
const model = createSessionModel();
for (const [at, line] of readLines(directory, 'train.txt').entries()) {
  for (const item of items.list(line)) model.add(String(at), item, at * 2 * sessionIdleMs);
}
const learning = model.learn({ vectors: false });
let step = learning.next();
while (!step.done) step = learning.next();
writeFileSync(
  'plugins/recommendations/models/default-fusion.ts',
  `import type { FusionJson } from './fusion-json.js';

/** Learned on the tail of public browsing sessions (scripts/evaluate/ship-fusion.ts); a shop's own weights take its place once it has enough. */
export const defaultFusion: FusionJson = ${JSON.stringify(step.value.fusion)};
`,
);
