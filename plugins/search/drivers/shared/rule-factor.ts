/**
 * Applies the factor of ranking rules to a score within a tier, from 0 to 1. It multiplies the odds, so that a product moves among those that
 * match equally well and never leaves its tier. The best match has even odds: there is as much room above it as below.
 */
export function withRuleFactor(score: number, factor: number): number {
  const share = score / 2;
  return (share * factor) / (1 + share * (factor - 1));
}
