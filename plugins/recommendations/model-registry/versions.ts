import { RapportError } from '../../../src/errors.js';
import {
  archivedBy,
  type Choice,
  differing,
  idOf,
  type ModelVersion,
  outdated,
  type Sets,
  type StoredSet,
  shippedSets,
  versionsFormat,
} from './documents.js';
import { createInUse, type VersionsParts } from './in-use.js';
import { backOf, chosen, undone } from './past.js';
import { partsOf, type SetName, setNames, type WeightSet, type Weights } from './weights.js';

/** So often something else may be published while a version is entered. */
const attemptsMax = 8;

export type Proposal = WeightSet &
  Pick<StoredSet, 'sessions' | 'interactions' | 'metrics'> & {
    /** What `inUse` said of the set when it was held against that. */
    readonly against: string | null;
    /** By how much it is better than what is in use on the same questions, which neither has learned from; and its standard error. */
    readonly gain: number;
    readonly error: number;
  };

export interface Versions {
  /** In use in this process. */
  readonly current: Weights;
  readonly currentVersion: number;
  /** Clicks, purchases or choices that a set in use was learned from; 0 for what ships. */
  learnedFrom(set: SetName): number;
  /** Names the weights of a set that are in use, whatever version they came with; null: what ships. */
  inUse(set: SetName): string | null;
  /** Loads what is in use, and follows it from then on. What cannot be read is passed over, down to what ships. */
  start(): Promise<void>;
  stop(): void;
  /**
   * Stores a version with one set replaced, and publishes it unless it is worse: a gain below minus one standard error. Where a
   * person went back to older weights of the set, only if it is better by two; never where other weights of the set are in use by
   * now than it was held against. What changed of other sets meanwhile is kept. Answers whether it was published.
   */
  propose(proposal: Proposal): Promise<boolean>;
  /** Newest first; version 0, which ships, is not among them. */
  list(): Promise<readonly (ModelVersion & { readonly current: boolean })[]>;
  /**
   * In use everywhere within a second; 0: what ships. With `only`, that set of it beside what is in use of the others. Throws
   * `missing` where there is no such version.
   */
  publish(version: number, only?: SetName): Promise<void>;
  /**
   * Goes back to what was in use before; what was left stays out until a person publishes or clearly better weights were learned. With
   * `only`, to the weights of that set before, beside what is in use of the others.
   */
  rollback(only?: SetName): Promise<number>;
}

/** Answers what is chosen from now on; undefined: what was. */
type Decide = (now: Choice, version: number, sets: Sets) => Choice | undefined;

export function createVersions(parts: VersionsParts): Versions {
  const { versions, choices, archive, shelf, host } = parts;
  const { clock, ids, log } = host;
  const inUse = createInUse(parts);
  let stopWatch = (): void => undefined;

  async function numbered(): Promise<Pick<ModelVersion, 'id' | 'version'>> {
    const { last } = await inUse.choose((now) => ({ ...now, last: now.last + 1 }));
    return { id: ids.next(), version: last };
  }

  /**
   * Enters what is in use with some sets replaced, and chooses it as `decide` says. When something else was published in
   * between, it is entered anew beside that.
   */
  async function enter(
    changed: SetName,
    replaced: Partial<Sets>,
    begun: Pick<ModelVersion, 'id' | 'version'>,
    decide: Decide,
  ): Promise<Choice> {
    let entry = begun;
    for (let attempt = 0; attempt < attemptsMax; attempt++) {
      await inUse.follow();
      const { followed } = inUse;
      const sets: Sets = { ...inUse.sets, ...replaced };
      const { id, version } = entry;
      const builtAtMs = clock.nowMs();
      await versions.put([{ id, version, format: versionsFormat, builtAtMs, changed, complete: true, sets }]);
      let overtaken = false;
      const now = await inUse.choose((latest) => {
        overtaken = latest.version !== followed && latest.version !== version;
        return overtaken ? undefined : decide(latest, version, sets);
      });
      if (!overtaken) return now;
      const next = await numbered();
      await versions.remove([id]);
      entry = next;
    }
    throw new RapportError(
      'conflict',
      'RECOMMENDATIONS_MODELS_CONTENDED',
      `${attemptsMax} other models were published just now; try again`,
    );
  }

  async function removeOld(): Promise<void> {
    const found = await inUse.all();
    const old = outdated(found, await inUse.choice(), clock.nowMs());
    const kept = new Set(found.filter((each) => !old.includes(each)).flatMap(archivedBy));
    for (const each of old) await versions.remove([each.id]);
    for (const id of new Set(old.flatMap(archivedBy))) if (!kept.has(id)) await archive.remove(id);
  }

  /** Chooses what is in use with some sets replaced by stored ones: a version that is there already, or one that is entered. */
  async function compose(
    replaced: Partial<Sets>,
    kept: readonly ModelVersion[],
    decide: Decide,
  ): Promise<Choice> {
    await inUse.follow();
    const sets: Sets = { ...inUse.sets, ...replaced };
    if (differing(shippedSets, sets).length === 0) return inUse.choose((now) => decide(now, 0, sets));
    const same = kept.find((each) => differing(each.sets, sets).length === 0);
    if (same !== undefined) return inUse.choose((now) => decide(now, same.version, sets));
    const [changed] = setNames.filter((name) => name in replaced);
    const now = await enter(changed!, replaced, await numbered(), decide);
    await removeOld();
    return now;
  }

  return {
    get current() {
      return inUse.weights;
    },
    get currentVersion() {
      return inUse.version;
    },
    learnedFrom: (set) => inUse.sets[set]?.interactions ?? 0,
    inUse: (set) => idOf(inUse.sets[set]),

    async start() {
      stopWatch = choices.watch(() => void inUse.follow());
      await inUse.follow();
    },
    stop() {
      stopWatch();
    },

    async propose(proposal) {
      const { set, sessions, interactions, metrics, against, gain, error } = proposal;
      const begun: StoredSet = {
        id: ids.next(),
        chunks: 0,
        bytes: 0,
        sessions,
        interactions,
        metrics: { ...metrics, gain, error },
      };
      const entry: ModelVersion = {
        ...(await numbered()),
        format: versionsFormat,
        builtAtMs: clock.nowMs(),
        changed: set,
        complete: false,
        sets: { ...shippedSets, [set]: begun },
      };
      await versions.put([entry]);
      const written = { ...begun, ...(await archive.write(begun.id, partsOf(proposal, shelf))) };
      let published = 0;
      await enter(set, { [set]: written }, entry, (now, version, sets) => {
        const enough = now.held.includes(set) ? gain > 2 * error : gain >= -error;
        published = enough && idOf(inUse.sets[set]) === against ? version : 0;
        return published === 0 ? undefined : chosen(now, version, sets, inUse.sets);
      });
      await removeOld();
      log.info('a model was learned', { set, published, gain, error });
      return published !== 0;
    },

    async list() {
      const { version } = await inUse.choice();
      return (await inUse.stored()).map((each) => ({ ...each, current: each.version === version }));
    },

    async publish(version, only) {
      const kept = await inUse.stored();
      const sets = setsOf(version, kept);
      if (sets === undefined) throw unknown(version, kept);
      if (only === undefined)
        await inUse.choose((now) => ({ ...chosen(now, version, sets, inUse.sets), held: [] }));
      else
        await compose({ [only]: sets[only] }, kept, (now, number, composed) => ({
          ...chosen(now, number, composed, inUse.sets),
          held: now.held.filter((name) => name !== only),
        }));
    },

    async rollback(only) {
      await inUse.follow();
      const kept = await inUse.stored();
      const back = backOf((await inUse.choice()).before, only, kept, inUse.sets);
      if (back === null) throw noOlder(only);
      const names = setNames.filter((name) => name in back);
      const now = await compose(back, kept, (latest, version) => ({
        ...latest,
        version,
        held: [...new Set([...latest.held, ...names])],
        before: undone(latest.before, back),
      }));
      return now.version;
    },
  };
}

function setsOf(version: number, kept: readonly ModelVersion[]): Sets | undefined {
  return version === 0 ? shippedSets : kept.find((each) => each.version === version)?.sets;
}

function noOlder(only: SetName | undefined): RapportError {
  return new RapportError(
    'conflict',
    'RECOMMENDATIONS_NO_OLDER_MODEL',
    `there ${only === undefined ? 'is no model' : `are no weights of ${only}`} before the one in use; publish one by its version`,
  );
}

function unknown(version: number, all: readonly ModelVersion[]): RapportError {
  const there = [...all.map((each) => each.version), 0].join(', ');
  return new RapportError(
    'missing',
    'RECOMMENDATIONS_MODEL_UNKNOWN',
    `there is no model of version ${version}; there are ${there} (0 ships with the product)`,
    { path: ['version'] },
  );
}
