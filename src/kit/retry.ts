/** The clock and random numbers of a back-off, as the host has them. */
export interface Chance {
  readonly clock: { nowMs(): number; after(delayMs: number, run: () => void): unknown };
  random(): number;
}

const firstMs = 4;
const longestMs = 250;

/**
 * Runs `attempt` until it returns a value, for at most `forMs`; then returns undefined. Each wait is random and up to twice as long as
 * the one before ("full jitter"), so that competitors that collided once do not collide again. The first retry is immediate.
 */
export async function retried<T>(
  { clock, random }: Chance,
  forMs: number,
  attempt: () => Promise<T | undefined>,
): Promise<T | undefined> {
  const untilMs = clock.nowMs() + forMs;
  for (let tries = 0; ; tries++) {
    const value = await attempt();
    if (value !== undefined || clock.nowMs() >= untilMs) return value;
    if (tries === 0) continue;
    const delayMs = random() * Math.min(longestMs, firstMs * 2 ** Math.min(tries, 10));
    await new Promise<void>((resolve) => void clock.after(delayMs, resolve));
  }
}
