import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Edge } from '../../src/plugin.js';
import { shownKey } from './shown-key.js';

/**
 * Answers with the source that RudderStack's browser SDK reads before it sends anything, from the `configUrl` that the page names: no
 * destinations, and no reports to RudderStack. Events go to the page's data plane.
 */
export async function answerSourceConfig(
  request: IncomingMessage,
  response: ServerResponse,
  edge: Edge,
): Promise<void> {
  await edge.caller(shownKey(request) ?? undefined);
  const text = JSON.stringify({
    source: {
      id: 'rapport',
      name: 'Rapport',
      workspaceId: 'rapport',
      enabled: true,
      config: {
        statsCollection: { errors: { enabled: false }, metrics: { enabled: false } },
      },
      destinations: [],
    },
  });
  response.writeHead(200, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(text),
    // It depends on the key being valid still.
    'cache-control': 'no-store',
  });
  response.end(text);
}
