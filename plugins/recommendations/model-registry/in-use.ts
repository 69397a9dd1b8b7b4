import { describeError } from '../../../src/errors.js';
import type { Host } from '../../../src/plugin.js';
import type { Shelf } from '../../../src/ports/catalog.js';
import type { Collection } from '../../../src/ports/store.js';
import type { Archive } from '../snapshots/archive.js';
import { getDerived, isDamaged, scanDerived } from '../snapshots/derived-documents.js';
import {
  type Choice,
  choiceId,
  defaultVersions,
  type ModelVersion,
  noChoice,
  versionsFormat,
} from './documents.js';
import { readWeights, type SetName, setNames, shippedWeights, type Weights } from './weights.js';

export interface VersionsParts {
  readonly versions: Collection<ModelVersion>;
  readonly choices: Collection<Choice>;
  readonly archive: Archive;
  readonly shelf: Shelf;
  readonly host: Pick<Host, 'clock' | 'ids' | 'log'>;
  /** Called in every process when other weights are to be used. */
  readonly use: (weights: Weights) => void;
}

type UsedBySet = Readonly<Record<SetName, ModelVersion | null>>;

/** What this process uses, which follows what was chosen for all. */
export function createInUse({ versions, choices, archive, shelf, host, use }: VersionsParts) {
  const { log } = host;
  let weights = shippedWeights;
  let used: UsedBySet = { session: null, people: null };
  let followed = defaultVersions;
  /** Taken over one after the other. */
  let taking: Promise<void> = Promise.resolve();

  async function all(): Promise<ModelVersion[]> {
    return (await scanDerived(versions)).sort((a, b) => b.version - a.version);
  }

  const stored = async () =>
    (await all()).filter(
      ({ format, chunks, set }) => format === versionsFormat && chunks !== null && setNames.includes(set),
    );

  async function choice(): Promise<Choice> {
    return (await getDerived(choices, choiceId)) ?? firstChoice();
  }

  /** Without a choice, or after it was damaged: the default weights. Numbers that were given are never given again. */
  async function firstChoice(): Promise<Choice> {
    return { ...noChoice, last: Math.max(0, ...(await all()).map(({ version }) => version)) };
  }

  /** The chosen version of a set or, if that cannot be read, the newest before it. */
  async function newestReadable(name: SetName, until: number, versionsStored: readonly ModelVersion[]) {
    for (const candidate of versionsStored) {
      const { id, set, version, chunks } = candidate;
      if (set !== name || version > until) continue;
      try {
        const read = await readWeights(set, archive.read(id, chunks ?? 0), shelf);
        if (read !== null) {
          log.info('a learned model is in use', { set, version });
          return { version: candidate, weights: read };
        }
        log.warn(
          'learned weights belong to other inputs; those by default serve until new ones are learned',
          {
            set,
            version,
          },
        );
        break;
      } catch (error) {
        log.warn('a learned model cannot be used', { set, version, err: describeError(error) });
        if (!isDamaged(error)) continue;
        await versions.remove([id]);
        await archive.remove(id);
      }
    }
    return { version: null, weights: null };
  }

  async function takeOver(): Promise<void> {
    const { versions: chosen } = await choice();
    // A version that could not be read is tried again.
    const names = setNames.filter((name) => chosen[name] !== (used[name]?.version ?? 0));
    followed = chosen;
    if (names.length === 0) return;
    const versionsStored = await stored();
    let [nextWeights, nextUsed] = [weights, used];
    for (const name of names) {
      const found = await newestReadable(name, chosen[name], versionsStored);
      nextUsed = { ...nextUsed, [name]: found.version };
      nextWeights = { ...nextWeights, [name]: found.weights };
    }
    const isChanged = names.some((name) => nextUsed[name]?.id !== used[name]?.id);
    [weights, used] = [nextWeights, nextUsed];
    if (isChanged) use(weights);
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
    /** null: the default weights. */
    get used() {
      return used;
    },
    /** The choice that was stored at the last look-up. Where its weights cannot be read, others are used. */
    get followed() {
      return followed;
    },
    /** Takes over what is chosen. Never rejects. */
    follow,
    choice,
    /** Changes the choice, unless `change` returns undefined, and follows it. */
    async choose(change: (now: Choice) => Choice | undefined): Promise<Choice> {
      const first = await choice();
      const chosen = await choices.update(choiceId, (now) => change(now ?? first), { skipDamaged: true });
      await follow();
      return chosen ?? first;
    },
    /** Newest first, others than complete ones among them. */
    all,
    /** Newest first, those that can be used. */
    stored,
  };
}
