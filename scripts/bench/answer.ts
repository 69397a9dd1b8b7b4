import { join } from 'node:path';
import autocannon from 'autocannon';
import { type BenchRow, median } from './measure.js';
import { type BenchServer, startServer } from './servers.js';

const rounds = 7;
const requestsPerRound = 1_500;
const connections = 8;

const shoppers = 300;

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

const headers = { 'content-type': 'application/json', 'x-api-key': 'bench-storefront' };

/** The whole personalized answer over HTTP beside the same JSON from static resolvers; CPU time of the two server processes. */
export const answerRow: BenchRow = {
  name: 'personalized GraphQL answer, 20 products, over HTTP',
  against: 'graphql-yoga on express, static resolvers, same JSON',
  goal: '≤ 1.3 ×, then ≤ 0.5 ×',
  async run(progress) {
    const environment = { SCHEMA_DIRECTORY: join(process.cwd(), 'schema') };
    const ours = await startServer('answer-ours.js', environment);
    const theirs = await startServer('answer-static.js', environment);
    try {
      const bodies = Array.from({ length: shoppers }, (_, i) =>
        JSON.stringify({ query, variables: { session: `shopper-${i + 1}` } }),
      );
      const answer = await (
        await fetch(`${ours.url}/graphql`, { method: 'POST', headers, body: bodies[0]! })
      ).json();
      const { data, errors } = answer as {
        data: { shopper: { recommendations: { items: unknown[] } } };
        errors?: unknown;
      };
      if (errors) throw new Error(`the answer has errors: ${JSON.stringify(errors)}`);
      await theirs.call(data);
      const measured = { ours: [] as Round[], theirs: [] as Round[] };
      for (let round = -1; round < rounds; round++) {
        progress(`round ${round + 1} of ${rounds}`);
        const [a, b] = [await load(ours, bodies), await load(theirs, bodies)];
        if (round < 0) continue;
        measured.ours.push(a);
        measured.theirs.push(b);
      }
      const p = (side: Round[], key: keyof Round) => median(side.map((round) => round[key]));
      return {
        oursMicros: p(measured.ours, 'cpuMicros'),
        theirsMicros: p(measured.theirs, 'cpuMicros'),
        details: {
          products: data.shopper.recommendations.items.length,
          bytes: JSON.stringify(answer).length,
          'p50 ms': p(measured.ours, 'p50Ms'),
          'p99 ms': p(measured.ours, 'p99Ms'),
          'their p99 ms': p(measured.theirs, 'p99Ms'),
        },
      };
    } finally {
      await ours.close();
      await theirs.close();
    }
  },
};

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
