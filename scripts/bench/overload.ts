import { getPriority, setPriority } from 'node:os';
import { join } from 'node:path';
import { bodiesOfPersonal, headers } from './answer.js';
import { type BenchRow, percentile } from './measure.js';
import { openLoad, type Phase } from './open-loop.js';
import { startServer, untilQuiet } from './servers.js';

const peakForMs = 8_000;
const overloadForMs = 12_000;
/** The beginning of an overload, before it is one. */
const settlingMs = 2_000;
const recoveryForMs = 6_000;
const overloadFactor = 3;
const connections = 400;
const clientsAtPeak = 16;
/** By how much the generator's priority is lower than the server's. */
const politeness = 10;

/**
 * Requests come by the clock, whether or not the ones before were answered, at three times what the server can answer. The
 * generator runs at a lower priority, so that on a machine with few cores it takes none of the server's time; what it could
 * not ask for that reason is told.
 */
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
      setPriority(Math.min(getPriority() + politeness, 19));
      const load = await openLoad(server.url, bodies.map(requestOf), connections);
      progress('waiting until nothing is learned beside');
      await load.inTurns(clientsAtPeak, peakForMs);
      await untilQuiet(server);
      const before = await server.cpuMicros();
      const peak = await load.inTurns(clientsAtPeak, peakForMs);
      const peakCpu = (await server.cpuMicros()) - before;
      const perSecond = peak.good.length / (peakForMs / 1_000);
      progress(`peak ${Math.round(perSecond)}/s; now ${overloadFactor} × that`);
      const beforeOverload = await server.cpuMicros();
      const overload = await load.atRate(perSecond * overloadFactor, overloadForMs);
      const overloadCpu = (await server.cpuMicros()) - beforeOverload;
      const after = await load.atRate(perSecond / 2, recoveryForMs);
      load.close();
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
          'of the peak, %': (100 * settled.length) / ((overloadForMs - settlingMs) / 1_000) / perSecond,
          'refused/s': refused.length / ((overloadForMs - settlingMs) / 1_000),
          'refused in ms, p50': percentile(times(refused), 0.5),
          'refused in ms, p99': percentile(times(refused), 0.99),
          'answered in ms, p50': percentile(times(settled), 0.5),
          'answered in ms, p99': percentile(times(settled), 0.99),
          'lost connections': overload.lost + after.lost,
          'could not be asked': overload.unsent,
          'recovered after ms': last,
          'p99 ms after it': percentile(times(after.good.filter(({ atMs }) => atMs > last)), 0.99),
        },
      };
    } finally {
      await server.close();
    }
  },
};

function requestOf(body: string): Buffer {
  const lines = Object.entries({ host: 'localhost', ...headers, 'content-length': Buffer.byteLength(body) });
  return Buffer.from(
    `POST /graphql HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n${body}`,
  );
}
