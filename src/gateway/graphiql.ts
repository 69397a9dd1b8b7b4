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
        query: unnamed(query),
        variables: variables ?? null,
        headers: headers(role),
      })),
      defaultEditorToolsVisibility: 'headers',
      shouldPersistHeaders: true,
    },
    render: (options) => renderGraphiQL(options).replace('</head>', `${stillTabs}</head>`),
  };
}

/**
 * GraphiQL runs a tab with the name of the operation of the tab before, which its fetcher refuses. An operation without a name runs always. The
 * comment gives the tab its title, which GraphiQL finds in the first line that does not begin with `#`.
 */
function unnamed(query: string): string {
  return query.replace(/^(query|mutation|subscription) (\w+) ?/m, ' # $1 $2\n$1 ');
}

/** A pressed tab would jump aside and return slowly, so that the first click meets nothing. */
const stillTabs = '<style>.graphiql-tab { transform: none !important }</style>';
