import type { Contributed } from '../../../src/contributed.js';
import type { Shelf } from '../../../src/ports/catalog.js';
import type { ShopEvent } from '../../../src/ports/events.js';
import type { Recommender, RecommenderModel } from '../../../src/ports/recommenders.js';
import type { Part, Storable } from '../snapshots/stored.js';

/** The models of contributed recommenders, as one member of the statistics: they are built anew, stored and restored with these. */
export interface ContributedModels extends Storable {
  readonly models: ReadonlyMap<string, RecommenderModel>;
  learn(events: readonly ShopEvent[]): void;
  /** Names of recommenders that learn and whose state was not restored: what they learned is missing. */
  missing(): readonly string[];
}

interface StatePart extends Part {
  readonly version: number;
  readonly state: unknown;
}

/** Creates a model for each recommender. One that throws is left out, and named in the log. */
export function createContributedModels(
  entries: readonly Contributed<Recommender>[],
  index: Shelf,
): ContributedModels {
  const created = entries.flatMap((entry) => {
    const model = entry.attempt((recommender) => recommender.create(index));
    return model === null ? [] : [{ entry, recommender: entry.contribution, model }];
  });
  const restored = new Set<string>();
  const versionOf = ({ version = 1 }: Recommender) => version;

  return {
    models: new Map(created.map(({ recommender, model }) => [recommender.name, model])),
    learn(events) {
      const learners = created.filter(({ model }) => model.learn);
      if (learners.length === 0) return;
      const permitted = events.filter(({ learn, permitted }) => learn && permitted !== false);
      for (const { entry, model } of learners) entry.attempt(() => model.learn!(permitted));
    },
    missing: () =>
      created.flatMap(({ recommender: { name }, model }) =>
        model.learn && !restored.has(name) ? [name] : [],
      ),
    save: () =>
      created.flatMap(({ entry, recommender, model }): StatePart[] => {
        const state = model.save && entry.attempt(() => ({ value: model.save!() }));
        return state ? [{ name: recommender.name, version: versionOf(recommender), state: state.value }] : [];
      }),
    restore(part, ids) {
      const { name, version, state } = part as StatePart;
      const found = created.find(({ recommender }) => recommender.name === name);
      if (!found?.model.restore || versionOf(found.recommender) !== version) return;
      const isRestored = found.entry.attempt(() => {
        found.model.restore!(state as never, (item) => ids[item] ?? -1);
        return true;
      });
      if (isRestored) restored.add(name);
    },
  };
}
