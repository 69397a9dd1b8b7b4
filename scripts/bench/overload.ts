import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { bodiesOfPersonal, headers } from './answer.js';
import { type BenchRow, percentile } from './measure.js';
import { type BenchServer, startServer, untilQuiet } from './servers.js';

const peakForMs = 8_000;
const overloadForMs = 12_000;
/** The beginning of an overload, before it is one. */
const settlingMs = 2_000;
const recoveryForMs = 6_000;
const overloadFactor = 3;
const connections = 400;
const tickMs = 5;

/** What one phase saw; times in milliseconds from its start. */
interface Phase {
  readonly good: { readonly atMs: number; readonly tookMs: number }[];
  readonly refused: { readonly atMs: number; readonly tookMs: number }[];
  lost: number;
  readonly forMs: number;
}

/** Requests come by the clock, whether or not the ones before were answered, at three times what the server can answer. */
export const overloadRow: BenchRow = {
  name: 'a good answer while three times as many are asked for as can be answered',
  against: 'a good answer at the peak',
  goal: '≤ 1.1 × (≥ 90 % of the peak)',
  async run(progress) {
    const server = await startServer('answer-ours.js', {
      SCHEMA_DIRECTORY: join(process.cwd(), 'schema'),
    });
    try {
      const bodies = await bodiesOfPersonal(server);
      progress('waiting until nothing is learned beside');
      await closedLoop(server, bodies, peakForMs);
      await untilQuiet(server);
      const before = await server.cpuMicros();
      const peak = await closedLoop(server, bodies, peakForMs);
      const peakCpu = (await server.cpuMicros()) - before;
      const perSecond = peak.good.length / (peakForMs / 1_000);
      progress(`peak ${Math.round(perSecond)}/s; now ${overloadFactor} × that`);
      const beforeOverload = await server.cpuMicros();
      const overload = await openLoop(server, bodies, perSecond * overloadFactor, overloadForMs);
      const overloadCpu = (await server.cpuMicros()) - beforeOverload;
      const after = await openLoop(server, bodies, perSecond / 2, recoveryForMs);
      const settled = overload.good.filter(({ atMs }) => atMs > settlingMs);
      const refused = overload.refused.filter(({ atMs }) => atMs > settlingMs);
      const last = Math.max(0, ...after.refused.map(({ atMs }) => atMs));
      const times = (answers: Phase['good']) => answers.map(({ tookMs }) => tookMs);
      return {
        oursMicros: overloadCpu / overload.good.length,
        theirsMicros: peakCpu / peak.good.length,
        details: {
          'peak/s': perSecond,
          'good/s in the overload': settled.length / ((overloadForMs - settlingMs) / 1_000),
          'refused/s': refused.length / ((overloadForMs - settlingMs) / 1_000),
          'refused in ms, p50': percentile(times(refused), 0.5),
          'refused in ms, p99': percentile(times(refused), 0.99),
          'answered in ms, p50': percentile(times(settled), 0.5),
          'answered in ms, p99': percentile(times(settled), 0.99),
          'lost connections': overload.lost + after.lost,
          'recovered after ms': last,
          'p99 ms after it': percentile(times(after.good.filter(({ atMs }) => atMs > last)), 0.99),
        },
      };
    } finally {
      await server.close();
    }
  },
};

function phaseOf(forMs: number): Phase {
  return { good: [], refused: [], lost: 0, forMs };
}

async function closedLoop(server: BenchServer, bodies: readonly string[], forMs: number): Promise<Phase> {
  const phase = phaseOf(forMs);
  const agent = new Agent({ keepAlive: true, maxSockets: 16 });
  const beganMs = performance.now();
  let next = 0;
  async function client(): Promise<void> {
    while (performance.now() - beganMs < forMs)
      await post(server, bodies[next++ % bodies.length]!, agent, phase, beganMs);
  }
  await Promise.all(Array.from({ length: 16 }, client));
  agent.destroy();
  return phase;
}

async function openLoop(
  server: BenchServer,
  bodies: readonly string[],
  perSecond: number,
  forMs: number,
): Promise<Phase> {
  const phase = phaseOf(forMs);
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const beganMs = performance.now();
  const asked: Promise<void>[] = [];
  for (let elapsedMs = 0; elapsedMs < forMs; elapsedMs = performance.now() - beganMs) {
    const due = Math.floor((elapsedMs * perSecond) / 1_000);
    while (asked.length < due)
      asked.push(post(server, bodies[asked.length % bodies.length]!, agent, phase, beganMs));
    await new Promise((resolve) => setTimeout(resolve, tickMs));
  }
  await Promise.all(asked);
  agent.destroy();
  return phase;
}

function post(server: BenchServer, body: string, agent: Agent, phase: Phase, beganMs: number): Promise<void> {
  return new Promise((resolve) => {
    const sentMs = performance.now();
    const options = {
      method: 'POST',
      agent,
      headers: { ...headers, 'content-length': Buffer.byteLength(body) },
    };
    const sent = request(`${server.url}/graphql`, options, (response) => {
      response.resume();
      response.on('end', () => {
        const entry = { atMs: sentMs - beganMs, tookMs: performance.now() - sentMs };
        if (response.statusCode === 200) phase.good.push(entry);
        else if (response.statusCode === 503) phase.refused.push(entry);
        else phase.lost++;
        resolve();
      });
    });
    sent.on('error', () => {
      phase.lost++;
      resolve();
    });
    sent.end(body);
  });
}
