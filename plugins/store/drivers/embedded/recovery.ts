import { copyFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { describeError } from '../../../../src/errors.js';
import type { Host } from '../../../../src/plugin.js';
import { DamageError } from './damage.js';
import { DiskFullError, type Environment } from './environment.js';
import { type LogFile, type LogRecord, openLogFile, salvageRecords, storeIdBytes } from './log-file.js';
import { latestOf, restoreAll } from './log-lines.js';
import { type LogState, unsealedLogKey } from './meta.js';
import { createUnmoved, type Unmoved } from './unmoved.js';
import { readUnsealedLog, removeUnsealedLog } from './unsealed-log.js';
import { createLogFile, type Latest, logNames } from './write-ahead-log.js';

const commitMax = 2_000;

/** What a process left in its log. */
export interface FoundLog {
  readonly records: readonly LogRecord[];
  /** The file with the newest records. */
  readonly latest: Latest;
  /** Number of the last record before that file. */
  readonly base: number;
  /** Where the last record was begun and not completed; null: nowhere. */
  readonly torn: { readonly file: string; readonly offset: number } | null;
}

/** The records that have not reached their trees. Throws `DamageError` if any may be missing. */
export function readLog(directory: string, state: LogState): FoundLog {
  const files = logNames.map((name, file) => ({ file, ...openLogFile(join(directory, name)) }));
  for (const { path, header } of files) {
    if (header.store !== state.store) throw new DamageError(path, 16, 'the file belongs to another store');
  }
  files.sort((a, b) => a.header.generation - b.header.generation);
  const [older, newer] = files as [NumberedFile, NumberedFile];
  const named = files.find(({ header }) => header.generation === state.generation);
  if (newer.header.generation !== older.header.generation + 1 || !named) {
    throw new DamageError(
      newer.path,
      32,
      `the files of the write-ahead log are generations ${older.header.generation} and ${newer.header.generation}, and the data file names ${state.generation}: a file was replaced by another copy`,
    );
  }
  if (named.header.base !== state.sequence) {
    throw new DamageError(
      named.path,
      40,
      `the file begins behind record ${named.header.base}, and the data file ends with record ${state.sequence}`,
    );
  }
  const { base, generation } = newer.header;
  const { records, end, torn } = newer.read();
  return {
    records: named === older ? [...recordsUpTo(older, base), ...records] : records,
    latest: { file: newer.file, generation, sequence: base + records.length },
    base,
    torn: torn ? { file: newer.path, offset: end } : null,
  };
}

type NumberedFile = LogFile & { readonly file: number };

/** Records behind the one with which the next file begins were never acknowledged. */
function recordsUpTo(file: LogFile, last: number): readonly LogRecord[] {
  const { records, end } = file.read();
  const found = file.header.base + records.length;
  if (found < last) {
    throw new DamageError(file.path, end, `records ${found + 1} to ${last} are missing`);
  }
  return records.filter(({ sequence }) => sequence <= last);
}

export interface RecoveredLog {
  readonly store: string;
  readonly latest: Latest;
  /** Records for which the disk has no room; null: none. */
  readonly unmoved: Unmoved | null;
}

/**
 * Brings the log up to date with the trees and returns the file with the newest records. `salvage`: where a file is damaged, takes
 * every whole record, keeps the damaged files under another name, and logs what was dropped.
 */
export async function recoverLog(
  environment: Environment,
  directory: string,
  host: Host,
  salvage: boolean,
): Promise<RecoveredLog> {
  const state = environment.logState() ?? (await beginLog(environment, directory, host));
  let found: FoundLog;
  try {
    found = readLog(directory, state);
  } catch (error) {
    if (!salvage || !(error instanceof DamageError)) throw error;
    const latest = await replaceLog(environment, directory, state, host, error);
    return { store: state.store, latest, unmoved: null };
  }
  const { latest, base, torn } = found;
  if (torn) host.log.warn('dropped the last record of the write-ahead log: it was never completed', torn);
  async function move(): Promise<void> {
    await applyRecords(environment, found.records);
    if (state.generation === latest.generation && state.sequence === base) return;
    environment.requireSpace([]);
    await environment.commit(() =>
      environment.writeLogState({ store: state.store, generation: latest.generation, sequence: base }),
    );
  }
  try {
    await move();
    return { store: state.store, latest, unmoved: null };
  } catch (error) {
    if (!(error instanceof DiskFullError)) throw error;
    host.log.error('nothing can be written to the store until the disk has room again; reads are served', {
      err: describeError(error),
    });
    return { store: state.store, latest, unmoved: createUnmoved(found.records, move) };
  }
}

/** A new directory, or one of a release whose log had another form. */
export async function beginLog(
  environment: Environment,
  directory: string,
  { random }: Host,
): Promise<LogState> {
  for (const name of logNames) {
    const path = join(directory, name);
    if (existsSync(path) && salvageRecords(path).records.length > 0) {
      throw new DamageError(path, 0, 'the file holds records, and the data file knows of no log');
    }
  }
  const applied = Number(environment.unsealedNote(unsealedLogKey) ?? 0);
  const records = readUnsealedLog(directory, applied);
  await applyRecords(environment, records);
  const store = Array.from({ length: storeIdBytes }, () =>
    Math.floor(random() * 256)
      .toString(16)
      .padStart(2, '0'),
  ).join('');
  const state: LogState = { store, generation: 1, sequence: records.at(-1)?.sequence ?? applied };
  createFiles(directory, state);
  await environment.commit(() => environment.writeLogState(state));
  removeUnsealedLog(directory);
  return state;
}

/** Empty files: one that is done with, and the one that the state names. */
export function createFiles(directory: string, { store, generation, sequence }: LogState): void {
  logNames.forEach((name, i) => {
    createLogFile(join(directory, name), { store, generation: generation - 1 + i, base: sequence });
  });
}

/** The whole records that have not reached their trees, and how many are missing between them. */
export function salvageLog(directory: string, state: LogState) {
  const files = logNames.map((name) => salvageRecords(join(directory, name)));
  const found = new Map<number, LogRecord>();
  for (const { header, records } of files) {
    if (header?.store !== state.store) continue;
    for (const record of records) if (record.sequence > state.sequence) found.set(record.sequence, record);
  }
  const records = [...found.values()].sort((a, b) => a.sequence - b.sequence);
  const sequence = records.at(-1)?.sequence ?? state.sequence;
  return {
    records,
    sequence,
    generation: Math.max(state.generation, ...files.map(({ header }) => header?.generation ?? 0)),
    dropped: sequence - state.sequence - records.length,
    droppedBytes: files.reduce((sum, file) => sum + file.droppedBytes, 0),
  };
}

async function replaceLog(
  environment: Environment,
  directory: string,
  state: LogState,
  host: Host,
  damage: DamageError,
): Promise<Latest> {
  const { records, sequence, generation, dropped, droppedBytes } = salvageLog(directory, state);
  const kept = logNames.flatMap((name) => {
    const path = join(directory, name);
    const copy = `${path}.damaged-${host.clock.nowMs()}`;
    if (!existsSync(path)) return [];
    copyFileSync(path, copy);
    return [copy];
  });
  await applyRecords(environment, records);
  const next: LogState = { store: state.store, generation: generation + 2, sequence };
  await environment.commit(() => environment.writeLogState(next));
  createFiles(directory, next);
  host.log.error('recovered what was whole of a damaged write-ahead log', {
    damage: damage.message,
    recoveredRecords: records.length,
    droppedRecords: dropped,
    droppedBytes,
    kept,
  });
  return { file: logNames.length - 1, generation: next.generation, sequence };
}

/** Moves records to the trees. Repeating it changes nothing. */
export async function applyRecords(environment: Environment, records: readonly LogRecord[]): Promise<void> {
  for (const [name, states] of latestOf(records)) {
    const known = environment.schemaOf(name);
    if (!known) throw new Error(`the write-ahead log names ${name}, a collection that was never opened here`);
    const { schema } = known;
    const all = restoreAll(schema, states);
    environment.requireSpace(all.slice(0, commitMax));
    const tree = await environment.openTree(schema);
    for (let at = 0; at < all.length; at += commitMax) {
      const writes = all.slice(at, at + commitMax);
      environment.requireSpace(writes);
      await environment.commit(() => writes.forEach(tree.write));
    }
  }
}
