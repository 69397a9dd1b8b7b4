import { describeError } from '../../../src/errors.js';
import type { Host } from '../../../src/plugin.js';
import type { Shelf } from '../../../src/ports/catalog.js';
import type { Collection } from '../../../src/ports/store.js';
import type { Archive } from '../snapshots/archive.js';
import { getDerived, isDamaged, scanDerived } from '../snapshots/derived-documents.js';
import {
  archivedBy,
  type Choice,
  choiceId,
  differing,
  type ModelVersion,
  noChoice,
  type Sets,
  type StoredSet,
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
    return (await scanDerived(versions)).sort((a, b) => b.version - a.version);
  }

  const stored = async () =>
    (await all()).filter(({ format, complete }) => format === versionsFormat && complete);

  async function choice(): Promise<Choice> {
    return (await getDerived(choices, choiceId)) ?? firstChoice();
  }

  /** Without a choice, or after it was damaged: what ships. Numbers that were given are never given again. */
  async function firstChoice(): Promise<Choice> {
    return { ...noChoice, last: Math.max(0, ...(await all()).map((each) => each.version)) };
  }

  /** Removes weights that are damaged, and the versions that have them. */
  async function discard(setId: string): Promise<void> {
    const having = (await all()).filter((each) => archivedBy(each).includes(setId));
    await versions.remove(having.map(({ id }) => id));
    await archive.remove(setId);
  }

  function put(nextWeights: Weights, nextSets: Sets, next: number): void {
    const changed = differing(nextSets, sets);
    weights = nextWeights;
    sets = nextSets;
    version = next;
    if (changed.length > 0) use(weights, changed);
  }

  async function readSet(read: Weights, name: SetName, set: StoredSet | null): Promise<Weights> {
    if (set === null) return { ...read, [name]: null };
    try {
      return await withSet(read, name, archive.read(set.id, set.chunks), shelf);
    } catch (error) {
      if (isDamaged(error)) await discard(set.id);
      throw error;
    }
  }

  async function take(next: ModelVersion): Promise<boolean> {
    try {
      let read = weights;
      const usable: Partial<Record<SetName, StoredSet | null>> = {};
      for (const name of differing(next.sets, sets)) {
        read = await readSet(read, name, next.sets[name]);
        if (read[name] !== null || next.sets[name] === null) continue;
        usable[name] = null;
        log.warn(
          'learned weights belong to other inputs; those by default serve until new ones are learned',
          {
            set: name,
            version: next.version,
          },
        );
      }
      put(read, { ...next.sets, ...usable }, next.version);
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
      const first = await choice();
      const chosen = await choices.update(choiceId, (now) => change(now ?? first), { skipDamaged: true });
      await follow();
      return chosen ?? first;
    },
    all,
    stored,
  };
}
