import type { CollectionSpec, Document } from '../../../src/ports/store.js';
import { type SetName, setNames } from './weights.js';

/** Grows with every change of what is stored: versions of another form are removed, and weights are learned again. */
export const versionsFormat = 5;
/** Of each set the newest so many: however often one is learned, it pushes out nothing of another. */
export const versionsKept = 6;
/** One that is not complete by then was left behind by a process that died. */
const writingMsMax = 3_600_000;

/** Weights of one set, learned once and never changed. Its parts are in the archive, under its id. */
export interface ModelVersion extends Document {
  /** From 1, over all sets. */
  readonly version: number;
  readonly format: number;
  readonly builtAtMs: number;
  readonly set: SetName;
  /** null: it is being written, or never was to its end. */
  readonly chunks: number | null;
  readonly bytes: number;
  /** The number of sessions or people that it was learned from, and of the clicks or purchases in these. */
  readonly sessions: number;
  readonly interactions: number;
  /** The measurement that decided whether it was published. */
  readonly metrics: Readonly<Record<string, number>>;
  /** Of a version of an earlier format: what the archive has of it. */
  readonly sets?: Readonly<Record<string, { readonly id: string } | null>>;
}

/** By set the number of a version; 0 for the default weights. */
export type VersionBySet = Readonly<Record<SetName, number>>;

/** The versions in use. It is one document, so that every change of it is atomic. */
export interface Choice extends Document {
  readonly versions: VersionBySet;
  /** Where a person went back to older weights: only clearly better ones take their place by themselves. */
  readonly held: readonly SetName[];
  /** By set that was changed the version in use before, newest change first. */
  readonly before: readonly Partial<VersionBySet>[];
  /** The last number given. */
  readonly last: number;
}

export const versionSpec: CollectionSpec<ModelVersion> = { name: 'recommendation-models', indexes: {} };
export const choiceSpec: CollectionSpec<Choice> = { name: 'recommendation-model-choice', indexes: {} };
export const choiceId = `in-use-${versionsFormat}`;
export const defaultVersions: VersionBySet = { session: 0, people: 0 };
export const noChoice: Choice = { id: choiceId, versions: defaultVersions, held: [], before: [], last: 0 };

/** Versions that nobody needs any more. `all`: newest first. */
export function outdated(all: readonly ModelVersion[], { versions, before }: Choice, nowMs: number) {
  const needed = new Set(setNames.map((name) => versions[name]));
  for (const name of setNames) {
    const complete = all.filter(
      ({ set, format, chunks }) => set === name && format === versionsFormat && chunks !== null,
    );
    for (const { version } of complete.slice(0, versionsKept)) needed.add(version);
    needed.add(before.find((change) => change[name] !== undefined)?.[name] ?? 0);
  }
  return all.filter(({ format, chunks, version, builtAtMs }) => {
    if (format !== versionsFormat) return format < versionsFormat;
    return chunks === null ? Math.abs(nowMs - builtAtMs) >= writingMsMax : !needed.has(version);
  });
}

/** Where the archive has what belongs to a version. */
export function archivedBy({ id, sets }: ModelVersion): string[] {
  return sets === undefined ? [id] : Object.values(sets).flatMap((each) => each?.id ?? []);
}
