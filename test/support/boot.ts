import { randomUUID } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CreatedSystem, createSystem, type System } from '../../src/boot.js';
import { createIds } from '../../src/host.js';
import type { Clock, Log, Plugin } from '../../src/plugin.js';

/** A clock that stands still until it is told to advance; what is due runs in order. */
export interface TestClock extends Clock {
  advance(ms: number): void;
  /** Advances as if the process had not run meanwhile: what is due runs late. */
  stand(ms: number): void;
  /** Whether anything waits. */
  waits(): boolean;
  /** Sets the time of day, as an administrator or NTP does; nothing passes. */
  setBack(ms: number): void;
}

export function createTestClock(startMs = Date.UTC(2026, 0, 15, 12)): TestClock {
  let nowMs = startMs;
  let setBackMs = 0;
  const waiting: { atMs: number; run: () => void }[] = [];
  return {
    nowMs: () => nowMs - setBackMs,
    monotonicMs: () => nowMs,
    setBack(ms) {
      setBackMs += ms;
    },
    after(delayMs, run) {
      const entry = { atMs: nowMs + delayMs, run };
      waiting.push(entry);
      return () => {
        const at = waiting.indexOf(entry);
        if (at !== -1) waiting.splice(at, 1);
      };
    },
    advance(ms) {
      const untilMs = nowMs + ms;
      for (;;) {
        let due: (typeof waiting)[number] | undefined;
        for (const entry of waiting)
          if (entry.atMs <= untilMs && !(entry.atMs >= (due?.atMs ?? Number.POSITIVE_INFINITY))) due = entry;
        if (!due) break;
        waiting.splice(waiting.indexOf(due), 1);
        nowMs = Math.max(nowMs, due.atMs);
        due.run();
      }
      nowMs = untilMs;
    },
    stand(ms) {
      nowMs += ms;
      this.advance(0);
    },
    waits: () => waiting.length > 0,
  };
}

/** Mulberry32: small, seeded, good enough to choose test data. */
export function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export interface LogLine {
  readonly level: keyof Log;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

export function createTestLog(): Log & { readonly lines: LogLine[] } {
  const lines: LogLine[] = [];
  const at =
    (level: keyof Log) =>
    (message: string, fields: Readonly<Record<string, unknown>> = {}) => {
      lines.push({ level, message, fields });
    };
  return { lines, error: at('error'), warn: at('warn'), info: at('info'), debug: at('debug') };
}

export interface TestSystem extends System {
  readonly clock: TestClock;
  readonly log: ReturnType<typeof createTestLog>;
  readonly dataDir: string;
}

export interface TestBootOptions {
  readonly environment?: Readonly<Record<string, string>>;
  readonly clock?: TestClock;
  /** Kept when it is closed; without one a temporary directory is made and removed. */
  readonly dataDir?: string;
  readonly seed?: number;
}

export interface CreatedTestSystem extends Pick<CreatedSystem, 'plugins'> {
  start(): Promise<TestSystem>;
}

/** Boots some plugins on the embedded drivers in a directory of their own, with a clock that stands still. */
export async function bootPlugins(
  plugins: readonly Plugin[],
  options: TestBootOptions = {},
): Promise<TestSystem> {
  return (await createPlugins(plugins, options)).start();
}

/** The same as far as nothing is open yet. */
export async function createPlugins(
  plugins: readonly Plugin[],
  options: TestBootOptions = {},
): Promise<CreatedTestSystem> {
  const dataDir = options.dataDir ?? join(tmpdir(), `rapport-${randomUUID()}`);
  const clock = options.clock ?? createTestClock();
  const log = createTestLog();
  const random = createRandom(options.seed ?? 1);
  const created = await createSystem({
    plugins,
    environment: { RAPPORT_DATA_DIR: dataDir, RAPPORT_DEMO: 'false', ...options.environment },
    host: (core) => ({
      clock,
      ids: createIds(clock, (bytes) => bytes.set(Array.from(bytes, () => random() * 256))),
      random,
      log,
      dataDir: core.dataDir,
    }),
  });
  return {
    plugins: created.plugins,
    async start() {
      mkdirSync(dataDir, { recursive: true });
      const system = await created.start();
      return {
        ...system,
        clock,
        log,
        dataDir,
        async close() {
          await system.close();
          if (!options.dataDir) rmSync(dataDir, { recursive: true, force: true });
        },
      };
    },
  };
}
