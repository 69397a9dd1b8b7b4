import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BenchResult, type BenchRow, median } from './measure.js';
import { type BenchServer, startServer } from './servers.js';

/** Until the compiler has settled; not counted. */
const warmUps = 6;
const rounds = 5;
const connections = 16;
const products = 97;
const authorization = `Basic ${Buffer.from('bench-server:').toString('base64')}`;

/** Durable ingestion over HTTP, as Segment's SDKs send it; CPU time of the two server processes, per event. */
export const ingestionRows: readonly BenchRow[] = [
  {
    name: 'durable ingestion, batches of 50, per event',
    against: 'bare node:http that parses and group-commits',
    goal: '≥ 0.5 × its throughput (≤ 2 × its CPU)',
    run: (progress) => compare('/v1/batch', 50, 600, progress),
  },
  {
    name: 'durable ingestion, single events',
    against: 'bare node:http that parses and group-commits',
    goal: '≤ 1.5 ×',
    run: (progress) => compare('/v1/track', 1, 4_000, progress),
  },
];

async function compare(
  path: string,
  size: number,
  requests: number,
  progress: (line: string) => void,
): Promise<BenchResult> {
  const directory = mkdtempSync(join(tmpdir(), 'rapport-bench-'));
  const environment = {
    SCHEMA_DIRECTORY: join(process.cwd(), 'schema'),
    BENCH_DIRECTORY: directory,
    PRODUCTS: String(products),
  };
  const ours = await startServer('ingestion-ours.js', environment);
  const theirs = await startServer('ingestion-bare.js', environment);
  try {
    const measured = { ours: [] as Round[], theirs: [] as Round[], port: [] as Round[] };
    for (let round = 1 - warmUps; round <= rounds; round++) {
      progress(round > 0 ? `round ${round} of ${rounds}` : 'warming up');
      const bodies = Array.from({ length: requests }, () => bodyOf(size));
      const a = await load(ours, path, bodies, size);
      const b = await load(theirs, path, bodies, size);
      const c = await loadPort(ours, requests, size);
      if (round <= 0) continue;
      measured.ours.push(a);
      measured.theirs.push(b);
      measured.port.push(c);
    }
    const p = (side: Round[], key: keyof Round) => median(side.map((round) => round[key]));
    return {
      oursMicros: p(measured.ours, 'cpuMicros'),
      theirsMicros: p(measured.theirs, 'cpuMicros'),
      details: {
        'events/s': p(measured.ours, 'perSecond'),
        'their events/s': p(measured.theirs, 'perSecond'),
        'without HTTP, µs': p(measured.port, 'cpuMicros'),
        'without HTTP, events/s': p(measured.port, 'perSecond'),
        'p50 ms': p(measured.ours, 'p50Ms'),
        'p99 ms': p(measured.ours, 'p99Ms'),
        'their p99 ms': p(measured.theirs, 'p99Ms'),
        'bytes a request': bodyOf(size).length,
      },
    };
  } finally {
    await ours.close();
    await theirs.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

const visitors = Array.from({ length: 500 }, () => randomUUID());

/** As `@segment/analytics-node` words it: some visitor's events. */
function bodyOf(size: number): string {
  const anonymousId = visitors[Math.floor(Math.random() * visitors.length)]!;
  const messages = Array.from({ length: size }, (_, i) => ({
    messageId: `node-next-${Date.now()}-${randomUUID()}`,
    timestamp: new Date().toISOString(),
    type: 'track',
    anonymousId,
    event: 'Product Viewed',
    properties: { product_id: `product-${i % products}`, price: 19.9, currency: 'EUR' },
    context: { library: { name: '@segment/analytics-node', version: '3.1.0' } },
    integrations: {},
  }));
  const envelope = { writeKey: 'bench-server', sentAt: new Date().toISOString() };
  return JSON.stringify(size === 1 ? { ...messages[0], ...envelope } : { batch: messages, ...envelope });
}

interface Round {
  readonly cpuMicros: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

async function load(
  server: BenchServer,
  path: string,
  bodies: readonly string[],
  size: number,
): Promise<Round> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const cpuBefore = await server.cpuMicros();
  const startMs = performance.now();
  const latencies: number[] = [];
  let next = 0;
  async function work(): Promise<void> {
    for (let i = next++; i < bodies.length; i = next++) {
      const sentMs = performance.now();
      await post(`${server.url}${path}`, bodies[i]!, agent);
      latencies.push(performance.now() - sentMs);
    }
  }
  await Promise.all(Array.from({ length: connections }, work));
  const elapsedMs = performance.now() - startMs;
  const cpuMicros = (await server.cpuMicros()) - cpuBefore;
  agent.destroy();
  latencies.sort((a, b) => a - b);
  return {
    cpuMicros: cpuMicros / (bodies.length * size),
    perSecond: (bodies.length * size * 1_000) / elapsedMs,
    p50Ms: latencies[Math.floor(latencies.length * 0.5)]!,
    p99Ms: latencies[Math.floor(latencies.length * 0.99)]!,
  };
}

function post(url: string, body: string, agent: Agent): Promise<void> {
  return new Promise((resolve, reject) => {
    const headers = {
      authorization,
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
    };
    const sent = request(url, { method: 'POST', agent, headers }, (response) => {
      response.resume();
      response.on('end', () => {
        if (response.statusCode === 200) resolve();
        else reject(new Error(`answered ${response.statusCode}`));
      });
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

async function loadPort(server: BenchServer, requests: number, size: number): Promise<Round> {
  const inputs = Array.from({ length: requests }, () =>
    Array.from({ length: size }, (_, i) => ({
      messageId: randomUUID(),
      type: 'PRODUCT_VIEWED',
      productIds: [`product-${i % products}`],
    })),
  );
  const work = { sessionIds: inputs.map((_, i) => visitors[i % visitors.length]!), inputs };
  const cpuBefore = await server.cpuMicros();
  const startMs = performance.now();
  await server.call(work);
  const elapsedMs = performance.now() - startMs;
  return {
    cpuMicros: ((await server.cpuMicros()) - cpuBefore) / (requests * size),
    perSecond: (requests * size * 1_000) / elapsedMs,
    p50Ms: 0,
    p99Ms: 0,
  };
}
