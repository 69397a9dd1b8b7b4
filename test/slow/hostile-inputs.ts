import { gzipSync } from 'node:zlib';

/** A request as somebody without a key could send it. */
export interface HostileInput {
  readonly name: string;
  readonly path: string;
  readonly method: 'GET' | 'POST' | 'OPTIONS';
  readonly headers: Readonly<Record<string, string>>;
  /** A list: in chunks. */
  readonly body: string | Buffer | readonly string[] | null;
}

const json = { 'content-type': 'application/json' };

function graphql(name: string, query: string, more: object = {}): HostileInput {
  return { name, path: '/graphql', method: 'POST', headers: json, body: JSON.stringify({ query, ...more }) };
}

function inBytes(method: HostileInput['method'], path: string, count: number): HostileInput {
  const headers = { ...json, 'transfer-encoding': 'chunked' };
  const body = Array.from({ length: count }, () => ' ');
  return { name: `${method} ${path} with ${count} chunks of a byte`, path, method, headers, body };
}

function raw(
  name: string,
  body: string | Buffer,
  path = '/graphql',
  headers: Record<string, string> = json,
): HostileInput {
  return { name, path, method: 'POST', headers, body };
}

const times = (count: number, text: (i: number) => string): string =>
  Array.from({ length: count }, (_, i) => text(i)).join(' ');

/** `n` makes texts differ, so that nothing that was remembered helps. */
export function hostileInputs(n: number): readonly HostileInput[] {
  const id = `q${n}`;
  return [
    graphql(
      'a literal of 7 KB of hints, of the wrong type',
      `{ ${id}: shopper(context: ${JSON.stringify('Did you mean '.repeat(550))}) { __typename } }`,
    ),
    graphql(
      'a literal of 95 KB of hints',
      `{ ${id}: shopper(context: ${JSON.stringify('Did you mean '.repeat(7_500))}) { __typename } }`,
    ),
    graphql(
      'a literal of 400 KB of hints',
      `{ ${id}: shopper(context: ${JSON.stringify('Did you mean '.repeat(32_000))}) { __typename } }`,
    ),
    graphql('900 unknown fields', `{ ${times(900, (i) => `f${n}x${i}`)} }`),
    graphql('12,000 unknown fields', `{ ${times(12_000, (i) => `f${i}`)} ${id} }`),
    graphql('one field 440 times', `{ ${times(440, () => 'version')} ${id}: version }`),
    graphql('a type 240 times', `{ ${times(240, () => '__type { name }')} ${id}: version }`),
    graphql('9,000 empty lines', `${'\n'.repeat(9_000)}{ ${id}: versoin }`),
    graphql('one field 900 times', `{ ${times(900, () => 'version')} ${id}: version }`),
    graphql(
      '900 fields of one name with arguments',
      `{ ${times(300, (i) => `product(id: "${i}") { id }`)} ${id}: version }`,
    ),
    graphql('3,000 levels', `{ ${id} ${'{ a '.repeat(3_000)}${'}'.repeat(3_000)} }`),
    graphql('45,000 opening braces', '{'.repeat(45_000)),
    graphql('lists nested 900 times', `{ ${id}: product(id: ${'['.repeat(450)}${']'.repeat(450)}) { id } }`),
    graphql('101 aliases', `{ ${times(101, (i) => `a${i}${id}: version`)} }`),
    graphql('a directive ten times', `{ ${id}: version ${'@include(if: true) '.repeat(10)} }`),
    graphql('unknown directives', `{ version ${times(400, (i) => `@d${i}${id}`)} }`),
    graphql(
      'fragments in a circle',
      `{ ...a ${id}: version } fragment a on Query { ...b } fragment b on Query { ...a }`,
    ),
    graphql(
      'fragments that double',
      `{ ...f0 ${id}: version } ${times(90, (i) => `fragment f${i} on Query { ...f${i + 1} ...f${i + 1} }`)} fragment f90 on Query { version }`,
    ),
    graphql(
      '200 fragments that are not used',
      `{ ${id}: version } ${times(200, (i) => `fragment f${i} on Query { version }`)}`,
    ),
    graphql('300 variables', `query (${times(300, (i) => `$v${i}: Int`)}) { ${id}: version }`),
    graphql(
      'introspection of introspection',
      `{ ${id}: __schema { types { fields { type { fields { type { fields { type { fields { name } } } } } } } } } }`,
    ),
    graphql('first: 99999999', `{ ${id}: products(first: 99999999) { edges { node { id } } } }`),
    graphql(
      'a number of 9,000 digits',
      `{ ${id}: products(first: ${'9'.repeat(9_000)}) { edges { node { id } } } }`,
    ),
    graphql(
      'a block string of 4,000 lines',
      `{ ${id}: product(id: """${'\n \\"""'.repeat(1_500)}""") { id } }`,
    ),
    graphql('a comment of 9 KB', `# ${'x'.repeat(9_000)}\n{ ${id}: version }`),
    graphql('9,000 commas', `{ ${','.repeat(9_000)} ${id}: version }`),
    graphql('a wrong persisted hash', '', {
      extensions: { persistedQuery: { version: 1, sha256Hash: 'a'.repeat(64) } },
    }),
    graphql('a misspelt field', `{ ${id}: versoin }`),
    graphql('variables nested 2,000 times', `{ ${id}: version }`, {
      variables: { a: JSON.parse(`${'['.repeat(2_000)}${']'.repeat(2_000)}`) },
    }),
    graphql('8,000 variables', `{ ${id}: version }`, {
      variables: Object.fromEntries(Array.from({ length: 8_000 }, (_, i) => [`v${i}`, i])),
    }),
    graphql('a prototype', `{ ${id}: version }`, {
      variables: JSON.parse('{"__proto__":{"admin":true},"constructor":{"prototype":{"admin":true}}}'),
    }),
    raw('JSON nested 45,000 times', '['.repeat(45_000)),
    raw('truncated JSON', `{"query": "{ ${id}: ver`),
    raw('a lone surrogate', `{"query": "{ ${id}: product(id: \\"\\ud800\\") { id } }"}`),
    raw(
      'an array of 3,000 operations',
      `[${Array.from({ length: 3_000 }, () => '{"query":"{ version }"}').join(',')}]`,
    ),
    raw('bytes that are no text', Buffer.alloc(90_000, 0xff)),
    raw(
      'a form of 20,000 fields',
      times(20_000, (i) => `a${i}=1&`),
      '/graphql',
      { 'content-type': 'application/x-www-form-urlencoded' },
    ),
    raw('a content-type of 8 KB', '{}', '/graphql', {
      'content-type': `application/json;${' a=b;'.repeat(1_600)}`,
    }),
    raw('an accept header of 8 KB', '{"query":"{ version }"}', '/graphql', {
      ...json,
      accept: 'text/*;q=0.1,'.repeat(600),
    }),
    raw('a key of 8 KB', '{}', '/graphql', { ...json, 'x-api-key': 'k'.repeat(8_000) }),
    raw('a bearer token of 8 KB', '{}', '/graphql', {
      ...json,
      authorization: `Bearer ${'a.'.repeat(4_000)}`,
    }),
    raw('basic credentials of 8 KB', '{}', '/v1/batch', { authorization: `Basic ${'='.repeat(8_000)}` }),
    raw('tracking JSON nested 45,000 times', `{"batch":${'['.repeat(45_000)}`, '/v1/batch'),
    raw('a gzip bomb', gzipSync(Buffer.alloc(50_000_000, 0x20)), '/v1/batch', { 'content-encoding': 'gzip' }),
    raw('a path of 8 KB', '{}', `/${'v1/'.repeat(2_500)}`),
    {
      name: 'a mutation by GET',
      path: `/graphql?query=${encodeURIComponent('mutation { replayDeadLetters(ids: []) }')}`,
      method: 'GET',
      headers: {},
      body: null,
    },
    {
      name: 'variables of 8 KB by GET',
      path: `/graphql?query={version}&variables=${'['.repeat(8_000)}`,
      method: 'GET',
      headers: {},
      body: null,
    },
    {
      name: 'a query of 12 KB by GET',
      path: `/graphql?query=${'%7B'.repeat(4_000)}`,
      method: 'GET',
      headers: {},
      body: null,
    },
    inBytes('POST', '/graphql', 90_000),
    inBytes('POST', '/nothing', 200_000),
    inBytes('GET', '/health/live', 200_000),
    inBytes('POST', '/health/live', 200_000),
    inBytes('POST', '/metrics', 200_000),
    inBytes('GET', '/graphql?query={version}', 200_000),
    inBytes('GET', '/showcase', 200_000),
    inBytes('OPTIONS', '/graphql', 200_000),
    {
      name: 'a host of brackets',
      path: '/graphql?query={version}',
      method: 'GET',
      headers: { host: '][{}|<>' },
      body: null,
    },
  ];
}
