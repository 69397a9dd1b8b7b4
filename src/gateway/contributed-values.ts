import { type GraphQLSchema, isEnumType } from 'graphql';
import type { RunningPlugin } from '../boot.js';

/** Throws an Error if a recommender has a source or a reason that its enum in the graph does not have: lists with it could not be returned. */
export function refuseUndeclaredValues(schema: GraphQLSchema, plugins: readonly RunningPlugin[]): void {
  for (const { plugin, instance } of plugins) {
    for (const { name, source, reason, phrases = {} } of instance.contributes?.recommender ?? []) {
      refuseUndeclared('RecommendationSource', [source]);
      refuseUndeclared('ReasonCode', [reason, ...Object.keys(phrases)]);

      function refuseUndeclared(typeName: string, values: readonly string[]): void {
        const type = schema.getType(typeName);
        if (!isEnumType(type)) return;
        const missing = values.find((value) => !type.getValue(value));
        if (missing === undefined) return;
        throw new Error(
          `the recommender "${name}" of ${plugin.name} uses ${missing}, which ${typeName} does not have; declare it in the plugin's SDL: extend enum ${typeName} { ${missing} }`,
        );
      }
    }
  }
}
