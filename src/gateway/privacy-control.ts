import type { ServerResponse } from 'node:http';

/** The path that the specification of Global Privacy Control reserves. */
export const privacyControlPath = '/.well-known/gpc.json';

const privacyControl = JSON.stringify({ gpc: true, lastUpdate: '2026-11-30' });

/** The statement that Global Privacy Control asks of sites that honour it. */
export function answerPrivacyControl(response: ServerResponse): void {
  response.writeHead(200, {
    'content-type': 'application/json',
    'content-length': privacyControl.length,
    'access-control-allow-origin': '*',
  });
  response.end(privacyControl);
}
