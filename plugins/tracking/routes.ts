import type { IncomingMessage, ServerResponse } from 'node:http';
import { isRapportError } from '../../src/errors.js';
import type { Edge, Host, Router } from '../../src/plugin.js';
import { type Kind, kinds } from './message.js';
import { Refusal } from './refusal.js';
import { answerSettings } from './sdk-settings.js';
import { answerSourceConfig } from './source-config.js';
import { type Needs, take } from './tracking.js';

const retryAfterSeconds = 5;
/** The endpoints of Segment's HTTP tracking API, long names and short. */
export function mount(router: Router, needs: Needs, host: Host): void {
  for (const kind of [...kinds, null]) {
    const handle = (request: IncomingMessage, response: ServerResponse, edge: Edge) =>
      answer(kind, request, response, () => take(needs, host, kind, request, edge));
    const name = kind ?? 'batch';
    router.route('POST', `/v1/${name}`, handle);
    router.route('POST', `/v1/${name.slice(0, 1)}`, handle);
  }
  router.route('GET', '/v1/projects/:writeKey/settings', answerSettings);
  // The SDK adds `/sourceConfig/` to the host that the page names.
  for (const path of ['/sourceConfig', '/sourceConfig/']) router.route('GET', path, answerSourceConfig);
}

async function answer(
  kind: Kind | null,
  request: IncomingMessage,
  response: ServerResponse,
  run: () => ReturnType<typeof take>,
): Promise<void> {
  try {
    const { accepted, duplicates, errors, warnings } = await run();
    const wholly = errors.length > 0 && accepted + duplicates === 0;
    // With nothing good in it the request itself was at fault, and its sender should hear of it.
    const status = !wholly
      ? 200
      : errors.every(({ code }) => code === 'TRACKING_MESSAGE_TOO_LARGE')
        ? 413
        : 400;
    const rejected = new Set(errors.map(({ path }) => path[0])).size;
    send(response, status, {
      success: !wholly,
      accepted,
      duplicates,
      rejected,
      ...listed('errors', kind, errors),
      ...listed('warnings', kind, warnings),
    });
  } catch (error) {
    const known = error instanceof Refusal || isRapportError(error) ? error : null;
    if (known === null) throw error;
    const status = known instanceof Refusal ? known.status : known.httpStatus;
    // Segment's SDKs try these again, and keep to the time that is named.
    if (status === 429 || status === 503) {
      const seconds = isRapportError(known) ? known.retryAfterSeconds : undefined;
      response.setHeader('retry-after', String(seconds ?? retryAfterSeconds));
    }
    // What is left of the body is not waited for.
    if (!request.complete) {
      response.setHeader('connection', 'close');
      request.resume();
    }
    send(response, status, { success: false, code: known.code, message: known.message });
  }
}

function listed(
  name: string,
  kind: Kind | null,
  errors: readonly { readonly path: readonly string[] }[],
): object {
  if (errors.length === 0) return {};
  return {
    [name]: kind === null ? errors : errors.map((error) => ({ ...error, path: error.path.slice(1) })),
  };
}

function send(response: ServerResponse, status: number, body: object): void {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-store',
  });
  response.end(text);
}
