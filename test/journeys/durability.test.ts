import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect } from 'chai';
import { createRandom, createTestClock } from '../support/boot.js';
import { bootEvents, contextOf, replayed, sentId, server, view } from '../support/events.js';
import { nodeArguments } from '../support/node-arguments.js';

/** `DURABILITY_ROUNDS=20` for a longer look. */
const rounds = Number(process.env.DURABILITY_ROUNDS ?? 1);
const killedAfterMs = 150;

/** Lets a process record until it is killed in the middle of it; answers the messages that it said were acknowledged. */
async function recordUntilKilled(
  dataDir: string,
  round: number,
  afterMs: number,
): Promise<readonly string[]> {
  const ingesting = nodeArguments('test/journeys/ingesting.ts');
  const child = spawn(process.execPath, [...ingesting, dataDir, String(round)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const acknowledged: string[] = [];
  const lines = createInterface({ input: child.stdout });
  let timer: NodeJS.Timeout | undefined;
  lines.on('line', (line) => {
    timer ??= setTimeout(() => child.kill('SIGKILL'), afterMs);
    // A line is shorter than a pipe writes at once (PIPE_BUF), so that the kill tears none.
    acknowledged.push(line);
  });
  const [code] = await Promise.all([
    new Promise<NodeJS.Signals | number | null>((resolve) =>
      child.on('exit', (status, signal) => resolve(signal ?? status)),
    ),
    new Promise<void>((resolve) => lines.on('close', resolve)),
  ]);
  clearTimeout(timer);
  expect(code).to.equal('SIGKILL');
  return acknowledged.flatMap((line) => line.split(' '));
}

describe('durability', () => {
  it(`has every acknowledged event after kill -9, and each of them once (${rounds} rounds)`, async function () {
    this.timeout(20_000 + rounds * 10_000);
    const dataDir = mkdtempSync(join(tmpdir(), 'rapport-'));
    const random = createRandom(rounds);
    const clock = createTestClock(Date.now());
    let acknowledged = 0;
    try {
      for (let round = 0; round < rounds; round++) {
        const ids = await recordUntilKilled(dataDir, round, killedAfterMs * (0.5 + random()));
        const system = await bootEvents({ dataDir, clock });
        const events = await replayed(system);
        const all = events.map(({ id }) => sentId(id).slice('durability:'.length));
        const stored = new Set(all);
        expect(all.length, 'events stored twice').to.equal(stored.size);
        expect(
          ids.filter((id) => !stored.has(id)),
          'acknowledged and lost',
        ).to.deep.equal([]);
        acknowledged += ids.length;
        // What a sender would do who heard nothing: all of it again.
        const caller = { ...server, source: 'durability' };
        const again = all.slice(-1_000).map((id) => view(id, id));
        const contexts = events.slice(-1_000).map(({ sessionId }) => contextOf(sessionId, { caller }));
        const result = await system.port('events').record(contexts, again);
        expect(result).to.deep.equal({ accepted: 0, duplicates: again.length, userErrors: [], warnings: [] });
        await system.close();
      }
    } finally {
      rmSync(dataDir, { recursive: true, force: true });
    }
    console.log(`      ${acknowledged} acknowledged events over ${rounds} kill -9: 0 lost`);
  });
});
