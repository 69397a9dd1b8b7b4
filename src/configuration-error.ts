/** Faults of the configuration, which are reported together. None of them shows a secret. */
export class ConfigurationError extends Error {
  readonly faults: readonly string[];

  constructor(faults: readonly string[]) {
    super(`These settings need correcting:\n  ${faults.join('\n  ')}`);
    this.name = 'ConfigurationError';
    this.faults = faults;
  }
}

/** The faults of whatever failed while the configuration was read. */
export function configurationFaults(results: readonly PromiseSettledResult<unknown>[]): string[] {
  return results.flatMap((result) => {
    if (result.status === 'fulfilled') return [];
    const reason: unknown = result.reason;
    if (reason instanceof ConfigurationError) return reason.faults;
    return [reason instanceof Error ? reason.message : String(reason)];
  });
}
