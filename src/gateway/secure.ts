import { IncomingMessage, type OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import helmet from 'helmet';

type Headers = readonly (readonly [name: string, value: string])[];
type WriteHead = (
  this: ServerResponse,
  status: number,
  reason?: string | OutgoingHttpHeaders | unknown[],
  headers?: OutgoingHttpHeaders | unknown[],
) => ServerResponse;

/** Browsers keep a permission at most two hours (Chromium) or a day (Firefox). */
const preflightSeconds = 7_200;

/** What helmet sets: it is asked once, as nothing of it depends on a request. */
const ofAll = headersOf(
  helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
    },
    crossOriginResourcePolicy: { policy: 'cross-origin' },
  }),
);
const writeHead = writingWith(ofAll);
const writeHeadForPages = writingWith([...ofAll, ['access-control-allow-origin', '*']]);
const writeHeadWithScripts = writingWith(ofAll.filter(([name]) => name !== 'content-security-policy'));

/** Gives a response the headers that every one has. Pages that need another policy set their own. */
export function secure(response: ServerResponse): void {
  response.writeHead = writeHead;
}

/** The same, for a response that pages of other sites may read. */
export function secureForPages(response: ServerResponse): void {
  response.writeHead = writeHeadForPages;
}

/** Allows pages of every origin to call with whatever headers they name; `secureForPages` adds the origin. */
export function answerPreflight({ headers }: IncomingMessage, response: ServerResponse): void {
  const requested = headers['access-control-request-headers'];
  response.writeHead(204, {
    'access-control-allow-headers': requested ?? 'authorization, content-type, x-api-key',
    'access-control-allow-methods': 'GET, POST, DELETE',
    'access-control-max-age': String(preflightSeconds),
    vary: 'access-control-request-headers',
  });
  response.end();
}

/** The same as `secure`, for a page with scripts of its own. */
export function secureWithScripts(response: ServerResponse): void {
  response.writeHead = writeHeadWithScripts;
}

/**
 * Writes heads with these headers, as far as the response has none of their names. They join what the handler gives as one list:
 * setting each of them first would make an object and an array for every one.
 */
function writingWith(added: Headers): WriteHead {
  const names: ReadonlySet<string> = new Set(added.map(([name]) => name));
  const pairs = added.flat();

  /** Names and values in turns; null for a list, and for names that are not in lower case. */
  function listOf(headers: OutgoingHttpHeaders | unknown[]): unknown[] | null {
    if (Array.isArray(headers)) return null;
    const list: unknown[] = [];
    let isOwn = false;
    for (const name in headers) {
      if (name !== name.toLowerCase()) return null;
      if (names.has(name)) isOwn = true;
      list.push(name, headers[name]);
    }
    if (!isOwn) return list.concat(pairs);
    for (const [name, value] of added) if (!Object.hasOwn(headers, name)) list.push(name, value);
    return list;
  }

  return function (status, reason, headers = typeof reason === 'string' ? undefined : reason) {
    const list = this.getHeaderNames().length === 0 ? listOf(headers ?? {}) : null;
    if (list === null)
      for (const [name, value] of added) if (!this.hasHeader(name)) this.setHeader(name, value);
    const rest = typeof reason === 'string' ? [status, reason, list ?? headers] : [status, list ?? headers];
    return Reflect.apply(ServerResponse.prototype.writeHead, this, rest);
  };
}

function headersOf(set: ReturnType<typeof helmet>): Headers {
  const request = new IncomingMessage(new Socket());
  const response = new ServerResponse(request);
  set(request, response, (error) => {
    if (error) throw error;
  });
  return response.getHeaderNames().map((name) => [name, String(response.getHeader(name))]);
}
