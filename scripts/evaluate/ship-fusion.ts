import { learnSessions, sessionLearning } from '../../plugins/recommendations/session-knn/learn-sessions.js';
import { createNumbering, readLines } from './files.js';
import { indexOf } from './session-ablations.js';
import { writeFusion } from './write-fusion.js';

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
writeFusion(
  {
    file: 'session-knn/default-fusion',
    constant: 'defaultFusion',
    names: 'sessionNames',
    namesFrom: 'features',
    learnedFrom: 'the tail of public browsing sessions (scripts/evaluate/ship-fusion.ts)',
  },
  step.value.fusion,
);
