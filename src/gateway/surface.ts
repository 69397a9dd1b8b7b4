import type { GraphQLSchema } from 'graphql';
import type { RunningPlugin } from '../boot.js';
import { buildGraph } from './graph.js';
import type { NodeIds } from './node-ids.js';
import { createNodes } from './nodes.js';
import { createRoutes, type Routes } from './routes.js';

/** The graph and endpoints through which clients reach plugins. */
export interface Surface {
  readonly schema: GraphQLSchema;
  readonly routes: Routes;
  readonly nodeIds: NodeIds;
}

/**
 * Joins graph and endpoints of created plugins, none of which needs to have been started. Throws an Error that names the plugin if its
 * SDL, resolvers or endpoints are not allowed.
 */
export function createSurface(schemaDirectory: string, plugins: readonly RunningPlugin[]): Surface {
  const nodes = createNodes(plugins);
  const schema = buildGraph(schemaDirectory, plugins, nodes);
  const routes = createRoutes();
  for (const { plugin, instance } of plugins) instance.routes?.(routes.routerOf(plugin.name));
  return { schema, routes, nodeIds: nodes.ids };
}
