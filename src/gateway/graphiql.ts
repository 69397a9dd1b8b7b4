import { renderGraphiQL } from '@graphql-yoga/render-graphiql';
import type { GraphiQLOptions } from 'graphql-yoga';
import type { Role } from '../context.js';
import { examples } from './examples.js';

export interface GraphiQL {
  readonly options: GraphiQLOptions;
  readonly render: (options?: GraphiQLOptions) => string;
}

/** The playground of development mode, served from this process alone, with an example in every tab. Pass generated keys only. */
export function createGraphiQL(keys: Readonly<Record<Role, string>> | null): GraphiQL {
  const headers = (role: Role) => JSON.stringify({ 'x-api-key': keys?.[role] ?? `a ${role} key` }, null, 2);
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
