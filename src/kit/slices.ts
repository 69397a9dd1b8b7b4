/** Long work as a generator that yields between slices of a few milliseconds. */
export type Sliced<R = void> = Generator<void, R>;

/** Runs the work to its end at once. */
export function runNow<R>(work: Sliced<R>): R {
  for (;;) {
    const { done, value } = work.next();
    if (done) return value;
  }
}

/** Runs the work to its end and awaits `pause` between slices. */
export async function runSliced<R>(work: Sliced<R>, pause: () => Promise<void>): Promise<R> {
  for (;;) {
    const { done, value } = work.next();
    if (done) return value;
    await pause();
  }
}
