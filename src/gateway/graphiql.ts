import { renderGraphiQL } from '@graphql-yoga/render-graphiql';
import type { GraphiQLOptions } from 'graphql-yoga';
import type { Role } from '../context.js';
import { examples } from './examples.js';

export interface GraphiQL {
  readonly options: GraphiQLOptions;
  readonly render: (options?: GraphiQLOptions) => string;
}

/** The playground, served from this process alone, with an example and its key in every tab. */
export function createGraphiQL(keyOf: (role: Role) => string | undefined): GraphiQL {
  const headers = (role: Role) => JSON.stringify({ 'x-api-key': keyOf(role) ?? `a ${role} key` }, null, 2);
  return {
    options: {
      title: 'Rapport',
      headers: headers('STOREFRONT'),
      defaultTabs: examples.map(({ query, variables, role }) => ({
        query,
        variables: variables ?? null,
        headers: headers(role),
      })),
      defaultEditorToolsVisibility: 'headers',
      shouldPersistHeaders: true,
    },
    render: renderGraphiQL,
  };
}
