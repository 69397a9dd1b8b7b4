import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Command } from 'commander';
import { openGatewayProcess, type Usage } from './soak/gateway-process.js';
import { startLoad } from './soak/load.js';

const sampleMs = 10_000;
const mib = 1_024 * 1_024;

interface Sample extends Usage {
  readonly atSeconds: number;
}

const options = new Command('soak')
  .description(
    'Runs one gateway on the embedded drivers under a moderate mixed load, and prints how its memory grows.',
  )
  .option('--minutes <number>', 'how long', '60')
  .option('--rate <number>', 'requests a second', '20')
  .option('--json <file>', 'where the samples go', 'report/soak.json')
  .parse()
  .opts<{ minutes: string; rate: string; json: string }>();

mkdirSync(dirname(options.json), { recursive: true });
const dataDir = mkdtempSync(join(tmpdir(), 'rapport-soak-'));
const gateway = await openGatewayProcess({
  dataDir,
  development: true,
  environment: { RAPPORT_TRUST_PROXY: '1' },
}).catch((error: unknown) => {
  rmSync(dataDir, { recursive: true, force: true });
  throw error;
});
const load = startLoad(gateway.url, Number(options.rate));
const samples: Sample[] = [];
const beganMs = performance.now();
const untilMs = beganMs + Number(options.minutes) * 60_000;
try {
  while (performance.now() < untilMs) {
    await pause(Math.min(sampleMs, Math.max(0, untilMs - performance.now())));
    const sample = {
      atSeconds: Math.round((performance.now() - beganMs) / 1_000),
      ...(await gateway.usage()),
    };
    samples.push(sample);
    writeFileSync(options.json, `${JSON.stringify({ samples, ...load.tally() }, null, 2)}\n`);
    if (samples.length % 6 === 1) console.log(lineOf(sample));
  }
} finally {
  load.stop();
  await gateway.stop();
  rmSync(dataDir, { recursive: true, force: true });
}
const { answers, lost } = load.tally();
console.log(`\nAnswers: ${JSON.stringify(answers)}; lost: ${lost}`);
const half = samples.slice(Math.floor(samples.length / 2));
for (const name of ['rssBytes', 'ownBytes', 'heapBytes', 'externalBytes'] as const)
  console.log(`${name}: ${(slopeOf(half, name) / mib).toFixed(1)} MB/h over the last half`);
console.log(`descriptors: ${half[0]?.descriptors} to ${half.at(-1)?.descriptors} over the last half`);

function lineOf({
  atSeconds,
  rssBytes,
  ownBytes,
  heapBytes,
  externalBytes,
  descriptors,
  cpuSeconds,
}: Sample): string {
  const inMib = (bytes: number) => `${Math.round(bytes / mib)} MB`;
  return `${atSeconds} s: RSS ${inMib(rssBytes)} (own ${inMib(ownBytes)}), heap ${inMib(heapBytes)}, external ${inMib(externalBytes)}, ${descriptors} descriptors, CPU ${Math.round(cpuSeconds)} s`;
}

/** By least squares, per hour. */
function slopeOf(
  points: readonly Sample[],
  name: 'rssBytes' | 'ownBytes' | 'heapBytes' | 'externalBytes',
): number {
  const n = points.length;
  const meanX = points.reduce((sum, { atSeconds }) => sum + atSeconds, 0) / n;
  const meanY = points.reduce((sum, point) => sum + point[name], 0) / n;
  let across = 0;
  let along = 0;
  for (const point of points) {
    across += (point.atSeconds - meanX) * (point[name] - meanY);
    along += (point.atSeconds - meanX) ** 2;
  }
  return along === 0 ? 0 : (across / along) * 3_600;
}
