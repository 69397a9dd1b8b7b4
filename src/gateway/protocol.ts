import type { IncomingMessage, ServerResponse } from 'node:http';
import { answerEarly } from './bodies.js';
import { bodyOf } from './edges.js';

/** None that a page can send to another site without being asked for permission: no form, no plain text. */
const bodyTypes = ['application/json', 'application/graphql+json', 'application/graphql'];
const answerTypes = [
  'application/json',
  'application/graphql-response+json',
  'text/event-stream',
  'multipart/mixed',
];
/** Those of them that can carry a response in parts. */
const partTypes: ReadonlySet<string> = new Set(['multipart/mixed', 'text/event-stream']);
/** What a browser asks for that opens the address itself. */
const pageTypes = ['text/html', 'application/xhtml+xml'];

export interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What is wrong with a request to `/graphql` before anything of its body is read; null: nothing. */
export function refusalOf(request: IncomingMessage, pages: boolean): Refusal | null {
  const { method, headers } = request;
  if (method !== 'POST' && method !== 'GET') return null;
  if (!accepts(headers.accept, method === 'GET' && pages)) {
    return {
      status: 406,
      code: 'GRAPHQL_ANSWER_TYPE',
      message: `Answers come as ${answerTypes.join(', ')}; the accept header allows none of them.`,
    };
  }
  return method === 'GET'
    ? refusalOfParameters((request.url ?? '').split('?')[1] ?? '')
    : refusalOfBody(request);
}

function refusalOfBody({ headers }: IncomingMessage): Refusal | null {
  const encoding = headers['content-encoding'];
  if (encoding !== undefined && encoding !== 'identity') {
    return {
      status: 415,
      code: 'GRAPHQL_BODY_ENCODING',
      message: `A body is taken as it is, not in the encoding ${shown(encoding)}; packed ones are taken by /v1/batch.`,
      headers: { 'accept-encoding': 'identity' },
    };
  }
  const type = mediaType(headers['content-type'] ?? '');
  if (!bodyTypes.includes(type)) {
    return {
      status: 415,
      code: 'GRAPHQL_BODY_TYPE',
      message: `The content-type must be ${bodyTypes.join(' or ')}, ${type ? `not ${shown(type)}` : 'and there is none'}.`,
      headers: { 'accept-post': bodyTypes.join(', ') },
    };
  }
  return null;
}

function refusalOfParameters(text: string): Refusal | null {
  const search = new URLSearchParams(text);
  for (const name of ['variables', 'extensions']) {
    if (search.getAll(name).every((value) => value === '' || isJson(value))) continue;
    return {
      status: 400,
      code: 'GRAPHQL_REQUEST_INVALID',
      message: `The parameter ${name} must be JSON, encoded for a URL; it does not read as such.`,
    };
  }
  return null;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function accepts(header: string | undefined, pages: boolean): boolean {
  if (header === undefined || header.trim() === '') return true;
  const offered = pages ? [...answerTypes, ...pageTypes] : answerTypes;
  return header.split(',').some((entry) => {
    const asked = mediaType(entry);
    return asked === '*/*' || offered.some((type) => type === asked || `${type.split('/')[0]}/*` === asked);
  });
}

/** True if a client names a media type that can carry a response in parts. Others get the whole response at once. */
export function acceptsParts(accept: string | null | undefined): boolean {
  return (accept ?? '').split(',').some((entry) => partTypes.has(mediaType(entry)));
}

/** Without its parameters. */
export function mediaType(header: string): string {
  const end = header.indexOf(';');
  return (end < 0 ? header : header.slice(0, end)).trim().toLowerCase();
}

function shown(text: string): string {
  return `"${text.slice(0, 60)}"`;
}

export function answerRefusal(response: ServerResponse, { status, code, message, headers }: Refusal): void {
  const text = JSON.stringify(bodyOf({ code, kind: 'invalid', message }));
  answerEarly(
    response,
    status,
    {
      'content-type': 'application/json; charset=utf-8',
      'content-length': Buffer.byteLength(text),
      'cache-control': 'no-store',
      'access-control-allow-origin': '*',
      ...headers,
    },
    text,
  );
}

const overloaded = JSON.stringify(
  bodyOf({
    code: 'GATEWAY_OVERLOADED',
    kind: 'unavailable',
    message: 'More is asked for than can be answered at the moment; try again in a second.',
  }),
);
const overloadedHead = [
  ['content-type', 'application/json; charset=utf-8'],
  ['content-length', String(overloaded.length)],
  ['retry-after', '1'],
  ['cache-control', 'no-store'],
  ['access-control-allow-origin', '*'],
  ['access-control-expose-headers', 'retry-after'],
  ['x-content-type-options', 'nosniff'],
  ['content-security-policy', "default-src 'none';frame-ancestors 'none'"],
].flat();

/** At next to no cost: nothing of the request is read, and head and body, plain ASCII, are one piece. */
export function answerOverload(response: ServerResponse, last: boolean): void {
  if (last) response.shouldKeepAlive = false;
  response.sendDate = false;
  response.writeHead(503, overloadedHead);
  response.end(overloaded, 'latin1');
}
