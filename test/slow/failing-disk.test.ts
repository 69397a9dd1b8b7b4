import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { noteOf, openNotes } from '../support/store-files.js';

const source = fileURLToPath(new URL('failing-disk.c', import.meta.url));
const writer = fileURLToPath(new URL('failing-disk-writer.ts', import.meta.url));
/** EIO and ENOSPC. */
const errnos = [5, 28];
/** `FAULTS_MAX=40` for more places in the run. */
const faultsMax = Number(process.env.FAULTS_MAX ?? 60);
const runMsMax = 60_000;

describe('A failing disk', () => {
  let work: string;
  let library: string;
  before(function () {
    work = mkdtempSync(join(tmpdir(), 'rapport-disk-'));
    library = join(work, 'failing-disk.so');
    const built = spawnSync('gcc', ['-shared', '-fPIC', '-O1', '-o', library, source, '-ldl'], {
      encoding: 'utf8',
    });
    if (process.platform !== 'linux' || built.status !== 0) this.skip();
  });
  after(() => rmSync(work, { recursive: true, force: true }));

  it('loses nothing that was acknowledged, whichever write or flush fails', async function () {
    this.timeout(faultsMax * errnos.length * runMsMax);
    const tally = new Map<string, number>();
    const lost: string[] = [];
    let acknowledgedInAll = 0;
    for (const errno of errnos) {
      for (let at = 1; at <= faultsMax; at += at < 20 ? 1 : 7) {
        const dataDir = join(work, `${errno}-${at}`);
        const run = spawnSync(process.execPath, ['--import=tsx', writer, dataDir], {
          encoding: 'utf8',
          timeout: runMsMax,
          env: {
            ...process.env,
            LD_PRELOAD: library,
            FAIL_UNDER: join(dataDir, 'store'),
            FAIL_AT: String(at),
            FAIL_WHEN: `${dataDir}-armed`,
            FAIL_TIMES: at % 2 === 0 ? '1' : '3',
            FAIL_ERRNO: String(errno),
          },
        });
        const acknowledged = [...run.stdout.matchAll(/^acknowledged (\d+)$/gm)].map(([, n]) => Number(n));
        const failed = run.stdout.includes('failed ');
        const outcome =
          run.signal !== null
            ? run.stdout.includes('logged ')
              ? `ended by ${run.signal} after a clear line`
              : `ended by ${run.signal} without a line`
            : run.status !== 0
              ? /error|Error/.test(run.stderr)
                ? 'refused or ended with a clear line and a non-zero code'
                : 'ended without a line'
              : failed
                ? 'writes refused for a time, then went on'
                : 'went on';
        tally.set(outcome, (tally.get(outcome) ?? 0) + 1);
        const { system, notes } = await openNotes(dataDir);
        const found = await notes.getMany(acknowledged.map((n) => noteOf(n).id));
        await system.close();
        acknowledgedInAll += acknowledged.length;
        found.forEach((note, i) => {
          if (note?.rank !== acknowledged[i])
            lost.push(`errno ${errno}, call ${at}: note ${acknowledged[i]}`);
        });
        if (outcome.endsWith('without a line')) lost.push(`errno ${errno}, call ${at}: ${outcome}`);
        rmSync(dataDir, { recursive: true, force: true });
      }
    }
    for (const [outcome, count] of tally) console.log(`      ${outcome}: ${count}`);
    console.log(`      ${acknowledgedInAll} acknowledged writes, ${lost.length} lost`);
    expect(lost).to.deep.equal([]);
  });
});
