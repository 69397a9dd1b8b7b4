import { RapportError } from '../../../src/errors.js';
import type { Learned } from '../session-knn/learn-sessions.js';
import { archivedBy, type ModelVersion, outdated, versionsFormat } from './documents.js';
import { createInUse, type VersionsParts } from './in-use.js';
import { chosen, rolledBack } from './rollback-history.js';
import { partsOf, type SetName, setNames, type Weights } from './weights.js';

export interface Proposal extends Pick<ModelVersion, 'set' | 'sessions' | 'interactions' | 'metrics'> {
  readonly weights: Learned;
  /** The version in use, as `inUse` gives it, that it was compared with. */
  readonly against: number;
  /** By how much it is better than what is in use on the same questions, which neither has learned from; and its standard error. */
  readonly gain: number;
  readonly error: number;
}

export interface Versions {
  /** In use in this process. */
  readonly current: Weights;
  /** Clicks or purchases that a set in use was learned from; 0 for the default weights. */
  learnedFrom(set: SetName): number;
  /** The version of a set that is in use; 0: the default weights. */
  inUse(set: SetName): number;
  /** Loads what is in use, and follows it from then on. What cannot be read is passed over, down to the default weights. */
  start(): Promise<void>;
  stop(): void;
  /**
   * Stores weights of one set as a version, and publishes it unless it is worse: a gain below minus one standard error. Where a
   * person went back to older weights of the set, only if it is better by two; never where other weights of the set are in use by
   * now than it was held against. Returns whether it was published.
   */
  propose(proposal: Proposal): Promise<boolean>;
  /** Newest first; version 0, the default weights, is not among them. */
  list(): Promise<readonly (ModelVersion & { readonly current: boolean })[]>;
  /**
   * In use everywhere within a second. 0: the default weights, of one set or of all. Throws `missing` where there is no such version, and
   * `conflict` if it is one of another set than `only`.
   */
  publish(version: number, only?: SetName): Promise<void>;
  /**
   * Goes back to what was in use before the newest change, of one set or of any, and returns that version. What was left stays out until a
   * person publishes or clearly better weights were learned. Throws `conflict` where there is nothing before.
   */
  rollback(only?: SetName): Promise<number>;
}

export function createVersions(parts: VersionsParts): Versions {
  const { versions, choices, archive, shelf, host } = parts;
  const { clock, ids, log } = host;
  const inUse = createInUse(parts);
  let stopWatch = (): void => undefined;

  async function removeOld(): Promise<void> {
    for (const old of outdated(await inUse.all(), await inUse.choice(), clock.nowMs())) {
      await versions.remove([old.id]);
      for (const id of archivedBy(old)) await archive.remove(id);
    }
  }

  const versionInUse = (set: SetName) => inUse.used[set]?.version ?? 0;

  return {
    get current() {
      return inUse.weights;
    },
    learnedFrom: (set) => inUse.used[set]?.interactions ?? 0,
    inUse: versionInUse,

    async start() {
      stopWatch = choices.watch(() => void inUse.follow());
      await inUse.follow();
    },
    stop() {
      stopWatch();
    },

    async propose(proposal) {
      const { set, weights, sessions, interactions, metrics, against, gain, error } = proposal;
      const { last: version } = await inUse.choose((now) => ({ ...now, last: now.last + 1 }));
      const begun: ModelVersion = {
        id: ids.next(),
        version,
        format: versionsFormat,
        builtAtMs: clock.nowMs(),
        set,
        chunks: null,
        bytes: 0,
        sessions,
        interactions,
        metrics: { ...metrics, gain, error },
      };
      await versions.put([begun]);
      await versions.put([{ ...begun, ...(await archive.write(begun.id, partsOf(weights, shelf))) }]);
      await inUse.follow();
      let published = false;
      await inUse.choose((now) => {
        const enough = now.held.includes(set) ? gain > 2 * error : gain >= -error;
        const isSame = now.versions[set] === inUse.followed[set] && versionInUse(set) === against;
        published = enough && isSame;
        return published ? chosen(now, { [set]: version }) : undefined;
      });
      await removeOld();
      log.info('a model was learned', { set, version, published, gain, error });
      return published;
    },

    async list() {
      const { versions: current } = await inUse.choice();
      return (await inUse.stored()).map((each) => ({ ...each, current: current[each.set] === each.version }));
    },

    async publish(version, only) {
      const names = version === 0 ? setNames.filter((name) => only === undefined || name === only) : [];
      if (version !== 0) {
        const stored = await inUse.stored();
        const set = stored.find((each) => each.version === version)?.set;
        if (set === undefined) throw unknown(version, stored);
        if (only !== undefined && only !== set) throw ofOtherSet(version, set, only);
        names.push(set);
      }
      const wanted = Object.fromEntries(names.map((name) => [name, version]));
      await inUse.choose((now) => {
        const next = chosen(now, wanted);
        return { ...next, held: next.held.filter((name) => !names.includes(name)) };
      });
    },

    async rollback(only) {
      const stored = new Set((await inUse.stored()).map(({ version }) => version));
      let back: readonly number[] = [];
      await inUse.choose((now) => {
        const found = rolledBack(now, only, (version) => stored.has(version));
        back = Object.values(found?.back ?? {});
        return found?.choice;
      });
      const [version] = back;
      if (version === undefined) throw noOlder(only);
      return version;
    },
  };
}

function noOlder(only: SetName | undefined): RapportError {
  return new RapportError(
    'conflict',
    'RECOMMENDATIONS_NO_OLDER_MODEL',
    `there ${only === undefined ? 'is no model' : `are no weights of ${only}`} before the one in use; publish one by its version`,
  );
}

function ofOtherSet(version: number, set: SetName, only: SetName): RapportError {
  return new RapportError(
    'conflict',
    'RECOMMENDATIONS_MODEL_OF_OTHER_SET',
    `version ${version} is one of ${set}, not of ${only}; leave \`only\` out, or name a version of ${only}`,
    { path: ['only'] },
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
