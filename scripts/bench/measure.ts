/** One line of the bench table: something of ours beside something known, measured in the same run. */
export interface BenchRow {
  readonly name: string;
  readonly against: string;
  /** The goal in words, e.g. `≥ 10 × faster`. */
  readonly goal: string;
  run(progress: (line: string) => void): Promise<BenchResult>;
}

export interface BenchResult {
  /** CPU microseconds per operation. */
  readonly oursMicros: number;
  readonly theirsMicros: number;
  readonly details: Readonly<Record<string, number | string>>;
}

export interface Side {
  /** Does `operations` operations. */
  run(): Promise<void> | void;
  readonly operations: number;
}

/**
 * CPU microseconds per operation of both sides: rounds of ours and theirs take turns, so that noise falls on both,
 * and the median round counts. CPU time of this process only: work in other processes is measured by their own means.
 */
export async function interleave(
  ours: Side,
  theirs: Side,
  rounds = 5,
): Promise<{ readonly oursMicros: number; readonly theirsMicros: number }> {
  const measured = { ours: [] as number[], theirs: [] as number[] };
  await ours.run();
  await theirs.run();
  for (let round = 0; round < rounds; round++) {
    measured.ours.push(await cpuMicros(ours));
    measured.theirs.push(await cpuMicros(theirs));
  }
  return { oursMicros: median(measured.ours), theirsMicros: median(measured.theirs) };
}

async function cpuMicros(side: Side): Promise<number> {
  const before = process.cpuUsage();
  await side.run();
  const spent = process.cpuUsage(before);
  return (spent.user + spent.system) / side.operations;
}

export function median(values: readonly number[]): number {
  return percentile(values, 0.5);
}

/** The value below which a share of all values lies, by the nearest rank. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(share * sorted.length) - 1))] ?? Number.NaN;
}
