import { RapportError } from '../../../src/errors.js';
import type { Host } from '../../../src/plugin.js';
import type { Shelf } from '../../../src/ports/catalog.js';
import type { Collection, CollectionSpec, Document } from '../../../src/ports/store.js';
import type { Archive } from '../snapshots/archive.js';
import { readWeights, shippedWeights, type Weights, weightParts } from './weights.js';

/** Grows with every change of what is stored: versions of another form are passed over. */
const weightsFormat = 1;
export const versionsKept = 6;
/** One that is not complete by then was left behind by a process that died. */
const writingMsMax = 3_600_000;

/** What was learned once from the shop's own log. Never changed once it is complete. */
export interface ModelVersion extends Document {
  readonly version: number;
  readonly format: number;
  readonly builtAtMs: number;
  /** Sessions and interactions it was learned from. */
  readonly sessions: number;
  readonly interactions: number;
  /** What was measured before it was published or not. */
  readonly metrics: Readonly<Record<string, number>>;
  /** null: it is being written, or never was to its end. */
  readonly chunks: number | null;
  readonly bytes: number;
}

/** Which version everybody uses. One document, so that whoever changes it decides alone. */
interface Choice extends Document {
  readonly version: number;
  /** A person went back to it: only a clearly better one takes its place by itself. */
  readonly held: boolean;
  /** What was in use before, newest first. */
  readonly before: readonly number[];
  /** The last number given. */
  readonly last: number;
}

export const versionSpec: CollectionSpec<ModelVersion> = { name: 'recommendation-models', indexes: {} };
export const choiceSpec: CollectionSpec<Choice> = { name: 'recommendation-model-choice', indexes: {} };
const choiceId = 'current';
const noChoice: Choice = { id: choiceId, version: 0, held: false, before: [], last: 0 };

export interface Proposal {
  /** What is left out stays as it is. */
  readonly weights: Partial<Weights>;
  readonly sessions: number;
  readonly interactions: number;
  readonly metrics: Readonly<Record<string, number>>;
  /** The version that it was held against. */
  readonly against: number;
  /** By how much it is better than what is in use on the same questions, which neither has learned from; and its standard error. */
  readonly gain: number;
  readonly error: number;
}

export interface Versions {
  /** In use in this process. */
  readonly current: Weights;
  readonly currentVersion: number;
  /** Interactions that the version in use was learned from; 0 for what ships. */
  readonly learnedFrom: number;
  /** Loads what is in use, and follows it from then on. What cannot be read is passed over, down to what ships. */
  start(): Promise<void>;
  stop(): void;
  /**
   * Stores a version and publishes it unless it is worse: a gain below minus one standard error. Where a person went back to an
   * older one, only if it is better by two; never where something else is in use by now than it was held against. Answers whether
   * it was published.
   */
  propose(proposal: Proposal): Promise<boolean>;
  /** Newest first; version 0, which ships, is not among them. */
  list(): Promise<readonly (ModelVersion & { readonly current: boolean })[]>;
  /** In use everywhere within a second; 0: what ships. Throws `missing` where there is no such version. */
  publish(version: number): Promise<void>;
  /** Goes back to what was in use before; stays there until a person publishes or a clearly better one was learned. */
  rollback(): Promise<number>;
}

export interface VersionsParts {
  readonly versions: Collection<ModelVersion>;
  readonly choices: Collection<Choice>;
  readonly archive: Archive;
  readonly shelf: Shelf;
  readonly host: Pick<Host, 'clock' | 'ids' | 'log'>;
  /** Called in every process when other weights are to be used. */
  readonly use: (weights: Weights) => void;
}

export function createVersions({ versions, choices, archive, shelf, host, use }: VersionsParts): Versions {
  const { clock, ids, log } = host;
  let current = shippedWeights;
  let currentVersion = 0;
  let learnedFrom = 0;
  let stopWatch = (): void => undefined;
  /** Taken over one after the other. */
  let taking: Promise<void> = Promise.resolve();

  async function all(): Promise<ModelVersion[]> {
    const found: ModelVersion[] = [];
    for await (const page of versions.scan()) found.push(...page);
    return found.sort((a, b) => b.version - a.version);
  }

  const stored = async () => (await all()).filter(({ chunks }) => chunks !== null);

  async function choice(): Promise<Choice> {
    return (await choices.get(choiceId)) ?? noChoice;
  }

  async function take(version: ModelVersion): Promise<boolean> {
    try {
      if (version.format !== weightsFormat) throw new Error(`it is of format ${version.format}`);
      const weights = await readWeights(archive.read(version.id, version.chunks ?? 0), shelf);
      use(weights);
      current = weights;
      currentVersion = version.version;
      learnedFrom = version.interactions;
      log.info('a learned model is in use', { version: version.version });
      return true;
    } catch (error) {
      log.warn('a learned model cannot be used', {
        version: version.version,
        reason: error instanceof Error ? error.message : String(error),
      });
      return false;
    }
  }

  function takeShipped(): void {
    if (currentVersion !== 0) use(shippedWeights);
    current = shippedWeights;
    currentVersion = 0;
    learnedFrom = 0;
  }

  /** The chosen version, or the newest before it that can be read. */
  async function takeOver(): Promise<void> {
    const { version } = await choice();
    if (version === currentVersion) return;
    for (const candidate of await stored()) {
      if (candidate.version <= version && (await take(candidate))) return;
    }
    takeShipped();
  }

  function follow(): Promise<void> {
    taking = taking.then(takeOver).catch((error: unknown) => {
      log.warn('the learned model cannot be read now', { error: String(error) });
    });
    return taking;
  }

  async function choose(change: (now: Choice) => Choice | undefined): Promise<Choice> {
    const chosen = await choices.update(choiceId, (now) => change(now ?? noChoice));
    await follow();
    return chosen ?? noChoice;
  }

  function chosen(now: Choice, version: number, held: boolean): Choice {
    const before = [now.version, ...now.before.filter((older) => older !== now.version)];
    return {
      ...now,
      version,
      held,
      before: before.filter((older) => older !== version).slice(0, versionsKept),
    };
  }

  async function removeOld(): Promise<void> {
    const { version, before } = await choice();
    const found = await all();
    const complete = found.filter(({ chunks }) => chunks !== null).map((each) => each.version);
    const needed = new Set([version, before[0], ...complete.slice(0, versionsKept)]);
    for (const old of found) {
      const begun = old.chunks === null && clock.nowMs() - old.builtAtMs < writingMsMax;
      if (begun || (old.chunks !== null && needed.has(old.version))) continue;
      await archive.remove(old.id);
      await versions.remove([old.id]);
    }
  }

  return {
    get current() {
      return current;
    },
    get currentVersion() {
      return currentVersion;
    },
    get learnedFrom() {
      return learnedFrom;
    },

    async start() {
      stopWatch = choices.watch(() => void follow());
      await follow();
    },
    stop() {
      stopWatch();
    },

    async propose({ weights, sessions, interactions, metrics, against, gain, error }) {
      const parts = weightParts({ ...current, ...weights }, shelf);
      const numbered = await choices.update(choiceId, (now) => {
        const from = now ?? noChoice;
        return { ...from, last: from.last + 1 };
      });
      const { last } = numbered!;
      const begun: ModelVersion = {
        id: ids.next(),
        version: last,
        format: weightsFormat,
        builtAtMs: clock.nowMs(),
        sessions,
        interactions,
        metrics: { ...metrics, gain, error },
        chunks: null,
        bytes: 0,
      };
      await versions.put([begun]);
      await versions.put([{ ...begun, ...(await archive.write(begun.id, parts)) }]);
      const { version } = await choose((now) => {
        const enough = now.held ? gain > 2 * error : gain >= -error;
        return enough && now.version === against ? chosen(now, last, false) : undefined;
      });
      await removeOld();
      log.info('a model was learned', { version: last, published: version === last, gain, error });
      return version === last;
    },

    async list() {
      const { version } = await choice();
      return (await stored()).map((each) => ({ ...each, current: each.version === version }));
    },

    async publish(version) {
      const all = await stored();
      if (version !== 0 && !all.some((each) => each.version === version)) throw unknown(version, all);
      await choose((now) =>
        now.version === version ? { ...now, held: false } : chosen(now, version, false),
      );
    },

    async rollback() {
      const all = await stored();
      const { version } = await choose((now) => {
        const back = now.before.find((older) => older === 0 || all.some((each) => each.version === older));
        if (back === undefined)
          throw new RapportError(
            'conflict',
            'RECOMMENDATIONS_NO_OLDER_MODEL',
            'there is no model before the one in use; publish one by its version',
          );
        const went = chosen(now, back, true);
        return { ...went, before: now.before.filter((older) => older !== back) };
      });
      return version;
    },
  };
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
