import { join } from 'node:path';
import autocannon from 'autocannon';
import { type BenchResult, type BenchRow, median } from './measure.js';
import { type BenchServer, startServer, untilQuiet } from './servers.js';

const rounds = 7;
const requestsPerRound = 1_500;
const connections = 8;

const shoppersMax = 300;
/** A MongoDB-compatible server on SQLite takes minutes for more. */
const strangersShared = 300;

const query = `query Home($session: ID!) {
  shopper(context: { channel: WEB, sessionId: $session, currency: "EUR" }) {
    recommendations(placement: "home", first: 20) {
      decisionId
      items {
        position score source
        reasons { code text }
        product { id sku title description brand inStock price { amount currency } categories { id name } image { url alt } }
      }
    }
  }
}`;

export const headers = { 'content-type': 'application/json', 'x-api-key': 'bench-storefront' };

/** The whole personalized answer over HTTP beside the same JSON from static resolvers; CPU time of the two server processes. */
export const answerRow: BenchRow = {
  name: 'personalized GraphQL answer, 20 products, over HTTP',
  against: 'graphql-yoga on express, static resolvers, same JSON',
  goal: '≤ 1.3 ×, then ≤ 0.5 ×, then ≤ 0.25 ×',
  async run(progress) {
    const ours = await startServer('answer-ours.js', environment);
    const theirs = await startServer('answer-static.js', environment);
    try {
      const bodies = await bodiesOfPersonal(ours);
      await theirs.call((await ask(ours, bodies[0]!)).data);
      return await compare(ours, theirs, bodies, progress);
    } finally {
      await ours.close();
      await theirs.close();
    }
  },
};

/** What the same answer costs once store and queue are other processes, whose own CPU time is not counted. */
export const answerDriversRow: BenchRow = {
  name: 'personalized GraphQL answer, store on MongoDB, queue on Redis',
  against: 'the same on the embedded drivers',
  goal: '≤ 1.5 ×',
  servers: ['MONGODB_URL', 'REDIS_URL'],
  async run(progress) {
    const database = new URL(process.env.MONGODB_URL!);
    database.pathname = `/bench-${process.pid}`;
    const few = { ...environment, STRANGERS: String(strangersShared) };
    progress('seeding the demo shop on both');
    const ours = await startServer('answer-ours.js', {
      ...few,
      STORE_URL: database.href,
      QUEUE_URL: process.env.REDIS_URL!,
    });
    const theirs = await startServer('answer-ours.js', few);
    try {
      return await compare(ours, theirs, await bodiesOfPersonal(ours, strangersShared), progress);
    } finally {
      await ours.close();
      await theirs.close();
    }
  },
};

const strangers = 3_000;
const environment = { SCHEMA_DIRECTORY: join(process.cwd(), 'schema') };

const bodyOf = (session: string, text = query) => JSON.stringify({ query: text, variables: { session } });

interface FirstAnswer {
  readonly data: {
    readonly shopper: {
      readonly recommendations: { readonly items: readonly unknown[]; readonly personalized?: boolean };
    };
  };
  readonly errors?: unknown;
}

async function ask(server: BenchServer, body: string): Promise<FirstAnswer> {
  const response = await fetch(`${server.url}/graphql`, { method: 'POST', headers, body });
  const answer = (await response.json()) as FirstAnswer;
  if (answer.errors) throw new Error(`the answer has errors: ${JSON.stringify(answer.errors)}`);
  return answer;
}

/** Of the demo's strangers those who have said yes and looked at something: whose answer is theirs alone. */
export async function bodiesOfPersonal(server: BenchServer, among = strangers): Promise<string[]> {
  const asksWhether = query.replace('decisionId', 'personalized');
  const bodies: string[] = [];
  for (let number = 1; number <= among && bodies.length < shoppersMax; number++) {
    const { data } = await ask(server, bodyOf(`shopper-${number}`, asksWhether));
    if (data.shopper.recommendations.personalized) bodies.push(bodyOf(`shopper-${number}`));
  }
  if (bodies.length === 0) throw new Error('no answer is personalized');
  return bodies;
}

async function compare(
  ours: BenchServer,
  theirs: BenchServer,
  bodies: readonly string[],
  progress: (line: string) => void,
): Promise<BenchResult> {
  progress('waiting until nothing is learned beside');
  for (const server of [ours, theirs]) {
    await load(server, bodies);
    await untilQuiet(server);
  }
  const measured = { ours: [] as Round[], theirs: [] as Round[] };
  for (let round = -1; round < rounds; round++) {
    progress(`round ${round + 1} of ${rounds}`);
    const [a, b] = [await load(ours, bodies), await load(theirs, bodies)];
    if (round < 0) continue;
    measured.ours.push(a);
    measured.theirs.push(b);
  }
  const answer = await ask(ours, bodies[0]!);
  const p = (side: Round[], key: keyof Round) => median(side.map((round) => round[key]));
  return {
    oursMicros: p(measured.ours, 'cpuMicros'),
    theirsMicros: p(measured.theirs, 'cpuMicros'),
    details: {
      shoppers: bodies.length,
      products: answer.data.shopper.recommendations.items.length,
      bytes: JSON.stringify(answer).length,
      'p50 ms': p(measured.ours, 'p50Ms'),
      'p99 ms': p(measured.ours, 'p99Ms'),
      'their p50 ms': p(measured.theirs, 'p50Ms'),
      'their p99 ms': p(measured.theirs, 'p99Ms'),
    },
  };
}

interface Round {
  readonly cpuMicros: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

async function load(server: BenchServer, bodies: readonly string[]): Promise<Round> {
  const before = await server.cpuMicros();
  const result = await autocannon({
    url: `${server.url}/graphql`,
    method: 'POST',
    headers,
    requests: bodies.map((body) => ({ body })),
    connections,
    amount: requestsPerRound,
  });
  if (result.non2xx > 0 || result.errors > 0)
    throw new Error(`${result.non2xx + result.errors} requests failed`);
  return {
    cpuMicros: ((await server.cpuMicros()) - before) / requestsPerRound,
    p50Ms: result.latency.p50,
    p99Ms: result.latency.p99,
  };
}
