import type { Role } from './context.js';

export interface WelcomeParts {
  readonly url: string;
  /** The page to look at first, below the URL. */
  readonly home: string;
  readonly keys: readonly (readonly [Role, string])[];
  readonly demo: boolean;
}

/** The text that `npm start` prints for a new user: addresses, keys and a first query. */
export function welcome({ url, home, keys, demo }: WelcomeParts): string {
  const keyOf = (role: Role) => keys.find(([name]) => name === role)?.[1] ?? '';
  const lines = [
    '',
    `  Rapport is ready: ${url}${home}  (one shopper, four channels)`,
    `                    ${url}/graphql  (GraphiQL with examples)`,
    '',
    '  Development keys, never for production (header x-api-key):',
    ...keys.map(([role, key]) => `    ${role.padEnd(13)} ${key}`),
  ];
  if (demo) {
    lines.push(
      '',
      '  The first query, for Ada, who loves coffee:',
      `    curl -s ${url}/graphql -H 'content-type: application/json' -H 'x-api-key: ${keyOf('STOREFRONT')}' -d '${firstQuery}'`,
    );
  }
  return `${lines.join('\n')}\n`;
}

export const firstQuery = JSON.stringify({
  query:
    '{ shopper(context: { channel: WEB, sessionId: "demo-ada", currency: EUR }) { recommendations(placement: "home", first: 3) { items { product { title price { amount currency } } reasons { text } } } } }',
});
