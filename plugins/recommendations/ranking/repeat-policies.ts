import type { z } from 'zod';
import type { RepeatPolicy } from '../../../src/ports/placements.js';

const policies: readonly RepeatPolicy[] = ['exclude', 'allow', 'replenish'];

/** Reads `category=policy,…`; what is wrong becomes an issue of the setting. */
export function readRepeatPolicies(
  text: string,
  check: z.core.$RefinementCtx<string>,
): ReadonlyMap<string, RepeatPolicy> {
  const read = new Map<string, RepeatPolicy>();
  for (const entry of text.split(',').map((part) => part.trim())) {
    if (entry === '') continue;
    const at = entry.lastIndexOf('=');
    const policy = policies.find((name) => name === entry.slice(at + 1).trim());
    const category = entry.slice(0, Math.max(0, at)).trim();
    if (policy === undefined || category === '') {
      check.addIssue(`"${entry}" must read CATEGORY=POLICY, where POLICY is ${policies.join(', ')}`);
      continue;
    }
    read.set(category, policy);
  }
  return read;
}
