import { type ChildProcess, spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { applied, type Mutant } from './mutants.js';

const copied = [
  'src',
  'plugins',
  'scripts',
  'schema',
  'test',
  'package.json',
  'tsconfig.json',
  '.mocharc.json',
];

export type Outcome = 'killed' | 'timed out' | 'survived';

/** A copy of the project in which one mutant at a time is tried, so that an interrupted run leaves nothing behind in the original. */
export interface Workspace {
  /** Runs the stages until one fails. */
  try(mutant: Mutant, stages: readonly (readonly string[])[], timeoutMs: number): Promise<Outcome>;
  /** Runs tests of unchanged code: how long they take, or null if they fail. */
  time(tests: readonly string[]): Promise<number | null>;
  close(): void;
}

export function openWorkspace(root: string): Workspace {
  const directory = mkdtempSync(join(tmpdir(), 'rapport-mutants-'));
  for (const name of copied) cpSync(join(root, name), join(directory, name), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(directory, 'node_modules'));
  let running: ChildProcess | null = null;

  function run(tests: readonly string[], timeoutMs: number): Promise<Outcome> {
    return new Promise((resolve) => {
      const child = spawn(
        process.execPath,
        // Without mocha's own time limit: a busy machine would kill mutants that no test noticed.
        [
          'node_modules/mocha/bin/mocha.js',
          '--bail',
          '--exit',
          '--timeout',
          '0',
          '--reporter',
          'min',
          ...tests,
        ],
        // A group of its own, so that what the tests start ends with it.
        { cwd: directory, stdio: 'ignore', detached: true },
      );
      running = child;
      const end = (outcome: Outcome) => {
        clearTimeout(timer);
        stop(child);
        running = null;
        resolve(outcome);
      };
      const timer = setTimeout(() => end('timed out'), timeoutMs);
      child.once('exit', (code) => end(code === 0 ? 'survived' : 'killed'));
    });
  }

  return {
    async try(mutant, stages, timeoutMs) {
      const path = join(directory, mutant.path);
      const text = readFileSync(path, 'utf8');
      writeFileSync(path, applied(text, mutant));
      try {
        for (const tests of stages) {
          const outcome = await run(tests, timeoutMs);
          if (outcome !== 'survived') return outcome;
        }
        return 'survived';
      } finally {
        writeFileSync(path, text);
      }
    },
    async time(tests) {
      const startMs = performance.now();
      return (await run(tests, 600_000)) === 'survived' ? performance.now() - startMs : null;
    },
    close() {
      if (running) stop(running);
      // Tests that were just stopped may still leave a file.
      rmSync(directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    },
  };
}

function stop({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended.
  }
}
