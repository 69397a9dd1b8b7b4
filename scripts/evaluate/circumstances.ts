import { cpus, loadavg, totalmem } from 'node:os';
import type { Circumstances } from './evaluation.js';

/** Begins now; call what it answers at the end. */
export function beginMeasuring(): () => Circumstances {
  const startedMs = performance.now();
  const before = process.cpuUsage();
  return () => {
    const spent = process.cpuUsage(before);
    return told((performance.now() - startedMs) / 1000, (spent.user + spent.system) / 1e6);
  };
}

function told(seconds: number, cpuSeconds: number): Circumstances {
  const cores = cpus();
  return {
    at: new Date().toISOString(),
    seconds,
    cpuSeconds,
    machine: `${cores.length} × ${cores[0]?.model.trim() || 'unknown processor'}, ${Math.round(totalmem() / 2 ** 30)} GB, Node ${process.versions.node}`,
    load: loadavg()[0] ?? 0,
    peakMemoryMb: process.resourceUsage().maxRSS / 1024,
  };
}
