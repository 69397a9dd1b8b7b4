import type { Query } from './ask.js';
import { createNumbering, streamLines } from './files.js';
import type { Progress } from './progress.js';

export interface SessionFiles {
  readonly train: readonly (readonly number[])[];
  readonly tests: readonly Query[];
  /** Items of the training part: 0 up to this number. Items that only the test knows have higher numbers. */
  readonly catalogSize: number;
  /** Lines of the test that have no TAB or no target. */
  readonly leftOut: number;
}

/**
 * `train.txt`: a session on each line, item ids divided by blanks, oldest first, sessions in time order. `test.tsv`: prefix
 * ids (there may be none), TAB, target id; the rows cut from one session, longer or shorter by one click, follow each other and are one cluster.
 * Ids are any text. Lines are streamed. Throws where nothing is left to ask.
 */
export async function readSessionFiles(directory: string, progress: Progress): Promise<SessionFiles> {
  const items = createNumbering();
  const train: number[][] = [];
  for await (const line of streamLines(directory, 'train.txt')) train.push(items.list(line));
  const catalogSize = items.size;
  if (train.length === 0) throw new Error(`${directory}: train.txt holds no session`);
  const tests: Query[] = [];
  let leftOut = 0;
  let before = { prefix: '', target: '' };
  let cluster = -1;
  for await (const line of streamLines(directory, 'test.tsv')) {
    const [prefix = '', target = ''] = line.split('\t').map((part) => part.trim());
    if (target === '') {
      leftOut++;
      continue;
    }
    if (`${prefix} ${target}` !== before.prefix && `${before.prefix} ${before.target}` !== prefix) cluster++;
    before = { prefix, target };
    tests.push({ history: items.list(prefix), target: items.number(target.split(/\s+/)[0]!), cluster });
  }
  if (tests.length === 0)
    throw new Error(
      `${directory}: no line of test.tsv reads as prefix ids, TAB, target id (${leftOut} were left out)`,
    );
  if (leftOut > 0) progress(`left out ${leftOut} lines of test.tsv without a TAB and a target`);
  return { train, tests, catalogSize, leftOut };
}
