const dayMs = 86_400_000;

/** A clock this much off is still believed to run evenly, so that old events keep their distance to now. */
export const skewMaxMs = dayMs;

/** Longest time for which a device may keep an event before it sends it, if its clock is off by more than `skewMaxMs`. */
export const heldMaxMs = 7 * dayMs;

/** A clock that is off by no more is right: the difference may as well come from a body that was sent again as it was stored. */
export const clockOffMaxMs = 60_000;

/** An event may seem to be this much younger than its sending, as some clients round the time of sending. */
const roundingMs = 1_000;

/**
 * When an event happened, by the server's clock: received − (sent − at), after Segment's specification of
 * `sentAt`. The device's clock may be wrong as long as it is wrong by the same amount for both of its readings.
 *
 * All in milliseconds since the epoch; `atMs` and `sentAtMs` null where the device did not say. Never later than
 * the receipt. A sending time before the event cannot be right, so `at` is believed. A sending time more than a day off is used only if it
 * lies within seven days after the event: otherwise the sending time itself is what is wrong, and `at` is believed. A sending time at most a
 * minute off never makes an event younger than `at`, so that no consent given in that minute applies to it.
 */
export function happenedAtMs(atMs: number | null, sentAtMs: number | null, receivedAtMs: number): number {
  if (atMs === null) return receivedAtMs;
  if (sentAtMs === null) return Math.min(atMs, receivedAtMs);
  const heldMs = sentAtMs - atMs;
  if (heldMs < -roundingMs) return Math.min(atMs, receivedAtMs);
  const skewMs = sentAtMs - receivedAtMs;
  if (Math.abs(skewMs) <= clockOffMaxMs) return Math.min(atMs, receivedAtMs - heldMs, receivedAtMs);
  if (Math.abs(skewMs) <= skewMaxMs || (heldMs >= 0 && heldMs <= heldMaxMs)) {
    return Math.min(receivedAtMs - heldMs, receivedAtMs);
  }
  return Math.min(atMs, receivedAtMs);
}
