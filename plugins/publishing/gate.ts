import type { ReplayReport } from './replay.js';

export interface GateSettings {
  readonly zeroResultsMax: number;
  readonly overlapMin: number;
}

/** A figure of the replay that is beyond what the shop allows. */
export interface Refusal {
  readonly reason: 'ZERO_RESULTS' | 'OVERLAP';
  /** A sentence with the figure and what is allowed. */
  readonly message: string;
  readonly figure: number;
}

/** Why a draft may not be published without force; null if it may. */
export function refusalOf(
  { searches, zeroResultsNew, overlapAt10 }: ReplayReport,
  { zeroResultsMax, overlapMin }: GateSettings,
): Refusal | null {
  if (searches === 0) return null;
  const lost = zeroResultsNew / searches;
  if (lost > zeroResultsMax) {
    const message = `${percent(lost)} of the replayed searches would find nothing any more; at most ${percent(zeroResultsMax)} are allowed`;
    return { reason: 'ZERO_RESULTS', message, figure: lost };
  }
  if (overlapAt10 < overlapMin) {
    const message = `the first ten results keep ${percent(overlapAt10)} of their products; at least ${percent(overlapMin)} is required`;
    return { reason: 'OVERLAP', message, figure: overlapAt10 };
  }
  return null;
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
