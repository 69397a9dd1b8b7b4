import { isRapportError, userError } from '../../../src/errors.js';
import type { Resolvers } from '../../../src/plugin.js';
import type { ModelVersion } from './documents.js';
import type { Versions } from './versions.js';
import type { SetName } from './weights.js';

type Listed = ModelVersion & { readonly current: boolean };

/** Sets as the schema names them. */
const sets = { SESSION: 'session', PEOPLE: 'people' } as const satisfies Record<string, SetName>;
const names = { session: 'SESSION', people: 'PEOPLE' } as const;

interface Only {
  readonly only?: keyof typeof sets | null;
}

export function createModelResolvers(versions: () => Versions) {
  /** Reports errors that the merchandiser can correct as user errors. */
  async function changed(change: () => Promise<number>) {
    try {
      return { version: await change(), userErrors: [] };
    } catch (error) {
      if (!isRapportError(error) || (error.kind !== 'missing' && error.kind !== 'conflict')) throw error;
      return { version: null, userErrors: [userError(error.code, error.message, error.inputPath ?? [])] };
    }
  }

  const setOf = ({ only }: Only) => (only == null ? undefined : sets[only]);

  return {
    Query: {
      recommendationModels() {
        return versions().list();
      },
    },
    Mutation: {
      publishModel(_: unknown, input: Only & { readonly version: number }) {
        return changed(async () => {
          await versions().publish(input.version, setOf(input));
          return input.version;
        });
      },
      rollbackModel(_: unknown, input: Only) {
        return changed(() => versions().rollback(setOf(input)));
      },
    },
    RecommendationModel: {
      builtAt: ({ builtAtMs }: Listed) => new Date(builtAtMs),
      changed: ({ set }: Listed) => names[set],
    },
  } satisfies Resolvers;
}
