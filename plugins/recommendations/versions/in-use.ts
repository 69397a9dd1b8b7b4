import { describeError } from '../../../src/errors.js';
import type { Host } from '../../../src/plugin.js';
import type { Shelf } from '../../../src/ports/catalog.js';
import type { Collection } from '../../../src/ports/store.js';
import type { Archive } from '../snapshots/archive.js';
import {
  type Choice,
  choiceId,
  differing,
  type ModelVersion,
  noChoice,
  type Sets,
  shippedSets,
  versionsFormat,
} from './documents.js';
import { type SetName, shippedWeights, type Weights, withSet } from './weights.js';

export interface VersionsParts {
  readonly versions: Collection<ModelVersion>;
  readonly choices: Collection<Choice>;
  readonly archive: Archive;
  readonly shelf: Shelf;
  readonly host: Pick<Host, 'clock' | 'ids' | 'log'>;
  /** Called in every process when other weights are to be used. */
  readonly use: (weights: Weights, changed: readonly SetName[]) => void;
}

/** What this process uses, which follows what was chosen for all. */
export interface InUse {
  readonly weights: Weights;
  readonly sets: Sets;
  readonly version: number;
  /** What was chosen when it was last looked up: not `version` where that cannot be read. */
  readonly followed: number;
  /** Takes over what is chosen. Never rejects. */
  follow(): Promise<void>;
  choice(): Promise<Choice>;
  /** Changes the choice, unless `change` answers undefined, and follows it. */
  choose(change: (now: Choice) => Choice | undefined): Promise<Choice>;
  /** Newest first, others than complete ones among them. */
  all(): Promise<ModelVersion[]>;
  /** Newest first, those that can be used. */
  stored(): Promise<ModelVersion[]>;
}

export function createInUse({ versions, choices, archive, shelf, host, use }: VersionsParts): InUse {
  const { log } = host;
  let weights = shippedWeights;
  let sets = shippedSets;
  let version = 0;
  let followed = 0;
  /** Taken over one after the other. */
  let taking: Promise<void> = Promise.resolve();

  async function all(): Promise<ModelVersion[]> {
    const found: ModelVersion[] = [];
    for await (const page of versions.scan()) found.push(...page);
    return found.sort((a, b) => b.version - a.version);
  }

  const stored = async () =>
    (await all()).filter(({ format, complete }) => format === versionsFormat && complete);

  async function choice(): Promise<Choice> {
    return (await choices.get(choiceId)) ?? noChoice;
  }

  function put(nextWeights: Weights, nextSets: Sets, next: number): void {
    const changed = differing(nextSets, sets);
    weights = nextWeights;
    sets = nextSets;
    version = next;
    if (changed.length > 0) use(weights, changed);
  }

  async function take(next: ModelVersion): Promise<boolean> {
    try {
      let read = weights;
      for (const name of differing(next.sets, sets)) {
        const set = next.sets[name];
        read =
          set === null
            ? { ...read, [name]: null }
            : await withSet(read, name, archive.read(set.id, set.chunks), shelf);
      }
      put(read, next.sets, next.version);
      log.info('a learned model is in use', { version });
      return true;
    } catch (error) {
      log.warn('a learned model cannot be used', {
        version: next.version,
        err: describeError(error),
      });
      return false;
    }
  }

  /** The chosen version, or the newest before it that can be read. */
  async function takeOver(): Promise<void> {
    const chosen = (await choice()).version;
    if (chosen !== version) await takeNewest(chosen);
    followed = chosen;
  }

  async function takeNewest(until: number): Promise<void> {
    for (const candidate of await stored()) {
      if (candidate.version <= until && (await take(candidate))) return;
    }
    put(shippedWeights, shippedSets, 0);
  }

  function follow(): Promise<void> {
    taking = taking.then(takeOver).catch((error: unknown) => {
      log.warn('the learned model cannot be read now', { err: describeError(error) });
    });
    return taking;
  }

  return {
    get weights() {
      return weights;
    },
    get sets() {
      return sets;
    },
    get version() {
      return version;
    },
    get followed() {
      return followed;
    },
    follow,
    choice,
    async choose(change) {
      const chosen = await choices.update(choiceId, (now) => change(now ?? noChoice));
      await follow();
      return chosen ?? noChoice;
    },
    all,
    stored,
  };
}
