/** One line of the bench table: something of ours beside something known, measured in the same run. */
export interface BenchRow {
  readonly name: string;
  readonly against: string;
  /** The goal in words, e.g. `≥ 10 × faster`. */
  readonly goal: string;
  /** Environment variables that must name servers; without them the row is left out, with what would run it. */
  readonly servers?: readonly string[];
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

/** CPU and elapsed microseconds of one operation after the other, the sides' in turns: for what waits for another process. */
export async function interleaveCalls(
  ours: () => Promise<unknown>,
  theirs: () => Promise<unknown>,
  { rounds = 5, perRound }: { readonly rounds?: number; readonly perRound: number },
): Promise<{ readonly ours: Calls; readonly theirs: Calls }> {
  const sides = [
    { run: ours, cpu: [] as number[], elapsed: [] as number[] },
    { run: theirs, cpu: [] as number[], elapsed: [] as number[] },
  ] as const;
  for (let round = 0; round <= rounds; round++) {
    for (const { run, cpu, elapsed } of sides) {
      const before = process.cpuUsage();
      for (let call = 0; call < perRound; call++) {
        const beganMs = performance.now();
        await run();
        if (round > 0) elapsed.push((performance.now() - beganMs) * 1_000);
      }
      const { user, system } = process.cpuUsage(before);
      if (round > 0) cpu.push((user + system) / perRound);
    }
  }
  const [a, b] = sides.map(({ cpu, elapsed }) => ({
    cpuMicros: median(cpu),
    p50Micros: median(elapsed),
    p99Micros: percentile(elapsed, 0.99),
  }));
  return { ours: a!, theirs: b! };
}

export interface Calls {
  /** Of this process. */
  readonly cpuMicros: number;
  /** Elapsed. */
  readonly p50Micros: number;
  readonly p99Micros: number;
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
