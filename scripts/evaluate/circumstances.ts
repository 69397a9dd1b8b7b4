import { cpus, loadavg, totalmem } from 'node:os';
import type { Circumstances } from './evaluation.js';

/** Of something that took so long and ends now. */
export function circumstances(seconds: number): Circumstances {
  const cores = cpus();
  return {
    at: new Date().toISOString(),
    seconds,
    machine: `${cores.length} × ${cores[0]?.model.trim() || 'unknown processor'}, ${Math.round(totalmem() / 2 ** 30)} GB, Node ${process.versions.node}`,
    load: loadavg()[0] ?? 0,
    peakMemoryMb: process.resourceUsage().maxRSS / 1024,
  };
}
