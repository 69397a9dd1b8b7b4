import type { Request } from '../../../src/context.js';
import { RapportError, userError } from '../../../src/errors.js';
import type { Resolvers } from '../../../src/plugin.js';
import type { ModelVersion, Versions } from './versions.js';

type Listed = ModelVersion & { readonly current: boolean };

export function createModelResolvers(versions: () => Versions) {
  /** What the merchandiser can put right is told them. */
  async function changed(change: () => Promise<unknown>) {
    try {
      await change();
    } catch (error) {
      if (!(error instanceof RapportError) || (error.kind !== 'missing' && error.kind !== 'conflict'))
        throw error;
      return { version: null, userErrors: [userError(error.code, error.message, error.inputPath ?? [])] };
    }
    return { version: versions().currentVersion, userErrors: [] };
  }

  return {
    Query: {
      recommendationModels(_: unknown, __: unknown, request: Request) {
        request.allow('MERCHANDISER');
        return versions().list();
      },
    },
    Mutation: {
      publishModel(_: unknown, { version }: { readonly version: number }, request: Request) {
        request.allow('MERCHANDISER');
        return changed(() => versions().publish(version));
      },
      rollbackModel(_: unknown, __: unknown, request: Request) {
        request.allow('MERCHANDISER');
        return changed(() => versions().rollback());
      },
    },
    RecommendationModel: { builtAt: ({ builtAtMs }: Listed) => new Date(builtAtMs) },
  } satisfies Resolvers;
}
