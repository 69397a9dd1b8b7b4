import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Edge } from '../../src/plugin.js';

/**
 * Answers with the settings that Segment's browser SDK reads before it sends anything, from the host that the page names:
 * no other destinations, no tracking plan, no metrics of its own, and events to this gateway.
 */
export async function answerSettings(
  { headers }: IncomingMessage,
  response: ServerResponse,
  edge: Edge,
): Promise<void> {
  const writeKey = edge.params.writeKey ?? '';
  await edge.caller(writeKey);
  const text = JSON.stringify({
    integrations: {
      'Segment.io': { apiKey: writeKey, apiHost: `${headers.host}/v1`, protocol: protocolOf(headers) },
    },
    plan: {},
    metrics: { sampleRate: 0 },
  });
  response.writeHead(200, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(text),
    // It depends on headers, and on the key being valid still.
    'cache-control': 'no-store',
  });
  response.end(text);
}

/** A page of https cannot send to http, so http is only for pages of http, most likely on the developer's machine. */
function protocolOf({ origin, referer }: IncomingMessage['headers']): 'http' | 'https' {
  return (origin ?? referer)?.startsWith('http:') ? 'http' : 'https';
}
