import type { CollectionSpec, Document } from '../../../src/ports/store.js';
import { type SetName, setNames } from './weights.js';

/** Grows with every change of what is stored: versions of another form are passed over. */
export const versionsFormat = 4;
/** Of each set the newest so many: however often one is learned, it pushes out nothing of another. */
export const versionsKept = 6;
/** One that is not complete by then was left behind by a process that died. */
const writingMsMax = 3_600_000;

/** Weights of one set, stored once and shared by all versions that have them. */
export interface StoredSet {
  /** Of its parts in the archive. */
  readonly id: string;
  readonly chunks: number;
  readonly bytes: number;
  /** How many sessions, people or choices it was learned from, and how many clicks, purchases or choices these have. */
  readonly sessions: number;
  readonly interactions: number;
  /** What was measured before it was published or not. */
  readonly metrics: Readonly<Record<string, number>>;
}

/** Null for the default weights. */
export type Sets = Readonly<Record<SetName, StoredSet | null>>;

/** All weights together. One set was replaced in what was in use then. Never changed once it is complete. */
export interface ModelVersion extends Document {
  readonly version: number;
  readonly format: number;
  readonly builtAtMs: number;
  readonly changed: SetName;
  /** false: it is being written, or never was to its end. */
  readonly complete: boolean;
  readonly sets: Sets;
}

/** By set that was changed what was in use of it before, by id. */
export type Before = Readonly<Partial<Record<SetName, string | null>>>;

/** The version in use. It is one document, so that every change of it is atomic. */
export interface Choice extends Document {
  readonly version: number;
  /** Where a person went back to older weights: only clearly better ones take their place by themselves. */
  readonly held: readonly SetName[];
  /** What was in use before, newest change first. */
  readonly before: readonly Before[];
  /** The last number given. */
  readonly last: number;
}

export const versionSpec: CollectionSpec<ModelVersion> = { name: 'recommendation-models', indexes: {} };
export const choiceSpec: CollectionSpec<Choice> = { name: 'recommendation-model-choice', indexes: {} };
export const choiceId = `in-use-${versionsFormat}`;
export const noChoice: Choice = { id: choiceId, version: 0, held: [], before: [], last: 0 };
export const shippedSets: Sets = { session: null, people: null, placements: null };

export const idOf = (set: StoredSet | null): string | null => set?.id ?? null;

export function differing(one: Sets, other: Sets): SetName[] {
  return setNames.filter((name) => idOf(one[name]) !== idOf(other[name]));
}

/** What nobody needs any more. */
export function outdated(all: readonly ModelVersion[], { version, before }: Choice, nowMs: number) {
  const complete = all.filter((each) => each.format === versionsFormat && each.complete);
  const needed = new Set([version]);
  for (const name of setNames) {
    const own = complete.filter(({ changed }) => changed === name);
    for (const each of own.slice(0, versionsKept)) needed.add(each.version);
    const back = before.find((change) => change[name] !== undefined)?.[name] ?? null;
    const holder = back === null ? undefined : complete.find(({ sets }) => idOf(sets[name]) === back);
    if (holder !== undefined) needed.add(holder.version);
  }
  return all.filter((each) => {
    if (each.format > versionsFormat) return false;
    if (each.format < versionsFormat) return true;
    return each.complete ? !needed.has(each.version) : Math.abs(nowMs - each.builtAtMs) >= writingMsMax;
  });
}

/** Where the archive has what belongs to a version. */
export function archivedBy({ sets }: ModelVersion): string[] {
  return setNames.flatMap((name) => sets[name]?.id ?? []);
}
