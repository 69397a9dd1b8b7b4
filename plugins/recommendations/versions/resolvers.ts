import { isRapportError, userError } from '../../../src/errors.js';
import type { Resolvers } from '../../../src/plugin.js';
import type { ModelVersion } from './documents.js';
import type { Versions } from './versions.js';
import type { SetName } from './weights.js';

type Listed = ModelVersion & { readonly current: boolean };

/** Sets as the schema names them. */
const sets = {
  SESSION: 'session',
  PEOPLE: 'people',
  PLACEMENTS: 'placements',
} as const satisfies Record<string, SetName>;
const names = { session: 'SESSION', people: 'PEOPLE', placements: 'PLACEMENTS' } as const;

interface Only {
  readonly only?: keyof typeof sets | null;
}

export function createModelResolvers(versions: () => Versions) {
  /** What the merchandiser can put right is told them. */
  async function changed(change: () => Promise<unknown>) {
    try {
      await change();
    } catch (error) {
      if (!isRapportError(error) || (error.kind !== 'missing' && error.kind !== 'conflict')) throw error;
      return { version: null, userErrors: [userError(error.code, error.message, error.inputPath ?? [])] };
    }
    return { version: versions().currentVersion, userErrors: [] };
  }

  const setOf = ({ only }: Only) => (only == null ? undefined : sets[only]);

  return {
    Query: {
      recommendationModels() {
        return versions().list();
      },
    },
    Mutation: {
      publishModel(_: unknown, asked: Only & { readonly version: number }) {
        return changed(() => versions().publish(asked.version, setOf(asked)));
      },
      rollbackModel(_: unknown, asked: Only) {
        return changed(() => versions().rollback(setOf(asked)));
      },
    },
    RecommendationModel: {
      builtAt: ({ builtAtMs }: Listed) => new Date(builtAtMs),
      changed: ({ changed }: Listed) => names[changed],
      sessions: ({ changed, sets }: Listed) => sets[changed]?.sessions ?? 0,
      interactions: ({ changed, sets }: Listed) => sets[changed]?.interactions ?? 0,
      metrics: ({ changed, sets }: Listed) => sets[changed]?.metrics ?? {},
    },
  } satisfies Resolvers;
}
