import { writeFileSync } from 'node:fs';
import { fingerprint } from '../../plugins/recommendations/models/fingerprint.js';
import { learnSessions, sessionLearning } from '../../plugins/recommendations/models/learn-sessions.js';
import { createNumbering, readLines } from './files.js';
import { indexOf } from './session-ablations.js';

/**
 * Learns the weights that ship with the product: `node dist/scripts/evaluate/ship-fusion.js DIRECTORY`, a folder with
 * a `train.txt` of sessions. Without vectors, as a shop that has learned nothing of its own has none.
 */
const directory = process.argv[2];
if (directory === undefined) throw new Error('say which folder holds the train.txt to learn from');
const items = createNumbering();
const sessions = readLines(directory, 'train.txt').map((line) => items.list(line));
const learning = learnSessions(indexOf(sessions), { ...sessionLearning, vectors: false });
let step = learning.next();
while (!step.done) step = learning.next();
const { features, contexts, ...weights } = step.value.fusion;
writeFileSync(
  'plugins/recommendations/models/default-fusion.ts',
  `import { sessionNames } from './features.js';
import type { FusionJson } from './fusion-json.js';

/** The fingerprint of the inputs' names when these weights were learned: with other inputs they must be learned anew. */
export const learnedFor = ${fingerprint(JSON.stringify({ features, contexts }))};

/** Learned on the tail of public browsing sessions (scripts/evaluate/ship-fusion.ts); a shop's own weights take its place once it has enough. */
export const defaultFusion: FusionJson = { ...sessionNames, ...${JSON.stringify(weights)} };
`,
);
